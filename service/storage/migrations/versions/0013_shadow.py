"""What a challenger made of comments that it scored beside the champion.

Revision 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "shadow",
        sa.Column("score_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bundle_version", sa.String(length=255), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["score_id"], ["score.id"], name="fk_shadow_score_id"),
        sa.PrimaryKeyConstraint("score_id", "bundle_version", name="pk_shadow"),
    )
