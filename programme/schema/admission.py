"""Programmes that can be applied for, applications, how they were read, groups and consents."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from programme.schema.base import Moment, metadata

# One call for applications: the Ambassador course of a year, or that year's clubs.
programmes = Table(
    "programmes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("kind", String(12), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    CheckConstraint("kind IN ('ambassador', 'club')", name="kind"),
    CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
)

# A part of a cohort that meets together: online, or in person at a place. `provinces` are the codes
# of those from which the place can be reached; without them it can be from everywhere.
groups = Table(
    "groups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cohort_id", ForeignKey("cohorts.id", ondelete="RESTRICT"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("mode", String(12), nullable=False),
    Column("place", String(120)),
    Column("places", Integer, nullable=False, server_default="0"),
    Column("provinces", JSON(none_as_null=True)),
    UniqueConstraint("cohort_id", "name"),
    UniqueConstraint("id", "cohort_id"),
    CheckConstraint("mode IN ('online', 'in_person')", name="mode"),
    CheckConstraint(
        "mode = 'online' OR coalesce(length(place), 0) > 0", name="in_person_has_a_place"
    ),
    CheckConstraint("places BETWEEN 0 AND 1000", name="places"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("enrolment_id", Integer, primary_key=True),
    Column("group_id", Integer, nullable=False, index=True),
    Column("cohort_id", Integer, nullable=False),
    ForeignKeyConstraint(
        ["group_id", "cohort_id"], ["groups.id", "groups.cohort_id"], name="fk_group_members_group"
    ),
    ForeignKeyConstraint(
        ["enrolment_id", "cohort_id"],
        ["enrolments.id", "enrolments.cohort_id"],
        name="fk_group_members_enrolment",
    ),
)

# `name_key` is the name without spaces and capitals: the same girl who applies twice is found.
# The empty form comes with a private link, under which draft and status are found too: the same
# form sent twice is one application. Only the link's hash is kept.
applications = Table(
    "applications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("programme_id", ForeignKey("programmes.id", ondelete="RESTRICT"), nullable=False),
    Column("club_id", ForeignKey("clubs.id", ondelete="RESTRICT"), index=True),
    Column("person_id", ForeignKey("people.id", ondelete="RESTRICT"), index=True),
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("status", String(12), nullable=False, server_default="received"),
    Column("name_km", String(120), nullable=False),
    Column("name_latin", String(120), nullable=False),
    Column("name_key", String(130), nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("minor", Boolean, nullable=False),
    Column("phone", String(16), nullable=False),
    Column("province_code", String(2), nullable=False),
    Column("district_code", String(4)),
    Column("school_kind", String(16), nullable=False),
    Column("wish", String(12), nullable=False),
    Column("language", String(2), nullable=False),
    Column("answers", JSON, nullable=False),
    Column("guardian_name", String(120)),
    Column("guardian_phone", String(16)),
    Column("submitted_at", Moment, nullable=False),
    Column("decided_by", String(32)),
    Column("decided_at", Moment),
    Column("reasons", JSON(none_as_null=True)),
    Column("erased_on", Date),
    UniqueConstraint("programme_id", "name_key", "birth_date", "phone"),
    UniqueConstraint("programme_id", "person_id"),
    CheckConstraint(
        "status IN ('received', 'accepted', 'waiting', 'declined', 'withdrawn')", name="status"
    ),
    CheckConstraint(
        "status IN ('received', 'withdrawn') OR"
        " (decided_by IS NOT NULL AND decided_at IS NOT NULL AND reasons IS NOT NULL)",
        name="decided_by_somebody_with_reasons",
    ),
    CheckConstraint("length(province_code) = 2", name="province_code"),
    CheckConstraint(
        "district_code IS NULL OR (province_code IS NOT NULL AND length(district_code) = 4"
        " AND substr(district_code, 1, 2) = province_code)",
        name="district_in_its_province",
    ),
    CheckConstraint("wish IN ('online', 'in_person', 'either')", name="wish"),
    CheckConstraint("language IN ('en', 'km')", name="language"),
    CheckConstraint("length(name_km) + length(name_latin) > 0", name="has_a_name"),
    CheckConstraint(
        "NOT minor OR (coalesce(length(guardian_name), 0) > 0 AND guardian_phone IS NOT NULL)",
        name="minor_has_a_guardian",
    ),
    Index("ix_applications_programme_id_status", "programme_id", "status"),
    Index("ix_applications_phone", "phone"),
    Index("ix_applications_guardian_phone", "guardian_phone"),
)

# A form that is not finished: it can be opened again by its private link, until it expires.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("programme_id", ForeignKey("programmes.id", ondelete="RESTRICT"), nullable=False),
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("fields", JSON, nullable=False),
    Column("saved_at", Moment, nullable=False, index=True),
)

# Who may read applications of a programme besides staff.
readers = Table(
    "readers",
    metadata,
    Column("programme_id", ForeignKey("programmes.id", ondelete="RESTRICT"), primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="RESTRICT"), primary_key=True),
    Column("named_by", String(32), nullable=False),
    Column("named_at", Moment, nullable=False),
    CheckConstraint("length(named_by) > 0", name="named_by"),
)

# Two readers an application, who can't be the same person, and a third where the two are far apart;
# `points` is criterion → points.
readings = Table(
    "readings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("application_id", ForeignKey("applications.id", ondelete="RESTRICT"), nullable=False),
    Column("seat", Integer, nullable=False),
    Column("reader", String(32), nullable=False),
    Column("points", JSON, nullable=False),
    Column("total", Integer, nullable=False),
    Column("read_at", Moment, nullable=False),
    UniqueConstraint("application_id", "seat"),
    UniqueConstraint("application_id", "reader"),
    CheckConstraint("seat IN (1, 2, 3)", name="seat"),
    CheckConstraint("length(reader) > 0", name="reader"),
    CheckConstraint("total BETWEEN 0 AND 1000", name="total"),
)

# What somebody agreed to, in which wording, and who said so: a guardian for a minor. One row a
# purpose; taking it back is a date, so that what was done before stays explained.
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("application_id", ForeignKey("applications.id", ondelete="RESTRICT"), index=True),
    Column("person_id", ForeignKey("people.id", ondelete="RESTRICT"), index=True),
    Column("purpose", String(16), nullable=False),
    Column("of_minor", Boolean, nullable=False),
    Column("given_as", String(8), nullable=False),
    Column("given_by", String(120), nullable=False),
    Column("wording", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    CheckConstraint("application_id IS NOT NULL OR person_id IS NOT NULL", name="of_somebody"),
    CheckConstraint("purpose IN ('data', 'photo', 'mentoring', 'survey')", name="purpose"),
    CheckConstraint("given_as IN ('self', 'guardian')", name="given_as"),
    CheckConstraint("NOT of_minor OR given_as = 'guardian'", name="guardian_for_a_minor"),
    CheckConstraint("length(given_by) > 0", name="given_by"),
    CheckConstraint("withdrawn_at >= given_at", name="withdrawn_after_given"),
)
