"""Does every week keep every rule, and can every rule find what it is for?"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from soc.authoring.check import check, unreadable
from soc.authoring.findings import Rule
from soc.authoring.rules import RULES
from soc.authoring.week import Week
from tests.course.weeks import COURSE, week, weeks

Break = Callable[[Path], None]  # changes one thing in a copy of the course


@pytest.mark.parametrize("name", weeks())
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_week_keeps_the_rule(rule: Rule, name: str) -> None:
    assert rule.findings(week(name)) == []


def _cell(notebook: str, start: str, change: Callable[[nbformat.NotebookNode], None]) -> Break:
    """Change the first cell whose id begins so."""

    def apply(course: Path) -> None:
        path = course / "source" / "week02" / f"{notebook}.ipynb"
        cells = nbformat.read(path, as_version=4)
        change(next(cell for cell in cells.cells if cell["id"].startswith(start)))
        nbformat.write(cells, path)

    return apply


def _text(notebook: str, start: str, text: str) -> Break:
    """Put a text in front of the cell's own."""
    return _cell(notebook, start, lambda cell: cell.update(source=f"{text}\n\n{cell.source}"))


def _file(place: str, old: str, new: str, *, count: int = -1) -> Break:
    """Put `new` for `old` in a file; "*" is the whole file."""

    def apply(course: Path) -> None:
        path = course / place
        before = path.read_text(encoding="utf-8")
        after = new if old == "*" else before.replace(old, new, count)
        assert after != before, "the text to replace is not there"
        path.write_text(after, encoding="utf-8")

    return apply


def _new(place: str) -> Break:
    """A file more."""
    return lambda course: (course / place).touch()


def _printed(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", text=text)


LONG = "A very long word is a thing that has many, many letters, and more words come, " * 5
HARD = "Consequently, international organisations continually reconsider administrative terminology"
BROKEN: dict[str, Break] = {
    "still-to-write": _text("lesson", "w02-lesson-title", "✎ Say what she will make."),
    "reading-level": _text("lesson", "w02-lesson-title", (HARD + " ") * 40),
    "hard-text": _text("lesson", "w02-lesson-title", HARD + " " + HARD + " " + HARD),
    "long-paragraph": _text("lesson", "w02-lesson-title", LONG),
    "kind-words": _text("lesson", "w02-lesson-title", "Simply run it."),
    "glossary": _file("source/week02/lesson.ipynb", "| English | Khmer |", "| Word | Khmer |"),
    "picture-words": _text("lesson", "w02-lesson-title", "![](data/cups.png)"),
    "offline": _text("lesson", "w02-lesson-title", "Look at https://example.org for more."),
    "links": _text("lesson", "w02-lesson-title", "Read [this](data/nowhere.txt)."),
    "one-machine": _cell(
        "lesson",
        "w02-lesson-predict",
        lambda cell: cell.update(outputs=[_printed("/usr/lib/site-packages/it.py")]),
    ),
    "replies": _file("source/week02/lesson.ipynb", "replies=", "answers="),
    "recall": _file("source/week02/recall.toml", "week = 1", "week = 9", count=1),
    "points": _cell(
        "practice",
        "w02-f1-total-test",
        lambda cell: cell.metadata["nbgrader"].update(points=0),
    ),
    "assertions-enough": _cell(
        "practice",
        "w02-f1-total-test",
        lambda cell: cell.update(source=cell.source.replace("assert ", "None  # ")),
    ),
    "attempts": _file("mistakes/week02/practice.toml", "[[right]]", "[[other]]"),
    "hints": _file("source/week02/hints.toml", "Ask a sister", "Ask nobody"),
    "messages-used": _file("source/week02/messages.toml", '["total.empty"]', '["total.none"]'),
    "message-parts": _file("source/week02/messages.toml", "{got}", "{gotten}"),
    "message-length": _file(
        "source/week02/messages.toml", 'en = {what = "', 'en = {what = "' + LONG, count=1
    ),
    "finished-first": _file("source/week02/project.ipynb", "```", "--"),
    "three-ways": _file("source/week02/project.ipynb", "3. **The notes.**", "**The notes.**"),
    "rubric": _file("source/week02/project.ipynb", "*Example: only", "*It is only", count=1),
    "made-samples": _file("guides/week02/guide.md", "**good** · checks", "**fair** · checks"),
    "guide-sections": _file("guides/week02/guide.md", "## Sources", "## More"),
    "minutes": _file("guides/week02/leadership.md", "minutes)", "points)"),
    "answer-key": _file("guides/week02/guide.md", "**w02-f1-total**", "**w02-f9-total**"),
    "letter": _file("guides/week02/letter.md", "[first name]", "Sreymom"),
    "khmer-spelling": _text("lesson", "w02-lesson-title", "ក\u200bក"),
    "khmer-whole": _text("lesson", "w02-lesson-title", "One more line."),
    "khmer-code": _file("locale/km/week02.po", "`print", "`say", count=1),
    "khmer-reviewed": _file("locale/km/week02.po", "native reader", "reader"),
    "id-names": _file("source/week02/lesson.ipynb", '"w02-lesson-title"', '"w03-lesson-title"'),
    "id-unique": _file("source/week02/lesson.ipynb", '"w02-lesson-title"', '"w03-lesson-title"'),
    "id-kept": _file("source/week02/lesson.ipynb", '"w02-lesson-title"', '"w02-lesson-head"'),
    "releasable": _file("source/week02/practice.ipynb", '"name": "python3"', '"name": "xeus"'),
    "leaks": _cell(
        "practice",
        "w02-f1-total",
        lambda cell: cell.update(source=f"{cell.source}\ntotal = fish + rice"),
    ),
    "files-beside": _new("source/week02/answers.json"),
}


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of weeks 2 and 3, with what belongs to week 2."""
    course = tmp_path_factory.mktemp("pattern") / "course"
    for name in ("source", "guides", "mistakes"):
        shutil.copytree(COURSE / name / "week02", course / name / "week02")
    shutil.copytree(COURSE / "source" / "week03", course / "source" / "week03")
    for file in ("locale/km/week02.po", "ids/week02.json"):
        (course / file).parent.mkdir(parents=True)
        shutil.copy(COURSE / file, course / file)
    return course


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_what_it_is_for(rule: Rule, pattern: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(pattern, course)
    assert rule.findings(Week(course, "week02")) == []
    BROKEN[rule.name](course)
    found = rule.findings(Week(course, "week02"))
    assert found
    for one in found:
        assert (course / one.file).parent.is_dir()
        assert one.what
        assert one.cell is None or one.id, "a cell is named by its number and its id"


def test_rules_have_names_of_their_own_and_say_why_and_what_to_do() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z-]+", rule.name)
        assert rule.why.endswith(".")
        assert rule.do.endswith("."), rule.name


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("hints.toml", "[hints", "it can't be read"),
        ("practice.ipynb", "{", "it is no notebook"),
        ("messages.toml", None, "this file is missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_alone(
    file: str, text: str | None, said: str, pattern: Path, tmp_path: Path
) -> None:
    course = tmp_path / "course"
    shutil.copytree(pattern, course)
    path = course / "source" / "week02" / file
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    (found,) = check(Week(course, "week02"))
    assert (found.file, found.rule) == (f"source/week02/{file}", "readable")
    assert found.what.startswith(said)


def test_a_whole_week_can_be_read() -> None:
    assert unreadable(week("week02")) == []


def test_published_ids_are_those_of_every_written_week() -> None:
    published = {path.stem for path in (COURSE / "ids").glob("*.json")}
    assert published == set(weeks())
    assert all(json.loads((COURSE / "ids" / f"{n}.json").read_text()) for n in published)
