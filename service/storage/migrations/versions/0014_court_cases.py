"""Where a court case is heard, since when and until when, and the rule that goes with it.

Revision 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

#: The rule of the shipped ones that this is about. Its words stay; only what suggests it is new.
_TITLE = "Nothing about guilt while a court decides"


def upgrade() -> None:
    """Add the columns, and let a court case suggest the shipped rule about it."""
    op.add_column("article", sa.Column("court_jurisdiction", sa.String(length=64), nullable=True))
    op.add_column("article", sa.Column("court_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("article", sa.Column("court_until", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    book = sa.table("rulebook", sa.column("version"), sa.column("rules", sa.JSON()))
    for version, rules in connection.execute(sa.select(book.c.version, book.c.rules)).all():
        found = [
            {**rule, "attributes": [*rule["attributes"], "court_case"]} if rule["title"] == _TITLE else rule
            for rule in rules
        ]
        connection.execute(book.update().where(book.c.version == version).values(rules=found))
