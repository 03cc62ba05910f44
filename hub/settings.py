"""The hub's configuration, one small function a topic. `jupyterhub_config.py` calls them in order.

Rule: what differs between installations comes from the data folder or from an environment variable
named here; the rest is decided once.

    SOC_DATA            the data folder
    SOC_HUB_IP          address to listen on (127.0.0.1)
    SOC_HUB_PORT        port to listen on (8000)
    SOC_SIGN_IN         passwords (the default), oidc, passwords+lti or oidc+lti: see hub/ways.py
    SOC_HUB_DB          URL of the hub's own database (SQLite in <data>/hub)
    SOC_SERVICES_IP     where the hub's services listen (127.0.0.1; in a cluster the pod's address)
    SOC_HUB_API_PORT    the hub's inner port (8081); the proxy's is the next one
    SOC_MEMORY_MIB      memory of one student's server (1536)
    SOC_DISK_MIB        what a student's home may hold (2048)
    SOC_IDLE_S          seconds after which an idle server or formgrader is stopped (3600)
    SOC_KEEP_SERVERS=1  servers go on when the hub is stopped in good order, not only when killed
    SOC_SUBDOMAINS=1    each student's server under a host name of its own, below public_url's
    SOC_OWN_PROXY=1     the proxy runs by itself (`soc proxy`): the hub restarts and nobody is cut
    SOC_EXCHANGE_HTTP=1 students hand in from their own computers too: see hub/exchange
    SOC_DEMO=1          known passwords, on this machine alone
"""

from __future__ import annotations

import functools
import importlib.util
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from jupyterhub.utils import subdomain_hook_idna

from hub import database, desks, metrics, proxy, sandbox, shared, ways
from hub.auth import check_demo, in_demo
from hub.condition import Glance
from hub.gradebooks import Gradebooks, OpenHandler
from hub.managed import Services
from hub.pages import ConditionHandler, HealthHandler, StaticHandler, TeachHandler
from hub.people import Directory, read_people
from hub.spawner import SandboxSpawner
from hub.texts import all_texts
from programme.site import DATA_VARIABLE, Site

_HERE = Path(__file__).resolve().parent
_STATIC = _HERE / "student" / "static"
_PROXY_CHECK_S = 5  # a proxy that was restarted knows no way until the hub has told it


def update_hub(c: Any, site: Site) -> None:
    """Where it listens and where its state lies: one folder that nobody else can look into."""
    state = desks.state(site)
    address = _address()
    check_demo(address)
    sandbox.check()
    c.JupyterHub.bind_url = f"http://{address}:{_port()}"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{_inner_port()}"
    database.update(c, state)
    c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
    c.JupyterHub.pid_file = str(state / "hub.pid")
    c.JupyterHub.cleanup_servers = os.environ.get("SOC_KEEP_SERVERS") != "1"
    c.JupyterHub.activity_resolution = 30
    c.JupyterHub.last_activity_interval = 60


def update_proxy(c: Any, site: Site) -> None:
    """The proxy written in Python: from pip alone. The hub starts it, or finds one that runs."""
    c.JupyterHub.proxy_class = "configurable-http-proxy"
    c.ConfigurableHTTPProxy.command = [*proxy.COMMAND]
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{_inner_port() + 1}"
    c.ConfigurableHTTPProxy.pid_file = str(desks.state(site) / "proxy.pid")
    if os.environ.get("SOC_OWN_PROXY") == "1":
        c.ConfigurableHTTPProxy.should_start = False
        c.ConfigurableHTTPProxy.auth_token = shared.secret(desks.state(site), shared.PROXY)
        c.JupyterHub.proxy_check_interval = _PROXY_CHECK_S


def update_subdomains(c: Any, site: Site) -> None:
    """A student's pages in an origin of their own: what runs there reads nothing of the hub's.

    The hub's services stay at the hub's own host: they are ours. Raises SignInError without a
    `public_url` in soc.toml.
    """
    if not _has_subdomains():
        return
    url = ways.public_url(site).rstrip("/")
    c.JupyterHub.subdomain_host = url
    c.JupyterHub.subdomain_hook = _subdomain
    # A page of a subdomain can set cookies for the whole domain, but none of such a name.
    c.JupyterHub.cookie_host_prefix_enabled = url.startswith("https:")


def _has_subdomains() -> bool:
    return os.environ.get("SOC_SUBDOMAINS") == "1"


def _subdomain(name: str, domain: str, kind: str) -> str:
    return str(subdomain_hook_idna(name, domain, kind)) if kind == "user" else domain


def proxy_command() -> list[str]:
    """The command line of a proxy that runs by itself, for the same ports as the hub's."""
    inner = _inner_port()
    return [
        *proxy.COMMAND,
        f"--ip={_address()}",
        f"--port={_port()}",
        "--api-ip=127.0.0.1",
        f"--api-port={inner + 1}",
        f"--error-target=http://127.0.0.1:{inner}/hub/error",
        "--log-level=warning",
        *([proxy.BY_HOST] if _has_subdomains() else []),
    ]


def _address() -> str:
    return os.environ.get("SOC_HUB_IP", "127.0.0.1")


def _port() -> int:
    return int(os.environ.get("SOC_HUB_PORT", "8000"))


def _inner_port() -> int:
    return int(os.environ.get("SOC_HUB_API_PORT", "8081"))


def update_signing_in(c: Any, site: Site, directory: Directory) -> None:
    """Accounts from the roster; groups and admin rights follow it. How people sign in is chosen."""
    ways.update(c, site)
    c.RosterRules.site = site
    c.RosterRules.directory = directory
    c.RosterRules.allow_all = True  # all that the roster knows: see authenticate()
    c.RosterRules.manage_groups = True
    c.RosterRules.auth_refresh_age = 60
    c.RosterRules.refresh_pre_spawn = True


def update_spawner(c: Any, site: Site, directory: Directory) -> None:
    """Walled servers, patient with a class that starts all at once."""
    update_any_spawner(c, site, directory)
    c.JupyterHub.spawner_class = SandboxSpawner
    c.SandboxSpawner.http_timeout = 240
    c.SandboxSpawner.start_timeout = 240
    c.SandboxSpawner.poll_interval = 20
    c.SandboxSpawner.interrupt_timeout = 5
    c.SandboxSpawner.term_timeout = 5
    c.SandboxSpawner.env_keep = ["LANG"]
    c.JupyterHub.concurrent_spawn_limit = 20


def update_any_spawner(c: Any, site: Site, directory: Directory) -> None:
    """Students' servers, on this machine or as pods: one each, for people of the roster."""
    c.JupyterHub.allow_named_servers = False
    c.RosterSpawner.site = site
    c.RosterSpawner.find_person = directory.find
    c.RosterSpawner.memory_mib = int(os.environ.get("SOC_MEMORY_MIB", "1536"))
    c.RosterSpawner.default_url = "/school"


def update_pages(c: Any, site: Site, directory: Directory, glance: Glance) -> None:
    """Our pages beside the hub's; nothing from another server."""
    c.JupyterHub.template_paths = [str(_HERE / "templates")]
    c.JupyterHub.template_vars = {
        "demo": in_demo(),
        "texts": all_texts(),
        "board": _has_board(),  # whether the programme's pages are served
    }
    c.JupyterHub.default_url = "/hub/teach"
    c.JupyterHub.extra_handlers = [
        (r"/teach", TeachHandler, {"directory": directory}),
        (r"/condition", ConditionHandler, {"directory": directory, "glance": glance}),
        (r"/condition/health", HealthHandler, {"glance": glance}),
        (
            r"/services/([a-z][a-z0-9-]{1,39})(/.*)?",
            OpenHandler,
            {"site": site, "directory": directory, "gradebooks": Gradebooks(_idle())},
        ),
        (r"/school/(.*)", StaticHandler, {"path": str(_STATIC)}),
    ]


def _idle() -> timedelta:
    return timedelta(seconds=int(os.environ.get("SOC_IDLE_S", "3600")))


def update_services(c: Any, site: Site, glance: Glance, *, over_http: bool) -> None:
    """What runs beside the hub, each with the rights it needs: culler, mover, board.

    `over_http`: the exchange is one of them. A cohort's formgrader starts when somebody opens it:
    hub/gradebooks.py.
    """
    roles = Services()
    data = {DATA_VARIABLE: str(site.root)}
    for_all = ["self"]
    culler = [sys.executable, "-m", "jupyterhub_idle_culler",
              f"--timeout={_idle().total_seconds():.0f}"]  # fmt: skip
    roles.service("culler", culler, ["list:users", "read:users:activity", "read:servers",
                                     "delete:servers"])  # fmt: skip
    roles.service("mover", [sys.executable, "-m", "hub.mover"], [], environment=data)
    # Its module is not ours to import: `soc` stands above the hub.
    roles.service("arrivals", [sys.executable, "-m", "soc.arrivals"], [], environment=data)
    roles.service("watch", [sys.executable, "-m", "hub.watch"], [], environment=data)
    if _has_board():
        # From `soc`, as arrivals are: it adds to the pages what makes the hub's accounts.
        roles.page("programme", [sys.executable, "-m", "soc.pages"],
                   ["list:users", "read:users", "read:groups"], environment=data)  # fmt: skip
        for_all.append("access:services!service=programme")
    if over_http:
        roles.page("exchange", [sys.executable, "-m", "hub.exchange"], [], environment=data)
        for_all.append("access:services!service=exchange")
    roles.add("user", for_all)
    metrics.register(glance)
    # Prometheus reads the token from <data>/hub/metrics_token.
    token = shared.secret(desks.state(site), shared.METRICS)
    roles.program("metrics", ["read:metrics"], api_token=token)
    c.JupyterHub.load_roles = roles.roles
    c.JupyterHub.services = roles.services


def _has_board() -> bool:
    return importlib.util.find_spec("programme.pages") is not None


def heed_interrupts() -> None:
    """A shell that starts the hub in the background makes it ignore SIGINT, and with it all its
    services, which the hub stops by SIGINT: each would then be waited for in vain.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def update(c: Any, site: Site) -> None:
    """All topics."""
    heed_interrupts()
    glance = Glance(site)
    directory = Directory(functools.partial(read_people, site))
    update_hub(c, site)
    update_proxy(c, site)
    update_subdomains(c, site)
    update_signing_in(c, site, directory)
    update_spawner(c, site, directory)
    update_pages(c, site, directory, glance)
    over_http = os.environ.get("SOC_EXCHANGE_HTTP") == "1"
    update_services(c, site, glance, over_http=over_http)
