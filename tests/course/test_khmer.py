"""Is the Khmer edition whole, and does its code stay code?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import polib
import pytest

from tests.course.conftest import Workdir
from tests.course.release import released
from tests.course.runner import Runner, code_cells
from tests.course.texts import KHMER, markdown_cells
from tests.course.weeks import COURSE, NOTEBOOKS, checks, read, weeks, written

CATALOGUES = COURSE / "locale" / "km"
WEEKS = pytest.mark.parametrize("week", weeks())
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


@WEEKS
def test_every_text_is_translated_and_none_is_stale(week: str) -> None:
    kept = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(CATALOGUES / f"{week}.po"))}
    wanted = {
        (f"{notebook}/{cell['id']}", cell.source)
        for notebook in NOTEBOOKS
        for cell in markdown_cells(week, notebook)
    }
    assert kept == wanted


@WEEKS
def test_code_in_a_text_is_the_same_in_both_languages(week: str) -> None:
    for entry in polib.pofile(str(CATALOGUES / f"{week}.po")):
        assert Counter(_CODE.findall(entry.msgid)) == Counter(_CODE.findall(entry.msgstr)), (
            entry.msgctxt
        )


@WEEKS
def test_a_translation_is_khmer_and_says_that_a_native_reader_must_see_it(week: str) -> None:
    catalogue = polib.pofile(str(CATALOGUES / f"{week}.po"))
    assert "native reader" in catalogue.header
    for entry in catalogue:
        assert KHMER.search(entry.msgstr), entry.msgctxt
        assert "\u200b" not in entry.msgstr, entry.msgctxt
        assert unicodedata.is_normalized("NFC", entry.msgstr), entry.msgctxt


@pytest.mark.parametrize(("week", "notebook"), written())
def test_a_khmer_release_differs_in_its_texts_only(week: str, notebook: str) -> None:
    english, khmer = released(week, notebook), released(week, notebook, "km")
    assert [cell["id"] for cell in khmer.cells] == [cell["id"] for cell in english.cells]
    for ours, theirs in zip(khmer.cells, english.cells, strict=True):
        if ours.cell_type == "code":
            assert ours.source == theirs.source
        else:
            assert ours.source != theirs.source, ours["id"]
    assert len(read(week, notebook).cells) == len(khmer.cells)


@WEEKS
def test_a_khmer_cohort_gets_its_messages_in_khmer(
    week: str, runner: Runner, workdir: Workdir
) -> None:
    for notebook in NOTEBOOKS[1:]:
        cells = code_cells(released(week, notebook, "km"))
        outcomes = runner.run(cells, workdir(week, answered=False), language="km")
        said = {one.cell: one.text for one in outcomes if one.cell in checks(week, notebook)}
        assert said.keys() == checks(week, notebook).keys()
        assert all(KHMER.search(text) for text in said.values()), said
