"""Every cell of roles.toml by real HTTP, through a real hub; and no page without its row."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from tornado.web import RequestHandler as Base

from programme.pages.app import Static, make_app
from programme.site import Site
from soc.cli import soc
from tests.programme.school import NAMES, ROLES
from tests.programme.small_hub import SERVICE, Visitor, small_hub

TABLE = tomllib.loads((Path(__file__).parent / "roles.toml").read_text(encoding="utf-8"))
ACTIONS: dict[str, dict[str, Any]] = {action["name"]: action for action in TABLE["action"]}


class Asker:
    """Somebody in one role, who doesn't follow where she is sent."""

    def __init__(self, hub: str, username: str | None) -> None:
        self.hub = hub
        self._visitor = Visitor(hub, username)
        self._token = self._visitor.token() if username else "made-up"

    def do(self, action: dict[str, Any], values: dict[str, str]) -> requests.Response:
        url = f"{self._visitor.hub}{SERVICE}{action['path'].format(**values)}"
        session, options = self._visitor.session, {"timeout": 60, "allow_redirects": False}
        if action.get("method", "GET") == "GET":
            return session.get(url, **options)
        fields = {name: text.format(**values) for name, text in action.get("fields", {}).items()}
        files = action.get("files") and {
            name: (f"{name}.csv", text.format(**values)) for name, text in action["files"].items()
        }
        data = {**fields, "_xsrf": self._token}
        return session.post(url, data=data, files=files, **options)

    def close(self) -> None:
        self._visitor.close()


@pytest.fixture(scope="module")
def askers(
    opened: tuple[Site, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Asker]]:
    with small_hub(opened[0].root, tmp_path_factory.mktemp("hub")) as address:
        signed_in = {role: Asker(address, username) for role, username in ROLES.items()}
        yield signed_in
        for asker in signed_in.values():
            asker.close()


def expected(action: dict[str, Any], role: str) -> int:
    """The status that the table says."""
    if role in action["may"]:
        return int(action.get("gives", 200 if action.get("method", "GET") == "GET" else 302))
    if role in action.get("sent_on", ()):
        return 302
    return 302 if role == "public" and action.get("method", "GET") == "GET" else 403


@pytest.mark.hub
@pytest.mark.parametrize("name", ACTIONS)
def test_each_role_gets_what_the_table_says(
    opened: tuple[Site, dict[str, str]], askers: dict[str, Asker], name: str
) -> None:
    _, values = opened
    action = ACTIONS[name]
    for role, asker in askers.items():
        if role in action["may"]:
            for before in action.get("first", ()):
                asker.do(ACTIONS[before], values)
        answer = asker.do(action, values)
        assert answer.status_code == expected(action, role), (role, answer.text[:2000])
        if role == "public" and answer.status_code == 302:
            assert "/hub/" in answer.headers["Location"]
        if answer.status_code == 403:
            assert not any(secret in answer.text for secret in NAMES), role


def test_the_table_knows_its_roles() -> None:
    assert len(ACTIONS) == len(TABLE["action"]), "two rows have the same name"
    for action in ACTIONS.values():
        assert {*action["may"], *action.get("sent_on", ())} <= set(ROLES), action["name"]
        assert set(action.get("first", ())) <= set(ACTIONS), action["name"]


@pytest.mark.parametrize("name", [n for n, a in ACTIONS.items() if a.get("method") == "POST"])
def test_what_a_form_does_soc_does_too(name: str) -> None:
    command: click.Command = soc
    for word in ACTIONS[name]["verb"].split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None, word
        command = found
    assert not isinstance(command, click.Group)


def test_each_page_and_form_has_its_row(opened: tuple[Site, dict[str, str]]) -> None:
    """Whoever adds a page says who may see it."""
    site, values = opened
    rows = [
        (action.get("method", "GET"), "/" + action["path"].format(**values))
        for action in ACTIONS.values()
    ]
    missing = []
    for rule in make_app(site, "/").wildcard_router.rules:
        if not _is_ours(rule.target):
            continue
        for method in ("GET", "POST"):
            own = getattr(rule.target, method.lower()) is not getattr(Base, method.lower())
            there = (m == method and rule.matcher.regex.match(path) for m, path in rows)
            if own and not any(there):
                missing.append(f"{method} {rule.matcher.regex.pattern}")
    assert not missing


def _is_ours(page: Any) -> bool:
    return page.__module__.startswith("programme.pages") and page is not Static


@pytest.mark.browser
@pytest.mark.hub
def test_each_page_is_readable_on_a_phone(
    opened: tuple[Site, dict[str, str]], askers: dict[str, Asker], browser: Any
) -> None:
    """Each page of the table, as the first role that may see it: axe, 360 px, no other server."""
    from axe_playwright_python.sync_playwright import Axe

    _, values = opened
    hub = askers["staff"].hub
    asked: list[str] = []
    signed_in: dict[str, Any] = {}
    wrong = []
    for action in (one for one in ACTIONS.values() if one.get("method", "GET") == "GET"):
        role = action["may"][0]
        if role not in signed_in:
            signed_in[role] = _on_a_phone(browser, hub, ROLES[role])
            signed_in[role].on("request", lambda request: asked.append(request.url))
        page = signed_in[role]
        path = action["path"].format(**values)
        if "." in path.rsplit("/", 1)[-1]:
            continue  # a file to take away
        page.goto(f"{hub}{SERVICE}{path}?lang=km")
        found = Axe().run(page)
        if found.violations_count:
            wrong.append(f"{action['name']}: {found.generate_report()}")
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            wrong.append(f"{action['name']}: wider than the phone")
    assert not wrong, "\n".join(wrong)
    assert all(url.startswith((hub, "data:")) for url in asked)


def _on_a_phone(browser: Any, hub: str, username: str | None) -> Any:
    page = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
    if username is not None:
        page.goto(f"{hub}/hub/login")
        page.fill("#username_input", username)
        page.fill("#password_input", "x")
        page.click("#login_submit")
    return page
