"""Which language the reader has, and how a text is found in it.

Our own texts come by id from the gettext catalogues in `locale/`; a lesson's texts are written in
the notebook as `str`, or as `{"en": …, "km": …}`. Rule: a missing translation is never an error;
the reader gets English, marked as English.
"""

from __future__ import annotations

import functools
import gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "km")
LANGUAGE_VARIABLE = "SOC_LANGUAGE"
LOCALE = Path(__file__).parent / "locale"


Text = str | Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """A text and the language it is in, so that a page can mark it with `lang`."""

    text: str
    lang: str

    def pair(self) -> list[str]:
        """As the page receives it."""
        return [self.text, self.lang]


def language() -> str:
    """The reader's language, from SOC_LANGUAGE; English when it is unset or unknown."""
    wanted = os.environ.get(LANGUAGE_VARIABLE, "en")
    return wanted if wanted in LANGUAGES else "en"


def pick(text: Text, lang: str | None = None) -> Said:
    """A lesson's text in the reader's language, else in English, else in what there is."""
    wanted = lang or language()
    if isinstance(text, str):
        return Said(text, wanted)
    for candidate in (wanted, "en", *text):
        if text.get(candidate):
            return Said(str(text[candidate]), candidate)
    return Said("", wanted)


@functools.cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation("widgets", LOCALE, languages=[lang], fallback=True)


def word(identity: str, lang: str | None = None, **fields: object) -> str:
    """One of our own texts by its id, with its `{fields}` filled in."""
    for candidate in (lang or language(), "en"):
        text = _catalogue(candidate).gettext(identity)
        if text != identity:
            return text.format(**fields) if fields else text
    return identity


def words(identity: str, count: int, lang: str | None = None) -> str:
    """One of our own texts in the form that goes with `count`: by gettext's plural rules."""
    for candidate in (lang or language(), "en"):
        text = _catalogue(candidate).ngettext(identity, identity, count)
        if text != identity:
            return text.format(count=count)
    return identity
