"""People, cohorts, enrolments, sessions, attendance, observed lessons, calls and decisions.

Decisions are append-only: triggers refuse every change and removal, whoever asks.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables and the triggers that guard decisions."""
    _cohorts()
    _people()
    _enrolments()
    _sessions()
    _attendance()
    _calls()
    _decisions()
    _observations()
    _guard_decisions()


def _cohorts() -> None:
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('ambassador', 'club')", name=op.f("ck_cohorts_kind")),
        sa.CheckConstraint("mode IN ('online', 'in_person')", name=op.f("ck_cohorts_mode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
        sa.UniqueConstraint("name", name=op.f("uq_cohorts_name")),
    )


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("name_km", sa.String(length=120), nullable=False),
        sa.Column("name_latin", sa.String(length=120), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("province_code", sa.String(length=2), nullable=True),
        sa.CheckConstraint("birth_year BETWEEN 1920 AND 2100", name=op.f("ck_people_birth_year")),
        sa.CheckConstraint("length(name_latin) > 0", name=op.f("ck_people_name_latin")),
        sa.CheckConstraint("length(province_code) = 2", name=op.f("ck_people_province_code")),
        sa.CheckConstraint(
            "username = lower(username) AND length(username) BETWEEN 2 AND 32",
            name=op.f("ck_people_username"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("username", name=op.f("uq_people_username")),
    )


def _enrolments() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="active", nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(role = 'staff') = (cohort_id IS NULL)", name=op.f("ck_enrolments_staff_has_no_cohort")
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_on IS NOT NULL)"
            " AND (status = 'withdrawn') = (withdrawn_reason IS NOT NULL)"
            " AND (withdrawn_reason IS NULL OR length(withdrawn_reason) > 0)",
            name=op.f("ck_enrolments_withdrawn_with_date_and_reason"),
        ),
        sa.CheckConstraint(
            "role IN ('student', 'instructor', 'staff')", name=op.f("ck_enrolments_role")
        ),
        sa.CheckConstraint("status IN ('active', 'withdrawn')", name=op.f("ck_enrolments_status")),
        sa.CheckConstraint(
            "withdrawn_on >= enrolled_on", name=op.f("ck_enrolments_withdrawn_after_enrolled")
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_enrolments_cohort_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_enrolments_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint(
            "person_id", "cohort_id", name=op.f("uq_enrolments_person_id_cohort_id")
        ),
    )
    op.create_index("ix_enrolments_cohort_id", "enrolments", ["cohort_id"], unique=False)
    op.create_index(
        "uq_enrolments_staff",
        "enrolments",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("cohort_id IS NULL"),
        postgresql_where=sa.text("cohort_id IS NULL"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 60", name=op.f("ck_sessions_number")),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_sessions_cohort_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("cohort_id", "number", name=op.f("uq_sessions_cohort_id_number")),
    )


def _attendance() -> None:
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=12), nullable=False),
        sa.Column("marked_by", sa.String(length=32), nullable=False),
        sa.Column("marked_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "mark IN ('present', 'absent', 'excused', 'caught_up')", name=op.f("ck_attendance_mark")
        ),
        sa.CheckConstraint("length(marked_by) > 0", name=op.f("ck_attendance_marked_by")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_attendance_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_attendance_session_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "enrolment_id", "session_id", name=op.f("uq_attendance_enrolment_id_session_id")
        ),
    )
    op.create_index("ix_attendance_session_id", "attendance", ["session_id"], unique=False)


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("caller", sa.String(length=32), nullable=False),
        sa.Column("called_at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("length(caller) > 0", name=op.f("ck_calls_caller")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_calls_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_enrolment_id", "calls", ["enrolment_id"], unique=False)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("honours", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.String(length=60), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('graduated', 'on_the_way', 'at_risk', 'withdrawn')",
            name=op.f("ck_decisions_outcome"),
        ),
        sa.CheckConstraint("length(author) > 0", name=op.f("ck_decisions_author")),
        sa.CheckConstraint(
            "kind IN ('computed', 'override', 'lifted')", name=op.f("ck_decisions_kind")
        ),
        sa.CheckConstraint(
            "(kind = 'computed') = (override_reason IS NULL)"
            " AND (override_reason IS NULL OR length(override_reason) > 2)",
            name=op.f("ck_decisions_override_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_decisions_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_enrolment_id", "decisions", ["enrolment_id", "id"], unique=False)


def _observations() -> None:
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("observer", sa.String(length=32), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("length(observer) > 0", name=op.f("ck_observations_observer")),
        sa.CheckConstraint("number BETWEEN 1 AND 10", name=op.f("ck_observations_number")),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("ck_observations_score")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_observations_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
        sa.UniqueConstraint(
            "enrolment_id", "number", name=op.f("uq_observations_enrolment_id_number")
        ),
    )


def _guard_decisions() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_decision_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'decisions are kept as they were made'; END $$"
        )
        op.execute(
            "CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change()"
        )
        return
    op.execute(
        "CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are kept as they were made'); END"
    )
    op.execute(
        "CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are kept as they were made'); END"
    )
    # INSERT OR REPLACE removes the old row without a DELETE trigger unless a pragma is set.
    op.execute(
        "CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions "
        "WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'decisions are kept as they were made'); END"
    )
