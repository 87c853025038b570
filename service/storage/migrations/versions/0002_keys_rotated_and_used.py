"""Keys that are rotated, and when each was used last.

Revision 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("api_key") as table:
        table.add_column(sa.Column("former_digest", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("former_until", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
        table.create_unique_constraint("uq_api_key_former_digest", ["former_digest"])
