"""Answers to calls with an idempotency key; an index for the latest articles.

Revision 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "answer",
        sa.Column("caller", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_answer"),
    )
    op.create_index("ix_answer_created_at", "answer", ["created_at"])
    op.create_index("ix_article_received_at", "article", ["received_at"])
