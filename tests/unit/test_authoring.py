"""A teacher's verbs: a week is made, checked, translated, previewed; nothing is written twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import polib
import pytest
from click.testing import CliRunner, Result
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from soc.authoring.rules import RULES
from soc.authoring.week import NOTEBOOKS, Week
from soc.cli import soc
from soc.errors import SocError


def _soc(*words: str) -> Result:
    """The verb's result. Errors of ours are raised, as `main` meets them."""
    return CliRunner().invoke(soc, list(words), catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder in which week 16 was made."""
    folder = tmp_path / "course"
    folder.mkdir()
    _soc("new-week", "week16", 'Sounds "and" rain', "--course", str(folder))
    return folder


def _found(course: Path) -> list[dict[str, Any]]:
    done = _soc("check", "week16", "--json", "--course", str(course))
    rows: list[dict[str, Any]] = json.loads(done.output)
    return rows


def test_a_new_week_says_only_what_is_still_to_write(course: Path) -> None:
    found = _found(course)
    assert {one["rule"] for one in found} == {"still-to-write", "khmer-whole", "id-kept"}
    assert all(one["why"] and one["do"] for one in found)


def test_a_new_week_has_its_own_number_and_title_everywhere(course: Path) -> None:
    texts = {p: p.read_text(encoding="utf-8") for p in course.rglob("*") if p.is_file()}
    assert not [path for path, text in texts.items() if "w00-" in text or "week00" in text]
    assert not [path for path, text in texts.items() if "TITLE" in text or "eek 0" in text]
    lesson = Week(course, "week16").notebooks["lesson"]
    assert lesson.cells[0].source.startswith('# Week 16 · Sounds "and" rain\n')


def test_nbgrader_makes_a_release_of_a_new_week(course: Path, tmp_path: Path) -> None:
    from soc.authoring.released import settings

    config = settings().copy()
    config.CourseDirectory.root = str(tmp_path)
    config.CourseDirectory.source_directory = str(course / "source")
    config.CourseDirectory.release_directory = str(tmp_path / "release")
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    made = api.generate_assignment("week16", create=False)
    assert made["success"], made["log"]
    for notebook in NOTEBOOKS:
        cells = nbformat.read(tmp_path / "release" / "week16" / f"{notebook}.ipynb", as_version=4)
        assert "### BEGIN" not in "\n".join(cell.source for cell in cells.cells)


def test_a_week_is_made_once(course: Path) -> None:
    before = {p: p.read_bytes() for p in course.rglob("*") if p.is_file()}
    with pytest.raises(SocError, match=r"week16 is there already .* Nothing was changed"):
        _soc("new-week", "week16", "Sounds", "--course", str(course))
    assert {p: p.read_bytes() for p in course.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("name", ["week1", "Week16", "../week16", "week00", "sounds"])
def test_a_name_that_is_no_weeks_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SocError, match="week01 to week99"):
        _soc("new-week", name, "Sounds", "--course", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_check_explains_where_why_and_what_to_do_and_leaves_with_one(course: Path) -> None:
    done = _soc("check", "week16", "--course", str(course))
    assert done.return_value == 1
    assert "still-to-write" in done.output
    assert "Why: A pencil marks a place" in done.output
    assert "Do:  Write your own words there" in done.output
    assert "• source/week16/lesson.ipynb, cell 1 [w16-lesson-title]: " in done.output
    assert "more: --all shows them" in done.output
    assert "more: --all" not in _soc("check", "week16", "--all", "--course", str(course)).output


def test_ids_are_published_when_nothing_else_is_open(course: Path) -> None:
    with pytest.raises(SocError, match="none was"):
        _soc("check", "week16", "--keep-ids", "--course", str(course))
    assert not (course / "ids").exists()
    _write_everything(course)
    assert [one["rule"] for one in _found(course)] == ["id-kept"]
    done = _soc("check", "week16", "--keep-ids", "--course", str(course))
    assert done.return_value == 0
    assert _found(course) == []


def test_a_lost_id_is_not_published_over(course: Path) -> None:
    _write_everything(course)
    _soc("check", "week16", "--keep-ids", "--course", str(course))
    path = course / "source" / "week16" / "lesson.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"w16-lesson-run-1"', '"w16-lesson-run-one"'), encoding="utf-8")
    with pytest.raises(SocError, match="w16-lesson-run-1"):
        _soc("check", "week16", "--keep-ids", "--course", str(course))


def test_a_changed_text_keeps_its_khmer_to_be_looked_at(course: Path) -> None:
    _write_everything(course)
    path = course / "source" / "week16" / "lesson.ipynb"
    cells = nbformat.read(path, as_version=4)
    cells.cells[0].source += "\n\nOne more line."
    nbformat.write(cells, path)
    rows = json.loads(_soc("khmer", "week16", "--json", "--course", str(course)).output)
    assert (rows[0]["changed"], rows[0]["new"], rows[0]["gone"]) == (1, 0, 0)
    (entry,) = (e for e in _catalogue(course) if e.msgctxt == "lesson/w16-lesson-title")
    assert entry.fuzzy
    assert entry.msgstr.startswith("ខ្មែរ")
    assert "khmer-whole" in {one["rule"] for one in _found(course)}
    rows = json.loads(_soc("khmer", "week16", "--json", "--course", str(course)).output)
    assert rows[0]["changed"] == 0


def test_the_views_are_files_of_their_own(course: Path, tmp_path: Path) -> None:
    to = tmp_path / "seen"
    done = _soc("preview", "week16", "--to", str(to), "--course", str(course))
    assert str(to / "index.html") in done.output
    student = (to / "student-practice.html").read_text(encoding="utf-8")
    instructor = (to / "instructor-practice.html").read_text(encoding="utf-8")
    assert "3 * mango" in instructor.replace("</span>", "").replace('<span class="o">', "").replace(
        '<span class="mi">', ""
    ).replace('<span class="n">', "").replace('<span class="w">', "")
    assert "BEGIN HIDDEN TESTS" in instructor
    assert "HIDDEN" not in student
    for page in to.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert 'name="viewport"' in text
        assert "<script" not in text
        assert "http://" not in text.replace("http://www.w3.org", "")
        assert "data:font/woff2" in text


def test_one_view_can_be_asked_for(course: Path, tmp_path: Path) -> None:
    to = tmp_path / "seen"
    _soc("preview", "week16", "--as", "student", "--to", str(to), "--course", str(course))
    names = {page.name for page in to.iterdir()}
    assert names == {"index.html", *(f"student-{name}.html" for name in NOTEBOOKS)}


def test_the_list_of_rules_is_in_the_teachers_page() -> None:
    page = Path(__file__).parents[2] / "docs" / "teachers.md"
    text = page.read_text(encoding="utf-8")
    assert [rule.name for rule in RULES if f"`{rule.name}`" not in text] == []


def _catalogue(course: Path) -> polib.POFile:
    return polib.pofile(str(course / "locale" / "km" / "week16.po"))


def _write_everything(course: Path) -> None:
    """Take all pencils away, and put some Khmer into every text."""
    for path in course.rglob("*"):
        if path.suffix in (".ipynb", ".toml", ".md"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("✎ ", "").replace("✎", "it"), encoding="utf-8")
    _soc("khmer", "week16", "--course", str(course))
    catalogue = _catalogue(course)
    for entry in catalogue:
        entry.msgstr = "ខ្មែរ\n\n" + entry.msgid
        entry.flags = []
    catalogue.save()
