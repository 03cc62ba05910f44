"""`soc admission`: from a spreadsheet to letters, by the command line alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub import accounts
from programme.admitting.importing import import_applications
from programme.site import Site
from soc.cli import soc
from soc.cohorts import ensure_cohort, ensure_site
from tests.programme.applied import LIST
from tests.programme.sites import START

CALL = "ambassador-2027"


def run(site: Site, *words: str, exit_code: int = 0) -> Result:
    done = CliRunner().invoke(soc, ["admission", *words, "--data", str(site.root)])
    assert done.exit_code == exit_code, (done.output, done.exception)
    return done


def rows(site: Site, *words: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(run(site, *words, "--json").stdout)
    return made


@pytest.mark.slow
def test_from_a_list_to_letters(tmp_path: Path) -> None:
    site = ensure_site(tmp_path / "data")
    ensure_cohort(site, "ambassador-2027-a", START, language="km")
    words = ("call", CALL, "--opens", "2026-01-01", "--closes", "2099-01-01")
    assert CliRunner().invoke(soc, [*words, "--data", str(site.root)]).exit_code == 0
    group = ("--cohort", "ambassador-2027-a", "--group", "Online A", "--count", "15")
    assert rows(site, "groups", CALL, *group)[0]["places"] == 15

    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8-sig")
    assert rows(site, "import", CALL, str(file), "--dry-run")[0]["new"] == 1
    assert rows(site, "list")[0]["received"] == 0
    assert rows(site, "import", CALL, str(file))[0]["new"] == 1
    assert rows(site, "import", CALL, str(file))[0]["here before"] == 1

    for reader in ("maly", "office"):
        (sheet,) = rows(site, "read", CALL, "--by", reader)
        assert "Dalin" not in str(sheet)
        points = ("--number", str(sheet["number"]), "--points", "motivation=7, sharing=5")
        (given,) = rows(site, "read", CALL, "--by", reader, *points)
    assert (given["state"], given["points"]) == ("read", 12.0)
    assert rows(site, "read", CALL, "--by", "maly") == []
    run(site, "read", CALL, "--number", "1", "--points", "much", exit_code=1)

    assert rows(site, "select", CALL, "--by", "office", "--dry-run")[0]["outcome"] == "accepted"
    assert rows(site, "decided", CALL) == []
    run(site, "select", CALL, "--by", "office")
    assert rows(site, "decided", CALL)[0]["by"] == "office"

    letters = tmp_path / "letters.pdf"
    address = ("--address", "https://learn.example.org")
    assert rows(site, "accounts", CALL, str(letters), *address, "--dry-run")[0]["new"]
    assert rows(site, "accounts", CALL, str(letters), *address)[0]["letter"]
    assert letters.read_bytes().startswith(b"%PDF")
    assert accounts.invited(site, ["dalin-sok"]) == ["dalin-sok"]
    assert "there already" in str(run(site, "accounts", CALL, str(letters), *address,
                                      exit_code=1).exception)  # fmt: skip
    second = tmp_path / "again.pdf"
    assert not rows(site, "accounts", CALL, str(second), *address)[0]["letter"]
    assert not second.exists()
    assert rows(site, "accounts", CALL, str(second), *address, "--again")[0]["letter"]

    out = tmp_path / "applications.csv"
    run(site, "export", CALL, str(out))
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    run(site, "withdraw", CALL, "1", "--reason", "She moves away.")
    assert rows(site, "decided", CALL)[0]["status"] == "withdrawn"


def test_what_is_exported_can_be_imported_again(tmp_path: Path) -> None:
    site = ensure_site(tmp_path / "data")
    for call in (CALL, "ambassador-2028"):
        words = ("call", call, "--opens", "2026-01-01", "--closes", "2099-01-01")
        CliRunner().invoke(soc, [*words, "--data", str(site.root)])
    from tests.programme.applied import NOW

    import_applications(site, CALL, LIST.replace("To build.", "=1+1").encode(), NOW)
    for kind in ("csv", "xlsx"):
        out = tmp_path / f"applications.{kind}"
        run(site, "export", CALL, str(out))
        done = import_applications(site, "ambassador-2028", out.read_bytes(), NOW, dry_run=True)
        assert (done.new, done.known) == (1, 0)
    assert ",'=1+1," in (tmp_path / "applications.csv").read_text(encoding="utf-8-sig")
