"""The address of the article that another program's verdict is about.

Revision 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add a column for it."""
    op.add_column("suggestion", sa.Column("story_url", sa.Text()))
