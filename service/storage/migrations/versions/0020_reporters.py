"""What is known of reporters, and whom to work it out for.

Revision 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add both tables, and let the reporters of all that was decided be looked at in the background."""
    op.create_table(
        "reporter",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bloc", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_reporter"),
    )
    op.create_index("ix_reporter_bloc", "reporter", ["bloc"])
    op.create_index("ix_reporter_sent", "reporter", ["sent"])
    op.create_table(
        "reweigh",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=255), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_reweigh_comment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reweigh"),
    )
    op.drop_index("ix_report_comment_id", "report")
    op.create_index("ix_report_comment", "report", ["comment_id", "id"])
    op.create_index("ix_report_comment_reporter", "report", ["comment_id", "reporter"])
    op.execute("INSERT INTO reweigh (comment_id) SELECT DISTINCT comment_id FROM decision WHERE last_report > 0")
