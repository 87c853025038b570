"""Which column of somebody's table holds what: guessed from the names, shown, and overridden."""

from collections.abc import Mapping, Sequence
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
    ),
        # What is no spam may have been removed all the same.
        *("spam", "is_spam"),
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
    of: Mapping[str, str]
    also: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]
    yes_no: YesNo | None
    minus_one_is_unasked: bool

    def lines(self) -> list[str]:
        """Return it as text, a line for each role."""
        said = [f"{self.source}: columns"]
        for role, column in self.of.items():
            more = f" (not {', '.join(self.also[role])})" if role in self.also else ""
            yes = f"; {self.yes_no.sentence}" if role == "label" and self.yes_no else ""
            said.append(f"  {role:<16} <- {column}{more}{yes}")
        if self.unused:
            said.append(f"  not used: {', '.join(self.unused)}")
        return said


def guess_columns(source: str, names: Sequence[str], given: Mapping[str, str] | None = None) -> Columns:
    """Guess what the columns of a table are.

    Parameters
    ----------
    source
        The table, for messages.
    names
        Its columns.
    given
        Role to column, where the user knows better; an empty column takes
        the role for absent.

    Raises
    ------
    InvalidInput
        If there are no comments or no labels, or a column is not there.
    """
    given = given or {}
    _check(source, names, given)
    known: dict[str, list[str]] = {}
    for name in names:
        known.setdefault(plain_name(name), []).append(name)
    of = {role: column for role, column in given.items() if column}
    also: dict[str, tuple[str, ...]] = {}
    for role, usual in _NAMES.items():
        if role in given:
            continue
        found = [name for plain in usual for name in known.get(plain, []) if name not in of.values()]
        if found:
            of[role] = found[0]
        if found[1:]:
            also[role] = tuple(found[1:])
    of = {role: of[role] for role in ROLES if role in of}
    if "text" not in of:
        raise InvalidInput(
            f"{source!r} has no column of comments, only {', '.join(names)}: name the one that holds them "
            f"`text` (in a CSV file the first line names the columns), or point to it with ingest --map text=COLUMN."
        )
    if not of.keys() & {"label", "attributes", *ATTRIBUTES}:
        raise InvalidInput(
            f"{source!r} has no column of labels: neither `label` nor one of {', '.join(ATTRIBUTES)}; "
            f"only {', '.join(names)}: point to it with ingest --map label=COLUMN."
        )
    return Columns(
        source=source,
        of=of,
        also=also,
        unused=tuple(name for name in names if name not in of.values()),
        yes_no=yes_no_of(plain_name(of["label"]), known) if "label" in of else None,
        minus_one_is_unasked=known.keys() >= _JIGSAW,
    )


def _check(source: str, names: Sequence[str], given: Mapping[str, str]) -> None:
    """Refuse a column that is given for a role of a label row and does not exist."""
    for role, column in given.items():
        if role not in _NAMES:
            raise InvalidInput(f"A table of labels has no {role!r}: it has {', '.join(ROLES)}.")
        if column and column not in names:
            raise InvalidInput(f"{source!r} has no column {column!r} for {role}; it has {', '.join(names)}.")
