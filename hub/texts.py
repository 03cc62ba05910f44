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
    "sign-in-with": ("Sign in with", "ចូលដោយប្រើ"),
    "sign-in-from-lms": (
        "Do you learn on your school's learning site? Open the week there.",
        "តើអ្នករៀននៅលើគេហទំព័ររៀនរបស់សាលាទេ? សូមបើកសប្តាហ៍ពីទីនោះ។",
    ),
    "back-to-sign-in": ("To the sign-in page", "ទៅទំព័រចូល"),
    "tell-teacher": ("Tell your teacher this", "សូមប្រាប់គ្រូរបស់អ្នកនូវពាក្យនេះ"),
    "outside-unknown": (
        "You have an account there, but this school does not know it yet. Ask your teacher to add "
        "you, and tell her the name below.",
        "អ្នកមានគណនីនៅទីនោះ ប៉ុន្តែសាលានេះមិនទាន់ស្គាល់ទេ។ សូមសុំគ្រូបញ្ចូលអ្នក ហើយប្រាប់គាត់ឈ្មោះខាងក្រោម។",
    ),
    "outside-again": (
        "Signing in was not completed. Please begin again.",
        "ការចូលមិនទាន់រួចរាល់ទេ។ សូមចាប់ផ្តើមម្តងទៀត។",
    ),
    "outside-away": (
        "The place where your account is kept does not answer now. Try again in some minutes.",
        "កន្លែងដែលរក្សាគណនីរបស់អ្នកមិនឆ្លើយតបទេឥឡូវនេះ។ សូមព្យាយាមម្តងទៀតបន្តិចទៀត។",
    ),
    "outside-password": (
        "Your password is kept where your account is. Change it there.",
        "ពាក្យសម្ងាត់របស់អ្នកត្រូវបានរក្សានៅកន្លែងដែលមានគណនីរបស់អ្នក។ សូមប្តូរនៅទីនោះ។",
    ),
    "lti-again": (
        "The way here was not completed. Go back to your learning site and open the week again.",
        "ការមកទីនេះមិនទាន់រួចរាល់ទេ។ សូមត្រឡប់ទៅគេហទំព័ររៀន ហើយបើកសប្តាហ៍ម្តងទៀត។",
    ),
    "lti-refused": (
        "Your learning site sent something that this school can't accept. Open the week again; if "
        "this page comes back, tell your teacher the word below.",
        "គេហទំព័ររៀនបានផ្ញើអ្វីមួយដែលសាលានេះមិនអាចទទួលបាន។ សូមបើកសប្តាហ៍ម្តងទៀត បើទំព័រនេះមកទៀត "
        "សូមប្រាប់គ្រូនូវពាក្យខាងក្រោម។",
    ),
    "lti-not-in-cohort": (
        "You are not in the class of this course. Ask your teacher to add you.",
        "អ្នកមិនស្ថិតក្នុងថ្នាក់នៃវគ្គនេះទេ។ សូមសុំគ្រូបញ្ចូលអ្នក។",
    ),
    "lti-staff": (
        "Staff sign in on this school's own page, not from a learning site.",
        "បុគ្គលិកចូលតាមទំព័រផ្ទាល់របស់សាលា មិនមែនពីគេហទំព័ររៀនទេ។",
    ),
    "lti-no-week": (
        "This link names a week that does not exist. Tell your teacher the word below.",
        "តំណនេះហៅសប្តាហ៍ដែលមិនមាន។ សូមប្រាប់គ្រូនូវពាក្យខាងក្រោម។",
    ),
    "lti-week-later": (
        "This week is not open yet. Come back when your teacher has opened it.",
        "សប្តាហ៍នេះមិនទាន់បើកទេ។ សូមត្រឡប់មកវិញពេលគ្រូបើក។",
    ),
    "lti-open": ("Open the lesson in its own window", "បើកមេរៀនក្នុងផ្ទាំងថ្មី"),
    "lti-choose": ("Choose the week that the link opens", "ជ្រើសរើសសប្តាហ៍ដែលតំណនឹងបើក"),
    "lti-not-teaching": (
        "Only instructors of this class may choose a week for the course.",
        "មានតែគ្រូនៃថ្នាក់នេះទេដែលអាចជ្រើសរើសសប្តាហ៍សម្រាប់វគ្គ។",
    ),
    "apply": ("Apply for the course", "ដាក់ពាក្យចូលរៀន"),
    "verify": ("Check a certificate", "ពិនិត្យវិញ្ញាបនបត្រ"),
    "go-on": ("Go on", "បន្ត"),
    "demo": (
        "This is a demo: its passwords are known to everybody.",
        "នេះជាការបង្ហាញសាកល្បង៖ ពាក្យសម្ងាត់ត្រូវបានដឹងដោយគ្រប់គ្នា។",
    ),
    "starting": (
        "Your place is being prepared. It opens by itself in a moment.",
        "កន្លែងរបស់អ្នកកំពុងរៀបចំ។ វានឹងបើកដោយខ្លួនឯងបន្តិចទៀត។",
    ),
    "starting-failed": (
        "Your place could not be opened. Your work is safe. Try again; if it happens twice, tell "
        "your teacher.",
        "មិនអាចបើកកន្លែងរបស់អ្នកបានទេ។ ការងាររបស់អ្នកនៅមានសុវត្ថិភាព។ សូមព្យាយាមម្តងទៀត បើកើតឡើងពីរដង សូមប្រាប់គ្រូ។",
    ),
    "try-again": ("Try again", "ព្យាយាមម្តងទៀត"),
    "teach-title": ("Your classes", "ថ្នាក់របស់អ្នក"),
    "teach-grade": ("Release, collect, grade: formgrader", "ចេញកិច្ចការ ប្រមូល ដាក់ពិន្ទុ៖ formgrader"),
    "gradebook-soon": (
        "Your club's gradebook is being made. Open this page again in half a minute.",
        "សៀវភៅពិន្ទុក្លឹបរបស់អ្នកកំពុងបង្កើត។ សូមបើកទំព័រនេះម្តងទៀតក្នុងកន្លះនាទី។",
    ),
    "gradebook-failed": (
        "This gradebook could not be opened now. Nothing is lost. "
        "Tell the operator which class it is.",
        "សៀវភៅពិន្ទុនេះមិនអាចបើកបានទេឥឡូវនេះ។ គ្មានអ្វីបាត់ទេ។ សូមប្រាប់អ្នកថែទាំថាជាថ្នាក់ណា។",
    ),
    "teach-board": ("Students, attendance, graduation", "សិស្ស វត្តមាន ការបញ្ចប់ការសិក្សា"),
    "teach-admin": ("Accounts and servers", "គណនី និងម៉ាស៊ីនបម្រើ"),
    "teach-condition": ("Does everything work?", "តើអ្វីៗដំណើរការឬទេ?"),
    "condition-well": ("Everything works.", "អ្វីៗដំណើរការល្អ។"),
    "condition-stopped": (
        "Something has stopped. Nothing is lost: what students hand in is kept and goes on later. "
        "Tell the operator this:",
        "មានអ្វីមួយបានឈប់។ គ្មានអ្វីបាត់ទេ៖ កិច្ចការដែលសិស្សប្រគល់ត្រូវបានរក្សាទុក។ សូមប្រាប់អ្នកថែទាំ៖",
    ),
    "condition-mover": (
        "Handed-in work is not passed on (service mover).",
        "កិច្ចការដែលបានប្រគល់មិនត្រូវបានបញ្ជូនបន្តទេ (mover)។",
    ),
    "condition-arrivals": (
        "Work is not graded as it arrives (service arrivals).",
        "កិច្ចការមិនត្រូវបានដាក់ពិន្ទុពេលមកដល់ទេ (arrivals)។",
    ),
    "condition-watch": (
        "Memory and disk of students are not watched (service watch).",
        "អង្គចងចាំ និងថាសរបស់សិស្សមិនត្រូវបានតាមដានទេ (watch)។",
    ),
    "condition-exchange": (
        "Work from elsewhere can't come in (service exchange).",
        "កិច្ចការពីខាងក្រៅមិនអាចចូលមកបានទេ (exchange)។",
    ),
    "condition-disk": ("The disk is nearly full.", "ថាសជិតពេញហើយ។"),
    "condition-backup": (
        "The last backup is more than a day old.",
        "ការបម្រុងទុកចុងក្រោយមានអាយុលើសមួយថ្ងៃ។",
    ),
    "condition-handed-in": ("on the way", "កំពុងផ្ញើ"),
    "condition-checking": ("being checked", "កំពុងពិនិត្យ"),
    "condition-by-hand": (
        "could not be checked by the machine: please grade them",
        "ម៉ាស៊ីនមិនអាចពិនិត្យបាន៖ សូមដាក់ពិន្ទុដោយដៃ",
    ),
    "condition-refused": ("refused and kept for you", "ត្រូវបានបដិសេធ ហើយរក្សាទុក"),
    "condition-received": ("received in all", "ទទួលបានសរុប"),
    "condition-longest": ("minutes, the longest", "នាទី យូរបំផុត"),
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
