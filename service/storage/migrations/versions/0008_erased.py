"""When a comment's text was erased.

Revision 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column."""
    op.add_column("comment", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
