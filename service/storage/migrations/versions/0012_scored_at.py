"""Scores by when they were given: what drift compares.

Revision 0012.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_score_scored_at", "score", ["scored_at"])
