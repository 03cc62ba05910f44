"""Can she read it? English of grade 6 at most, one idea a paragraph, Khmer at her side."""

from __future__ import annotations

import ast
import re
import string
import unicodedata

import pytest

from tests.course.texts import (
    BANNED,
    KHMER,
    asked,
    grade,
    markdown_cells,
    paragraphs,
    prose,
    student_texts,
    words,
)
from tests.course.weeks import (
    NOTEBOOKS,
    checks,
    exercises,
    hints,
    messages,
    read,
    recall_items,
    weeks,
    written,
)

WEEKS = pytest.mark.parametrize("week", weeks())
EACH = pytest.mark.parametrize(("week", "notebook"), written())
HIGHEST_GRADE = 6.0
LONGEST_PARAGRAPH = 45
LONGEST_MESSAGE = 60
LONGEST_HINT = 80
_SAID = re.compile(r'say\(\s*"([^"]+)"((?:,\s*\w+=)?[^\n]*)\)')
# A vowel sign typed in two parts looks like the one sign and compares unequal.
_TWO_PARTS = re.compile("\u17c1[\u17b6\u17b8]|\u17c1\u17c5|\u17c6\u17b6|\u200b|\u17b4|\u17b5")


@EACH
def test_the_english_is_at_most_of_grade_six(week: str, notebook: str) -> None:
    text = "\n\n".join(prose(cell.source) for cell in markdown_cells(week, notebook))
    assert grade(text) <= HIGHEST_GRADE


@EACH
def test_no_cell_is_much_harder_than_the_rest(week: str, notebook: str) -> None:
    hard = {
        cell["id"]: grade(prose(cell.source))
        for cell in markdown_cells(week, notebook)
        if len(words(prose(cell.source))) >= 20
    }
    assert {name: value for name, value in hard.items() if value > HIGHEST_GRADE + 2} == {}


@EACH
def test_a_paragraph_has_one_idea(week: str, notebook: str) -> None:
    long = [
        (cell["id"], part)
        for cell in markdown_cells(week, notebook)
        for part in paragraphs(cell.source)
        if len(words(part)) > LONGEST_PARAGRAPH
    ]
    assert long == []


@WEEKS
def test_no_text_uses_a_word_that_hurts(week: str) -> None:
    found = [(where, m[0]) for where, text in student_texts(week) for m in BANNED.finditer(text)]
    assert found == []


@EACH
def test_every_notebook_has_a_glossary(week: str, notebook: str) -> None:
    text = "\n".join(cell.source for cell in markdown_cells(week, notebook))
    rows = text.partition("| English | Khmer |")[2].splitlines()[2:]
    entries = [row.split("|")[1:4] for row in rows if row.startswith("|")]
    assert len(entries) >= 4
    assert all(KHMER.search(khmer) and meaning.strip() for _, khmer, meaning in entries)


@WEEKS
def test_every_message_is_used_and_every_used_one_is_there(week: str) -> None:
    said = {m[1] for _, source in _tests(week) for m in _SAID.finditer(source)}
    assert said == set(messages(week))


@WEEKS
def test_a_message_has_its_parts_and_fields_in_both_languages(week: str) -> None:
    given: dict[str, set[str]] = {}
    for _, source in _tests(week):
        for match in _SAID.finditer(source):
            given.setdefault(match[1], set()).update(re.findall(r"(\w+)=", match[2]))
    for identity, languages in messages(week).items():
        assert set(languages) == {"en", "km"}, identity
        for language, parts in languages.items():
            assert set(parts) == {"what", "why", "next"}, identity
            fields = {
                name for part in parts.values() for _, name, _, _ in string.Formatter().parse(part)
            } - {None}
            assert fields <= given[identity], (identity, language)
            assert language == "en" or all(KHMER.search(part) for part in parts.values())


@WEEKS
def test_a_message_is_short(week: str) -> None:
    lengths = {i: sum(len(p.split()) for p in m["en"].values()) for i, m in messages(week).items()}
    assert {i: n for i, n in lengths.items() if n > LONGEST_MESSAGE} == {}


@WEEKS
def test_every_exercise_has_three_hints_and_the_last_sends_her_to_a_sister(week: str) -> None:
    ladders = hints(week)
    assert set(ladders) == {e.name for e in exercises(week) if e.kind != "P"}
    for name, languages in ladders.items():
        for language, rungs in languages.items():
            assert len(rungs) == 3, (name, language)
            assert all(len(rung.split()) <= LONGEST_HINT for rung in rungs), (name, language)
        assert "ask a sister" in languages["en"][2].lower(), name
        assert "បងប្អូនស្រី" in languages["km"][2], name


@WEEKS
def test_every_exercise_offers_its_hints(week: str) -> None:
    source = "\n".join(cell.source for cell in read(week, "practice").cells)
    missing = [name for name in hints(week) if f'Hints("{name}")' not in source]
    assert missing == []


@EACH
def test_every_option_has_a_reply_of_its_own_in_both_languages(week: str, notebook: str) -> None:
    for cell in read(week, notebook).cells:
        for identity, choices, replies in asked(cell.source):
            assert set(choices) <= set(replies), identity
            for reply in replies.values():
                assert isinstance(reply, ast.Dict), identity
                assert len(reply.keys) == 2, identity
            texts = [ast.dump(reply) for reply in replies.values()]
            assert len(set(texts)) == len(texts), identity


@WEEKS
def test_recall_asks_five_things_of_earlier_weeks(week: str) -> None:
    items = recall_items(week)
    assert len(items) >= (0 if week == "week01" else 5)
    for item in items:
        assert item["week"] < int(week[4:]), item["id"]
        assert set(item.get("choices", {})) <= set(item["replies"]), item["id"]
        assert all(set(reply) == {"en", "km"} for reply in item["replies"].values()), item["id"]


@WEEKS
def test_khmer_is_written_in_one_way(week: str) -> None:
    shown_on_purpose = "lesson/w01-lesson-run-hidden"
    for where, text in student_texts(week):
        if where != shown_on_purpose:
            assert not _TWO_PARTS.search(text), where
            assert unicodedata.is_normalized("NFC", text), where


@EACH
def test_pictures_have_words_and_nothing_comes_from_the_network(week: str, notebook: str) -> None:
    for cell in read(week, notebook).cells:
        assert not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=)", cell.source), cell["id"]
        assert "://" not in cell.source, cell["id"]


def _tests(week: str) -> list[tuple[str, str]]:
    return [
        (name, cell.source)
        for notebook in NOTEBOOKS
        for name, cell in checks(week, notebook).items()
    ]
