"""The text that a moderator lets stand in place of a comment's own; authors' names composed (NFC).

Revision 0021.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the column, and write each author's name in its composed form."""
    op.add_column("decision", sa.Column("amended_text", sa.Text(), nullable=True))
    comment = sa.table("comment", sa.column("author", sa.String))
    bind = op.get_bind()
    for (author,) in bind.execute(sa.select(comment.c.author).where(comment.c.author.is_not(None)).distinct()).all():
        composed = unicodedata.normalize("NFC", author)
        # The shorter form fits; the few letters that become longer stay as they came.
        if composed != author and len(composed) <= len(author):
            bind.execute(sa.update(comment).where(comment.c.author == author).values(author=composed))
