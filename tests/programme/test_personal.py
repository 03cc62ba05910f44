"""Personal data: each column is accounted for; a person can take hers along, and be forgotten."""

from __future__ import annotations

import json
import random
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader import api
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from programme import attendance, decisions, mentoring, progress, reported, roster
from programme.certificates import issuing, keys
from programme.fictional_years import fill_survey, fill_years
from programme.people import Person
from programme.personal import erasing, export, register, requests, retention
from programme.report import Period, document, figures
from programme.schema import (
    applications,
    calls,
    clubs,
    cohorts,
    consents,
    drafts,
    enrolments,
    metadata,
    people,
)  # fmt: skip
from programme.site import CHECKOUT, Site
from programme.store import RefusedError, reading, writing
from programme.whole_file import FileError
from soc.cli import soc
from tests.programme.sites import COHORT, START

AT = datetime(2026, 9, 1, 5, tzinfo=UTC)
BOTH = Period(date(2022, 1, 1), date(2023, 12, 31))
# Every word that is hers and must be gone; none of them is a word of anything else.
HER = "zebrina"
WORDS = (HER, "Quillona", "ហ្សេប្រីណា", "+85512987654", "guardianella", "+85500123987",
         "answerette", "becausella", "calledella", "codella", "draftella", "quillona")  # fmt: skip


def test_every_column_is_accounted_for() -> None:
    """Whoever adds a column says what becomes of it when somebody is erased: kept.toml."""
    known = {table.name: table for table in register.tables()}
    assert len(known) == len(register.tables())
    assert set(known) | register.not_personal() == set(metadata.tables)
    assert not set(known) & register.not_personal()
    for name, table in known.items():
        columns = {column.name for column in metadata.tables[name].columns}
        assert table.columns == columns, name
        listed = [*table.replace, *table.clear, *table.authors, *table.stays]
        assert len(listed) == len(set(listed)), name
        assert all(metadata.tables[name].c[column].nullable for column in table.clear), name


def test_the_page_of_the_docs_says_the_same() -> None:
    page = (CHECKOUT / "docs" / "personal-data.md").read_text(encoding="utf-8")
    for one in register.kept():
        tables = ", ".join(f"`{table.name}`" for table in one.tables) or "folders"
        assert f"| {one.what.en} | {one.why.en} | {one.days} | {tables} |" in page


@pytest.fixture
def school(past: Site) -> Site:
    """A finished cohort, and one more girl of whom every kind of thing is kept."""
    hers = Person(HER, f"Chea {WORDS[1]}", WORDS[2], 2008, "02")
    roster.enrol(past, [hers, Person("bopha", "Sok Bopha")], COHORT, on=START)
    keys.make_key(past)
    with writing(past) as connection:
        number = connection.execute(
            select(people.c.id).where(people.c.username == HER)
        ).scalar_one()
        call = connection.execute(
            text(
                "INSERT INTO programmes (name, kind, opens_on, closes_on)"
                " VALUES ('call', 'ambassador', '2026-01-01', '2026-02-01') RETURNING id"
            )
        ).scalar_one()
        row = {
            "programme_id": call, "person_id": number, "link_hash": "h", "status": "accepted",
            "name_km": WORDS[2], "name_latin": f"Chea {WORDS[1]}", "name_key": "cheaquillona",
            "birth_date": date(2008, 3, 9), "minor": True, "phone": WORDS[3],
            "province_code": "02", "district_code": "0201", "school_kind": "public",
            "wish": "either", "language": "km", "answers": {"why": WORDS[6]},
            "guardian_name": WORDS[4], "guardian_phone": WORDS[5], "submitted_at": AT,
            "decided_by": "office", "decided_at": AT, "reasons": [WORDS[7]],
        }  # fmt: skip
        made = connection.execute(insert(applications).returning(applications.c.id), row)
        consent = {
            "application_id": made.scalar_one(), "person_id": number, "purpose": "data",
            "of_minor": True, "given_as": "guardian", "given_by": WORDS[4], "wording": "w",
            "given_at": AT,
        }  # fmt: skip
        connection.execute(insert(consents), consent)
        draft = {"name_latin": WORDS[10], "phone": WORDS[3].replace("+855", "0")}
        other = {"name_latin": "Somebody Else", "phone": "012000009"}
        for mark, fields in (("d1", draft), ("d2", other)):
            connection.execute(
                insert(drafts),
                {"programme_id": call, "link_hash": mark, "fields": fields, "saved_at": AT},
            )
    attendance.mark(past, COHORT, 1, {HER: "present", "bopha": "absent"}, HER, AT)
    mentoring.log_call(past, HER, COHORT, "maly", f"{WORDS[8]} is ill.", AT)
    decisions.override(past, COHORT, HER, "graduated", f"{WORDS[9]} taught.", "office", AT)
    decisions.override(past, COHORT, "bopha", "at_risk", "As I saw.", HER, AT)
    issuing.issue(past, COHORT, by="office", today=date(2026, 9, 1), usernames=[HER])
    requests.ask(past, HER, "erasure", AT)
    _hand_in(past)
    return past


def _hand_in(site: Site) -> None:
    cohort = site.cohort(COHORT)
    with api.Gradebook(cohort.gradebook_url, cohort.name) as gradebook:
        gradebook.add_student(HER, first_name=WORDS[1], last_name=WORDS[1], email=f"{HER}@x.org")
        hers = gradebook.add_submission("week01", HER)
        (grade, *_) = [g for notebook in hers.notebooks for g in notebook.grades]
        grade.manual_score = 7
        for notebook in hers.notebooks:
            for comment in notebook.comments:
                comment.manual_comment = f"Well done, {WORDS[1]}"
        gradebook.db.commit()
    for step in ("submitted", "autograded", "feedback"):
        folder = cohort.root / step / HER / "week01"
        folder.mkdir(parents=True)
        (folder / "practice.ipynb").write_text(f"print('{WORDS[1]}')")
    (cohort.root / "feedback" / HER / "week01" / erasing.SECRET).write_text("0" * 32)
    (cohort.root / "feedback" / HER / "week01" / "practice.html").write_text("<p>f</p>")
    (cohort.exchange / COHORT / "feedback").mkdir(parents=True)
    released = cohort.exchange / COHORT / "feedback" / f"{_nbgraders_name()}.html"
    released.write_text(WORDS[1])
    for folder in (
        site.root / "homes" / HER, site.root / "outbox" / COHORT / HER,
        site.root / "hub" / "desks" / COHORT / HER, cohort.inbound / f"{HER}+week01+2026+x",
    ):  # fmt: skip
        folder.mkdir(parents=True)
        (folder / "diary.txt").write_text(WORDS[1])
    (site.root / "homes" / HER / "elsewhere").symlink_to(site.root / "soc.toml")


def _nbgraders_name() -> str:
    from nbgrader.utils import notebook_hash

    return str(notebook_hash(secret="0" * 32, notebook_id="practice"))


def _where(site: Site, words: tuple[str, ...]) -> set[str]:
    """Files and names of files in the data folder in which one of the words is."""
    found = set()
    for path in site.root.rglob("*"):
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if any(
            word.encode() in content or word in str(path.relative_to(site.root)) for word in words
        ):
            found.add(str(path.relative_to(site.root)))
    return found


def test_nothing_of_her_is_left_in_any_file(school: Site) -> None:
    """The raw bytes of databases count too: SQLite keeps deleted rows in free pages."""
    assert {"programme.sqlite"} < _where(school, WORDS)
    marks = progress.read(school, COHORT)
    before = {one.person.username: one for one in marks}
    done = erasing.erase(school, HER, "Her guardian asked for it.", "office", AT)
    assert done.left == ()
    assert {word: _where(school, (word,)) for word in WORDS} == {word: set() for word in WORDS}
    assert (school.root / "soc.toml").exists(), "a link in her home was followed"
    after = {one.person.username: one for one in progress.read(school, COHORT)}
    assert set(after) == set(before) - {HER} | {done.mark}
    assert after[done.mark].works == before[HER].works
    assert after["bopha"].works == before["bopha"].works


def test_the_trail_stays_and_forgets_only_who(school: Site) -> None:
    mark = erasing.erase(school, HER, "Her guardian asked for it.", "office", AT).mark
    (hers,) = [one for one in decisions.history(school, COHORT, mark) if one.kind == "override"]
    assert (hers.outcome, hers.override_reason, hers.author) == ("graduated", "erased", "office")
    (bophas,) = decisions.history(school, COHORT, "bopha")
    assert (bophas.outcome, bophas.override_reason, bophas.author) == ("at_risk", "As I saw.", mark)
    (asked,) = requests.all_requests(school)
    assert (asked.username, asked.done_by, asked.note) == (
        mark, "office", "Her guardian asked for it.",
    )  # fmt: skip
    with reading(school) as connection:
        (left,) = connection.execute(select(drafts.c.fields)).scalars()
    assert left["name_latin"] == "Somebody Else"


def test_what_can_not_be_done_is_said_and_nothing_is_done(school: Site) -> None:
    for name, reason, match in (
        ("nobody", "Asked.", "nobody with"),
        (HER, f"Chea {WORDS[1]} asked.", "must not name her"),
        (HER, " ", "needs a reason"),
    ):
        with pytest.raises(RefusedError, match=match):
            erasing.erase(school, name, reason, "office", AT)
    would = erasing.erase(school, HER, "Asked for it.", "office", AT, dry_run=True)
    assert would.folders == 7
    assert _where(school, WORDS[:2])
    mentoring.log_call(school, "bopha", COHORT, "maly", f"Her friend Chea {WORDS[1]} left.", AT)
    done = erasing.erase(school, HER, "Asked for it.", "office", AT)
    (left,) = done.left
    assert left.startswith("calls ")
    with pytest.raises(RefusedError, match="nobody with"):
        erasing.erase(school, HER, "Once more.", "office", AT)


def test_a_stopped_run_goes_on(school: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "forget", _broken)
        with pytest.raises(OSError, match="killed"):
            erasing.erase(school, HER, "Asked for it.", "office", AT)
    assert erasing.erase(school, HER, "Asked for it.", "office", AT).left == ()
    assert _where(school, WORDS) == set()


def _broken(*_: object) -> int:
    raise OSError("killed")


@pytest.fixture
def years(any_site: Site) -> Site:
    fill_years(any_site, reported.REPORTED, 1)
    fill_survey(any_site, "club-2023", 1)
    return any_site


def _report(site: Site) -> str:
    found = figures.read(site, BOTH)
    return repr([found, document.write(found, "en"), document.write(found, "km")])


def test_statistics_are_the_same_before_and_after(years: Site) -> None:
    """Whoever is erased, students, graduates, leaders: not a letter of the report changes."""
    before = _report(years)
    with reading(years) as connection:
        names = list(connection.execute(select(people.c.username).order_by(people.c.id)).scalars())
        leaders = select(people.c.username).where(people.c.id.in_(select(clubs.c.leader_id)))
        chosen = {*random.Random(5).sample(names, 12), *connection.execute(leaders).scalars()}
    for name in sorted(chosen):
        erasing.erase(years, name, "Asked for it.", "office", AT)
    assert _report(years) == before
    retention.run(years, date(2029, 6, 1), "office")
    with reading(years) as connection:
        left = connection.execute(select(people.c.username).where(people.c.erased_on.is_(None)))
        assert left.all() == []
        named = select(applications.c.id).where(applications.c.name_latin != "erased")
        assert connection.execute(named).all() == []
    assert _report(years) == before


FORBIDDEN = {
    "another outcome": "UPDATE decisions SET outcome = 'withdrawn'",
    "an author who is not erased": "UPDATE decisions SET author = 'mallory'",
    "a mark of nobody": "UPDATE decisions SET author = 'erased-999999'",
    "a mark of somebody who is not erased": "UPDATE decisions SET author = 'erased-2'",
    "words of somebody who is not erased":
        "UPDATE decisions SET override_reason = 'erased' WHERE override_reason IS NOT NULL"
        " AND enrolment_id NOT IN (SELECT id FROM enrolments WHERE person_id = 1)",
    "other words": "UPDATE decisions SET override_reason = 'better' WHERE kind = 'override'",
    "an outcome, on the way of forgetting":
        "UPDATE decisions SET override_reason = 'erased', honours = NOT honours"
        " WHERE kind = 'override'",
    "the evidence": "UPDATE decisions SET reasons = '[1]'",
    "all": "DELETE FROM decisions",
}  # fmt: skip


def test_decisions_forget_who_and_nothing_else(years: Site) -> None:
    with writing(years) as connection:
        one, two = connection.execute(
            select(people.c.username, cohorts.c.name).join_from(people, enrolments).join(cohorts)
            .where(people.c.id.in_((1, 2))).order_by(people.c.id).limit(2)
        ).all()  # fmt: skip
    for who in (one, two):
        decisions.override(years, who.name, who.username, "at_risk", "My words.", "office")
    with writing(years) as connection:
        connection.execute(update(people).where(people.c.id == 1).values(erased_on=AT.date()))
    for what, statement in FORBIDDEN.items():
        with pytest.raises(DBAPIError, match="kept"), writing(years) as connection:
            assert connection.execute(text(statement)).rowcount == 0, what
    allowed = (
        "UPDATE decisions SET override_reason = 'erased', author = 'erased-1' WHERE kind ="
        " 'override' AND enrolment_id IN (SELECT id FROM enrolments WHERE person_id = 1)"
    )
    with writing(years) as connection:
        assert connection.execute(text(allowed)).rowcount == 1


def test_her_copy_has_everything_that_is_hers(school: Site, tmp_path: Path) -> None:
    requests.ask(school, HER, "copy", AT)
    file = tmp_path / "copy.zip"
    names = export.export(school, HER, file, "office", AT)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as pack:
        content = {name: pack.read(name).decode() for name in names}
    everything = "\n".join(content.values())
    for word in WORDS[:10]:
        assert word in everything, word
    assert WORDS[10] not in everything
    assert json.loads(content["data/decisions.json"])[0]["outcome"] == "graduated"
    assert any(
        work["score"] for work in json.loads(content[f"marks/{COHORT}.json"]) if work["score"]
    )
    assert content[f"work/{COHORT}/submitted/week01/practice.ipynb"] == f"print('{WORDS[1]}')"
    for others in ("maly", "office", "bopha", "link_hash"):
        assert others not in everything.replace(content["README.txt"], ""), others
    open_ones = [one.kind for one in requests.all_requests(school, HER) if one.done_at is None]
    assert open_ones == ["erasure"]
    with pytest.raises(FileError, match=r"copy.zip can't be written"):
        export.export(school, HER, tmp_path / "missing" / "copy.zip", "office", AT)


def test_a_link_in_her_work_is_not_followed(school: Site, tmp_path: Path) -> None:
    link = school.cohort(COHORT).root / "submitted" / HER / "week01" / "soc.toml"
    link.symlink_to(school.root / "soc.toml")
    names = export.export(school, HER, tmp_path / "copy.zip", "office", AT)
    assert not [name for name in names if name.endswith("soc.toml")]


def test_she_asks_once_and_is_answered(school: Site) -> None:
    requests.ask(school, HER, "erasure", AT)
    (asked,) = requests.all_requests(school, HER)
    with pytest.raises(RefusedError, match="can't be asked"):
        requests.ask(school, HER, "everything", AT)
    with pytest.raises(RefusedError, match="with a reason"):
        requests.refuse(school, asked.id, "", "office", AT)
    requests.refuse(school, asked.id, "We talked, and she stays.", "office", AT)
    with pytest.raises(RefusedError, match="no such open"):
        requests.refuse(school, asked.id, "Once more.", "office", AT)
    requests.ask(school, HER, "erasure", AT + timedelta(days=1))
    assert [one.note for one in requests.all_requests(school, HER)] == [
        None, "We talked, and she stays.",
    ]  # fmt: skip
    assert requests.counts(school, HER)["decision"] == 2


def _ago(days: int, today: date) -> datetime:
    return datetime.combine(today - timedelta(days=days), datetime.min.time(), UTC)


def test_retention_erases_what_is_due_and_nothing_before(school: Site) -> None:
    terms = register.terms(school)
    ended = START + timedelta(weeks=15)
    today = ended + timedelta(days=terms.work)
    with writing(school) as connection:
        connection.execute(update(calls).values(called_at=_ago(terms.calls, today)))
        connection.execute(update(drafts).values(saved_at=_ago(terms.draft, today)))
        refused = {"status": "declined", "person_id": None}
        at = {"decided_at": _ago(terms.refused, today)}
        connection.execute(update(applications).values(refused | at))

    def due(day: date) -> dict[str, int]:
        return {one.kind: one.count for one in retention.run(school, day, "office", dry_run=True)}

    assert due(today - timedelta(days=1)) == dict.fromkeys(
        ("application", "draft", "calls", "work", "person"), 0
    )
    tomorrow = today + timedelta(days=1)
    waiting = due(tomorrow)
    assert (waiting["application"], waiting["draft"], waiting["work"]) == (1, 2, 1)
    assert waiting["person"] == 0
    assert {one.kind: one.count for one in retention.run(school, tomorrow, "office")} == waiting
    assert due(tomorrow) == dict.fromkeys(waiting, 0)
    assert not (school.root / "homes" / HER).exists()
    with reading(school) as connection:
        (row,) = connection.execute(select(applications)).all()
    assert (row.name_latin, row.phone, row.answers) == ("erased", "", {})
    assert (row.status, row.province_code, row.minor) == ("declined", "02", True)
    last = ended + timedelta(days=terms.person)
    assert due(last - timedelta(days=1))["person"] == 0
    assert due(last)["person"] == 32  # thirty, she and Bopha; neither instructor nor staff


def test_soc_gives_and_erases(school: Site, tmp_path: Path) -> None:
    options = ["--data", str(school.root)]

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(soc, [*words, *options])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    assert '"erasure"' in run("person", "requests", "--json")
    assert "for her alone" in run("person", "export", HER, str(tmp_path / "c.zip"))
    assert "erased-" in run("person", "erase", HER, "--reason", "Asked for it.", "--dry-run")
    assert _where(school, WORDS[:1])
    assert (
        "hub's own list"
        in json.loads(run("person", "erase", HER, "--reason", "Asked for it.", "--json"))[0]["left"]
    )
    assert _where(school, WORDS) == set()
    kinds = {one["kind"] for one in json.loads(run("retention", "--dry-run", "--json"))}
    assert kinds == {"application", "draft", "calls", "work", "person"}


def test_a_leader_is_not_erased_while_her_club_runs(site: Site) -> None:
    fill_years(site, reported.REPORTED[:2], 1)
    with writing(site) as connection:
        query = select(people.c.username).where(people.c.id.in_(select(clubs.c.leader_id))).limit(1)
        leader = connection.execute(query).scalar_one()
        connection.execute(update(clubs).values(status="approved"))
    with pytest.raises(RefusedError, match="close it"):
        erasing.erase(site, leader, "Asked for it.", "office", AT)
