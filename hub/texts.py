"""What the hub's own pages say, in English and Khmer, by id.

Rule: both languages stand beside each other on pages that are seen before we know who reads them.
The Khmer was written without a native reader and needs one's review.
"""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    "welcome": ("Welcome", "សូមស្វាគមន៍"),
    "sign-in": ("Sign in", "ចូល"),
    "username": ("Your username", "ឈ្មោះអ្នកប្រើ"),
    "password": ("Your password", "ពាក្យសម្ងាត់"),
    "first-time": ("First time here? Use your invitation code", "មកលើកដំបូង? ប្រើលេខកូដអញ្ជើញ"),
    "first-title": ("Your first sign-in", "ចូលលើកដំបូង"),
    "code": ("Your invitation code", "លេខកូដអញ្ជើញ"),
    "password-new": (
        "Choose a password (8 characters or more)",
        "ជ្រើសរើសពាក្យសម្ងាត់ (យ៉ាងតិច ៨ តួ)",
    ),
    "password-again": ("The same password again", "ពាក្យសម្ងាត់ម្តងទៀត"),
    "password-now": ("Your present password", "ពាក្យសម្ងាត់បច្ចុប្បន្ន"),
    "password-change": ("Change your password", "ប្តូរពាក្យសម្ងាត់"),
    "password-changed": ("Your password is changed.", "ពាក្យសម្ងាត់ត្រូវបានប្តូរហើយ។"),
    "password-old": (
        "Your present password does not fit. Type it once more.",
        "ពាក្យសម្ងាត់បច្ចុប្បន្នមិនត្រូវគ្នាទេ។ សូមវាយម្តងទៀត។",
    ),
    "password-short": (
        "The password is too short. Choose one of 8 characters or more.",
        "ពាក្យសម្ងាត់ខ្លីពេក។ សូមជ្រើសរើសយ៉ាងតិច ៨ តួ។",
    ),
    "password-differs": (
        "The two passwords differ. Type the same one twice.",
        "ពាក្យសម្ងាត់ទាំងពីរមិនដូចគ្នាទេ។ សូមវាយដូចគ្នាពីរដង។",
    ),
    "code-unknown": (
        "This name and code do not fit together. Look at your invitation, or ask your teacher "
        "for a new code.",
        "ឈ្មោះ និងលេខកូដនេះមិនត្រូវគ្នាទេ។ សូមមើលលិខិតអញ្ជើញ ឬសុំលេខកូដថ្មីពីគ្រូ។",
    ),
    "sign-in-unknown": (
        "This name and password do not fit together. Try again, or ask your teacher.",
        "ឈ្មោះ និងពាក្យសម្ងាត់មិនត្រូវគ្នាទេ។ សូមព្យាយាមម្តងទៀត ឬសួរគ្រូ។",
    ),
    "too-many": (
        "Too many tries. Wait ten minutes, then try again.",
        "ព្យាយាមច្រើនដងពេក។ រង់ចាំ ១០ នាទី រួចព្យាយាមម្តងទៀត។",
    ),
    "demo": (
        "This is a demo: its passwords are known to everybody.",
        "នេះជាការបង្ហាញសាកល្បង៖ ពាក្យសម្ងាត់ត្រូវបានដឹងដោយគ្រប់គ្នា។",
    ),
    "starting": (
        "Your place is being prepared. It opens by itself in a moment.",
        "កន្លែងរបស់អ្នកកំពុងរៀបចំ។ វានឹងបើកដោយខ្លួនឯងបន្តិចទៀត។",
    ),
    "teach-title": ("Your classes", "ថ្នាក់របស់អ្នក"),
    "teach-grade": ("Release, collect, grade: formgrader", "ចេញកិច្ចការ ប្រមូល ដាក់ពិន្ទុ៖ formgrader"),
    "teach-board": ("Students, attendance, graduation", "សិស្ស វត្តមាន ការបញ្ចប់ការសិក្សា"),
    "teach-admin": ("Accounts and servers", "គណនី និងម៉ាស៊ីនបម្រើ"),
    "own-notebooks": ("My own notebooks", "សៀវភៅកូដរបស់ខ្ញុំ"),
    "sign-out": ("Sign out", "ចេញ"),
}


def both(text: str) -> dict[str, str]:
    """The text of this id by language, Khmer first."""
    english, khmer = _TEXTS[text]
    return {"km": khmer, "en": english}


def all_texts() -> dict[str, dict[str, str]]:
    """All texts by id, for the templates."""
    return {text: both(text) for text in _TEXTS}
