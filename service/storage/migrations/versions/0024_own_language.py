"""The language that a moderator wants the console's pages in; without one, it is the newsroom's.

Revision 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column."""
    op.add_column("user_account", sa.Column("language", sa.String(length=16), nullable=True))
