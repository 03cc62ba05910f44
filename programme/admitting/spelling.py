"""What people write into cells, as the form wants it, or what to write instead. Pure."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from programme.admitting.columns import plain_header
from programme.applying import SCHOOL_KINDS, WISHES
from programme.course import Both
from programme.messages import message
from programme.people import district_names, province_code, province_names
from programme.written import KHMER, parse_date, plain

# Excel counts days from here.
EXCEL_DAY_0 = date(1899, 12, 30)
SERIALS = range(10_000, 80_000)
YES = (
    "yes", "y", "true", "1", "x", "ok", "agree", "agreed", "✓", "✔", "បាទ", "ចាស", "ចា៎ះ", "យល់ព្រម",
    "បាន",
)  # fmt: skip
WORDS = {
    "school_kind": {
        "state school": "public", "government school": "public", "high school": "public",
        "secondary school": "public", "college": "university", "ngo school": "ngo",
        "organisation": "ngo", "none": "out_of_school", "no school": "out_of_school",
        "not at school": "out_of_school", "out of school": "out_of_school",
    },
    "wish": {
        "in class": "in_person", "class": "in_person", "face to face": "in_person",
        "offline": "in_person", "on line": "online", "both": "either", "any": "either",
    },
    "language": {"khmer": "km", "ខ្មែរ": "km", "english": "en", "អង់គ្លេស": "en"},
}  # fmt: skip
LOST_DIGITS = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")

HINTS: Mapping[str, Callable[[], Both | None]] = {
    "school_kind": lambda: message("import.one_of", words=", ".join(SCHOOL_KINDS)),
    "wish": lambda: message("import.one_of", words=", ".join(WISHES)),
    "consent": lambda: message("import.write_yes"),
    "guardian_consent": lambda: message("import.write_yes"),
}


def read_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells as the form's fields. What can't be read stays as it is: the check refuses it."""
    fields = dict(cells)
    if KHMER.search(fields.get("name_latin", "")) and not fields.get("name_km"):
        fields["name_km"], fields["name_latin"] = fields["name_latin"], ""
    fields["birth_date"] = _date(fields.get("birth_date", ""))
    for name in ("phone", "guardian_phone"):
        fields[name] = _phone(fields.get(name, ""))
    for name in ("consent", "guardian_consent"):
        fields[name] = "yes" if plain(fields.get(name, "")).casefold() in YES else ""
    for name in ("school_kind", "wish", "language"):
        key = plain_header(fields.get(name, ""))
        fields[name] = _words(name).get(key, fields.get(name, ""))
    province = province_code(plain(fields.get("province_code", "")))
    fields["province_code"] = province or fields.get("province_code", "")
    if province and fields.get("district_code"):
        fields["district_code"] = _district(province, fields["district_code"])
    return fields


def advice(name: str, written: str) -> Both | None:
    """What to write instead, where that can be guessed."""
    text = plain(written)
    if name in ("phone", "guardian_phone"):
        return _phone_advice(text)
    if name == "birth_date":
        return _date_advice(text)
    if name == "province_code":
        return _province_advice(text)
    return HINTS.get(name, lambda: None)()


def _phone_advice(text: str) -> Both | None:
    if LOST_DIGITS.fullmatch(text):
        return message("import.phone_lost")
    return message("import.one_phone") if re.search(r"[/,;]", text) else None


def _province_advice(text: str) -> Both | None:
    known = [spelt for names in province_names().values() for spelt in names]
    near = difflib.get_close_matches(text, known, 1, 0.6)
    return message("import.meant", what=near[0]) if near else None


def _date(written: str) -> str:
    """A date as 2009-04-03 when it is one: written, or as the number of days that Excel keeps."""
    text = re.sub(r"[T ]00:00(:00)?(\.0+)?$", "", plain(written))
    if text.isdecimal() and int(text) in SERIALS:
        return (EXCEL_DAY_0 + timedelta(days=int(text))).isoformat()
    found = parse_date(text)
    return found.isoformat() if found else text


def _date_advice(text: str) -> Both | None:
    parts = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})", text)
    if not parts:
        return None
    first, second, year = parts.groups()
    if len(year) == 2:
        return message("import.meant", what=f"{first}/{second}/20{year}")
    if int(second) > 12 >= int(first):  # the month first, as in America
        return message("import.meant", what=f"{second}/{first}/{year}")
    return None


def _phone(written: str) -> str:
    """Excel takes 012345678 for a number and drops the zero: put it back."""
    text = re.sub(r"[\s().-]", "", plain(written)).removesuffix(".0")
    return f"0{text}" if re.fullmatch(r"[1-9]\d{7,8}", text) else plain(written)


def _district(province: str, written: str) -> str:
    wanted = plain_header(written)
    for code, names in district_names(province).items():
        if wanted in (code, code.lstrip("0"), *map(plain_header, names)):
            return code
    return written


@functools.cache
def _words(name: str) -> dict[str, str]:
    """Every way to write a value of this field → the value."""
    ids = {"school_kind": SCHOOL_KINDS, "wish": WISHES, "language": ("en", "km")}[name]
    texts = {"school_kind": "apply.school", "wish": "apply.wish"}
    known = {plain_header(value): value for value in ids}
    known |= {plain_header(word): value for word, value in WORDS[name].items()}
    if name in texts:
        for value in ids:
            text = message(f"{texts[name]}.{value}")
            known |= {plain_header(text.en): value, plain_header(text.km): value}
    return known
