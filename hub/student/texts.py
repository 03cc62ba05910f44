"""What a student's own page says, in English and Khmer, by id.

The Khmer was written without a native reader and needs one's review.
"""

from __future__ import annotations

import os

_TEXTS: dict[str, tuple[str, str]] = {
    "hello": ("Hello, {name}", "សួស្តី {name}"),
    "week": ("Week {number}", "សប្តាហ៍ទី {number}"),
    "weeks": ("Your weeks", "សប្តាហ៍របស់អ្នក"),
    "no-weeks": (
        "Your first week is not here yet. Your teacher will open it; then it appears by itself.",
        "សប្តាហ៍ដំបូងមិនទាន់មានទេ។ គ្រូនឹងបើកវា ហើយវានឹងបង្ហាញដោយខ្លួនឯង។",
    ),
    "lesson": ("Lesson", "មេរៀន"),
    "practice": ("Practice", "លំហាត់"),
    "project": ("Project", "គម្រោង"),
    "check": ("Check my work", "ពិនិត្យការងារខ្ញុំ"),
    "submit": ("Hand in", "ប្រគល់ការងារ"),
    "save-first": (
        "Save your notebooks first. Checking takes a few seconds.",
        "សូមរក្សាទុកសៀវភៅកូដជាមុនសិន។ ការពិនិត្យប្រើពេលពីរបីវិនាទី។",
    ),
    "open": ("Not handed in yet", "មិនទាន់ប្រគល់"),
    "on-its-way": ("On its way to your teacher", "កំពុងផ្ញើទៅគ្រូ"),
    "received": ("Your teacher has it, since {at}", "គ្រូបានទទួលនៅ {at}"),
    "answer-checking": (
        "It is being checked now. The answer comes here by itself.",
        "កំពុងពិនិត្យ។ ចម្លើយនឹងមកដល់ទីនេះដោយខ្លួនឯង។",
    ),
    "answer-answered": ("It has been checked.", "បានពិនិត្យហើយ។"),
    "answer-by-hand": (
        "The machine could not check it. Your teacher will look at it.",
        "ម៉ាស៊ីនមិនអាចពិនិត្យបានទេ។ គ្រូនឹងមើលវា។",
    ),
    "to-read": ("{notebook}: your teacher will read it.", "{notebook}៖ គ្រូនឹងអានវា។"),
    "refused": ("It could not be taken: {reason}", "មិនអាចទទួលបាន៖ {reason}"),
    "feedback": ("Feedback", "មតិពីគ្រូ"),
    "points": ("{points} points", "{points} ពិន្ទុ"),
    "back": ("Back to my weeks", "ត្រឡប់ទៅសប្តាហ៍"),
    "all-pass": ("All visible checks pass. Well done!", "ការពិនិត្យទាំងអស់បានជោគជ័យ។ ល្អណាស់!"),
    "changed": (
        "{count} locked cells were changed. Your teacher's own will be used in their place.",
        "ក្រឡាចាក់សោ {count} ត្រូវបានកែ។ ក្រឡារបស់គ្រូនឹងត្រូវប្រើជំនួស។",
    ),
    "to-look-at": ("{count} to look at again", "មាន {count} ត្រូវមើលម្តងទៀត"),
    "handed-in": (
        "Handed in. You may hand in again until the week is due.",
        "បានប្រគល់ហើយ។ អ្នកអាចប្រគល់ម្តងទៀតរហូតដល់ថ្ងៃកំណត់។",
    ),
    "failed": (
        "What happened: it did not work this time. Why: {error} "
        "Next step: try once more, then ask your teacher.",
        "អ្វីបានកើតឡើង៖ លើកនេះមិនបានសម្រេចទេ។ មូលហេតុ៖ {error} ជំហានបន្ទាប់៖ សាកម្តងទៀត រួចសួរគ្រូ។",
    ),
    "programme": ("My progress", "ដំណើររបស់ខ្ញុំ"),
    "files": ("All my files", "ឯកសារទាំងអស់របស់ខ្ញុំ"),
    "lab": ("JupyterLab", "JupyterLab"),
    "password": ("Password", "ពាក្យសម្ងាត់"),
    "sign-out": ("Sign out", "ចេញ"),
    "teach": ("My classes", "ថ្នាក់របស់ខ្ញុំ"),
    "not-hers": ("the folder's name is not yours", "ឈ្មោះថតមិនមែនរបស់អ្នក"),
    "unknown-week": ("this week is not open", "សប្តាហ៍នេះមិនទាន់បើក"),
    "not-nbgraders": ("it was not made by Hand in", "វាមិនត្រូវបានបង្កើតដោយប៊ូតុងប្រគល់"),
    "no-notebook": ("there is no notebook in it", "គ្មានសៀវភៅកូដក្នុងនោះ"),
    "not-a-folder": ("it is not a folder", "វាមិនមែនជាថត"),
    "not-a-file": ("something in it is not a plain file", "មានអ្វីមួយមិនមែនជាឯកសារធម្មតា"),
    "too-deep": ("it has folders within folders within folders", "មានថតច្រើនជាន់ពេក"),
    "too-many": ("it has too many files", "មានឯកសារច្រើនពេក"),
    "too-big": ("it is too big", "វាធំពេក"),
    "strange-name": ("a file's name can't be used", "ឈ្មោះឯកសារមួយមិនអាចប្រើបាន"),
    "not-an-archive": ("it can't be unpacked", "មិនអាចពន្លាវាបានទេ"),
    "twice": ("two things in it have one name", "មានពីរដែលមានឈ្មោះដូចគ្នា"),
    "wrong-checksum": ("it was changed on the way", "វាបានប្រែប្រួលនៅតាមផ្លូវ"),
    "no-token": (
        "your token does not fit, or has expired: make a new one at the hub",
        "ថូខឹនរបស់អ្នកមិនត្រឹមត្រូវ ឬផុតកំណត់៖ សូមបង្កើតថ្មីនៅលើ hub",
    ),
    "not-your-class": ("you are not in this class now", "ឥឡូវនេះអ្នកមិននៅក្នុងថ្នាក់នេះទេ"),
    "no-address": (
        "the hub's own address is not set: the operator writes public_url into soc.toml",
        "អាសយដ្ឋានរបស់ hub មិនទាន់កំណត់ទេ៖ អ្នកថែទាំត្រូវសរសេរ public_url ក្នុង soc.toml",
    ),
    "too-often": (
        "it was sent too often: wait for an hour",
        "បានផ្ញើញឹកញាប់ពេក៖ សូមរង់ចាំមួយម៉ោង",
    ),
    "disk-full": (
        "the server is full: tell your teacher, and try again later",
        "ម៉ាស៊ីនមេពេញហើយ៖ សូមប្រាប់គ្រូ ហើយសាកម្តងទៀតពេលក្រោយ",
    ),
    "unfinished": ("it never became complete", "វាមិនបានពេញលេញ"),
}


def text(key: str, **fields: object) -> str:
    """The text of this id in the language of the cohort; an unknown id is shown as it is."""
    english, khmer = _TEXTS.get(key, (key, key))
    chosen = khmer if os.environ.get("SOC_LANGUAGE") == "km" else english
    return chosen.format(**fields)


def both(key: str) -> str:
    """The text of this id in both languages, for who has not said which is hers."""
    english, khmer = _TEXTS.get(key, (key, key))
    return english if english == khmer else f"{english} · {khmer}"
