"""What a student says against a decision, and what she is answered."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from programme.schema.base import Moment, enrolment_id, metadata

# Answered once, with a reason, and never changed or removed: triggers in migration 0004.
appeals = Table(
    "appeals",
    metadata,
    Column("id", Integer, primary_key=True),
    enrolment_id(),
    Column("decision_id", ForeignKey("decisions.id", ondelete="RESTRICT"), nullable=False),
    Column("words", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("verdict", String(8)),
    Column("answer", Text),
    Column("answered_by", String(32)),
    Column("answered_at", Moment),
    CheckConstraint("length(words) > 0", name="words"),
    CheckConstraint("verdict IN ('agreed', 'kept')", name="verdict"),
    CheckConstraint(
        "(verdict IS NULL) = (answer IS NULL) AND (verdict IS NULL) = (answered_by IS NULL)"
        " AND (verdict IS NULL) = (answered_at IS NULL)"
        " AND (answer IS NULL OR length(answer) > 2)",
        name="answered_by_somebody_with_a_reason",
    ),
    CheckConstraint("answered_at >= made_at", name="answered_after_it_was_made"),
    Index("ix_appeals_enrolment_id", "enrolment_id", "id"),
    # One question at a time: the next appeal waits for the answer to this one.
    Index(
        "uq_appeals_open",
        "enrolment_id",
        unique=True,
        sqlite_where=text("verdict IS NULL"),
        postgresql_where=text("verdict IS NULL"),
    ),
)
