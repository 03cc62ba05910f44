"""Requests about one's own data; and what was decided may forget who, when a person is erased.

Decisions and appeals stay as they were made. The one change that is let through: for somebody who
is erased (`people.erased_on`), free words become 'erased', and her name as the one who decided
becomes her mark. What was decided, when and by which rules can't be changed by that either.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HERS_IS_ERASED = (
    "EXISTS (SELECT 1 FROM enrolments e JOIN people p ON p.id = e.person_id"
    " WHERE e.id = OLD.enrolment_id AND p.erased_on IS NOT NULL)"
)
DECISIONS_KEPT = "decisions are kept as they were made"
APPEALS_KEPT = "an appeal is kept as it was made, and answered once"
APPEAL_CHANGED = (
    "OLD.verdict IS NOT NULL OR NEW.id <> OLD.id OR NEW.words <> OLD.words"
    " OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.decision_id <> OLD.decision_id"
    " OR NEW.made_at <> OLD.made_at"
)


def upgrade() -> None:
    """The table, then the triggers anew."""
    _requests()
    decision = " AND ".join(
        [
            *(_same(c) for c in ("id", "enrolment_id", "kind", "outcome", "policy_version")),
            *(_same(c) for c in ("honours", "made_at", "reasons")),
            _author("author"),
            _words("override_reason"),
        ]
    )
    appeal = " AND ".join(
        [
            *(_same(c) for c in ("id", "enrolment_id", "decision_id", "made_at")),
            *(_same(c) for c in ("verdict", "answered_at")),
            _author("answered_by"),
            _words("words"),
            _words("answer"),
        ]
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgres(decision, appeal)
    else:
        _sqlite(decision, appeal)


def _requests() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("asked_by", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("done_by", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('copy', 'erasure')", name=op.f("ck_privacy_requests_kind")),
        sa.CheckConstraint(
            "asked_by IN ('herself', 'staff', 'retention')",
            name=op.f("ck_privacy_requests_asked_by"),
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (note IS NULL)"
            " AND (note IS NULL OR length(note) > 2)",
            name=op.f("ck_privacy_requests_done_by_somebody_with_a_note"),
        ),
        sa.CheckConstraint(
            "done_at >= asked_at", name=op.f("ck_privacy_requests_done_after_it_was_asked")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_privacy_requests_person_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index(op.f("ix_privacy_requests_person_id"), "privacy_requests", ["person_id"])
    op.create_index(
        "uq_privacy_requests_open",
        "privacy_requests",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _same(column: str) -> str:
    """As text, because PostgreSQL compares no JSON, and a NULL is the same as a NULL."""
    new, old = (f"COALESCE(CAST({row}.{column} AS TEXT), '')" for row in ("NEW", "OLD"))
    return f"{new} = {old}"


def _author(column: str) -> str:
    erased = "SELECT 1 FROM people WHERE erased_on IS NOT NULL"
    mark = f"EXISTS ({erased} AND NEW.{column} = 'erased-' || CAST(id AS TEXT))"
    return f"({_same(column)} OR {mark})"


def _words(column: str) -> str:
    forgotten = f"OLD.{column} IS NOT NULL AND NEW.{column} = 'erased' AND {HERS_IS_ERASED}"
    return f"({_same(column)} OR ({forgotten}))"


def _sqlite(decision: str, appeal: str) -> None:
    op.execute("DROP TRIGGER decisions_no_update")
    op.execute(
        f"CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions WHEN NOT ({decision})"
        f" BEGIN SELECT RAISE(ABORT, '{DECISIONS_KEPT}'); END"
    )
    op.execute("DROP TRIGGER appeals_kept")
    op.execute(
        "CREATE TRIGGER appeals_kept BEFORE UPDATE ON appeals"
        f" WHEN ({APPEAL_CHANGED}) AND NOT ({appeal})"
        f" BEGIN SELECT RAISE(ABORT, '{APPEALS_KEPT}'); END"
    )


def _postgres(decision: str, appeal: str) -> None:
    for name, forgets, refused in (
        ("decision", decision, DECISIONS_KEPT),
        ("appeal", appeal, APPEALS_KEPT),
    ):
        op.execute(
            f"CREATE FUNCTION forget_in_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {forgets} THEN RETURN NEW; END IF; RAISE EXCEPTION '{refused}'; END $$"
        )
    op.execute("DROP TRIGGER decisions_append_only ON decisions")
    op.execute(
        "CREATE TRIGGER decisions_append_only BEFORE DELETE OR TRUNCATE"
        " ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_change()"
    )
    op.execute(
        "CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions"
        " FOR EACH ROW EXECUTE FUNCTION forget_in_decision()"
    )
    op.execute("DROP TRIGGER appeals_kept ON appeals")
    op.execute(
        f"CREATE TRIGGER appeals_kept BEFORE UPDATE ON appeals FOR EACH ROW WHEN ({APPEAL_CHANGED})"
        " EXECUTE FUNCTION forget_in_appeal()"
    )
