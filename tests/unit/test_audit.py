"""deploy/audit.py: what is said of a report of pip-audit."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

import pytest

from programme.site import CHECKOUT

CLEAN = {"name": "jinja2", "version": "3.1.6", "vulns": []}
UNKNOWN = {"name": "ours", "skip_reason": "Dependency not found on PyPI"}
HOLE = {
    "name": "jinja2",
    "version": "2.10",
    "vulns": [{"id": "PYSEC-2019-217", "aliases": ["CVE-2019-10906"], "fix_versions": ["2.10.1"]}],
}


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", CHECKOUT / "deploy" / "audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_known_hole_fails_and_says_which_version_mends_it(audit: ModuleType) -> None:
    code, words = audit.verdict({"dependencies": [CLEAN, HOLE, UNKNOWN]})
    assert code == 1
    assert "jinja2 2.10: PYSEC-2019-217 – mended in 2.10.1" in words


def test_nothing_found_is_not_nobody_asked(audit: ModuleType) -> None:
    assert audit.verdict({"dependencies": [CLEAN, UNKNOWN]}) == (
        0, "No known hole in 1 of 2 locked packages.",
    )  # fmt: skip
    code, words = audit.verdict({"dependencies": [UNKNOWN]})
    assert code == 0
    assert words.startswith("NOT AUDITED")


@pytest.mark.parametrize("known_as", ["PYSEC-2019-217", "CVE-2019-10906"])
def test_an_accepted_hole_is_passed_by_any_of_its_names(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, known_as: str
) -> None:
    monkeypatch.setattr(audit, "ACCEPTED", {known_as: "its sandbox is not used"})
    assert audit.verdict({"dependencies": [HOLE]})[0] == 0


@pytest.mark.parametrize("printed", ["", "{"])
def test_an_index_that_is_away_fails_nobody(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: Any, printed: str
) -> None:
    class Done:
        stdout, stderr = printed, "Traceback\nConnectionError: no route\n"

    monkeypatch.setattr(audit.subprocess, "run", lambda *_args, **_options: Done)
    assert audit.main() == 0
    assert capsys.readouterr().out == "NOT AUDITED: ConnectionError: no route\n"
