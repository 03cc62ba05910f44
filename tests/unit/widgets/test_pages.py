"""Rules that hold for every widget: texts, safety, static form, size."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import polib
import pytest
from babel.messages.mofile import read_mo

import widgets
from widgets import (
    Clusters,
    Flow,
    Game,
    Hints,
    Memory,
    Parsons,
    Predict,
    Question,
    Quiz,
    Survey,
    Swap,
    Tracer,
)
from widgets import Path as CoursePath
from widgets.card import Card
from widgets.drawing import Drawing
from widgets.language import LANGUAGES, LOCALE, pick, word

HERE = Path(widgets.__file__).parent
EVIL = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
BUDGET_BYTES = 40_000


def _cards(text: str = "text") -> list[Card]:
    from widgets.picture import Picture

    question = Question("q", text, {"a": text}, replies={"a": text})
    return [
        Predict("p", text, choices={"a": text}, code=text),
        Hints("h", [text, text, text]),
        Parsons("x", [f"a = {text!r}", "print(a)"], prompt=text),
        Quiz("z", [question]),
        Tracer(f"a = {text!r}\nprint(a)", captions={1: text}),
        Memory(a=[text], b={text: text}),
        Survey("s", [question], about=text),
        CoursePath([text], here=1),
        Swap(),
        Clusters(text),
        Picture(Drawing()),
        Game(lambda sheet: sheet.text(1, 1, text)),
        Flow(f"a = {text!r}\nif a:\n    print(a)"),
    ]


CARDS = [type(card).__name__ for card in _cards()]


def _catalogue(language: str) -> dict[str, str]:
    file = polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "widgets.po"))
    return {entry.msgid: _forms(entry.msgstr or entry.msgstr_plural.values()) for entry in file}


def _forms(text: Any) -> str:
    """A text, or its forms for one and for many, as one string."""
    return text if isinstance(text, str) else " | ".join(text)


def test_both_catalogues_are_complete_and_have_the_same_fields() -> None:
    english, khmer = (_catalogue(language) for language in LANGUAGES)
    assert set(english) == set(khmer)
    assert not [key for key in english if not english[key] or not khmer[key]]
    differing = [key for key in english if _fields(english[key]) != _fields(khmer[key])]
    assert differing == []


def _fields(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{(\w+)\}", text)) - {"line"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "widgets.mo").open("rb") as file:
        compiled = {
            message.id if isinstance(message.id, str) else message.id[0]: _forms(message.string)
            for message in read_mo(file)
            if message.id
        }
    assert compiled == _catalogue(language)


def test_khmer_is_marked_for_review_and_written_without_hidden_spaces() -> None:
    text = (LOCALE / "km" / "LC_MESSAGES" / "widgets.po").read_text(encoding="utf-8")
    assert "needs a native reader's review" in text
    assert "\u200b" not in text


def test_no_text_blames() -> None:
    blame = re.compile(r"\b(wrong|illegal|invalid|just|simply|obvious\w*)\b", re.I)
    assert [key for key, text in _catalogue("en").items() if blame.search(text)] == []


def test_every_text_named_in_a_page_exists_and_every_text_is_used() -> None:
    known = set(_catalogue("en"))
    source = "\n".join(
        file.read_text(encoding="utf-8") for file in [*HERE.glob("*.js"), *HERE.glob("*.py")]
    )
    named = {
        one
        for one in re.findall(r'words?\(\s*f?"([a-z.-]+\.[a-z.-]+)"', source)
        if not one.endswith(".")
    }
    assert named - known == set()
    families = ("doctor.", "path.badge.", "say.", "hints.")
    unused = [
        key
        for key in known
        if f'"{key}"' not in source and not key.startswith(families) and not key.endswith(".title")
    ]
    assert unused == []


@pytest.mark.parametrize("file", sorted(HERE.glob("*.js")), ids=lambda file: file.name)
def test_no_page_makes_markup_from_text_or_fetches_anything(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    banned = """innerHTML outerHTML insertAdjacentHTML document.write eval( Function( fetch( import(
    XMLHttpRequest srcdoc DOMParser createContextualFragment""".split()  # noqa: SIM905
    assert [word for word in banned if word in source] == []
    assert set(re.findall(r"https?://[^\s\"']+", source)) <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("file", sorted(HERE.glob("*.css")), ids=lambda file: file.name)
def test_no_style_fetches_or_spaces_letters(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert "url(" not in source
    assert "@import" not in source
    assert set(re.findall(r"letter-spacing:\s*([^;]+)", source)) <= {"0"}


@pytest.mark.parametrize("number", range(len(CARDS)), ids=CARDS)
def test_the_static_form_is_readable_and_carries_no_markup(number: int) -> None:
    card = _cards(EVIL)[number]
    bundle, _ = card._repr_mimebundle_()
    assert bundle["text/plain"].startswith("[")
    page = bundle.get("text/html") or bundle["image/svg+xml"]
    assert "<script" not in page
    assert "<img" not in page
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize("number", range(len(CARDS)), ids=CARDS)
def test_the_static_form_is_the_same_each_time(number: int) -> None:
    first, second = (_cards()[number]._repr_mimebundle_()[0] for _ in range(2))
    for kind in ("text/plain", "text/html", "image/svg+xml"):
        assert first.get(kind) == second.get(kind)


@pytest.mark.parametrize("number", range(len(CARDS)), ids=CARDS)
def test_a_widget_s_code_fits_the_budget(number: int) -> None:
    card: Any = _cards()[number]
    assert (
        len(gzip.compress(card._esm.encode())) + len(gzip.compress(card._css.encode()))
        <= BUDGET_BYTES
    )


def test_a_missing_translation_is_english_and_marked_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_LANGUAGE", "km")
    assert pick({"en": "hello", "km": "សួស្ដី"}).pair() == ["សួស្ដី", "km"]
    assert pick({"en": "hello"}).pair() == ["hello", "en"]
    assert pick({}).text == ""
    assert word("no.such.text") == "no.such.text"


def test_importing_say_and_answer_loads_no_widget_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from widgets import say; "
        "print([name in sys.modules for name in ('anywidget', 'IPython')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[False, False]"


def test_an_unknown_widget_is_named() -> None:
    with pytest.raises(AttributeError, match="Wizard"):
        _ = widgets.Wizard
