"""What is known of a piece of evidence, the state of each village and year, frozen versions for meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.add_column("evidence", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("evidence", sa.Column("preview", sa.Text(), nullable=True))
    op.add_column("evidence", sa.Column("about", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "states",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("run", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_states_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_states")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_states_study_id"), "states", ["study_id"], unique=False)
    op.create_index("ix_states_village", "states", ["study_id", "year", "village_id"], unique=False)
    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("study_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("headline", sa.JSON(), nullable=False),
        sa.Column("withdrawn", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_meetings_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("study_id", "key", name=op.f("uq_meetings_study_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_meetings_study_id"), "meetings", ["study_id"], unique=False)
