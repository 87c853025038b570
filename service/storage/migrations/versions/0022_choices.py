"""What admins choose for the newsroom; who has not chosen whether slurs are masked follows it.

Revision 0022.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the table, and tell whoever wants slurs shown from whoever never said."""
    op.create_table(
        "choice",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("chosen_by", sa.String(length=255), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_choice"),
    )
    op.add_column("user_account", sa.Column("slurs", sa.String(length=16), nullable=True))
    op.execute(sa.text("UPDATE user_account SET slurs = 'shown' WHERE words_shown"))
    op.drop_column("user_account", "words_shown")
