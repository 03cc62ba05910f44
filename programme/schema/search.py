"""The words of names, each with whose name it is: what a search by name looks through.

The database keeps both tables by itself (triggers in migration 0004), so that no program can forget
a name here, and a name that is erased is gone here too. Words are in small letters; a name of
several words is there once more without its spaces, as Khmer is often written.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from programme.schema.base import metadata

LONGEST_WORD = 240
# Bytewise on both databases: a search for a beginning is then a stretch of the index.
WORD = String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql")

person_words = Table(
    "person_words",
    metadata,
    Column("word", WORD, primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
application_words = Table(
    "application_words",
    metadata,
    Column("word", WORD, primary_key=True),
    Column(
        "application_id",
        ForeignKey("applications.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sqlite_with_rowid=False,
)
