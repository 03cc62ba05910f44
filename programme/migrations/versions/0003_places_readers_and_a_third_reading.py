"""How many places a group has and who can reach it, who may read, and a third reading.

SQLite can't change a constraint of a table: readings, to which no other table refers, are copied.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEATS = "seat IN (1, 2, 3)"


def upgrade() -> None:
    """Two columns, a table, and a seat more."""
    op.execute(
        "ALTER TABLE groups ADD COLUMN places INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_groups_places CHECK (places BETWEEN 0 AND 1000)"
    )
    op.add_column("groups", sa.Column("provinces", sa.JSON(), nullable=True))
    _readers()
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_readings_seat"), "readings", type_="check")
        op.create_check_constraint(op.f("ck_readings_seat"), "readings", SEATS)
    else:
        _copy_readings()


def _readers() -> None:
    op.create_table(
        "readers",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("named_by", sa.String(length=32), nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("length(named_by) > 0", name=op.f("ck_readers_named_by")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_readers_person_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_readers_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("programme_id", "person_id", name=op.f("pk_readers")),
    )


def _copy_readings() -> None:
    op.create_table(
        "readings_new",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("length(reader) > 0", name=op.f("ck_readings_reader")),
        sa.CheckConstraint(SEATS, name=op.f("ck_readings_seat")),
        sa.CheckConstraint("total BETWEEN 0 AND 1000", name=op.f("ck_readings_total")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_readings_application_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint(
            "application_id", "reader", name=op.f("uq_readings_application_id_reader")
        ),
        sa.UniqueConstraint("application_id", "seat", name=op.f("uq_readings_application_id_seat")),
    )
    op.execute("INSERT INTO readings_new SELECT * FROM readings")
    op.drop_table("readings")
    op.rename_table("readings_new", "readings")
