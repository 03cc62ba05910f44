"""Certificates: only for graduates, signed, the same bytes every time, and no forgery passes."""

from __future__ import annotations

import base64
import json
import os
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from programme import decisions, reported
from programme.certificates import CertificateError, issuing, keys, sheet, signed
from programme.fictional_years import fill_years
from programme.schema import enrolments, people
from programme.site import Site
from programme.standing import standing_outcomes
from programme.store import RefusedError, reading, writing
from soc.cli import soc

COHORT = "ambassador-2022"
ON = date(2022, 5, 2)
ADDRESS = "https://learn.example.org"


@pytest.fixture
def graduates(any_site: Site) -> Site:
    """The Ambassadors of 2022, of whom 24 graduated, and a signing key."""
    fill_years(any_site, reported.REPORTED[:1], 1)
    keys.make_key(any_site)
    return any_site


def test_the_graduates_get_one_each_and_keep_it(graduates: Site) -> None:
    given = issuing.issue(graduates, COHORT, by="office", today=ON)
    assert len(given) == len(set(given)) == 24
    first = issuing.of_cohort(graduates, COHORT)
    assert issuing.issue(graduates, COHORT, by="office", today=date(2023, 1, 1)) == []
    assert issuing.of_cohort(graduates, COHORT) == first
    known = keys.public_keys(graduates)
    for one in first:
        assert signed.check_kept(one.payload, one.signature, known).verdict == "good"
        assert signed.Statement.read(one.payload).number == one.number
        assert one.number.startswith("SC-2022-")


def test_who_has_not_graduated_gets_none(graduates: Site) -> None:
    standing = decisions.standing(graduates, COHORT)
    others = [name for name, held in standing.items() if held.outcome != "graduated"]
    with pytest.raises(RefusedError, match="No recorded decision"):
        issuing.issue(graduates, COHORT, by="office", today=ON, usernames=[others[0]])
    assert issuing.of_cohort(graduates, COHORT) == []


def test_what_stands_is_the_same_by_either_way(graduates: Site) -> None:
    """The one query of reports and certificates, and the audit trail read row by row."""
    names = sorted(decisions.standing(graduates, COHORT))
    decisions.override(graduates, COHORT, names[0], "withdrawn", "a reason", "office")
    decisions.override(graduates, COHORT, names[1], "graduated", "a reason", "office")
    decisions.lift(graduates, COHORT, names[1], "a mistake", "office")
    decisions.override(graduates, COHORT, names[2], "at_risk", "a reason", "office")
    decisions.override(graduates, COHORT, names[2], "on_the_way", "a better one", "office")
    standing = standing_outcomes()
    query = (
        select(people.c.username, standing.c.outcome)
        .join_from(people, enrolments)
        .join(standing, standing.c.enrolment_id == enrolments.c.id)
    )
    with reading(graduates) as connection:
        found = {row.username: row.outcome for row in connection.execute(query)}
    by_hand = {name: held.outcome for name, held in decisions.standing(graduates, COHORT).items()}
    assert found == by_hand
    assert by_hand[names[2]] == "on_the_way"


def test_one_is_taken_back_for_good_and_a_new_one_only_by_name(graduates: Site) -> None:
    given = issuing.issue(graduates, COHORT, by="office", today=ON)
    old = issuing.of_cohort(graduates, COHORT)[0]
    with pytest.raises(RefusedError, match="reason"):
        issuing.revoke(graduates, old.number, " ", "office")
    issuing.revoke(graduates, old.number, "the wrong name", "office")
    with pytest.raises(RefusedError, match="no certificate"):
        issuing.revoke(graduates, old.number, "once more", "office")
    assert issuing.issue(graduates, COHORT, by="office", today=ON) == []
    assert issuing.issue(graduates, COHORT, by="office", today=ON, usernames=[given[0]]) == [
        given[0]
    ]
    mine = [one for one in issuing.of_cohort(graduates, COHORT) if one.username == given[0]]
    assert [one.revoked_reason for one in mine] == ["the wrong name", None]
    assert mine[0].number != mine[1].number


def test_the_key_is_its_owners_alone(site: Site) -> None:
    first = keys.make_key(site)
    file = keys.folder(site) / "signing-key.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CertificateError, match="already"):
        keys.make_key(site)
    second = keys.make_key(site, replace=True)
    assert set(keys.public_keys(site)) == {first.id, second.id}
    assert keys.signing_key(site).id == second.id
    file.chmod(0o640)
    with pytest.raises(CertificateError, match="chmod 600"):
        keys.signing_key(site)
    file.chmod(0o600)
    file.write_text("no key")
    with pytest.raises(CertificateError, match="can't be read"):
        keys.signing_key(site)


def _certificate(site: Site, name: str = "Sok Sokha", name_km: str = "សុខ សុខា") -> str:
    """A token as a QR code holds it."""
    key = keys.signing_key(site)
    statement = signed.Statement("SC-2026-0123456789", name, name_km, "ambassador", ON, key.id)
    return signed.token(statement.text(), signed.sign(statement, key))


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that has a key and nothing else."""
    root = tmp_path_factory.mktemp("signing")
    (root / "soc.toml").touch()
    site = Site.open(root)
    keys.make_key(site)
    return site


def test_a_token_is_good_with_its_address_or_alone(signing: Site) -> None:
    word, known = _certificate(signing), keys.public_keys(signing)
    for scanned in (word, f"{ADDRESS}/services/programme/verify/SC-1#{word}", f"  {word}\n"):
        checked = signed.check(scanned, known)
        assert checked.verdict == "good"
        assert checked.statement is not None
        assert checked.statement.name_km == "សុខ សុខា"


def test_no_altered_token_is_good(signing: Site) -> None:
    word, known = _certificate(signing), keys.public_keys(signing)
    packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    for place in range(len(packed)):
        changed = packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
        token = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        assert signed.check(token, known).verdict != "good", place


def test_another_name_with_a_good_signature_is_forged(signing: Site) -> None:
    word, known = _certificate(signing), keys.public_keys(signing)
    packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    statement = signed.Statement.read(packed[64:].decode())
    signature = base64.b64encode(packed[:64]).decode()
    for forged in (replace(statement, name="Mallory"), replace(statement, on=date(2020, 1, 1))):
        assert signed.check(signed.token(forged.text(), signature), known).verdict == "forged"


def test_a_key_of_somebody_else_is_not_believed(signing: Site, site: Site) -> None:
    own = keys.make_key(site)
    known = keys.public_keys(signing)
    assert signed.check(_certificate(site), known).verdict == "unknown_key"
    ours = next(iter(known))
    statement = signed.Statement("SC-2026-0123456789", "Mallory", "", "club", ON, ours)
    claimed = signed.token(statement.text(), signed.sign(statement, own))
    assert signed.check(claimed, known).verdict == "forged"
    assert signed.check(claimed, {}).verdict == "unknown_key"


def test_the_same_facts_written_otherwise_are_no_certificate(signing: Site) -> None:
    """A signature is of letters: other spaces, keys or types are not read at all."""
    key = keys.signing_key(signing)
    facts = json.loads(signed.Statement("N", "A", "", "club", ON, key.id).text())
    more = ({**facts, "honours": True}, {**facts, "version": 2}, {**facts, "name": 5}, [facts])
    texts = [json.dumps(one) for one in (facts, *more)]
    for written in texts:
        word = signed.token(written, base64.b64encode(key.secret.sign(written.encode())).decode())
        assert signed.check(word, keys.public_keys(signing)).verdict == "unreadable"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.one_of(
        st.text(), st.text("ABCDefgh0123-_=#"), st.binary().map(lambda b: b.decode("latin-1"))
    )
)
def test_nothing_that_is_scanned_breaks_the_check(signing: Site, scanned: str) -> None:
    assert signed.check(scanned, keys.public_keys(signing)).verdict == "unreadable"


@pytest.mark.parametrize(
    "typed", ["sc-2026-0o1il23456", " SC 2026 0011123456 ", "SC–2026–0011123456"]
)
def test_a_number_is_read_from_paper(typed: str) -> None:
    assert signed.as_number(typed) == "SC-2026-0011123456"


NAMES = ("*Sok* #text[x] $y$ <b>", "អ៊ុក " * 20, "")


def test_the_same_bytes_whenever_it_is_printed(site: Site, tmp_path: Path) -> None:
    keys.make_key(site)
    site = replace(site, public_url=ADDRESS)
    made = [_kept(site, name) for name in NAMES]
    first = sheet.write_all(site, made, tmp_path / "first")
    assert [file.read_bytes()[:5] for file in first] == [b"%PDF-"] * 3
    # As after a run that was killed: a part is there, and the half-written file of the next.
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / first[0].name).write_bytes(first[0].read_bytes())
    (tmp_path / "again" / f".{first[1].name}.x").write_bytes(b"%PDF-half")
    (tmp_path / "again" / first[2].name).touch()  # what a power cut may leave
    again = sheet.write_all(site, made, tmp_path / "again")
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in first]


def _kept(site: Site, name: str) -> issuing.Certificate:
    key = keys.signing_key(site)
    statement = signed.Statement(signed.new_number(2026), "Sok Sokha", name, "club", ON, key.id)
    payload, signature = statement.text(), signed.sign(statement, key)
    return issuing.Certificate(
        statement.number, "sokha", ON, "office", payload, signature, None, None, None
    )


def test_without_an_address_nothing_is_printed(site: Site) -> None:
    keys.make_key(site)
    with pytest.raises(CertificateError, match="public_url"):
        sheet.render(_kept(site, ""), "")


def test_soc_gives_prints_checks_and_takes_back(graduates: Site, tmp_path: Path) -> None:
    settings_file = graduates.root / "soc.toml"
    settings_file.write_text(f'public_url = "{ADDRESS}"\n' + settings_file.read_text())
    folder = graduates.root / "cohorts" / COHORT
    folder.mkdir()
    (folder / "cohort.toml").write_text('language = "km"\n')
    options = ["--data", str(graduates.root)]
    chosen = [*options, "--cohort", COHORT]

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(soc, ["certificate", *words])
        assert done.exit_code == code, done.output
        return done.output

    assert len(json.loads(run("issue", "--dry-run", "--json", *chosen))) == 24
    assert issuing.of_cohort(graduates, COHORT) == []
    run("issue", *chosen)
    run("print", str(tmp_path / "pdf"), *chosen)
    assert len(list((tmp_path / "pdf").iterdir())) == 24
    one = issuing.of_cohort(graduates, COHORT)[0]
    word = signed.token(one.payload, one.signature)
    published = str(next((keys.folder(graduates) / "public").iterdir()))
    assert "can say" in run("check", word, "--key", published)
    assert json.loads(run("check", word, "--json", *options))[0]["good"] is True
    run("revoke", one.number, "--reason", "the wrong name", *options)
    after = json.loads(run("check", word, "--json", *options, code=1))[0]
    assert (after["good"], after["taken_back"]) == (False, True)
    assert "forged" not in run("check", "nonsense", *options, code=1)
    with pytest.raises(Exception, match="could be taken back"):
        CliRunner().invoke(
            soc, ["certificate", "revoke", "SC-2026-X", "--reason", "none", *options],
            catch_exceptions=False, standalone_mode=False,
        )  # fmt: skip


def test_a_row_that_was_written_by_hand_is_found_out(graduates: Site) -> None:
    issuing.issue(graduates, COHORT, by="office", today=ON)
    one = issuing.of_cohort(graduates, COHORT)[0]
    forged = replace(signed.Statement.read(one.payload), name="Mallory").text()
    with writing(graduates) as connection:
        statement = text("UPDATE certificates SET payload = :p WHERE number = :n")
        connection.execute(statement, {"p": forged, "n": one.number})
    kept = issuing.find(graduates, one.number)
    assert kept is not None
    known = keys.public_keys(graduates)
    assert signed.check_kept(kept.payload, kept.signature, known).verdict == "forged"
    assert os.fspath(keys.folder(graduates)).startswith(os.fspath(graduates.root))
