"""Articles are found by their address too.

Revision 0005.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_article_url", "article", ["url"], postgresql_using="hash")
