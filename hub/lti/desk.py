"""What the LTI pages share: registrations, the LMSs' keys, and the checks of a launch in order."""

from __future__ import annotations

from jupyterhub.handlers import BaseHandler

from hub import tokens
from hub.attempts import Attempts
from hub.lti import message, platforms
from hub.lti.message import Addresses, Message
from hub.lti.platforms import Platform
from hub.lti.store import Begun, Store
from hub.tokens import Keys, TokenError
from programme.site import Site

FAILURES_AN_ADDRESS = 100  # in ten minutes: a school shares one address
LAUNCHES_AN_ADDRESS = 600


class Desk:
    """One installation's LTI, as long as the hub runs."""

    def __init__(self, site: Site, public_url: str) -> None:
        """`public_url` ends with a slash. Raises CourseError for a fault in lti.toml."""
        self.site = site
        self.store = Store(site)
        self.here = Addresses(f"{public_url}hub/")
        self.failures = Attempts(per_address=FAILURES_AN_ADDRESS)
        self.launches = Attempts(per_address=LAUNCHES_AN_ADDRESS)
        self._keys: dict[str, Keys] = {}
        platforms.read(site)  # a slip of the pen is seen at the start, not by the first student

    def pages(self) -> list[tuple[str, type[BaseHandler]]]:
        """Address → handler."""
        from hub.lti import choosing, launching  # noqa: PLC0415  # they need a desk to stand on

        return [
            (r"/lti/login", launching.LoginHandler),
            (r"/lti/launch", launching.LaunchHandler),
            (r"/lti/choose", launching.BareHandler),
            (r"/lti/chosen", choosing.ChosenHandler),
            (r"/lti/keys\.json", launching.KeysHandler),
        ]

    def may_try(self, address: str) -> bool:
        """Whether an address has not begun, or failed, too often in the last minutes."""
        return self.launches.allowed("", address) and self.failures.allowed("", address)

    @property
    def frames(self) -> str:
        """Who may show our pages in a frame: the registered LMSs."""
        return " ".join(sorted(set().union(*(one.origins for one in platforms.read(self.site)))))

    def platform(self, issuer: str, client_id: str = "") -> Platform | None:
        """The registration, as it is now."""
        return platforms.find(platforms.read(self.site), issuer, client_id)

    async def read(self, token: str, begun: Begun) -> tuple[Platform, Message]:
        """The message of a token that came back for a launch.

        Raises TokenError or MessageError with the reason why it is refused.
        """
        platform = self.platform(begun.issuer, begun.client_id)
        if platform is None:
            raise TokenError("issuer")
        keys = self._keys.setdefault(platform.keys_url, Keys(platform.keys_url))
        claims = await tokens.verify(
            token, keys, issuer=begun.issuer, client_id=begun.client_id, nonce=begun.nonce
        )
        return platform, message.read(claims, platform, self.here)
