"""Who is in which cohort, who came, what was noted and decided."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

from programme.schema.base import Moment, enrolment_id, metadata

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(32), nullable=False, unique=True),
    Column("name_km", String(120), nullable=False),
    Column("name_latin", String(120), nullable=False),
    Column("birth_year", Integer),
    Column("province_code", String(2)),
    Column("district_code", String(4)),
    Column("erased_on", Date),
    CheckConstraint(
        "username = lower(username) AND length(username) BETWEEN 2 AND 32", name="username"
    ),
    CheckConstraint("length(name_latin) > 0", name="name_latin"),
    CheckConstraint("birth_year BETWEEN 1920 AND 2100", name="birth_year"),
    CheckConstraint("length(province_code) = 2", name="province_code"),
    CheckConstraint(
        "district_code IS NULL OR (province_code IS NOT NULL AND length(district_code) = 4"
        " AND substr(district_code, 1, 2) = province_code)",
        name="district_in_its_province",
    ),
)

cohorts = Table(
    "cohorts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("kind", String(12), nullable=False),
    Column("mode", String(12), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("programme_id", ForeignKey("programmes.id"), index=True),
    CheckConstraint("kind IN ('ambassador', 'club')", name="kind"),
    CheckConstraint("mode IN ('online', 'in_person')", name="mode"),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="RESTRICT"), nullable=False),
    Column("cohort_id", ForeignKey("cohorts.id", ondelete="RESTRICT"), index=True),
    Column("role", String(12), nullable=False),
    Column("status", String(12), nullable=False, server_default="active"),
    Column("enrolled_on", Date, nullable=False),
    Column("withdrawn_on", Date),
    Column("withdrawn_reason", Text),
    UniqueConstraint("person_id", "cohort_id"),
    CheckConstraint("role IN ('student', 'instructor', 'staff')", name="role"),
    CheckConstraint("(role = 'staff') = (cohort_id IS NULL)", name="staff_has_no_cohort"),
    CheckConstraint("status IN ('active', 'withdrawn')", name="status"),
    CheckConstraint(
        "(status = 'withdrawn') = (withdrawn_on IS NOT NULL)"
        " AND (status = 'withdrawn') = (withdrawn_reason IS NOT NULL)"
        " AND (withdrawn_reason IS NULL OR length(withdrawn_reason) > 0)",
        name="withdrawn_with_date_and_reason",
    ),
    CheckConstraint("withdrawn_on >= enrolled_on", name="withdrawn_after_enrolled"),
    # What group_members refers to, so that nobody is in a group of another cohort.
    Index("uq_enrolments_id_cohort_id", "id", "cohort_id", unique=True),
    # NULLs are distinct in the unique constraint above, so staff need one of their own.
    Index(
        "uq_enrolments_staff",
        "person_id",
        unique=True,
        sqlite_where=text("cohort_id IS NULL"),
        postgresql_where=text("cohort_id IS NULL"),
    ),
)

# `starts_at` is the hour in Cambodia; without one, the hour of course/attendance.toml.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cohort_id", ForeignKey("cohorts.id", ondelete="RESTRICT"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("starts_at", Time),
    UniqueConstraint("cohort_id", "number"),
    CheckConstraint("number BETWEEN 1 AND 60", name="number"),
)

# A session that is held again for those who missed it; who comes is marked as caught up.
catch_ups = Table(
    "catch_ups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="RESTRICT"), nullable=False),
    Column("held_on", Date, nullable=False),
    UniqueConstraint("session_id", "held_on"),
)

attendance = Table(
    "attendance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session_id", ForeignKey("sessions.id", ondelete="RESTRICT"), nullable=False),
    enrolment_id(),
    Column("mark", String(12), nullable=False),
    Column("marked_by", String(32), nullable=False),
    Column("marked_at", Moment, nullable=False),
    Column("source", String(8), nullable=False, server_default="class"),
    UniqueConstraint("enrolment_id", "session_id"),
    CheckConstraint("mark IN ('present', 'absent', 'excused', 'caught_up')", name="mark"),
    CheckConstraint("length(marked_by) > 0", name="marked_by"),
    CheckConstraint("source IN ('class', 'online', 'paper', 'catch_up')", name="source"),
    Index("ix_attendance_session_id", "session_id"),
)

# How many minutes of a session she was seen active on the hub: what a mark is proposed from.
# `counted_until` keeps a stretch of time from being counted twice.
online_minutes = Table(
    "online_minutes",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="RESTRICT"), primary_key=True),
    Column("enrolment_id", ForeignKey("enrolments.id", ondelete="RESTRICT"), primary_key=True),
    Column("minutes", Integer, nullable=False),
    Column("counted_until", Moment, nullable=False),
    CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes"),
    Index("ix_online_minutes_enrolment_id", "enrolment_id"),
)

observations = Table(
    "observations",
    metadata,
    Column("id", Integer, primary_key=True),
    enrolment_id(),
    Column("number", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("observer", String(32), nullable=False),
    Column("observed_on", Date, nullable=False),
    UniqueConstraint("enrolment_id", "number"),
    CheckConstraint("number BETWEEN 1 AND 10", name="number"),
    CheckConstraint("score BETWEEN 0 AND 10", name="score"),
    CheckConstraint("length(observer) > 0", name="observer"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    enrolment_id(),
    Column("caller", String(32), nullable=False),
    Column("called_at", Moment, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("length(caller) > 0", name="caller"),
    Index("ix_calls_enrolment_id", "enrolment_id"),
)

# Append-only: triggers in migration 0001 refuse every change and removal.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    enrolment_id(),
    Column("kind", String(12), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("honours", Boolean, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("policy_version", String(60), nullable=False),
    Column("author", String(32), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("override_reason", Text),
    CheckConstraint(
        "outcome IN ('graduated', 'on_the_way', 'at_risk', 'withdrawn')", name="outcome"
    ),
    CheckConstraint("length(author) > 0", name="author"),
    CheckConstraint("kind IN ('computed', 'override', 'lifted')", name="kind"),
    CheckConstraint(
        "(kind = 'computed') = (override_reason IS NULL)"
        " AND (override_reason IS NULL OR length(override_reason) > 2)",
        name="override_with_reason",
    ),
    Index("ix_decisions_enrolment_id", "enrolment_id", "id"),
)
