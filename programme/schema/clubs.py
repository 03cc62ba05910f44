"""Clubs that graduates lead, the kit they are given, and mentors."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from programme.schema.base import Moment, metadata

# Proposed by a graduate; a club that is approved has a cohort, and its leader runs that cohort.
clubs = Table(
    "clubs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("programme_id", ForeignKey("programmes.id", ondelete="RESTRICT"), nullable=False),
    Column("leader_id", ForeignKey("people.id", ondelete="RESTRICT"), nullable=False),
    Column("cohort_id", ForeignKey("cohorts.id", ondelete="RESTRICT"), unique=True),
    Column("mode", String(12), nullable=False),
    Column("province_code", String(2), nullable=False),
    Column("place", String(120), nullable=False),
    Column("plan", Text, nullable=False),
    Column("safeguarding_adult", String(120), nullable=False),
    Column("safeguarding_phone", String(16), nullable=False),
    Column("status", String(12), nullable=False, server_default="proposed"),
    Column("proposed_at", Moment, nullable=False),
    Column("decided_by", String(32)),
    Column("decided_at", Moment),
    Column("reason", Text),
    CheckConstraint("mode IN ('online', 'in_person')", name="mode"),
    CheckConstraint("length(province_code) = 2", name="province_code"),
    CheckConstraint("length(place) > 0", name="place"),
    CheckConstraint(
        "length(safeguarding_adult) > 0 AND length(safeguarding_phone) > 0",
        name="safeguarding_adult",
    ),
    CheckConstraint("status IN ('proposed', 'approved', 'refused', 'closed')", name="status"),
    CheckConstraint(
        "(status IN ('approved', 'closed')) = (cohort_id IS NOT NULL)", name="approved_has_a_cohort"
    ),
    CheckConstraint(
        "(status = 'proposed') = (decided_by IS NULL)"
        " AND (status = 'proposed') = (decided_at IS NULL)",
        name="decided_by_somebody",
    ),
    CheckConstraint(
        "status <> 'refused' OR coalesce(length(reason), 0) > 0", name="refused_with_a_reason"
    ),
    # One proposal or club a leader and year, unless it was refused.
    Index(
        "uq_clubs_leader_id_programme_id",
        "leader_id",
        "programme_id",
        unique=True,
        sqlite_where=text("status <> 'refused'"),
        postgresql_where=text("status <> 'refused'"),
    ),
)

kit = Table(
    "kit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("club_id", ForeignKey("clubs.id", ondelete="RESTRICT"), nullable=False),
    Column("item", String(60), nullable=False),
    Column("count", Integer, nullable=False),
    Column("given_on", Date, nullable=False),
    Column("returned", Integer, nullable=False, server_default="0"),
    Column("returned_on", Date),
    UniqueConstraint("club_id", "item"),
    CheckConstraint("length(item) > 0", name="item"),
    CheckConstraint("count >= 0", name="count"),
    CheckConstraint("returned BETWEEN 0 AND count", name="no_more_returned_than_given"),
    CheckConstraint("(returned = 0) = (returned_on IS NULL)", name="returned_on_a_day"),
)

# What somebody wishes who mentors or wants a mentor; whether she may is a consent of its own.
mentoring_wishes = Table(
    "mentoring_wishes",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="RESTRICT"), primary_key=True),
    Column("side", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    Column("meets", String(12), nullable=False),
    Column("places", Integer, nullable=False, server_default="1"),
    CheckConstraint("side IN ('mentor', 'mentee')", name="side"),
    CheckConstraint("language IN ('en', 'km', 'either')", name="language"),
    CheckConstraint("meets IN ('online', 'in_person', 'either')", name="meets"),
    CheckConstraint("places BETWEEN 1 AND 10", name="places"),
)

# A pair exists once both have agreed (consents, purpose mentoring); it ends, it is not removed.
# A consent that is taken back ends it by itself (trigger in migration 0004).
mentorships = Table(
    "mentorships",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mentor_id", ForeignKey("people.id", ondelete="RESTRICT"), nullable=False, index=True),
    Column("mentee_id", ForeignKey("people.id", ondelete="RESTRICT"), nullable=False),
    Column("mentor_consent_id", ForeignKey("consents.id", ondelete="RESTRICT"), nullable=False),
    Column("mentee_consent_id", ForeignKey("consents.id", ondelete="RESTRICT"), nullable=False),
    Column("matched_by", String(32), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ended_on", Date),
    CheckConstraint("mentor_id <> mentee_id", name="two_people"),
    CheckConstraint("mentor_consent_id <> mentee_consent_id", name="two_consents"),
    CheckConstraint("ended_on >= starts_on", name="ended_after_it_started"),
    Index(
        "uq_mentorships_mentee_id",
        "mentee_id",
        unique=True,
        sqlite_where=text("ended_on IS NULL"),
        postgresql_where=text("ended_on IS NULL"),
    ),
)
