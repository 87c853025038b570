"""An index of all words that readers wrote, kept by triggers: no way of writing a comment gets around it.

SQLite has it in an FTS5 table that holds no text, PostgreSQL in a table of
tsvectors; both are called `comment_words` and know the same fields, so that one question finds the same in both.

Revision 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_FIELDS = "text, author, article, verdict, day"
# Years, months and days, so that any span of time is a few words.
_DAY = (
    "substr({at}, 1, 4) || ' ' || substr({at}, 1, 4) || substr({at}, 6, 2) || ' ' "
    "|| substr({at}, 1, 4) || substr({at}, 6, 2) || substr({at}, 9, 2)"
)
_CHANGED = " OR ".join(
    f"NEW.{name} IS NOT OLD.{name}" for name in ("text", "author", "article_id", "verdict", "posted_at")
)

#: What stands between words, in a text without accents.
_SIGNS = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~“”‘’„‚—–…«»¿¡"
_POSTGRESQL = (
    f"""
CREATE FUNCTION search_fold(given text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT translate(
    lower(regexp_replace(normalize(given, NFKD), '[\\u0300-\\u036f]', '', 'g')),
    '{_SIGNS}', '{" " * (len(_SIGNS) - 1)}')
$$""",
    """
CREATE FUNCTION search_words(one comment) RETURNS tsvector STABLE LANGUAGE sql AS $$
  SELECT setweight(to_tsvector('simple', search_fold(one.text)), 'A')
    || setweight(to_tsvector('simple', search_fold(coalesce(one.author, ''))), 'B')
    || setweight(to_tsvector('simple', search_fold(one.article_id)), 'C')
    || to_tsvector('simple', 'verdict' || coalesce(one.verdict, 'none') || ' '
       || to_char(coalesce(one.posted_at, one.received_at) AT TIME ZONE 'UTC', 'YYYY YYYYMM YYYYMMDD'))
$$""",
    """
CREATE FUNCTION search_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO search_entry (comment_id) VALUES (NEW.id) RETURNING number INTO n;
    INSERT INTO comment_words (number, words) VALUES (n, search_words(NEW));
  ELSE
    UPDATE comment_words SET words = search_words(NEW)
      WHERE number = (SELECT number FROM search_entry WHERE comment_id = NEW.id);
  END IF;
  RETURN NULL;
END
$$""",
    "CREATE TABLE comment_words (number integer PRIMARY KEY REFERENCES search_entry (number), words tsvector NOT NULL)",
    "INSERT INTO search_entry (comment_id) SELECT id FROM comment ORDER BY received_at, id",
    """
INSERT INTO comment_words SELECT number, search_words(comment)
  FROM search_entry JOIN comment ON comment.id = search_entry.comment_id ORDER BY number""",
    "CREATE INDEX ix_comment_words ON comment_words USING gin (words)",
    "CREATE TRIGGER comment_search_insert AFTER INSERT ON comment FOR EACH ROW EXECUTE FUNCTION search_keep()",
    """
CREATE TRIGGER comment_search_update AFTER UPDATE OF text, author, article_id, verdict, posted_at ON comment
  FOR EACH ROW EXECUTE FUNCTION search_keep()""",
)


def upgrade() -> None:
    """Add the verdict in force to the comments, make the index, and fill it."""
    op.add_column("comment", sa.Column("verdict", sa.String(length=16), nullable=True))
    op.execute(
        "UPDATE comment SET verdict = (SELECT verdict FROM decision WHERE decision.id = (SELECT max(id) FROM decision "
        "AS held WHERE held.comment_id = comment.id AND held.verdict <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM decision AS undo WHERE undo.undoes = held.id))) "
        "WHERE id IN (SELECT comment_id FROM decision)"
    )
    op.create_table(
        "search_entry",
        # Ascends as comments come in: the newest are found first.
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_search_entry_comment_id"),
        sa.PrimaryKeyConstraint("number", name="pk_search_entry"),
        sa.UniqueConstraint("comment_id", name="uq_search_entry_comment_id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _upgrade_sqlite()
    else:
        for statement in _POSTGRESQL:
            op.execute(statement)


def _upgrade_sqlite() -> None:
    entry = "(SELECT number FROM search_entry WHERE comment_id = {row}.id)"
    values = "{row}.text, {row}.author, {row}.article_id, coalesce({row}.verdict, 'none'), " + _DAY.format(
        at="coalesce({row}.posted_at, {row}.received_at)"
    )
    # Nothing here comes from outside: the parts are the names of columns.
    add = f"""
        INSERT INTO comment_words (rowid, {_FIELDS}) VALUES ({entry.format(row="NEW")}, {values.format(row="NEW")});
    """  # noqa: S608
    remove = f"""
        INSERT INTO comment_words (comment_words, rowid, {_FIELDS})
        VALUES ('delete', {entry.format(row="OLD")}, {values.format(row="OLD")});
    """  # noqa: S608
    for statement in (
        f"""
        CREATE VIRTUAL TABLE comment_words
        USING fts5({_FIELDS}, content='', tokenize='unicode61 remove_diacritics 2')
        """,
        "INSERT INTO search_entry (comment_id) SELECT id FROM comment ORDER BY received_at, id",
        f"""
        INSERT INTO comment_words (rowid, {_FIELDS}) SELECT number, {values.format(row="comment")}
        FROM search_entry JOIN comment ON comment.id = search_entry.comment_id ORDER BY number
        """,  # noqa: S608
        f"""
        CREATE TRIGGER comment_search_insert AFTER INSERT ON comment
        BEGIN INSERT INTO search_entry (comment_id) VALUES (NEW.id); {add} END
        """,  # noqa: S608
        f"""
        CREATE TRIGGER comment_search_update AFTER UPDATE OF text, author, article_id, verdict, posted_at ON comment
        WHEN {_CHANGED} BEGIN {remove} {add} END
        """,
    ):
        op.get_bind().exec_driver_sql(statement)
