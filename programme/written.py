"""Dates, numbers, phone numbers and names as people write them, read into one form each."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})")
KHMER = re.compile("[\u1780-\u17ff]")
MOST_DIGITS = 9  # what every database keeps as an integer
PHONE = re.compile(r"(?:\+?855|0)(\d{8,9})")


def plain(text: str) -> str:
    """Khmer and full-width digits as 0-9, no zero-width spaces, no spaces at the ends."""
    digits = (str(unicodedata.digit(c)) if c.isdecimal() else c for c in text)
    return re.sub("[\u200b\ufeff]", "", "".join(digits)).strip()


def parse_date(text: str) -> date | None:
    """2008-03-09, 9/3/2008, 09.03.2008, with Khmer digits too; None when it is no date.

    The day comes before the month unless the year comes first, as it is written in Cambodia.
    """
    found = DATE.fullmatch(plain(text))
    if not found:
        return None
    first, month, last = found.groups()
    year, day = (first, last) if len(first) == 4 else (last, first)
    if len(year) != 4 or len(day) > 2:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_whole(text: str) -> int | None:
    """A whole number from 0 to 999,999,999, with Khmer digits too; None when it is none."""
    digits = plain(text)
    known = digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS
    return int(digits) if known else None


def parse_phone(text: str) -> str | None:
    """A Cambodian number as +855 and eight or nine digits; None when it is none."""
    found = PHONE.fullmatch(re.sub(r"[\s().-]", "", plain(text)))
    return f"+855{found[1].removeprefix('0')}" if found else None


def name_key(name_latin: str, name_km: str) -> str:
    """The name without spaces and capitals: the same girl who applies twice is found by it."""
    name = unicodedata.normalize("NFKC", plain(name_latin or name_km)).casefold()
    return re.sub(r"[\s.'-]+", "", name)
