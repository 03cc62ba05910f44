"""Paper results of a club: from a spreadsheet to marks, attendance and the decision."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from programme import attendance, club_plan, course, decisions, progress, roster
from programme.export import write_csv
from programme.people import Person
from programme.record import Progress
from programme.site import CHECKOUT, Site
from programme.spreadsheet import BadRowsError, Row
from soc.club.gradebook import Marks
from soc.club.results import Against, Taken, blank_sheet, import_results, read_lines
from soc.cohorts import ensure_cohort, ensure_site
from soc.course_folder import load_config, nbgrader_api
from soc.errors import SocError
from soc.release import release
from soc.verbs import club as club_verbs

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # nbgrader leaves connections open
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:nbgrader"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning:nbgrader"),
]
CLUB = "club-kampot"
GIRLS = (Person("maly", "Keo Maly"), Person("sokha", "Chan Sokha", "ចាន់ សុខា"))
FIRST_DAY = date(2026, 8, 3)
AFTER_ALL = datetime(2026, 11, 1, tzinfo=UTC)
HEADER = "username,session,present,1,2,3,4,5,6,project"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a club of two girls. Copied for each test: making one takes seconds."""
    root = tmp_path_factory.mktemp("template") / "data"
    site = ensure_site(root)
    ensure_cohort(site, CLUB, FIRST_DAY, kind="club", mode="in_person")
    roster.enrol(site, GIRLS, CLUB, on=FIRST_DAY)
    return root


@pytest.fixture
def site(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shutil.copytree(template, tmp_path / "data", symlinks=True)
    return Site.open(tmp_path / "data")


def take(site: Site, file: Path, *, dry_run: bool = False) -> list[Taken]:
    return import_results(site, site.cohort(CLUB), file, by="leader", at=AFTER_ALL, dry_run=dry_run)


def written(folder: Path, *lines: str, name: str = "results.csv") -> Path:
    file = folder / name
    file.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
    return file


def of(site: Site, username: str) -> Progress:
    return next(one for one in progress.read(site, CLUB) if one.person.username == username)


def marks(site: Site, username: str, session: int = 3) -> list[float | None]:
    """Her marks in a session, exercise by exercise."""
    cohort = site.cohort(CLUB)
    with Gradebook(cohort.gradebook_url, CLUB) as gradebook:
        submission = gradebook.find_submission(f"session{session:02}", username)
        found = next(one for one in submission.notebooks if one.name == "practice")
        given = {
            grade.name.removesuffix("-test"): grade.auto_score
            if grade.manual_score is None
            else grade.manual_score
            for grade in found.grades
        }
    return [given[name] for name in club_plan.read(site.course).exercises[session]]


def everything(site: Site) -> list[object]:
    """What is written anywhere about the club."""
    cohort = site.cohort(CLUB)
    with Gradebook(cohort.gradebook_url, CLUB) as gradebook:
        names = sorted(assignment.name for assignment in gradebook.assignments)
    sheets = [attendance.read_sheet(site, CLUB, number) for number in range(1, 11)]
    return [names, [one.works for one in progress.read(site, CLUB)], sheets]


def test_a_file_as_people_have_it(site: Site, tmp_path: Path) -> None:
    """A byte order mark, semicolons, Khmer digits, a decimal comma, capitals."""
    file = tmp_path / "លទ្ធផល.csv"
    file.write_text(
        "\ufeffUsername;Session;Name (Khmer);Present;1;2;3;4;5;6\r\n"
        "Sokha;៣;ចាន់ សុខា;1;២;2;1,5;;0;៣\r\n",
        encoding="utf-8",
    )
    assert take(site, file) == [Taken("session03", 1, attendance=1, marks=4)]
    assert marks(site, "sokha") == [2, 2, 1.5, 0, 0, 3]
    line = next(
        one for one in attendance.read_sheet(site, CLUB, 3).lines if one.person.username == "sokha"
    )
    assert (line.mark, line.source, line.marked_by) == ("present", "paper", "leader")


def test_an_xlsx_says_the_same(site: Site, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(["sokha", 3, "✓", 2, 2, 1.5, None, 0, 3, None])
    book.save(tmp_path / "results.xlsx")
    assert take(site, tmp_path / "results.xlsx") == [Taken("session03", 1, attendance=1, marks=4)]
    assert marks(site, "sokha") == [2, 2, 1.5, 0, 0, 3]


def test_twice_the_same_is_the_same(site: Site, tmp_path: Path) -> None:
    file = written(tmp_path, "sokha,3,1,2,2,,,,,", "maly,3,0,,,,,,,", "sokha,10,1,,,,,,,yes")
    take(site, file)
    before = everything(site)
    assert [(row.attendance, row.marks) for row in take(site, file)] == [(0, 0), (0, 0)]
    assert everything(site) == before


def test_a_corrected_mark_takes_the_place_of_the_first(site: Site, tmp_path: Path) -> None:
    take(site, written(tmp_path, "sokha,3,1,2,2,2,,,,"))
    take(site, written(tmp_path, "sokha,3,1,1,0,,,,,"))
    assert marks(site, "sokha") == [1, 0, 2, 0, 0, 0]


def test_every_bad_row_is_named_and_nothing_is_taken_over(site: Site, tmp_path: Path) -> None:
    before = everything(site)
    file = written(
        tmp_path,
        "sokha,3,1,2,2,2,2,2,3,",  # good: it must not be taken over either
        "nobody,3,1,,,,,,,",
        "maly,12,1,,,,,,,",
        "maly,4,here?,3,x,-1,,,,",
        "maly,5,,,,,,,,yes",
        "maly,10,,,,,,,,perhaps",
        "sokha,3,1,,,,,,,",
    )
    with pytest.raises(BadRowsError) as refused:
        take(site, file)
    said = [str(row) for row in refused.value.bad_rows]
    assert [line.partition(":")[0] for line in said] == [
        "row 3", "row 4", "row 5", "row 5", "row 5", "row 5", "row 6", "row 7", "row 8",
    ]  # fmt: skip
    assert "'nobody' is not enrolled" in said[0]
    assert "session '12': give a number from 1 to 10" in said[1]
    assert "exercise 1: '3' is not from 0 to 2" in said[3]
    assert "a project is shown in session 10" in said[6]
    assert "stands in row 2 too" in said[8]
    assert everything(site) == before


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("username,1,2", "column 'session' is missing"),
        ("username,session,7", "column '7' is not known"),
        ("username,session,1,1", "column '1' is there twice"),
    ],
)
def test_a_header_that_is_not_right(site: Site, tmp_path: Path, header: str, problem: str) -> None:
    file = tmp_path / "results.csv"
    file.write_text(f"{header}\nsokha,3,1\n", encoding="utf-8")
    with pytest.raises(BadRowsError, match=problem):
        take(site, file)


def test_a_session_that_is_still_to_come_is_not_marked(site: Site, tmp_path: Path) -> None:
    before = everything(site)
    file = written(tmp_path, "sokha,1,1,2,,,,,,", "sokha,9,1,,,,,,,")
    with pytest.raises(BadRowsError, match=r"Session 9 of club-kampot is on 2026-09-28"):
        import_results(
            site,
            site.cohort(CLUB),
            file,
            by="leader",
            at=datetime(2026, 8, 20, tzinfo=UTC),
        )
    assert everything(site) == before


def test_when_the_marks_can_not_be_kept_the_attendance_is_not_either(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Marks) -> None:
        raise OSError("no space left on device")

    before = everything(site)
    monkeypatch.setattr(Marks, "commit", full)
    with pytest.raises(OSError, match="no space"):
        take(site, written(tmp_path, "sokha,3,1,2,2,2,2,2,3,"))
    assert everything(site) == before


def test_a_dry_run_says_what_would_change_and_changes_nothing(site: Site, tmp_path: Path) -> None:
    before = everything(site)
    file = written(tmp_path, "sokha,3,1,2,2,,,,,")
    assert take(site, file, dry_run=True) == [Taken("session03", 1, attendance=1, marks=2)]
    assert everything(site) == before


def test_the_higher_of_paper_and_laptop_counts(site: Site, tmp_path: Path) -> None:
    cohort = site.cohort(CLUB)
    release(site, cohort, "session03")
    with Gradebook(cohort.gradebook_url, CLUB) as gradebook:
        gradebook.update_or_create_student("sokha")
        submission = gradebook.update_or_create_submission("session03", "sokha")
        for grade in submission.notebooks[0].grades:
            grade.auto_score, grade.needs_manual_grade = 1, False
        gradebook.db.commit()
    take(site, written(tmp_path, "sokha,3,1,2,0,,,,,"))
    assert marks(site, "sokha") == [2, 1, 1, 1, 1, 1]


def test_what_is_not_on_paper_is_0_and_waits_for_nobody(site: Site, tmp_path: Path) -> None:
    take(site, written(tmp_path, "sokha,3,1,2,,,,,,"))
    work = next(one for one in of(site, "sokha").works if one.assignment == "session03")
    assert (work.state, work.score, work.max_score) == ("graded", 2, 13)
    others = next(one for one in of(site, "maly").works if one.assignment == "session03")
    assert others.state == "not_submitted"


def test_eight_sessions_and_a_project_shown_pass(site: Site, tmp_path: Path) -> None:
    """sokha: 8 sessions, few points, project shown. maly: all points, no project."""
    lines = [f"sokha,{n},{int(n > 2)},1,,,,,,{'yes' if n == 10 else ''}" for n in range(1, 11)]
    lines += [f"maly,{n},1,2,2,2,2,2,2," for n in range(1, 11)]
    take(site, written(tmp_path, *lines))
    changes = decisions.decide_all(site, CLUB, author="staff", today=date(2026, 10, 20))
    found = {change.username: change.after for change in changes}
    assert found["sokha"].outcome == "graduated"
    assert found["maly"].outcome == "on_the_way"
    assert found["sokha"].policy_version.startswith("club-")
    said = {name: [why.id for why in decision.reasons] for name, decision in found.items()}
    assert said["sokha"] == ["attendance.met", "must_pass.met"]
    assert said["maly"] == ["attendance.met", "must_pass.make_up"]
    assert found["sokha"].honours is False


def test_a_sheet_that_comes_back_empty_changes_nothing(site: Site, tmp_path: Path) -> None:
    table = blank_sheet(site, site.cohort(CLUB), 3)
    write_csv(table, tmp_path / "sheet.csv")
    assert [row[0] for row in table.make_rows()] == ["maly", "sokha"]
    assert take(site, tmp_path / "sheet.csv") == [Taken("session03", 2)]
    assert [one.mark for one in attendance.read_sheet(site, CLUB, 3).lines] == [None, None]
    with pytest.raises(SocError, match="sessions 1 to 10, no 11"):
        blank_sheet(site, site.cohort(CLUB), 11)


def test_an_ambassador_cohort_has_no_paper_results(site: Site, tmp_path: Path) -> None:
    cohort = replace(site.cohort(CLUB), kind="ambassador")
    with pytest.raises(SocError, match="club-kampot is no club"):
        import_results(site, cohort, tmp_path / "none.csv", by="leader", at=AFTER_ALL)


def test_a_club_is_released_its_sessions_and_no_weeks(site: Site) -> None:
    cohort = site.cohort(CLUB)
    row = release(site, cohort, "session10")
    assert (row.state, row.points) == ("new", 13)
    assert release(site, cohort, "session10").state == "unchanged"
    assert sorted(path.name for path in (cohort.outbound / "session10").glob("*.ipynb")) == [
        "practice.ipynb",
        "project.ipynb",
    ]
    with pytest.raises(SocError, match="A club has no 'week03'"):
        release(site, cohort, "week03")
    assert nbgrader_api(load_config(cohort)).get_source_assignments() == {"session10"}


def test_a_club_has_ten_sessions_a_week_apart(site: Site) -> None:
    held = attendance.read_sessions(site, CLUB)
    assert len(held) == 10
    assert (held[-1].held_on - held[0].held_on).days == 63
    assert len(course.read(CHECKOUT / "course").weeks) == 15


CELLS = st.sampled_from(["sokha", "maly", "3", "10", "1", "1,5", "e", "yes", "-", "", "٣", "²"])


@settings(deadline=None)
@given(st.lists(st.lists(CELLS | st.text(max_size=3), max_size=11), max_size=6))
def test_no_table_breaks_the_reading(table: list[list[str]]) -> None:
    """What is not named as bad is of girls who are here, at sessions that are, within points."""
    plan = club_plan.read(CHECKOUT / "course")
    against = Against(
        plan, {girl.username: girl for girl in GIRLS}, dict.fromkeys(range(1, 11), [2] * 6)
    )
    rows = [
        Row(number, tuple(cells)) for number, cells in enumerate([HEADER.split(","), *table], 1)
    ]
    lines, bad = read_lines(rows, against)
    assert {row.number for row in bad} | {line.row for line in lines} == set(
        range(2, len(rows) + 1)
    )
    for line in lines:
        assert line.username in against.people
        assert line.session in against.most
        assert all(0 <= points <= 2 for points in line.points.values())


def test_on_postgresql_too(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    urls = postgres_url.replace("/test_", "/{cohort}_test_")
    site = ensure_site(tmp_path / "data", database=urls)
    ensure_cohort(site, CLUB, FIRST_DAY, kind="club")
    roster.enrol(site, GIRLS, CLUB, on=FIRST_DAY)
    file = written(tmp_path, "sokha,3,1,2,1,,,,,", "maly,3,e,,,,,,,")
    assert take(site, file) == [Taken("session03", 2, attendance=2, marks=2)]
    assert take(site, file) == [Taken("session03", 2)]
    assert marks(site, "sokha") == [2, 1, 0, 0, 0, 0]
    with pytest.raises(BadRowsError):
        take(site, written(tmp_path, "sokha,4,1,2,,,,,,", "nobody,4,1,,,,,,,"))
    assert attendance.read_sheet(site, CLUB, 4).lines[1].mark is None


def test_the_commands(site: Site, tmp_path: Path) -> None:
    place = ["--data", str(site.root)]
    run = CliRunner().invoke
    sheet = run(
        club_verbs.club, ["sheet", CLUB, str(tmp_path / "a.xlsx"), "--session", "3", *place]
    )
    assert sheet.exit_code == 0, sheet.output
    taken = run(club_verbs.club, ["results", CLUB, str(tmp_path / "a.xlsx"), "--json", *place])
    assert taken.exit_code == 0, taken.output
    assert '"session": "session03"' in taken.output
