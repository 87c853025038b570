"""What became of a comment, in the words, the yes and no, or the codes of the program that exported it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from model.errors import InvalidInput
from training.labels.cells import EMPTY, NO, YES, plain

Verdict = Literal["removed", "kept"]
_REMOVED = (
    *("removed", "remove", "rejected", "reject", "disapproved", "blocked", "block", "hidden", "hide", "unpublished"),
    *("spam", "trash", "post-trashed", "toxic", "abusive"),
)
_KEPT = (
    *("kept", "keep", "approved", "approve", "accepted", "accept", "allowed", "allow", "published", "visible"),
    *("ham", "clean"),
)
#: Nobody reviewed it, or nobody decided: that is not "kept".
_NEVER = (
    *EMPTY,
    *("unknown", "never reviewed", "never_reviewed", "unreviewed", "unmoderated", "unapproved", "pending", "new"),
    *("premod", "system_withheld", "escalate", "escalated", "hold", "held", "on hold", "waiting", "queued"),
    *("reported", "flagged", "in review"),
)
_WORDS: Mapping[str, Verdict | None] = {
    **dict.fromkeys(_REMOVED, "removed"),
    **dict.fromkeys(_KEPT, "kept"),
    **dict.fromkeys(_NEVER, None),
}
#: A column that is named after one of these says yes of a comment that was kept; after one of those below, removed.
_KEPT_IF_YES = frozenset({*_KEPT, "public", "shown", "live"})
_REMOVED_IF_YES = frozenset({*_REMOVED, "likely", "deleted", "banned", "trashed"})
#: Drupal's `status` says whether a comment is published; these stand beside it.
_DRUPAL = frozenset({"subject", "comment_body", "comment_body_value", "entity_id", "pid", "nid", "uid", "thread"})
#: Different values that are kept in mind to be told.
_REMEMBERED = 1000
_TOLD = 3


@dataclass(frozen=True, slots=True)
class YesNo:
    """What yes and no, or 1 and 0, mean in a column; `sentence` tells it."""

    yes: Verdict | None
    no: Verdict | None
    sentence: str


def yes_no_of(column: str, beside: Collection[str]) -> YesNo | None:
    """Return what yes and no mean in a column of this name; None if the name does not say.

    Parameters
    ----------
    column
        Its plain name.
    beside
        The plain names of all columns.
    """
    if column == "comment_approved":
        return YesNo("kept", None, "WordPress's: 1 is kept, 0 was never reviewed")
    if column == "status" and "cid" in beside and _DRUPAL & set(beside):
        return YesNo("kept", "removed", "Drupal's: 1 is published and kept, 0 is removed")
    # `isApproved` is one word by now.
    parts = frozenset(part.removeprefix("is") for part in re.split(r"[_.]", column))
    kept, removed = parts & _KEPT_IF_YES, parts & _REMOVED_IF_YES
    if parts & {"not", "no", "non", "un"} or bool(kept) == bool(removed):
        return None
    return YesNo("kept", "removed", "yes is kept") if kept else YesNo("removed", "kept", "yes is removed")


class Verdicts:
    """Reads a table's column of verdicts.

    A value that nobody knows is no label; what there was of them is told in
    the end.

    Parameters
    ----------
    table, column
        Where they stand, for messages.
    yes_no
        What yes and no mean there, where that is known.
    removed, kept
        Values that mean so by the user's own word.
    """

    def __init__(
        self, table: str, column: str, yes_no: YesNo | None, removed: Collection[str] = (), kept: Collection[str] = ()
    ) -> None:
        self._where = table, column
        own: dict[str, Verdict | None] = {
            **dict.fromkeys(map(plain, removed), "removed"),
            **dict.fromkeys(map(plain, kept), "kept"),
        }
        bare = {} if yes_no is None else {**dict.fromkeys(YES, yes_no.yes), **dict.fromkeys(NO, yes_no.no)}
        self._values: Mapping[str, Verdict | None] = {**bare, **_WORDS, **own}
        #: With a word of the user's own, what is left has no label.
        self._own = bool(own)
        self._known = False
        #: How often each value stands there, and the row of the first.
        self._unknown: dict[str, tuple[int, int]] = {}

    def read(self, cells: Sequence[Any], numbers: Sequence[int]) -> list[Verdict | None]:
        """Read some rows' verdicts; None of what nobody reviewed, and of what says nothing we know.

        Raises
        ------
        InvalidInput
            If there is a bare yes or no, and nothing tells which one removes.
        """
        return [self._verdict(cell, number) for cell, number in zip(cells, numbers, strict=True)]

    def _verdict(self, cell: Any, number: int) -> Verdict | None:
        """Return the verdict that a cell stands for; None if it says nothing."""
        if isinstance(cell, list):
            # Several labels that a tool let people choose.
            found = {verdict for one in cell if (verdict := self._verdict(one, number))}
            return found.pop() if len(found) == 1 else None
        value = plain(cell)
        if value in self._values:
            self._known = self._known or value not in EMPTY
            return self._values[value]
        if not self._own and (value in YES or value in NO):
            raise InvalidInput(
                f"{self._told(number, value)} does not say whether the comment was removed or kept: add "
                f"--removed-value {_a(YES, value)} --kept-value {_a(NO, value)}, or --removed-value "
                f"{_a(NO, value)} --kept-value {_a(YES, value)}; if the column is about something else, use "
                f"ingest --map label=."
            )
        if value in self._unknown or len(self._unknown) < _REMEMBERED:
            times, first = self._unknown.get(value, (0, number))
            self._unknown[value] = times + 1, first
        return None

    def lines(self) -> list[str]:
        """Return lines that name the values without a meaning.

        Raises
        ------
        InvalidInput
            If none of them had one.
        """
        if not self._unknown:
            return []
        most = sorted(self._unknown.items(), key=lambda item: -item[1][0])
        if not self._known:
            value, (_, first) = most[0]
            raise InvalidInput(
                f"{self._told(first, value)} is neither 'removed', 'kept' nor empty, and neither is any other "
                f"value: write "
                "one of these (approved, rejected, spam, ham are understood too), say what it means with "
                "--removed-value or --kept-value, or point to the right column with ingest --map label=COLUMN "
                "(--map label= if there is none)."
            )
        said = ", ".join(f"{value[:40]!r} ({times:,} rows)" for value, (times, _) in most[:_TOLD])
        more = f" and {len(most) - _TOLD} more" if len(most) > _TOLD else ""
        table, column = self._where
        unknown = f"{table}: column {column!r} says {said}{more}, which is no verdict we know and so no label"
        return [f"{unknown}: --removed-value or --kept-value says what it means"]

    def _told(self, number: int, value: str) -> str:
        """Write where a verdict that is not understood stands."""
        table, column = self._where
        return f"{table!r}, row {number}, column {column!r}: {value[:60]!r}"


def _a(kind: tuple[str, ...], value: str) -> str:
    """Write yes or no in the way of a value: 1 and 0, true and false."""
    return kind[(YES if value in YES else NO).index(value)]
