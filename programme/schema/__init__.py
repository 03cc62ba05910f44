"""The programme's tables. What must always hold is a constraint here, not a habit of the code.

A change of a table is a change here and a new file in migrations/versions; a test compares the two
on SQLite and on PostgreSQL. People have numbers as keys, so that a person can be made anonymous
without touching what was counted.
"""

from __future__ import annotations

from programme.schema.admission import (
    applications,
    consents,
    drafts,
    group_members,
    groups,
    programmes,
    readers,
    readings,
)
from programme.schema.appeals import appeals
from programme.schema.base import VERSION_TABLE, Moment, metadata
from programme.schema.clubs import clubs, kit, mentoring_wishes, mentorships
from programme.schema.outcomes import certificates, survey_answers, survey_tickets, surveys
from programme.schema.people import (
    attendance,
    calls,
    catch_ups,
    cohorts,
    decisions,
    enrolments,
    observations,
    online_minutes,
    people,
    sessions,
)
from programme.schema.privacy import privacy_requests
from programme.schema.search import application_words, person_words

__all__ = [
    "VERSION_TABLE",
    "Moment",
    "appeals",
    "application_words",
    "applications",
    "attendance",
    "calls",
    "catch_ups",
    "certificates",
    "clubs",
    "cohorts",
    "consents",
    "decisions",
    "drafts",
    "enrolments",
    "group_members",
    "groups",
    "kit",
    "mentoring_wishes",
    "mentorships",
    "metadata",
    "observations",
    "online_minutes",
    "people",
    "person_words",
    "privacy_requests",
    "programmes",
    "readers",
    "readings",
    "sessions",
    "survey_answers",
    "survey_tickets",
    "surveys",
]
