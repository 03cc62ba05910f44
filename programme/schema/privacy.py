"""What people asked about their own data, and what was done: the audit trail of erasures.

A row has no name in it, so that it can stay: whom it was about is a number that leads nowhere.
"""

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

from programme.schema.base import Moment, metadata

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="RESTRICT"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("asked_by", String(12), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("done_by", String(32)),
    Column("note", Text),
    CheckConstraint("kind IN ('copy', 'erasure')", name="kind"),
    CheckConstraint("asked_by IN ('herself', 'staff', 'retention')", name="asked_by"),
    CheckConstraint(
        "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (note IS NULL)"
        " AND (note IS NULL OR length(note) > 2)",
        name="done_by_somebody_with_a_note",
    ),
    CheckConstraint("done_at >= asked_at", name="done_after_it_was_asked"),
    Index(
        "uq_privacy_requests_open",
        "person_id",
        "kind",
        unique=True,
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)
