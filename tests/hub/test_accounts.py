"""Passwords, invitation codes, rate limits, and who the roster lets in."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from hub import accounts
from hub.accounts import AccountError
from hub.attempts import Attempts
from hub.auth import DemoError, check_demo, preset_password
from hub.people import is_username, people
from programme import roster
from programme.people import Person
from programme.roster import Member
from programme.site import Site
from soc.cli import soc


def test_a_code_sets_the_first_password_once(bare_site: Site) -> None:
    code = accounts.invite(bare_site, ["sophea"])["sophea"]
    accounts.accept(bare_site, "sophea", f" {code.upper()} ", "ពាក្យសម្ងាត់វែង")
    assert accounts.is_password(bare_site, "sophea", "ពាក្យសម្ងាត់វែង")
    with pytest.raises(AccountError, match="code-unknown"):
        accounts.accept(bare_site, "sophea", code, "another-password")
    assert accounts.is_password(bare_site, "sophea", "ពាក្យសម្ងាត់វែង")


def test_a_code_is_for_one_person(bare_site: Site) -> None:
    code = accounts.invite(bare_site, ["sophea", "dara"])["sophea"]
    with pytest.raises(AccountError, match="code-unknown"):
        accounts.accept(bare_site, "dara", code, "long-enough")


def test_a_new_code_ends_the_old_one(bare_site: Site) -> None:
    old = accounts.invite(bare_site, ["sophea"])["sophea"]
    accounts.invite(bare_site, ["sophea"])
    with pytest.raises(AccountError, match="code-unknown"):
        accounts.accept(bare_site, "sophea", old, "long-enough")


def test_staff_reset_a_password_of_who_has_a_khmer_name(
    bare_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the command line, as staff do it; her old password ends when she uses the code."""
    monkeypatch.setenv("SOC_DATA", str(bare_site.root))
    roster.add_cohort(bare_site, "ambassador-2026", date(2026, 1, 5))
    person = Person("sophea", "Sophea Chan", "ចាន់ សុភា")
    roster.enrol(bare_site, [person], "ambassador-2026", on=date(2026, 1, 5))
    accounts.set_password(bare_site, "sophea", "ពាក្យសម្ងាត់ចាស់")
    done = CliRunner().invoke(soc, ["invite", "sophea", "--json"], standalone_mode=False)
    (row,) = json.loads(done.stdout)
    assert accounts.is_password(bare_site, "sophea", "ពាក្យសម្ងាត់ចាស់")
    accounts.accept(bare_site, "sophea", row["code"], "ពាក្យសម្ងាត់ថ្មី")
    assert not accounts.is_password(bare_site, "sophea", "ពាក្យសម្ងាត់ចាស់")
    assert accounts.is_password(bare_site, "sophea", "ពាក្យសម្ងាត់ថ្មី")


def test_an_outside_account_is_one_persons(bare_site: Site) -> None:
    accounts.tie(bare_site, "lms", "1001", "sophea")
    accounts.tie(bare_site, "lms", "1001", "sophea")
    for subject, username in (("1001", "dara"), ("1002", "sophea")):
        with pytest.raises(AccountError, match="account-of-another"):
            accounts.tie(bare_site, "lms", subject, username)
    accounts.tie(bare_site, "another-lms", "1001", "dara")
    assert accounts.whose(bare_site, "lms", "1001") == "sophea"
    accounts.forget(bare_site, "sophea")
    assert accounts.whose(bare_site, "lms", "1001") is None
    assert accounts.outside(bare_site, "another-lms") == {"dara": "1001"}


def test_a_short_password_keeps_the_code(bare_site: Site) -> None:
    code = accounts.invite(bare_site, ["sophea"])["sophea"]
    with pytest.raises(AccountError, match="password-short"):
        accounts.accept(bare_site, "sophea", code, "short")
    accounts.accept(bare_site, "sophea", code, "long-enough")


def test_long_passwords_differ_beyond_72_bytes(bare_site: Site) -> None:
    accounts.set_password(bare_site, "sophea", "ក" * 40 + "a")
    assert not accounts.is_password(bare_site, "sophea", "ក" * 40 + "b")


def test_nothing_readable_is_kept(bare_site: Site) -> None:
    code = accounts.invite(bare_site, ["sophea"])["sophea"].replace("-", "")
    accounts.set_password(bare_site, "dara", "dara-password")
    store = bare_site.root / "hub" / "accounts.sqlite"
    assert code.encode() not in store.read_bytes()
    assert b"dara-password" not in store.read_bytes()
    assert store.stat().st_mode & 0o777 == 0o600
    assert store.parent.stat().st_mode & 0o777 == 0o700


def test_tries_are_counted_by_name_and_by_address() -> None:
    now = [0.0]
    attempts = Attempts(per_name=3, per_address=5, window_s=60, clock=lambda: now[0])
    for _ in range(3):
        attempts.failed("sophea", "10.0.0.1")
    assert not attempts.allowed("sophea", "10.0.0.2")
    assert attempts.allowed("dara", "10.0.0.1")
    for name in ("a", "b"):
        attempts.failed(name, "10.0.0.1")
    assert not attempts.allowed("dara", "10.0.0.1")
    now[0] = 61
    assert attempts.allowed("sophea", "10.0.0.1")


def test_known_passwords_only_in_a_demo(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOC_DEMO", raising=False)
    with pytest.raises(DemoError):
        preset_password(bare_site, "sophea", "known-to-all")
    check_demo("0.0.0.0")  # noqa: S104  # no demo: any address is fine
    monkeypatch.setenv("SOC_DEMO", "1")
    preset_password(bare_site, "sophea", "known-to-all")
    check_demo("127.0.0.1")
    for address in ("0.0.0.0", "", "192.168.1.5", "school.example"):  # noqa: S104
        with pytest.raises(DemoError):
            check_demo(address)


def test_groups_follow_the_roster() -> None:
    found = people(
        [
            Member("kunthea", "Kunthea", "instructor", "club-takeo"),
            Member("kunthea", "Kunthea", "student", "ambassador-2026"),
            Member("bopha", "Bopha", "staff", None),
            Member("../etc", "Nobody", "student", "ambassador-2026"),
        ]
    )
    assert found["kunthea"].groups == ["formgrade-club-takeo", "nbgrader-ambassador-2026"]
    assert found["bopha"].staff
    assert not found["kunthea"].staff
    assert set(found) == {"kunthea", "bopha"}


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "a+b", "a b", "a" * 40, "a..b", "a\n"])
def test_names_that_cannot_be_folders(name: str) -> None:
    assert not is_username(name)
