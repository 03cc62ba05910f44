"""Which column of a spreadsheet is which: headers in Khmer or English, on one line or on two. Pure.

Lists have a title above them, and headers that are merged over two columns ("Name": "Khmer",
"Latin"). The line, or the pair of lines, that names the most columns is the header.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from programme.admission import Rules
from programme.messages import message
from programme.spreadsheet import Row

SEARCHED = 15
FEWEST = 3
HEADERS: Mapping[str, Sequence[str]] = {
    "name_km": (
        "khmer name", "name khmer", "name in khmer", "khmer", "ឈ្មោះ", "ឈ្មោះខ្មែរ", "ជាអក្សរខ្មែរ",
        "នាមត្រកូល និងនាមខ្លួន", "គោត្តនាម និងនាម",
    ),
    "name_latin": (
        "name", "latin name", "name latin", "latin", "full name", "english name", "name english",
        "name in english", "student name", "ឈ្មោះឡាតាំង", "ជាអក្សរឡាតាំង", "ឡាតាំង", "ឈ្មោះអង់គ្លេស",
    ),
    "birth_date": (
        "birth date", "date of birth", "dob", "birthday", "born", "birthdate", "ថ្ងៃខែឆ្នាំកំណើត",
        "ថ្ងៃកំណើត", "ថ្ងៃ ខែ ឆ្នាំកំណើត",
    ),
    "phone": (
        "phone", "phone number", "tel", "telephone", "mobile", "contact", "លេខទូរស័ព្ទ", "ទូរស័ព្ទ",
    ),
    "province_code": (
        "province", "province code", "province/city", "city/province", "ខេត្ត", "រាជធានី ខេត្ត",
        "ខេត្ត រាជធានី",
    ),
    "district_code": (
        "district", "district code", "ស្រុក", "ខណ្ឌ", "ក្រុង ស្រុក ខណ្ឌ", "ស្រុក ខណ្ឌ", "ស្រុក ក្រុង",
    ),
    "school_kind": ("school kind", "school type", "kind of school", "school", "ប្រភេទសាលា"),
    "wish": ("wish", "mode", "online or in class", "online or in person", "របៀបរៀន"),
    "consent": ("consent", "agrees", "យល់ព្រម", "ការយល់ព្រម"),
    "guardian_name": (
        "guardian", "guardian name", "name of guardian", "parent", "parent name", "ឈ្មោះអាណាព្យាបាល",
        "អាណាព្យាបាល",
    ),
    "guardian_phone": (
        "guardian phone", "phone of guardian", "parent phone", "លេខទូរស័ព្ទអាណាព្យាបាល",
        "ទូរស័ព្ទអាណាព្យាបាល",
    ),
    "guardian_consent": ("guardian consent", "guardian agrees", "អាណាព្យាបាលយល់ព្រម"),
    "language": ("language", "ភាសា"),
}  # fmt: skip
ASKED = {"province_code": "apply.province"}  # where the form's text has another id
WITHOUT = ("district_code", "language", "guardian_name", "guardian_phone", "guardian_consent",
           "name_km", "name_latin")  # fmt: skip


@dataclass(frozen=True)
class Header:
    """Where the columns are: field → place from 0, and field → what stands above it.

    `first` is the place in the list of rows where the data begin. `unused`: headers of columns that
    nobody asks for; they are not read.
    """

    places: Mapping[str, int]
    titles: Mapping[str, str]
    first: int
    unused: tuple[str, ...]

    def missing(self, rules: Rules) -> list[str]:
        """Fields without a column that no row can do without."""
        wanted = [*HEADERS, *(f"answer-{question.id}" for question in rules.questions)]
        missing = [name for name in wanted if name not in self.places and name not in WITHOUT]
        if not {"name_km", "name_latin"} & self.places.keys():
            missing.insert(0, "name_latin")
        return missing


NO_HEADER = Header({}, {}, 0, ())


def find_header(rows: Sequence[Row], rules: Rules) -> Header:
    """The header that names the most columns; of two, the one on fewer lines, and higher up."""
    names = _names(rules)
    lines = [row.cells for row in rows[:SEARCHED]]
    found = [_header([one], first, names) for first, one in enumerate(lines, 1)]
    found += [
        _header([_spread(one, two), two], first, names)
        for first, (one, two) in enumerate(itertools.pairwise(lines), 2)
    ]
    best = max(found, key=lambda header: len(header.places), default=NO_HEADER)
    return best if len(best.places) >= FEWEST else NO_HEADER


def _header(lines: Sequence[Sequence[str]], first: int, names: Mapping[str, str]) -> Header:
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    unused = []
    for column in range(max(map(len, lines))):
        cells = [line[column] for line in lines if column < len(line) and line[column]]
        title = " ".join(cells)
        tried = [title, " ".join(cells[::-1]), *cells[::-1]]
        field = next((names[key] for text in tried if (key := plain_header(text)) in names), None)
        if field and field not in places:
            places[field], titles[field] = column, title
        elif title:
            unused.append(title)
    return Header(places, titles, first, tuple(unused))


def _spread(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """A merged cell has its text in its first column only: carry it on over what is below it."""
    spread, last = [], ""
    for column in range(max(len(upper), len(lower))):
        here = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        last = here or (last if below else "")
        spread.append(last)
    return spread


def _names(rules: Rules) -> dict[str, str]:
    """Every way to write a header → its field: a field's own name and the form's texts too."""
    names: dict[str, str] = {}
    for field, written in HEADERS.items():
        known = [field, *written]
        if field not in {"language", "district_code"}:
            asked = message(ASKED.get(field, f"apply.{field}"))
            known += [asked.en, asked.km]
        names |= {plain_header(text): field for text in known}
    for question in rules.questions:
        field = f"answer-{question.id}"
        for text in (field, question.id, question.text.en, question.text.km):
            names[plain_header(text)] = field
    return names


def plain_header(text: str) -> str:
    """Letters and digits only, no capitals: "Date of Birth:" and date_of_birth are the same."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")


def column_letter(place: int) -> str:
    """A, B, … Z, AA: as a spreadsheet names the column at this place from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
