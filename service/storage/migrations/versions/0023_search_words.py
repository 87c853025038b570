"""The index of words anew: cut alike by both databases, whatever PostgreSQL's locale, and in stretches there.

PostgreSQL's own parser takes an emoji for a letter in some locales, and SQLite
takes those for letters that are younger than its table: "muppet🤡" was one word.

Revision 0023.
"""

from collections.abc import Callable, Iterator
from unicodedata import category, combining

from alembic import op

revision = "0023"
down_revision = "0022"

#: Nobody sees them: words go on behind them.
_JOINERS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


def _ranges(belongs: Callable[[str], bool], first: int) -> Iterator[str]:
    """Write, for a regular expression, which characters belong to a kind; unassigned ones between them may."""
    begin = last = None
    for code in (*range(first, 0xD800), *range(0xE000, 0x20000)):
        if belongs(chr(code)):
            begin, last = begin or code, code
        elif begin and category(chr(code)) != "Cn":
            yield f"\\U{begin:08x}-\\U{last:08x}"
            begin = None
    if begin:
        yield f"\\U{begin:08x}-\\U{last:08x}"


def _postgresql() -> tuple[str, ...]:
    """Return what makes the index in PostgreSQL: a mark before each word names its field, and `~` stretches."""
    marks = "".join(_ranges(lambda one: combining(one) > 0, 0x80))
    signs = "".join(_ranges(lambda one: not one.isalnum() and not combining(one), 1))
    return (
        # A lexeme has 2,046 bytes at most, and a character has four.
        f"""
CREATE FUNCTION search_cut(given text, mark text) RETURNS tsvector IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
  SELECT coalesce(string_agg('''' || mark || left(word, 500) || ''':' || place, ' '), '')::tsvector
  FROM regexp_split_to_table(lower(regexp_replace(
      normalize(regexp_replace(regexp_replace(given, '[{_JOINERS}{marks}]', '', 'g'), '[{signs}]+', ' ', 'g'), NFKD),
      '[{marks}]', '', 'g')), ' ') WITH ORDINALITY AS cut (word, place)
  WHERE word <> ''
$$""",  # noqa: S608
        """
CREATE FUNCTION search_words(one comment, number integer) RETURNS tsvector STABLE LANGUAGE sql AS $$
  SELECT search_cut(one.text, '') || search_cut(coalesce(one.author, ''), '@')
    || array_to_tsvector(ARRAY['/' || one.article_id, '=' || coalesce(one.verdict, 'none'),
        '~20000.' || number / 20000, '~200000.' || number / 200000]
      || string_to_array(to_char(
        coalesce(one.posted_at, one.received_at) AT TIME ZONE 'UTC', '#YYYY #YYYYMM #YYYYMMDD'), ' '))
$$""",
        """
CREATE FUNCTION search_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO search_entry (comment_id) VALUES (NEW.id) RETURNING number INTO n;
    INSERT INTO comment_words (number, words) VALUES (n, search_words(NEW, n));
  ELSE
    SELECT number INTO n FROM search_entry WHERE comment_id = NEW.id;
    UPDATE comment_words SET words = search_words(NEW, n) WHERE number = n;
  END IF;
  RETURN NULL;
END
$$""",
        """
INSERT INTO comment_words SELECT number, search_words(comment, number)
  FROM search_entry JOIN comment ON comment.id = search_entry.comment_id ORDER BY number""",
        # What waits to go into the index would be read anew in every stretch.
        "CREATE INDEX ix_comment_words ON comment_words USING gin (words) WITH (fastupdate = off)",
        "CREATE TRIGGER comment_search_insert AFTER INSERT ON comment FOR EACH ROW EXECUTE FUNCTION search_keep()",
        """
CREATE TRIGGER comment_search_update AFTER UPDATE OF text, author, article_id, verdict, posted_at ON comment
  FOR EACH ROW EXECUTE FUNCTION search_keep()""",
    )


def _sqlite() -> tuple[str, ...]:
    """Return what makes the index in SQLite."""
    signs = "".join(chr(code) for code in (*range(0x2000, 0x2C00), *range(0x1F000, 0x1FB00)) if not chr(code).isalnum())
    fields = "text, author, article, verdict, day"
    entry = "(SELECT number FROM search_entry WHERE comment_id = {row}.id)"
    text, author = "{row}.text", "{row}.author"
    for one in _JOINERS:
        text, author = f"replace({text}, '{one}', '')", f"replace({author}, '{one}', '')"
    at = "coalesce({row}.posted_at, {row}.received_at)"
    year, month, day = f"substr({at}, 1, 4)", f"substr({at}, 6, 2)", f"substr({at}, 9, 2)"
    values = (
        f"{text}, {author}, {{row}}.article_id, coalesce({{row}}.verdict, 'none'), "
        f"{year} || ' ' || {year} || {month} || ' ' || {year} || {month} || {day}"
    )
    # Nothing here comes from outside: the parts are the names of columns.
    add = f"INSERT INTO comment_words (rowid, {fields}) VALUES ({entry}, {values});".format(row="NEW")  # noqa: S608
    remove = (
        f"INSERT INTO comment_words (comment_words, rowid, {fields}) VALUES ('delete', {entry}, {values});"  # noqa: S608
    ).format(row="OLD")
    changed = " OR ".join(
        f"NEW.{name} IS NOT OLD.{name}" for name in ("text", "author", "article_id", "verdict", "posted_at")
    )
    return (
        f"""
        CREATE VIRTUAL TABLE comment_words
        USING fts5({fields}, content='', tokenize="unicode61 remove_diacritics 2 separators '{signs}'")
        """,
        f"""
        INSERT INTO comment_words (rowid, {fields}) SELECT number, {values.format(row="comment")}
        FROM search_entry JOIN comment ON comment.id = search_entry.comment_id ORDER BY number
        """,  # noqa: S608
        f"""
        CREATE TRIGGER comment_search_insert AFTER INSERT ON comment
        BEGIN INSERT INTO search_entry (comment_id) VALUES (NEW.id); {add} END
        """,  # noqa: S608
        f"""
        CREATE TRIGGER comment_search_update AFTER UPDATE OF text, author, article_id, verdict, posted_at ON comment
        WHEN {changed} BEGIN {remove} {add} END
        """,
    )


def upgrade() -> None:
    """Take the old index away, make the new one, and fill it."""
    connection = op.get_bind()
    away: tuple[str, ...]
    if connection.dialect.name == "sqlite":
        away = ("DROP TRIGGER comment_search_insert", "DROP TRIGGER comment_search_update", "DROP TABLE comment_words")
        made = _sqlite()
    else:
        away = (
            "DROP TRIGGER comment_search_insert ON comment",
            "DROP TRIGGER comment_search_update ON comment",
            "DROP FUNCTION search_keep(), search_words(comment), search_fold(text)",
            "DROP INDEX ix_comment_words",
            "TRUNCATE comment_words",
        )
        made = _postgresql()
    for statement in (*away, *made):
        connection.exec_driver_sql(statement)
