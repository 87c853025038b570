"""Which column of somebody's table holds what: guessed from the names, shown, and overridden."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from model.attributes import BY_NAME, REJECT
from model.errors import InvalidInput
from model.tables.comments import NAMES, plain_name
from training.labels.cells import plain
from training.labels.verdicts import YesNo, yes_no_of

#: Attributes whose labels are columns of their own. `likely_to_reject` is what a moderator decided: `label`.
ATTRIBUTES = tuple(name for name in BY_NAME if name != REJECT)
#: What a label table can hold, and what others call it; the likeliest name first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": NAMES["text"],
    "label": (
        *("label", "verdict", "decision", "rating", "status", "moderation_status", "action", "class"),
        *BY_NAME[REJECT].columns,
        *("is_removed", "is_rejected", REJECT),
        # Where these say yes, the comment was kept.
        *("approved", "is_approved", "kept", "accepted", "comment_approved"),
        # What is no spam may have been removed all the same.
        *("spam", "is_spam"),
    ),
    **{name: (name, *BY_NAME[name].columns) for name in ATTRIBUTES},
    "attributes": ("attributes", "attributescores"),
    "comment_id": ("comment_id", "id", "commentid", "cid"),
    "article_id": NAMES["article_id"],
    "article": ("article",),
    "article_title": ("article_title",),
    "article_body": ("article_body",),
    "parent_text": NAMES["parent_text"],
    "author": ("author", "author_id", "user_id", "comment_author", "username"),
    "time": ("verdict_at", "time", "created_at", "created_date", "posted_at", "date", "timestamp", "comment_date"),
    "seen_because": ("seen_because",),
    "probability_seen": ("probability_seen",),
    "batch": ("batch",),
    "blind": ("blind",),
    "withdrawn": ("withdrawn",),
    "origin": ("origin",),
}
ROLES = tuple(_NAMES)
#: Jigsaw wrote -1 for rows of its test set that nobody had labelled.
_JIGSAW = frozenset({"toxic", "severe_toxic", "identity_hate"})


@dataclass(frozen=True, slots=True)
class Hints:
    """What a user says of a table, where the guess would be wrong.

    Attributes
    ----------
    columns
        Role to column; an empty column takes the role for absent.
    removed, kept
        Values of the label's column that mean so.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if both := set(map(plain, self.removed)) & set(map(plain, self.kept)):
            raise InvalidInput(f"{min(both)!r} cannot mean both removed and kept: name it in one of the two options.")


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of one table is taken for.

    Attributes
    ----------
    source
        The table.
    names
        All columns that are known of it.
    of
        Role to the column's own name.
    also
        Role to other columns that could have been meant.
    unused
        Columns that are taken for nothing.
    yes_no
        What yes and no mean in the label's column, where its name tells it.
    minus_one_is_unasked
        -1 stands where nobody was asked.
    """

    source: str
    names: tuple[str, ...]
    of: Mapping[str, str]
    also: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]
    yes_no: YesNo | None
    minus_one_is_unasked: bool

    def lines(self, before: "Columns | None" = None) -> list[str]:
        """Return it as text, a line for each role; without what was said `before`, of fewer names."""
        said = [f"{self.source}: columns"]
        for role, column in self.of.items():
            more = f" (not {', '.join(self.also[role])})" if role in self.also else ""
            yes = f"; {self.yes_no.sentence}" if role == "label" and self.yes_no else ""
            said.append(f"  {role:<16} <- {column}{more}{yes}")
        if self.unused:
            said.append(f"  not used: {', '.join(self.unused)}")
        if before is None:
            return said
        known = before.lines()
        found = [line for line in said if line not in known]
        return [f"{self.source}: more columns", *found] if found else []


def guess_columns(
    source: str, names: Iterable[str], given: Mapping[str, str], before: Columns | None = None
) -> Columns:
    """Guess what the columns of a table are, as far as they are known: rows of JSON may bring others.

    Parameters
    ----------
    source
        The table, for messages.
    names
        Its columns, or those of some rows.
    given
        Role to column, where the user knows better; an empty column takes
        the role for absent.
    before
        What the columns of earlier rows were taken for, and still are.

    Raises
    ------
    InvalidInput
        If there are no comments.
    """
    names = tuple(dict.fromkeys((*(before.names if before else ()), *names)))
    given = _as_written(names, given)
    _check_given(source, names, {"text": given.get("text", "")})
    known: dict[str, list[str]] = {}
    for name in names:
        known.setdefault(plain_name(name), []).append(name)
    of = {**(before.of if before else {}), **{role: column for role, column in given.items() if column}}
    also: dict[str, tuple[str, ...]] = {}
    for role, usual in _NAMES.items():
        if role in given:
            continue
        found = [name for plain in usual for name in known.get(plain, []) if name not in of.values()]
        if found and role not in of:
            of[role] = found.pop(0)
        if found:
            also[role] = tuple(found)
    of = {role: of[role] for role in ROLES if role in of}
    if "text" not in of:
        raise InvalidInput(
            f"{source!r} has no column of comments, only {', '.join(names)}: name the one that holds them "
            f"`text` (in a CSV file the first line names the columns), or point to it with ingest --map text=COLUMN."
        )
    if before and before.of.get("label") == of.get("label"):
        yes_no = before.yes_no
    else:
        yes_no = yes_no_of(plain_name(of["label"]), known) if "label" in of else None
    return Columns(
        source=source,
        names=names,
        of=of,
        also=also,
        unused=tuple(name for name in names if name not in of.values()),
        yes_no=yes_no,
        minus_one_is_unasked=known.keys() >= _JIGSAW,
    )


def check_columns(columns: Columns, given: Mapping[str, str]) -> None:
    """Refuse a table that has no other columns than these if no label is among them, or not all that were given."""
    _check_given(columns.source, columns.names, _as_written(columns.names, given))
    if not columns.of.keys() & {"label", "attributes", *ATTRIBUTES}:
        raise InvalidInput(
            f"{columns.source!r} has no column of labels: neither `label` nor one of {', '.join(ATTRIBUTES)}; "
            f"only {', '.join(columns.names)}: point to it with ingest --map label=COLUMN."
        )


def _as_written(names: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the given columns as the table writes them: an accent may be a sign of its own there, and nobody sees it.

    A role that no label row has is refused.
    """
    for role in given:
        if role not in _NAMES:
            raise InvalidInput(f"A table of labels has no {role!r}: it has {', '.join(ROLES)}.")
    written = {unicodedata.normalize("NFC", name): name for name in names}
    return {role: written.get(unicodedata.normalize("NFC", column), column) for role, column in given.items()}


def _check_given(source: str, names: Collection[str], given: Mapping[str, str]) -> None:
    """Refuse a column that is given for a role and does not exist."""
    for role, column in given.items():
        if column and column not in names:
            raise InvalidInput(
                f"{source!r} has no column {column!r} for {role}; it has {', '.join(names)}: --map applies to every "
                "SOURCE, so ingest files with other columns one by one."
            )
