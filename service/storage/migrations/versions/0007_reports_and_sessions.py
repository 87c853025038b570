"""Which text a report is about; attempts that are counted; moderators' sessions.

Revision 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns, the indices and the tables."""
    op.add_column("report", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_report_reporter", "report", ["reporter"])
    op.create_table(
        "attempt",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_attempt"),
    )
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.add_column("user_account", sa.Column("subject", sa.String(length=512), nullable=True))
    op.create_index("uq_user_account_subject", "user_account", ["subject"], unique=True)
    op.create_table(
        "user_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_user_session_user_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_user_session"),
    )
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"])
