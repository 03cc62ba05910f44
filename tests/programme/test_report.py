"""The funder's report shows the programme's own figures of 2022-23, and works for any period."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from sqlalchemy import select

from programme import decisions, reported, roster
from programme.fictional_years import fill_survey, fill_years
from programme.people import Person, province_names
from programme.report import Period, ReportError, document, drawing, figures, render
from programme.report.figures import Figures, band
from programme.schema import people
from programme.site import Site
from programme.store import reading
from soc.cli import soc
from tests.programme.sites import make_site

BOTH = Period(date(2022, 1, 1), date(2023, 12, 31))
MAP_OF_NAMES = {
    "Phnom Penh": "12", "Banteay Meanchey": "01", "Battambang": "02", "Kandal": "08",
    "Preah Vihear": "13", "Sihanoukville": "18", "Koh Kong": "09", "Takeo": "21",
    "Siem Reap": "17", "Kampong Chhnang": "04", "Kampong Thom": "06", "Kampong Cham": "03",
    "Pursat": "15", "Svay Rieng": "20",
}  # fmt: skip
AMBASSADORS_FROM = (
    "Phnom Penh", "Banteay Meanchey", "Battambang", "Kandal", "Preah Vihear", "Sihanoukville",
    "Koh Kong", "Takeo", "Siem Reap",
)  # fmt: skip
MEMBERS_FROM = (
    "Siem Reap", "Phnom Penh", "Kampong Chhnang", "Kampong Thom", "Kandal", "Banteay Meanchey",
    "Kampong Cham", "Takeo", "Battambang", "Pursat", "Svay Rieng",
)  # fmt: skip


@pytest.fixture(scope="module")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = make_site(tmp_path_factory.mktemp("report") / "data")
    fill_years(site, reported.REPORTED, 1)
    fill_survey(site, "club-2023", 1)
    return site.root


@pytest.fixture
def years(_filled: Path, tmp_path: Path) -> Site:
    """A copy of the years 2022 and 2023."""
    return Site.open(shutil.copytree(_filled, tmp_path / "years"))


@pytest.fixture(scope="module")
def counted(_filled: Path) -> Figures:
    return figures.read(Site.open(_filled), BOTH)


def _numbers(found: Figures, kind: figures.Kind, year: int | None = None) -> tuple[int, ...]:
    total = found.total(kind, year)
    return total.applied, total.accepted, total.enrolled, total.graduated


def test_the_report_says_exactly_what_the_programme_reported(any_site: Site) -> None:
    """The table of the programme's report of 2022-23, figure by figure, on both databases."""
    fill_years(any_site, reported.REPORTED, 7)
    fill_survey(any_site, "club-2023", 7)
    found = figures.read(any_site, BOTH)
    assert _numbers(found, "ambassador") == (175, 60, 60, 49)
    assert [one.enrolled for one in found.cohorts if one.kind == "ambassador"] == [30, 30]
    assert found.groups[("ambassador", "online")] == found.groups[("ambassador", "in_person")] == 2
    assert _numbers(found, "club", 2022)[:2] == (133, 75)
    assert _numbers(found, "club", 2023)[:2] == (181, 105)
    assert _numbers(found, "club") == (314, 180, 180, 110)
    assert _clubs(found, 2022, "in_person") == {"Battambang", "Kampong Thom"}
    assert _clubs(found, 2022, "online") == {"Kandal", "Siem Reap", "Sihanoukville"}
    assert len(_clubs(found, 2023, "in_person")) == 3
    assert len(_clubs(found, 2023, "online")) == 4
    assert len(found.reached()) == 16
    assert found.with_any("ambassador") == sorted(MAP_OF_NAMES[name] for name in AMBASSADORS_FROM)
    assert found.with_any("club") == sorted(MAP_OF_NAMES[name] for name in MEMBERS_FROM)
    (survey,) = found.surveys
    assert {one.id: float(100 * one.share) for one in survey.questions} == {
        "recommend": 87.5, "barrier_place": 60, "barrier_not_allowed": 45,
        "barrier_no_support": 5, "technology_hard": 30,
    }  # fmt: skip


def _clubs(found: Figures, year: int, mode: str) -> set[str]:
    names = {code: name for name, code in MAP_OF_NAMES.items()}
    return {names[one.province or ""] for one in found.clubs(year) if one.mode == mode}


def test_two_periods_that_follow_one_another_lose_nobody(years: Site) -> None:
    first = figures.read(years, Period(date(2022, 1, 1), date(2022, 12, 31)))
    second = figures.read(years, Period(date(2023, 1, 1), date(2023, 12, 31)))
    for kind in figures.KINDS:
        sums = zip(_numbers(first, kind), _numbers(second, kind), strict=True)
        assert tuple(map(sum, sums)) == _numbers(figures.read(years, BOTH), kind)
    assert [one.name for one in first.surveys] == []
    assert [one.name for one in second.surveys] == ["club-2023-after"]


def test_a_period_with_nothing_in_it_is_a_report_too(years: Site, tmp_path: Path) -> None:
    found = figures.read(years, Period(date(1999, 1, 1), date(1999, 12, 31)))
    assert found.programmes == found.cohorts == []
    assert not found.fictional
    assert len(render.write_all(found, "km", tmp_path / "empty")) == 3
    with pytest.raises(ReportError, match="before it begins"):
        Period(date(2023, 1, 2), date(2023, 1, 1))


def test_a_cohort_of_no_programme_counts_by_itself(years: Site) -> None:
    roster.add_cohort(years, "ambassador-2025", date(2025, 3, 3))
    new = [Person(f"girl-{n}", "A Girl", "", 2008, "10") for n in range(3)]
    roster.enrol(years, new, "ambassador-2025", on=date(2025, 3, 3))
    decisions.override(years, "ambassador-2025", "girl-1", "graduated", "Taught.", "office")
    found = figures.read(years, Period(date(2025, 1, 1), date(2025, 12, 31)))
    assert _numbers(found, "ambassador") == (0, 0, 3, 1)
    assert found.reached() == ["10"]
    assert _numbers(figures.read(years, BOTH), "ambassador") == (175, 60, 60, 49)


def test_a_decision_that_changes_changes_the_report(years: Site) -> None:
    standing = decisions.standing(years, "ambassador-2022")
    graduate = next(name for name, held in standing.items() if held.outcome == "graduated")
    decisions.override(years, "ambassador-2022", graduate, "withdrawn", "She left.", "office")
    assert _numbers(figures.read(years, BOTH), "ambassador")[3] == 48
    decisions.lift(years, "ambassador-2022", graduate, "A mistake.", "office")
    assert _numbers(figures.read(years, BOTH), "ambassador")[3] == 49


@pytest.mark.parametrize("language", ["en", "km"])
def test_no_person_is_in_a_report(counted: Figures, years: Site, language: str) -> None:
    with reading(years) as connection:
        names = connection.execute(select(people.c.username, people.c.name_km)).all()
    made = document.write(counted, language)
    cells = [cell for part in made.sections for row in part.rows for cell in row]
    tables = [
        str(cell)
        for table in render.tables(counted, language)
        for row in table.make_rows()
        for cell in row
    ]
    text = "\n".join([render.as_html(made), *cells, *tables])
    assert not [name for pair in names for name in pair if name in text]


def test_made_up_splits_say_so(counted: Figures) -> None:
    made = document.write(counted, "en")
    assert "fictional" in made.warning
    rows = {row[0]: row[1:] for row in made.sections[0].rows}
    assert rows["Ambassadors 2022"][0] == "80 †"
    assert rows["Ambassadors 2022"][1] == "30"
    assert rows["Ambassadors, all"] == ("175", "60", "60", "49", "82 %")
    assert rows["Club members 2022"][:2] == ("133", "75")
    assert rows["Club members 2022"][3] == "46 †"
    assert rows["Club members, all"] == ("314", "180", "180", "110", "61 %")
    real = document.write(Figures(BOTH, date(2026, 1, 1), counted.programmes, []), "en")
    assert "†" not in repr(real)
    assert real.warning == ""


def test_every_figure_has_its_definition_beside_it(counted: Figures) -> None:
    for part in document.write(counted, "en").sections[:3]:
        meant = {name for name, _ in part.definitions}
        assert meant
        if part.title == "From application to graduation":
            assert meant == set(part.header) - {"Programme"}


def test_the_page_of_its_own_needs_no_other_file(counted: Figures) -> None:
    page = BeautifulSoup(render.as_html(document.write(counted, "km")), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "km"
    assert not page.find_all(["script", "link", "img", "iframe"])
    assert len(page.find_all("svg")) == 3
    tiles = [text.get_text() for text in page.find_all("svg")[1].find_all("text")]
    names = {name_km for _, name_km in province_names().values()}
    assert len(names & {"".join(tiles[n : n + 1]) for n in range(len(tiles))}) >= 20


def test_the_map_has_each_province_once() -> None:
    assert set(drawing.TILES) == set(province_names())
    assert len(set(drawing.TILES.values())) == 25


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (1, "1–4"), (4, "1–4"), (5, "5–9"), (19, "10–19"), (199, "50–199"), (9000, "200+")],
)
def test_numbers_by_province_are_ranges(count: int, text: str) -> None:
    assert band(count) == text
    assert text in document.BANDS


def test_the_workbook_has_the_same_sums(counted: Figures, tmp_path: Path) -> None:
    _, pdf, xlsx = render.write_all(counted, "en", tmp_path)
    book = openpyxl.load_workbook(xlsx, read_only=True)
    assert book.sheetnames == ["programmes", "cohorts", "provinces", "answers", "definitions"]
    rows = list(book["programmes"].iter_rows(min_row=2, values_only=True))
    assert sum(int(str(row[3])) for row in rows if row[1] == "ambassador") == 175
    assert sum(int(str(row[7])) for row in rows if row[1] == "club") == 110
    assert len(list(book["cohorts"].iter_rows(min_row=2))) == 14
    provinces = list(book["provinces"].iter_rows(min_row=2, values_only=True))
    assert len(provinces) == 16
    assert {str(cell) for row in provinces for cell in row[3:6]} <= set(document.BANDS)
    book.close()
    assert pdf.read_bytes().startswith(b"%PDF")
    assert render.as_pdf(document.write(counted, "en"), counted) == pdf.read_bytes()


def test_soc_writes_it_and_prints_it(years: Site, tmp_path: Path) -> None:
    words = ["report", "--from", "2022-01-01", "--to", "2023-12-31", "--data", str(years.root)]
    done = CliRunner().invoke(soc, [*words, "--language", "km", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert {file.suffix for file in (tmp_path / "out").iterdir()} == {".html", ".pdf", ".xlsx"}
    printed = CliRunner().invoke(soc, [*words, "--json"])
    assert '"applied": 181' in printed.output
