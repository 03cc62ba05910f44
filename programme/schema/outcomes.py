"""Certificates, and surveys whose answers can't be led back to who gave them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from programme.schema.base import Moment, enrolment_id, metadata

# `payload` is the text that was signed, letter by letter; `signature` is Ed25519, base64.
certificates = Table(
    "certificates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    enrolment_id(),
    Column("issued_on", Date, nullable=False),
    Column("issued_by", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("signature", String(120), nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", String(32)),
    Column("revoked_reason", Text),
    CheckConstraint("length(number) > 0", name="number"),
    CheckConstraint("length(issued_by) > 0", name="issued_by"),
    CheckConstraint(
        "(revoked_at IS NULL) = (revoked_by IS NULL)"
        " AND (revoked_at IS NULL) = (revoked_reason IS NULL)"
        " AND (revoked_reason IS NULL OR length(revoked_reason) > 0)",
        name="revoked_by_somebody_with_a_reason",
    ),
    Index(
        "uq_certificates_enrolment_id",
        "enrolment_id",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
)

surveys = Table(
    "surveys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("programme_id", ForeignKey("programmes.id", ondelete="RESTRICT"), nullable=False),
    Column("moment", String(8), nullable=False),
    Column("questions", JSON, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    CheckConstraint("moment IN ('before', 'middle', 'after')", name="moment"),
    CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
)

# Who has answered; neither when nor what. Both tables are ordered by their keys alone (no rowid),
# so that the order in which rows came tells nothing either.
survey_tickets = Table(
    "survey_tickets",
    metadata,
    Column("survey_id", ForeignKey("surveys.id", ondelete="RESTRICT"), primary_key=True),
    Column("enrolment_id", ForeignKey("enrolments.id", ondelete="RESTRICT"), primary_key=True),
    sqlite_with_rowid=False,
)

# `response` is random and holds the answers of one sheet together; it is written nowhere else.
survey_answers = Table(
    "survey_answers",
    metadata,
    Column("survey_id", ForeignKey("surveys.id", ondelete="RESTRICT"), primary_key=True),
    Column("response", String(32), primary_key=True),
    Column("question", String(32), primary_key=True),
    Column("answer", Text, nullable=False),
    CheckConstraint("length(response) = 32", name="response"),
    sqlite_with_rowid=False,
)
