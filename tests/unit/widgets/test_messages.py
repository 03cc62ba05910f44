"""Does `say` give a message in her language, and never get in the way of a test?"""

from __future__ import annotations

from pathlib import Path

import pytest

from widgets import say

MESSAGES = """
["card.no-quotes"]
en = {what = "`{got}` has no quotes.", why = "Text needs {{both}}.", next = "Add them."}
km = {what = "`{got}` គ្មានសញ្ញាសម្រង់។", why = "អត្ថបទត្រូវការ។", next = "បន្ថែមវា។"}
["only.english"]
en = {what = "One.", why = "Two.", next = "Three."}
["broken.format"]
en = {what = "A } alone {got", why = "Two.", next = "Three."}
"""


@pytest.fixture(autouse=True)
def messages(week: Path) -> None:
    (week / "messages.toml").write_text(MESSAGES, encoding="utf-8")


def test_three_lines_and_the_id_with_its_week() -> None:
    assert say("card.no-quotes", got="Hello").split("\n") == [
        "What happened: `Hello` has no quotes.",
        "Why: Text needs {both}.",
        "Next step: Add them.",
        "[week02/card.no-quotes]",
    ]


def test_in_khmer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_LANGUAGE", "km")
    assert say("card.no-quotes", got="ស").startswith("អ្វីបានកើតឡើង៖ `ស` គ្មានសញ្ញាសម្រង់។\n")
    assert "One." in say("only.english")


class _Awkward:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __format__(self, spec: str) -> str:
        raise RuntimeError("no format")


@pytest.mark.parametrize("value", [None, 3.5, _Awkward(), "{got}", "{0.__class__}", "x" * 10_000])
def test_no_value_of_hers_can_break_it(value: object) -> None:
    text = say("card.no-quotes", got=value)
    assert text.endswith("[week02/card.no-quotes]")
    assert len(text) < 600


def test_a_missing_field_stays_readable() -> None:
    assert "`{got}` has no quotes." in say("card.no-quotes")


def test_a_template_that_can_t_be_filled_is_shown_as_it_is() -> None:
    assert "A } alone {got" in say("broken.format", got=1)


def test_an_unknown_id_still_says_what_was_given() -> None:
    text = say("no.such", got=5)
    assert "got = 5" in text
    assert text.endswith("[week02/no.such]")


@pytest.mark.parametrize("content", [None, "not toml [", "'card.no-quotes' = 3"])
def test_without_a_usable_file_it_still_answers(week: Path, content: str | None) -> None:
    (week / "messages.toml").unlink()
    if content is not None:
        (week / "messages.toml").write_text(content)
    assert say("card.no-quotes", got=1).endswith("[week02/card.no-quotes]")
