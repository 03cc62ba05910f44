"""The texts: an id is one text, in whichever file, with the same fields in both languages."""

from __future__ import annotations

import string
import tomllib
from collections import Counter
from datetime import date

from programme.course import Both
from programme.messages import FOLDER, catalogue, message


def test_no_id_stands_in_two_files() -> None:
    files = [tomllib.loads(file.read_text("utf-8")) for file in FOLDER.glob("messages*.toml")]
    assert len(files) > 1
    ids = Counter(message_id for texts in files for message_id in texts)
    assert [message_id for message_id, count in ids.items() if count > 1] == []


def test_both_languages_have_the_same_fields() -> None:
    for message_id, text in catalogue().items():
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(words) if name}
            for words in (text.en, text.km)
        ]
        assert fields[0] == fields[1], message_id
        assert text.en.strip(), message_id
        assert text.km.strip(), message_id


def test_a_date_is_written_as_people_write_it() -> None:
    said = message("page.until", day=date(2026, 12, 8))
    assert said == Both("until 8 December 2026", "រហូតដល់ថ្ងៃទី 8 ធ្នូ 2026")
