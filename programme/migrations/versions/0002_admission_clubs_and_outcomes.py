"""Applications and admission, groups, clubs, kit, mentors, consents, certificates, surveys.

Columns are added to older tables by statements of their own: both databases take a constraint with
a new column, while SQLite can add one in no other way than by copying the table.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DISTRICT = (
    "district_code IS NULL OR (province_code IS NOT NULL AND length(district_code) = 4"
    " AND substr(district_code, 1, 2) = province_code)"
)
COLUMNS = (
    "people ADD COLUMN district_code VARCHAR(4)"
    f" CONSTRAINT ck_people_district_in_its_province CHECK ({DISTRICT})",
    "people ADD COLUMN erased_on DATE",
    "cohorts ADD COLUMN programme_id INTEGER"
    " CONSTRAINT fk_cohorts_programme_id REFERENCES programmes (id)",
    "attendance ADD COLUMN source VARCHAR(8) DEFAULT 'class' NOT NULL CONSTRAINT"
    " ck_attendance_source CHECK (source IN ('class', 'online', 'paper', 'catch_up'))",
)


def upgrade() -> None:
    """Make the new tables, in the order in which they refer to one another."""
    _programmes()
    _older_tables()
    _drafts()
    _surveys()
    _clubs()
    _groups()
    _survey_answers()
    _applications()
    _catch_ups()
    _certificates()
    _group_members()
    _kit()
    _survey_tickets()
    _consents()
    _readings()
    _mentorships()


def _older_tables() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE {column}")
    op.create_index("ix_cohorts_programme_id", "cohorts", ["programme_id"])
    op.create_index("uq_enrolments_id_cohort_id", "enrolments", ["id", "cohort_id"], unique=True)


def _programmes() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('ambassador', 'club')", name=op.f("ck_programmes_kind")),
        sa.CheckConstraint(
            "closes_on >= opens_on", name=op.f("ck_programmes_closes_after_it_opens")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sa.UniqueConstraint("name", name=op.f("uq_programmes_name")),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_drafts_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_drafts_link_hash")),
    )
    op.create_index(op.f("ix_drafts_saved_at"), "drafts", ["saved_at"], unique=False)


def _surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=8), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "moment IN ('before', 'middle', 'after')", name=op.f("ck_surveys_moment")
        ),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_surveys_closes_after_it_opens")),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_surveys_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("name", name=op.f("uq_surveys_name")),
    )


def _clubs() -> None:
    op.create_table(
        "clubs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("safeguarding_adult", sa.String(length=120), nullable=False),
        sa.Column("safeguarding_phone", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="proposed", nullable=False),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_by IS NULL)"
            " AND (status = 'proposed') = (decided_at IS NULL)",
            name=op.f("ck_clubs_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(status IN ('approved', 'closed')) = (cohort_id IS NOT NULL)",
            name=op.f("ck_clubs_approved_has_a_cohort"),
        ),
        sa.CheckConstraint("mode IN ('online', 'in_person')", name=op.f("ck_clubs_mode")),
        sa.CheckConstraint(
            "status <> 'refused' OR coalesce(length(reason), 0) > 0",
            name=op.f("ck_clubs_refused_with_a_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'refused', 'closed')", name=op.f("ck_clubs_status")
        ),
        sa.CheckConstraint("length(place) > 0", name=op.f("ck_clubs_place")),
        sa.CheckConstraint("length(province_code) = 2", name=op.f("ck_clubs_province_code")),
        sa.CheckConstraint(
            "length(safeguarding_adult) > 0 AND length(safeguarding_phone) > 0",
            name=op.f("ck_clubs_safeguarding_adult"),
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_clubs_cohort_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["people.id"], name=op.f("fk_clubs_leader_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_clubs_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clubs")),
        sa.UniqueConstraint("cohort_id", name=op.f("uq_clubs_cohort_id")),
        sa.UniqueConstraint("name", name=op.f("uq_clubs_name")),
    )
    op.create_index(
        "uq_clubs_leader_id_programme_id",
        "clubs",
        ["leader_id", "programme_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'refused'"),
        postgresql_where=sa.text("status <> 'refused'"),
    )


def _groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.CheckConstraint(
            "mode = 'online' OR coalesce(length(place), 0) > 0",
            name=op.f("ck_groups_in_person_has_a_place"),
        ),
        sa.CheckConstraint("mode IN ('online', 'in_person')", name=op.f("ck_groups_mode")),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_groups_cohort_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("cohort_id", "name", name=op.f("uq_groups_cohort_id_name")),
        sa.UniqueConstraint("id", "cohort_id", name=op.f("uq_groups_id_cohort_id")),
    )


def _survey_answers() -> None:
    op.create_table(
        "survey_answers",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("response", sa.String(length=32), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("length(response) = 32", name=op.f("ck_survey_answers_response")),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
            name=op.f("fk_survey_answers_survey_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint(
            "survey_id", "response", "question", name=op.f("pk_survey_answers")
        ),
        sqlite_with_rowid=False,
    )


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("club_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=12), server_default="received", nullable=False),
        sa.Column("name_km", sa.String(length=120), nullable=False),
        sa.Column("name_latin", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=130), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("district_code", sa.String(length=4), nullable=True),
        sa.Column("school_kind", sa.String(length=16), nullable=False),
        sa.Column("wish", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("guardian_name", sa.String(length=120), nullable=True),
        sa.Column("guardian_phone", sa.String(length=16), nullable=True),
        sa.Column("submitted_at", sa.DateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'km')", name=op.f("ck_applications_language")),
        sa.CheckConstraint(
            "status IN ('received', 'accepted', 'waiting', 'declined', 'withdrawn')",
            name=op.f("ck_applications_status"),
        ),
        sa.CheckConstraint(
            "status IN ('received', 'withdrawn') OR"
            " (decided_by IS NOT NULL AND decided_at IS NOT NULL AND reasons IS NOT NULL)",
            name=op.f("ck_applications_decided_by_somebody_with_reasons"),
        ),
        sa.CheckConstraint(
            "wish IN ('online', 'in_person', 'either')", name=op.f("ck_applications_wish")
        ),
        sa.CheckConstraint(
            "NOT minor OR (coalesce(length(guardian_name), 0) > 0 AND guardian_phone IS NOT NULL)",
            name=op.f("ck_applications_minor_has_a_guardian"),
        ),
        sa.CheckConstraint(
            DISTRICT,
            name=op.f("ck_applications_district_in_its_province"),
        ),
        sa.CheckConstraint(
            "length(name_km) + length(name_latin) > 0", name=op.f("ck_applications_has_a_name")
        ),
        sa.CheckConstraint("length(province_code) = 2", name=op.f("ck_applications_province_code")),
        sa.ForeignKeyConstraint(
            ["club_id"], ["clubs.id"], name=op.f("fk_applications_club_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_applications_person_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programmes.id"],
            name=op.f("fk_applications_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_applications_link_hash")),
        sa.UniqueConstraint(
            "programme_id",
            "name_key",
            "birth_date",
            "phone",
            name=op.f("uq_applications_programme_id_name_key_birth_date_phone"),
        ),
        sa.UniqueConstraint(
            "programme_id", "person_id", name=op.f("uq_applications_programme_id_person_id")
        ),
    )
    op.create_index(op.f("ix_applications_club_id"), "applications", ["club_id"], unique=False)
    op.create_index(op.f("ix_applications_person_id"), "applications", ["person_id"], unique=False)
    op.create_index(
        "ix_applications_programme_id_status",
        "applications",
        ["programme_id", "status"],
        unique=False,
    )


def _catch_ups() -> None:
    op.create_table(
        "catch_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_catch_ups_session_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catch_ups")),
        sa.UniqueConstraint("session_id", "held_on", name=op.f("uq_catch_ups_session_id_held_on")),
    )


def _certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=32), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)"
            " AND (revoked_at IS NULL) = (revoked_reason IS NULL)"
            " AND (revoked_reason IS NULL OR length(revoked_reason) > 0)",
            name=op.f("ck_certificates_revoked_by_somebody_with_a_reason"),
        ),
        sa.CheckConstraint("length(issued_by) > 0", name=op.f("ck_certificates_issued_by")),
        sa.CheckConstraint("length(number) > 0", name=op.f("ck_certificates_number")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_certificates_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
    )
    op.create_index(
        "uq_certificates_enrolment_id",
        "certificates",
        ["enrolment_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _group_members() -> None:
    op.create_table(
        "group_members",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id", "cohort_id"],
            ["enrolments.id", "enrolments.cohort_id"],
            name="fk_group_members_enrolment",
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "cohort_id"],
            ["groups.id", "groups.cohort_id"],
            name="fk_group_members_group",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_group_members")),
    )
    op.create_index(op.f("ix_group_members_group_id"), "group_members", ["group_id"], unique=False)


def _kit() -> None:
    op.create_table(
        "kit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("club_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_kit_count")),
        sa.CheckConstraint("length(item) > 0", name=op.f("ck_kit_item")),
        sa.ForeignKeyConstraint(
            ["club_id"], ["clubs.id"], name=op.f("fk_kit_club_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit")),
        sa.UniqueConstraint("club_id", "item", name=op.f("uq_kit_club_id_item")),
    )


def _survey_tickets() -> None:
    op.create_table(
        "survey_tickets",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_survey_tickets_enrolment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
            name=op.f("fk_survey_tickets_survey_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("survey_id", "enrolment_id", name=op.f("pk_survey_tickets")),
        sqlite_with_rowid=False,
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("of_minor", sa.Boolean(), nullable=False),
        sa.Column("given_as", sa.String(length=8), nullable=False),
        sa.Column("given_by", sa.String(length=120), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "NOT of_minor OR given_as = 'guardian'", name=op.f("ck_consents_guardian_for_a_minor")
        ),
        sa.CheckConstraint("given_as IN ('self', 'guardian')", name=op.f("ck_consents_given_as")),
        sa.CheckConstraint(
            "purpose IN ('data', 'photo', 'mentoring', 'survey')", name=op.f("ck_consents_purpose")
        ),
        sa.CheckConstraint(
            "application_id IS NOT NULL OR person_id IS NOT NULL",
            name=op.f("ck_consents_of_somebody"),
        ),
        sa.CheckConstraint("length(given_by) > 0", name=op.f("ck_consents_given_by")),
        sa.CheckConstraint(
            "withdrawn_at >= given_at", name=op.f("ck_consents_withdrawn_after_given")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_consents_application_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_consents_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        op.f("ix_consents_application_id"), "consents", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"], unique=False)


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(length=32), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("length(reader) > 0", name=op.f("ck_readings_reader")),
        sa.CheckConstraint("seat IN (1, 2)", name=op.f("ck_readings_seat")),
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


def _mentorships() -> None:
    op.create_table(
        "mentorships",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mentor_id", sa.Integer(), nullable=False),
        sa.Column("mentee_id", sa.Integer(), nullable=False),
        sa.Column("mentor_consent_id", sa.Integer(), nullable=False),
        sa.Column("mentee_consent_id", sa.Integer(), nullable=False),
        sa.Column("matched_by", sa.String(length=32), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ended_on >= starts_on", name=op.f("ck_mentorships_ended_after_it_started")
        ),
        sa.CheckConstraint(
            "mentor_consent_id <> mentee_consent_id", name=op.f("ck_mentorships_two_consents")
        ),
        sa.CheckConstraint("mentor_id <> mentee_id", name=op.f("ck_mentorships_two_people")),
        sa.ForeignKeyConstraint(
            ["mentee_consent_id"],
            ["consents.id"],
            name=op.f("fk_mentorships_mentee_consent_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["mentee_id"], ["people.id"], name=op.f("fk_mentorships_mentee_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["mentor_consent_id"],
            ["consents.id"],
            name=op.f("fk_mentorships_mentor_consent_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["people.id"], name=op.f("fk_mentorships_mentor_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentorships")),
    )
    op.create_index(op.f("ix_mentorships_mentor_id"), "mentorships", ["mentor_id"], unique=False)
    op.create_index(
        "uq_mentorships_mentee_id",
        "mentorships",
        ["mentee_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
