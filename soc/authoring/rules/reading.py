"""Can she read it? English of grade 6 at most, one idea a paragraph, her language at her side."""

from __future__ import annotations

from collections.abc import Iterator

from programme.written import KHMER
from soc.authoring.findings import Spot, at, rule, whole
from soc.authoring.week import NOTEBOOKS, Week
from soc.authoring.words import BANNED, grade, paragraphs, prose, words

HIGHEST_GRADE = 6.0
HARDEST_CELL = HIGHEST_GRADE + 2
SHORT_CELL = 20  # words; the measure says little about fewer
LONGEST_PARAGRAPH = 45
FEWEST_WORDS = 4  # of a glossary


@rule(
    why="She reads English as a second language: above grade 6 she reads the words, not the idea.",
    do="Make two sentences of one. Take short words. Say who does what.",
)
def reading_level(week: Week) -> Iterator[Spot]:
    """Notebooks whose English is above grade 6."""
    for notebook in NOTEBOOKS:
        found = grade("\n\n".join(prose(cell.source) for cell in week.markdown(notebook)))
        if found > HIGHEST_GRADE:
            yield whole(week, notebook, f"its English is of grade {found:.1f}, above 6")


@rule(
    why="One hard text stops her, however easy the rest is.",
    do="Make two sentences of one. Take short words. Say who does what.",
)
def hard_text(week: Week) -> Iterator[Spot]:
    """Cells of 20 words or more that are much harder than the rest."""
    for notebook in NOTEBOOKS:
        for cell in week.markdown(notebook):
            text = prose(cell.source)
            if len(words(text)) >= SHORT_CELL and grade(text) > HARDEST_CELL:
                yield at(
                    week, notebook, cell["id"], f"this text is of grade {grade(text):.1f}, above 8"
                )


@rule(
    why="One idea a paragraph: on a phone, a long one fills the screen.",
    do="Find the second idea, and give it a paragraph of its own.",
)
def long_paragraph(week: Week) -> Iterator[Spot]:
    """Paragraphs of more than 45 words."""
    for notebook in NOTEBOOKS:
        for cell in week.markdown(notebook):
            for part in paragraphs(cell.source):
                if len(words(part)) > LONGEST_PARAGRAPH:
                    count = len(words(part))
                    what = f"a paragraph has {count} words, more than 45: “{part[:60]}…”"
                    yield at(week, notebook, cell["id"], what)


@rule(
    why="“Simply” tells a girl who is stuck that she is slow; “wrong” tells her to stop.",
    do="Leave the word out, or say what happened and what comes next.",
)
def kind_words(week: Week) -> Iterator[Spot]:
    """Words that hurt, in what students and instructors read."""
    for file, identity, text in week.texts():
        for match in BANNED.finditer(text):
            what = f"the word “{match[0]}”"
            if file.suffix == ".ipynb":
                yield at(week, file.stem, identity, what)
            else:
                yield Spot(file, what, identity)
    for file in sorted(week.guides.glob("*.md")):
        for match in BANNED.finditer(file.read_text(encoding="utf-8")):
            yield Spot(file, f"the word “{match[0]}”")


@rule(
    why="A new word in her own language costs a second; without it, she loses the sentence.",
    do="Write a table with the head | English | Khmer | meaning | and four words or more.",
)
def glossary(week: Week) -> Iterator[Spot]:
    """Notebooks whose table of words is missing, short, or has an empty place."""
    for notebook in NOTEBOOKS:
        text = "\n".join(cell.source for cell in week.markdown(notebook))
        rows = text.partition("| English | Khmer |")[2].splitlines()[2:]
        entries = [row.split("|")[1:4] for row in rows if row.startswith("|")]
        if len(entries) < FEWEST_WORDS:
            yield whole(week, notebook, f"its table of words has {len(entries)} words, not 4")
        for english, khmer, meaning in entries:
            if not KHMER.search(khmer) or not meaning.strip():
                yield whole(week, notebook, f"“{english.strip()}” has no Khmer or no meaning")


RULES = (reading_level, hard_text, long_paragraph, kind_words, glossary)
