"""Surveys: answered once and apart from names, collected from hostile homes, five or nothing."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text, update

from programme import reported
from programme.fictional_years import fill_survey, fill_years
from programme.schema import survey_answers, survey_tickets, surveys
from programme.site import CHECKOUT, Site
from programme.store import RefusedError, reading, writing
from programme.surveys import asking, collecting, plan, results
from soc.cli import soc

OPENS, CLOSES = date(2022, 1, 3), date(2022, 1, 16)
COLLECTED = CLOSES + timedelta(days=1)
RULES = plan.read(CHECKOUT / "course")
SHOWN = CLOSES + timedelta(days=RULES.counting_days + 1)
PROGRAMME, NAME = "ambassador-2022", "ambassador-2022-before"
GOOD = {"belong": "4", "can-learn": "2", "for-girls": "9", "nonsense": "1", "can-ask": ["1"]}


@pytest.fixture
def asked(any_site: Site) -> Site:
    """The Ambassadors of 2022, asked before their course."""
    fill_years(any_site, reported.REPORTED[:1], 1)
    asking.open_survey(any_site, PROGRAMME, "before", OPENS, CLOSES, dry_run=False)
    return any_site


def _students(site: Site) -> list[str]:
    query = "SELECT username FROM people JOIN enrolments e ON person_id = people.id ORDER BY 1"
    with reading(site) as connection:
        return list(connection.execute(text(query)).scalars())


def _counts(site: Site) -> tuple[int, int]:
    with reading(site) as connection:
        tables = (survey_tickets, survey_answers)
        tickets, answers = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        )
    return tickets, answers


@pytest.mark.parametrize("planned", RULES.surveys.values(), ids=lambda one: one.moment)
def test_the_plan_asks_what_the_lessons_ask(planned: plan.Planned) -> None:
    lesson = (CHECKOUT / "course/source" / planned.notebook / "lesson.ipynb").read_text("utf-8")
    cells = json.loads(lesson)["cells"]
    (cell,) = [
        "".join(c["source"]) for c in cells if f'"{planned.notebook}",\n' in "".join(c["source"])
    ]
    asked = re.findall(r'Question\("([a-z_-]+)"', cell)
    assert asked == [question.id for question in planned.questions][: len(asked)]
    choices = re.findall(r'"([0-9])": \{"en"', cell)
    assert choices == [choice.id for choice in planned.questions[0].choices]


def test_she_answers_once_and_what_is_no_answer_is_left_out(asked: Site) -> None:
    who = _students(asked)[0]
    assert [(s.name, done) for s, done in asking.for_student(asked, who, OPENS)] == [(NAME, False)]
    asking.answer(asked, who, NAME, GOOD, OPENS)  # type: ignore[arg-type]
    assert _counts(asked) == (1, 2)
    assert asking.for_student(asked, who, OPENS)[0][1] is True
    with pytest.raises(RefusedError, match="already"):
        asking.answer(asked, who, NAME, {"belong": "1"}, OPENS)
    assert _counts(asked) == (1, 2)


@pytest.mark.parametrize(
    ("who", "name", "day"),
    [("nobody", NAME, OPENS), (None, "other-before", OPENS), (None, NAME, COLLECTED)],
    ids=["a stranger", "another survey", "after the close"],
)
def test_it_is_not_open_for_everybody_and_ever(
    asked: Site, who: str | None, name: str, day: date
) -> None:
    with pytest.raises(RefusedError, match="not open"):
        asking.answer(asked, who or _students(asked)[0], name, {"belong": "1"}, day)
    assert _counts(asked) == (0, 0)


def test_no_row_leads_from_an_answer_to_a_person(asked: Site) -> None:
    for who in _students(asked)[:8]:
        asking.answer(asked, who, NAME, {"belong": "1"}, OPENS)
    assert set(survey_answers.c.keys()) == {"survey_id", "response", "question", "answer"}
    assert set(survey_tickets.c.keys()) == {"survey_id", "enrolment_id"}
    with reading(asked) as connection:
        responses = list(connection.execute(select(survey_answers.c.response)).scalars())
    assert len(set(responses)) == 8
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in responses)


def _home(site: Site, username: str) -> Path:
    folder = site.root / "homes" / username / ".sisters-of-code" / "surveys"
    folder.mkdir(parents=True)
    return folder / "week01.json"


def _sheet(**changed: object) -> str:
    return json.dumps({"schema": 1, "survey": "week01", "consent": True, "value": GOOD} | changed)


def test_notebooks_are_collected_after_the_close_and_once(asked: Site) -> None:
    who = _students(asked)
    _home(asked, who[0]).write_text(_sheet())
    _home(asked, who[1]).write_text(_sheet(consent=False))
    _home(asked, who[2]).write_text(_sheet(consent="yes"))
    _home(asked, who[3]).write_text(_sheet())
    asking.answer(asked, who[3], NAME, {"belong": "1"}, OPENS)
    for day in (CLOSES, SHOWN):
        with pytest.raises(RefusedError, match="collected from"):
            collecting.collect(asked, NAME, day)
    would = collecting.collect(asked, NAME, COLLECTED, dry_run=True)
    assert _counts(asked) == (1, 1)
    done = collecting.collect(asked, NAME, COLLECTED)
    assert done == would
    assert (done.taken, done.not_shared, done.had_answered, done.unreadable) == (1, 2, 1, 0)
    assert done.nothing_there == 26
    again = collecting.collect(asked, NAME, COLLECTED)
    assert (again.taken, again.had_answered) == (0, 2)
    assert _counts(asked) == (2, 3)


def _link(file: Path) -> None:
    target = file.parent / "elsewhere"
    target.write_text(_sheet())
    file.symlink_to(target)


def _linked_folder(file: Path) -> None:
    real = file.parents[2] / "real"
    file.parent.rename(real)
    (real / file.name).write_text(_sheet())
    file.parent.symlink_to(real)


def _linked_home(file: Path) -> None:
    home = file.parents[2]
    home.rename(home.with_name("other-home"))
    home.symlink_to(home.with_name("other-home"))
    file.write_text(_sheet())


def _two_names(file: Path) -> None:
    other = file.parent / "other"
    other.write_text(_sheet())
    os.link(other, file)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "a link": _link,
    "a link for its folder": _linked_folder,
    "a link for her home": _linked_home,
    "one file with two names": _two_names,
    "a pipe that nobody writes to": os.mkfifo,
    "a folder": lambda file: file.mkdir(),
    "too long": lambda file: file.write_text(_sheet(value={"belong": "4", "x": "x" * 70_000})),
    "endless brackets": lambda file: file.write_text("[" * 60_000),
    "not text": lambda file: file.write_bytes(b"\xff\xfe\x00"),
    "not JSON": lambda file: file.write_text("{"),
    "a list": lambda file: file.write_text("[1]"),
    "another survey": lambda file: file.write_text(_sheet(survey="week08")),
    "another schema": lambda file: file.write_text(_sheet(schema=2)),
    "values in a list": lambda file: file.write_text(_sheet(value=["4"])),
}


def test_what_a_home_holds_instead_is_left_alone(asked: Site) -> None:
    who = _students(asked)
    for name, (_, make) in zip(who, HOSTILE.items(), strict=False):
        make(_home(asked, name))
    done = collecting.collect(asked, NAME, COLLECTED)
    assert (done.taken, done.unreadable) == (0, len(HOSTILE))
    assert _counts(asked) == (0, 0)


def test_the_known_answers_and_their_shares(any_site: Site) -> None:
    fill_years(any_site, reported.REPORTED, 1)
    fill_survey(any_site, "club-2023", 1)
    with reading(any_site) as connection:
        (found,) = results.results(connection, date(2024, 1, 1), 3, date.min, date.max)
        nothing = results.results(connection, date(2023, 11, 1), 3, date.min, date.max)
    assert nothing == []
    shares = {one.id: float(100 * one.share) for one in found.questions}
    assert shares == {
        "recommend": 87.5, "barrier_place": 60, "barrier_not_allowed": 45,
        "barrier_no_support": 5, "technology_hard": 30,
    }  # fmt: skip


def test_no_subtraction_finds_fewer_than_five(site: Site) -> None:
    """Each period that results can be asked for, less each period within it."""
    fill_years(site, reported.REPORTED[:1], 1)
    who, sizes = _students(site), (4, 12, 0, 5, 1, 30, 7)
    days = [CLOSES + timedelta(days=20 * number) for number in range(len(sizes))]
    for number, (size, day) in enumerate(zip(sizes, days, strict=True)):
        name = asking.open_survey(site, PROGRAMME, "before", OPENS, day, dry_run=False)
        for place, username in enumerate(who[:size]):
            # The second question is left empty by all but three of those who answer.
            sheet = {"belong": str(1 + place % 4)} | ({"can-ask": "1"} if place < 3 else {})
            asking.answer(site, username, name, sheet, OPENS)
        with writing(site) as connection:
            renamed = update(surveys).where(surveys.c.name == name).values(name=f"s{number}")
            connection.execute(renamed)
    ends = [OPENS, *days, days[-1] + timedelta(days=1)]
    totals: dict[tuple[date, date], int] = {}
    with reading(site) as connection:
        for first, last in itertools.combinations(ends, 2):
            found = results.results(connection, date(2030, 1, 1), 3, first, last)
            assert all(one.sheets is None or one.sheets >= 5 for one in found)
            assert all(question.answers >= 5 for one in found for question in one.questions)
            assert {q.id for one in found for q in one.questions} <= {"belong"}
            totals[first, last] = sum(one.sheets or 0 for one in found)
    for (first, last), (start, end) in itertools.product(totals, repeat=2):
        if first <= start and end <= last:
            left = totals[first, last] - totals[start, end]
            assert left == 0 or left >= 5


def test_soc_opens_and_shows(asked: Site) -> None:
    options = ["--data", str(asked.root)]
    words = [
        "survey",
        "open",
        PROGRAMME,
        "after",
        "--opens",
        "2022-04-01",
        "--closes",
        "2022-04-30",
    ]
    for extra in (["--dry-run"], []):
        done = CliRunner().invoke(soc, [*words, *extra, *options])
        assert done.exit_code == 0, done.output
    listed = CliRunner().invoke(soc, ["survey", "list", "--json", *options])
    assert [one["moment"] for one in json.loads(listed.output)] == ["before", "after"]
    shown = CliRunner().invoke(soc, ["survey", "results", "--json", *options])
    assert {one["question"] for one in json.loads(shown.output)} == {"fewer than five"}


def test_a_sheet_of_paper_is_typed_in_once_and_only_with_her_agreement(
    asked: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("programme.course.today", lambda _folder: OPENS)
    her = _students(asked)[0]

    def typed(*words: str) -> Result:
        return CliRunner().invoke(
            soc, ["survey", "answer", NAME, her, *words, "--data", str(asked.root)]
        )

    assert "agreement" in str(typed("belong=4").exception)
    assert "belong=9 is no answer" in str(typed("belong=9", "--agrees").exception)
    assert typed("belong=4", "--agrees", "--dry-run").exit_code == 0
    assert _counts(asked) == (0, 0)
    done = typed("belong=4", "can-learn=2", "--agrees")
    assert done.exit_code == 0, repr(done.exception)
    assert her not in done.output
    assert _counts(asked) == (1, 2)
    assert "already" in str(typed("belong=4", "--agrees").exception)


def test_change_over_time_joins_nobody(asked: Site) -> None:
    asking.open_survey(asked, PROGRAMME, "after", OPENS, CLOSES, dry_run=False)
    for place, who in enumerate(_students(asked)[:10]):
        asking.answer(asked, who, NAME, {"can-learn": "3" if place < 4 else "1"}, OPENS)
        asking.answer(
            asked, who, f"{PROGRAMME}-after", {"can-learn": "4" if place < 9 else "2"}, OPENS
        )
    with reading(asked) as connection:
        found = results.results(connection, SHOWN, RULES.counting_days, date.min, date.max)
    (change,) = results.changes(found)
    assert {moment: float(share) for moment, share in change.shares.items()} == {
        "before": 0.4, "after": 0.9,
    }  # fmt: skip
    assert change.points == 50
