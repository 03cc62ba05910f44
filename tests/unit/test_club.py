"""The club edition: what is said of a broken file, what is in the notebooks and in the book."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import polib
import pytest
from click.testing import CliRunner
from PIL import Image

from programme import club_plan
from programme.club_plan import ClubPlan
from programme.site import CHECKOUT
from programme.toml_table import CourseError
from soc.authoring.rules.reading import HIGHEST_GRADE, LONGEST_PARAGRAPH
from soc.authoring.words import BANNED, grade, words
from soc.club import book
from soc.club.build import build_club
from soc.club.guide import read_guide
from soc.club.notebooks import write_source
from soc.club.paper import Paper, Sheet, read_paper, sheet
from soc.club.sources import find_exercises
from soc.errors import SocError
from soc.verbs import club as club_verbs

COURSE = CHECKOUT / "course"
DOTS_PER_INCH = 40
NUMBERS = range(1, 11)


@pytest.fixture(scope="module")
def club() -> ClubPlan:
    return club_plan.read(COURSE)


@pytest.fixture(scope="module")
def sheets(club: ClubPlan) -> dict[str, Sheet]:
    papers = read_paper(COURSE)
    return {
        exercise.name: sheet(exercise, papers.get(exercise.name, Paper()))
        for number in NUMBERS
        for exercise in find_exercises(COURSE, club, number)
    }


@pytest.fixture(scope="module")
def written(club: ClubPlan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of all sessions."""
    target = tmp_path_factory.mktemp("club")
    for number in NUMBERS:
        write_source(COURSE, club, number, target)
    return target


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose course/club is a copy that a test may break."""
    root = tmp_path / "checkout"
    shutil.copytree(COURSE / "club", root / "course" / "club")
    for shared in ("course/source", "course/locale", "nbgrader_config.py"):
        (root / shared).symlink_to(CHECKOUT / shared)
    return root


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def last_session_removed(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.rindex("[[session]]")], encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('  "w03-x1-mat",\n', "", "session[3].exercises names 5"),
        ('"w03-x1-mat",', '"w03-x1-mat", "w03-x2-krama-row",', "session[3].exercises names 7"),
        ('"w03-x1-mat"', '"w03-t1-beads"', "session[3].exercises[1] w03-t1-beads"),
        ('"w03-x1-mat"', '"w02-x1-change"', "session[3].exercises[2] w02-x1-change"),
        ('"w03-x1-mat"', '"w03-p1-range"', "session[3].exercises[2] is 'w03-p1-range'"),
        ("number = 7", "number = 8", "session[7].number must be 7"),
        ("minutes = 120", "minutes = 0", "club.minutes is 0"),
        ("required = 8", "required = 11", "graduation.attendance.required is 11"),
        ("showcase = 20", "showcase = 30", "graduation.weights add up to 110"),
        ('project = "showcase"', 'quiz = "showcase"', "session[10].counts.quiz"),
        ("khmer_reviewed", "khmer_revewed", "club.khmer_reviewed is missing"),
        ("[[session]]\nnumber = 1\n", "[[session]]\nnumbr = 1\nnumber = 1\n", "session[1].numbr"),
        ("[club]", "[club", "can't be read"),
    ],
)
def test_a_broken_club_toml_is_named_by_its_field(
    checkout: Path, before: str, after: str, where: str
) -> None:
    file = checkout / "course" / "club" / "club.toml"
    change(file, before, after)
    with pytest.raises(CourseError) as refused:
        club_plan.read(checkout / "course")
    assert str(file) in str(refused.value)
    assert where in str(refused.value)


def test_a_missing_session_is_missed(checkout: Path) -> None:
    last_session_removed(checkout / "course" / "club" / "club.toml")
    with pytest.raises(CourseError, match=r"session stands 9 times: club\.sessions asks for 10"):
        club_plan.read(checkout / "course")


def test_the_command_says_what_is_wrong_and_writes_nothing(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(checkout / "course" / "club" / "club.toml", "w03-x1-mat", "w03-x9-mat")
    monkeypatch.setattr(club_verbs, "CHECKOUT", checkout)
    out = tmp_path / "out"
    result = CliRunner().invoke(club_verbs.club, ["build", "--out", str(out)])
    assert isinstance(result.exception, SocError)  # `soc` prints it and leaves with 2
    assert "club.toml: session[3].exercises[2] names w03-x9-mat" in str(result.exception)
    assert "w03-x1-mat" in str(result.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout"]


def test_a_build_that_fails_leaves_what_was_there(checkout: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_club(checkout, out, session=3)
    before = _bytes(out)
    change(
        checkout / "course" / "club" / "guides" / "session03.toml", "minutes = 20", "minutes = 9"
    )
    with pytest.raises(CourseError, match=r"step minutes add up to 109: club\.minutes asks"):
        build_club(checkout, out, session=3)
    assert _bytes(out) == before


def test_built_twice_it_is_the_same(tmp_path: Path) -> None:
    first = build_club(CHECKOUT, tmp_path / "one", session=10, language="both")
    again = build_club(CHECKOUT, tmp_path / "one", session=10, language="both")
    build_club(CHECKOUT, tmp_path / "two", session=10, language="both")
    assert {row.state for row in first} == {"written"}
    assert {row.state for row in again} == {"unchanged"}
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")
    assert {row.what for row in first} == {
        "course/locale/km/session10.po",
        "course/release/en/session10",
        "course/release/km/session10",
        "course/source/session10",
        "session10-both.pdf",
    }
    released = (tmp_path / "one/course/release/km/session10/practice.ipynb").read_text()
    assert "ពិព័រណ៍" in released
    assert "BEGIN SOLUTION" not in released
    assert "HIDDEN TESTS" not in released


def test_an_unknown_session_is_named(tmp_path: Path) -> None:
    with pytest.raises(SocError, match="sessions 1 to 10, and none with number 11"):
        build_club(CHECKOUT, tmp_path / "out", session=11)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_session_has_six_exercises_and_all_they_need(written: Path, number: int) -> None:
    folder = written / "source" / f"session{number:02}"
    cells = nbformat.read(folder / "practice.ipynb", as_version=4).cells
    ids = [cell.id for cell in cells]
    assert len(ids) == len(set(ids))
    graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(graded) == 6
    headings = [cell.source[:5] for cell in cells if cell.source.startswith("## ")]
    assert headings[:6] == [f"## {place} " for place in range(1, 7)]
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert code.count("%load_ext widgets") == 1
    messages = tomllib.loads((folder / "messages.toml").read_text(encoding="utf-8"))
    said = set(re.findall(r'\bsay\(\s*"([^"]+)"', code))
    assert said == set(messages)
    assert all(set(texts) == {"en", "km"} for texts in messages.values())
    hints = tomllib.loads((folder / "hints.toml").read_text(encoding="utf-8"))
    assert {cell.id.removesuffix("-test") for cell in graded} == set(hints)
    catalogue = polib.pofile(str(written / "locale" / "km" / f"session{number:02}.po"))
    khmer = {(entry.msgctxt, entry.msgid) for entry in catalogue if entry.msgstr}
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    assert [c.id for c in texts if (f"practice/{c.id}", c.source) not in khmer] == []


def test_only_the_showcase_has_a_project_to_show(written: Path) -> None:
    found = sorted(path.parent.name for path in written.glob("source/*/project.ipynb"))
    assert found == ["session10"]


def test_the_lines_to_cut_out_are_those_of_the_puzzle_in_another_order(
    sheets: dict[str, Sheet],
) -> None:
    puzzles = [one for one in sheets.values() if one.kind == "x"]
    assert len(puzzles) >= 10
    for one in puzzles:
        right = [line.strip() for line in one.solution.splitlines()]
        assert sorted(one.lines) == sorted([*right, *one.stray]), one.name
        assert list(one.lines) != [*right, *one.stray], one.name


def test_what_stands_printed_is_no_answer(sheets: dict[str, Sheet]) -> None:
    for one in sheets.values():
        assert "SOLUTION" not in one.code + one.solution, one.name
        assert "START" not in one.code + one.solution, one.name
        if one.kind in "bfw":
            assert one.code.strip(), one.name
            assert one.code != one.solution, one.name


def test_the_numbers_on_paper_give_what_the_key_says(sheets: dict[str, Sheet]) -> None:
    """Each answer is run with the numbers of its grey field."""
    shown = {name: one for name, one in sheets.items() if one.shows}
    assert len(shown) >= 7
    for name, one in shown.items():
        printed = io.StringIO()
        todays: dict[str, Any] = {}
        for line in one.today:
            exec(line, todays)  # noqa: S102  our own file
        with contextlib.redirect_stdout(printed):
            exec(one.solution, {**_turtle(), **todays})  # noqa: S102
        assert printed.getvalue().splitlines()[-1] == one.shows, name


def test_every_exercise_that_makes_numbers_has_some_on_paper(
    club: ClubPlan, sheets: dict[str, Sheet]
) -> None:
    for number in NUMBERS:
        for exercise in find_exercises(COURSE, club, number):
            made = [c for c in exercise.cells if "-shop-" in c.id]
            assert bool(sheets[exercise.name].today) == bool(made), exercise.name


@pytest.mark.parametrize("language", ["en", "km", "both"])
def test_nothing_in_the_book_runs_out_of_its_page(club: ClubPlan, language: str) -> None:
    """Khmer has no spaces: a line that isn't broken would run into the margin."""
    languages = ("km", "en") if language == "both" else (language,)
    pictures = book.make_pictures(COURSE, club, NUMBERS, languages, DOTS_PER_INCH)
    assert len(pictures) > 60
    inked = [n for n, picture in enumerate(pictures, 1) if not _margins_are_white(picture)]
    assert inked == []


def test_no_mark_of_markdown_is_left_in_the_book(club: ClubPlan) -> None:
    """A bold word that is not closed would show its stars; Khmer needs spaces around them."""

    def texts_in(value: Any) -> Iterator[str]:
        if isinstance(value, dict) and value.get("type") == "text":
            yield value["raw"]
        elif isinstance(value, dict | list | tuple):
            for one in value.values() if isinstance(value, dict) else value:
                yield from texts_in(one)

    found = list(texts_in(book.contents(COURSE, club, NUMBERS, ["km", "en"])))
    assert len(found) > 1000
    assert [text for text in found if "**" in text or "`" in text] == []


def test_a_page_that_is_too_wide_would_be_seen(checkout: Path, club: ClubPlan) -> None:
    """The test above can fail: a name that no line has room for, and nothing breaks."""
    change(checkout / "course" / "club" / "paper.toml", "basket = [", f"{'basket' * 20} = [")
    pictures = book.make_pictures(checkout / "course", club, [7], ["en"], DOTS_PER_INCH)
    assert not all(_margins_are_white(picture) for picture in pictures)


def test_a_guide_that_is_too_long_is_refused(checkout: Path, club: ClubPlan) -> None:
    guide = checkout / "course" / "club" / "guides" / "session05.toml"
    change(guide, 'goal = "', 'goal = "' + "A long way to say what she can do. " * 120)
    with pytest.raises(SocError, match=r"guide of session 5 takes 3 pages.*session05\.toml"):
        book.make_book(checkout / "course", club, [5], ["en"])


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('goal = "', 'gaol = "', "session05.toml: goal is missing"),
        ("minutes = 20\n", "minutes = 200\n", "session05.toml: step[2].minutes is 200"),
        ('["else", "បើមិនដូច្នោះទេ", "what to do in all other cases"]', '["else"]', "words must be"),
        ("helps = ", "help = ", "session05.toml: confusion[1].helps is missing"),
        (
            "ask from the TOP",
            "ask from the TOP " + "x" * 60,
            "letters wide: a page has room for 84",
        ),
    ],
)
def test_a_broken_guide_is_named_by_its_field(
    checkout: Path, club: ClubPlan, before: str, after: str, where: str
) -> None:
    change(checkout / "course" / "club" / "guides" / "session05.toml", before, after)
    with pytest.raises(CourseError, match=re.escape(where)):
        book.make_book(checkout / "course", club, [5], ["en"])


def test_paper_for_an_exercise_of_no_session_is_named(checkout: Path, club: ClubPlan) -> None:
    file = checkout / "course" / "club" / "paper.toml"
    change(file, '["w02-f1-total"]', '["w02-f3-dollars"]')
    with pytest.raises(SocError, match=r"paper\.toml: w02-f3-dollars is in no session"):
        book.make_book(checkout / "course", club, [2], ["en"])


def _margins_are_white(picture: bytes) -> bool:
    page = Image.open(io.BytesIO(picture)).convert("L")
    wide, high = page.size
    margin = int(1.4 / 2.54 * DOTS_PER_INCH)
    sides = (page.crop((0, 0, margin, high)), page.crop((wide - margin, 0, wide, high)))
    return [side.getextrema()[0] for side in sides] == [255, 255]


def _turtle() -> dict[str, Any]:
    """The turtle's words; a turn to the right is printed, for the keys that name one."""
    words = ("forward", "back", "left", "goto", "penup", "pendown", "picture")
    silent = {word: lambda *_: None for word in words}
    return {**silent, "right": lambda degrees: print(f"right({degrees})")}


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_guides_are_easy_to_read_and_kind(club: ClubPlan) -> None:
    for number in NUMBERS:
        guide = read_guide(COURSE, club, number)
        steps = [text for step in guide.steps for text in (step.do, step.say)]
        helps = [text for one in guide.confusions for text in (one.see, one.thinks, one.helps)]
        texts = [guide.goal, guide.before, guide.laptops, guide.close, *guide.no_power, *steps]
        assert grade(" ".join(texts)) <= HIGHEST_GRADE, (number, grade(" ".join(texts)))
        for text in (*texts, *helps):
            own = re.sub(r"\*[^*]+\*", "", text)  # what Python says stands in stars
            assert not BANNED.search(own), (number, text)
            assert len(words(text)) <= LONGEST_PARAGRAPH, (number, len(words(text)), text)


def test_the_club_has_words_in_both_languages() -> None:
    texts = tomllib.loads((COURSE / "club" / "texts.toml").read_text(encoding="utf-8"))
    fields = re.compile(r"\{\w+\}")
    for name, both in texts.items():
        assert sorted(fields.findall(both["en"])) == sorted(fields.findall(both["km"])), name
        assert "\u200b" not in json.dumps(both, ensure_ascii=False), name
