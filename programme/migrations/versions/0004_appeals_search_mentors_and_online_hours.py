"""Appeals, names to search in, mentors' wishes, kit that comes back, sessions with an hour.

Three rules are kept by triggers, as they must hold whichever program writes: an appeal is answered
once and never changed; the words of names follow the names; a consent that is taken back ends what
rested on it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    "sessions ADD COLUMN starts_at TIME",
    # The constraints stand beside the column: SQLite can't add them to a table that is there.
    "kit ADD COLUMN returned INTEGER DEFAULT 0 NOT NULL"
    " CONSTRAINT ck_kit_no_more_returned_than_given CHECK (returned BETWEEN 0 AND count)",
    "kit ADD COLUMN returned_on DATE"
    " CONSTRAINT ck_kit_returned_on_a_day CHECK ((returned = 0) = (returned_on IS NULL))",
)
WORD = sa.String(length=240).with_variant(sa.String(length=240, collation="C"), "postgresql")
OWNERS = (("person_words", "person_id", "people"),
          ("application_words", "application_id", "applications"))  # fmt: skip
KEPT = "an appeal is kept as it was made, and answered once"
CHANGED = (
    "OLD.verdict IS NOT NULL OR NEW.id <> OLD.id OR NEW.words <> OLD.words"
    " OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.decision_id <> OLD.decision_id"
    " OR NEW.made_at <> OLD.made_at"
)


def upgrade() -> None:
    """Tables and columns, then what the database does by itself."""
    for column in COLUMNS:
        op.execute(f"ALTER TABLE {column}")
    op.create_index("ix_applications_phone", "applications", ["phone"])
    op.create_index("ix_applications_guardian_phone", "applications", ["guardian_phone"])
    _appeals()
    _online_minutes()
    _mentoring_wishes()
    for table, column, owner in OWNERS:
        _words(table, column, owner)
    triggers = _postgres if op.get_bind().dialect.name == "postgresql" else _sqlite
    triggers()


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=8)),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", sa.String(length=32)),
        sa.Column("answered_at", sa.DateTime()),
        sa.CheckConstraint("length(words) > 0", name=op.f("ck_appeals_words")),
        sa.CheckConstraint("verdict IN ('agreed', 'kept')", name=op.f("ck_appeals_verdict")),
        sa.CheckConstraint(
            "(verdict IS NULL) = (answer IS NULL) AND (verdict IS NULL) = (answered_by IS NULL)"
            " AND (verdict IS NULL) = (answered_at IS NULL)"
            " AND (answer IS NULL OR length(answer) > 2)",
            name=op.f("ck_appeals_answered_by_somebody_with_a_reason"),
        ),
        sa.CheckConstraint(
            "answered_at >= made_at", name=op.f("ck_appeals_answered_after_it_was_made")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_appeals_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
            name=op.f("fk_appeals_decision_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index("ix_appeals_enrolment_id", "appeals", ["enrolment_id", "id"])
    op.create_index(
        "uq_appeals_open",
        "appeals",
        ["enrolment_id"],
        unique=True,
        sqlite_where=sa.text("verdict IS NULL"),
        postgresql_where=sa.text("verdict IS NULL"),
    )


def _online_minutes() -> None:
    op.create_table(
        "online_minutes",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("counted_until", sa.DateTime(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_online_minutes_minutes")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_online_minutes_session_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_online_minutes_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("session_id", "enrolment_id", name=op.f("pk_online_minutes")),
    )
    op.create_index("ix_online_minutes_enrolment_id", "online_minutes", ["enrolment_id"])


def _mentoring_wishes() -> None:
    op.create_table(
        "mentoring_wishes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("meets", sa.String(length=12), nullable=False),
        sa.Column("places", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("side IN ('mentor', 'mentee')", name=op.f("ck_mentoring_wishes_side")),
        sa.CheckConstraint(
            "language IN ('en', 'km', 'either')", name=op.f("ck_mentoring_wishes_language")
        ),
        sa.CheckConstraint(
            "meets IN ('online', 'in_person', 'either')", name=op.f("ck_mentoring_wishes_meets")
        ),
        sa.CheckConstraint("places BETWEEN 1 AND 10", name=op.f("ck_mentoring_wishes_places")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_mentoring_wishes_person_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mentoring_wishes")),
    )


def _words(table: str, column: str, owner: str) -> None:
    op.create_table(
        table,
        sa.Column("word", WORD, nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            [column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", column, name=op.f(f"pk_{table}")),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{table}_{column}", table, [column])


def _sqlite() -> None:
    for table, column, owner in OWNERS:
        # SQLite knows no function that splits a text, but one that reads a JSON list.
        words = (
            "SELECT DISTINCT value, {row}.id FROM json_each('[' || replace(json_quote(lower("
            "{row}.name_latin || ' ' || {row}.name_km)), ' ', '\",\"') || ']') WHERE value <> ''"
            " UNION SELECT replace(lower(name), ' ', ''), {row}.id FROM"
            " (SELECT {row}.name_latin AS name UNION SELECT {row}.name_km) WHERE name <> ''"
        )
        add = f"INSERT OR IGNORE INTO {table} (word, {column})"
        new = words.format(row="NEW")
        op.execute(f"CREATE TRIGGER {table}_added AFTER INSERT ON {owner} BEGIN {add} {new}; END")
        change = f"DELETE FROM {table} WHERE {column} = NEW.id; {add} {new}"  # noqa: S608
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER UPDATE OF name_latin, name_km ON {owner}"
            f" BEGIN {change}; END"
        )
        op.execute(f"UPDATE {owner} SET name_km = name_km")  # noqa: S608  those who are there
    op.execute(
        f"CREATE TRIGGER appeals_kept BEFORE UPDATE ON appeals WHEN {CHANGED}"
        f" BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    )
    op.execute(
        f"CREATE TRIGGER appeals_stay BEFORE DELETE ON appeals"
        f" BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    )
    # As for decisions: INSERT OR REPLACE removes the old row without a DELETE trigger.
    there = "SELECT 1 FROM appeals WHERE id = NEW.id"
    op.execute(
        f"CREATE TRIGGER appeals_no_replace BEFORE INSERT ON appeals WHEN EXISTS ({there})"
        f" BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    )
    op.execute(
        "CREATE TRIGGER consents_end_mentorships AFTER UPDATE OF withdrawn_at ON consents"
        " WHEN NEW.withdrawn_at IS NOT NULL BEGIN"
        " UPDATE mentorships SET ended_on = max(starts_on, date(NEW.withdrawn_at))"
        " WHERE ended_on IS NULL AND NEW.id IN (mentor_consent_id, mentee_consent_id); END"
    )


def _postgres() -> None:
    for table, column, owner in OWNERS:
        op.execute(
            f"""CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM {table} WHERE {column} = NEW.id;
            INSERT INTO {table} (word, {column})
            SELECT DISTINCT word, NEW.id FROM (
                SELECT regexp_split_to_table(lower(NEW.name_latin || ' ' || NEW.name_km), ' ') word
                UNION SELECT replace(lower(NEW.name_latin), ' ', '')
                UNION SELECT replace(lower(NEW.name_km), ' ', '')) words WHERE word <> '';
            RETURN NULL; END $$"""  # noqa: S608  (our own names)
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept AFTER INSERT OR UPDATE OF name_latin, name_km"
            f" ON {owner} FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        )
        op.execute(f"UPDATE {owner} SET name_km = name_km")  # noqa: S608
    op.execute(
        f"CREATE FUNCTION keep_appeals() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{KEPT}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER appeals_kept BEFORE UPDATE ON appeals FOR EACH ROW WHEN ({CHANGED})"
        " EXECUTE FUNCTION keep_appeals()"
    )
    op.execute(
        "CREATE TRIGGER appeals_stay BEFORE DELETE OR TRUNCATE ON appeals"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_appeals()"
    )
    op.execute(
        """CREATE FUNCTION end_mentorships() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE mentorships SET ended_on = greatest(starts_on, NEW.withdrawn_at::date)
        WHERE ended_on IS NULL AND NEW.id IN (mentor_consent_id, mentee_consent_id);
        RETURN NULL; END $$"""
    )
    op.execute(
        "CREATE TRIGGER consents_end_mentorships AFTER UPDATE OF withdrawn_at ON consents"
        " FOR EACH ROW WHEN (NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION end_mentorships()"
    )
