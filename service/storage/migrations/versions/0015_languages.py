"""Which language a comment is in that was not scored for it.

Revision 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column."""
    op.add_column("comment", sa.Column("language", sa.String(length=16), nullable=True))
