"""What a cell of somebody's table says: a verdict, a fraction of raters, a time, yes or no."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from model.tables.comments import Unreadable

_REMOVED = (
    *("removed", "remove", "rejected", "reject", "disapproved", "unapproved", "blocked", "block", "hidden", "hide"),
    *("spam", "trash", "toxic", "abusive"),
)
_KEPT = ("kept", "keep", "approved", "approve", "accepted", "accept", "allowed", "allow", "ham", "clean")
#: Nobody reviewed it, or nobody decided: that is not "kept".
_NEVER = (
    *("", "none", "null", "nan", "na", "n/a", "unknown", "never reviewed", "never_reviewed", "unreviewed"),
    *("pending", "new", "premod", "system_withheld", "escalate", "escalated", "hold"),
)
_YES, _NO = ("1", "1.0", "true", "yes", "y", "t"), ("0", "0.0", "false", "no", "n", "f")
_VERDICTS: Mapping[str, str | None] = {
    **dict.fromkeys(_REMOVED, "removed"),
    **dict.fromkeys(_KEPT, "kept"),
    **dict.fromkeys(_NEVER, None),
}
_EMPTY = frozenset({"", "none", "null", "nan", "na", "n/a"})
Verdict = Literal["removed", "kept"]


@lru_cache(maxsize=4096, typed=True)
def verdict(cell: Any, *, kept_if_yes: bool = False) -> str | None:
    """Read what became of a comment; None if nobody reviewed it."""
    plain = _plain(cell)
    if plain in _VERDICTS:
        return _VERDICTS[plain]
    if plain in _YES:
        return "kept" if kept_if_yes else "removed"
    if plain in _NO:
        return "removed" if kept_if_yes else "kept"
    raise Unreadable(
        "neither 'removed', 'kept' nor empty: write one of these (approved, rejected, spam, ham, yes, no, 1 and 0 "
        "are understood too), or name the right column with ingest --map label=COLUMN; --map label= if there is none"
    )


@lru_cache(maxsize=4096, typed=True)
def fraction(cell: Any, *, minus_one_is_unasked: bool = False) -> float | None:
    """Read how many raters said so, from 0 to 1; None if nobody was asked."""
    plain = _plain(cell)
    if plain in _EMPTY:
        return None
    if plain in _YES:
        return 1.0
    if plain in _NO:
        return 0.0
    try:
        number = float(plain)
    except ValueError:
        number = math.nan
    if minus_one_is_unasked and number == -1:
        return None
    if not 0 <= number <= 1:
        raise Unreadable("not a number from 0 to 1, nor yes or no: leave it empty where nobody was asked")
    return number


@lru_cache(maxsize=16, typed=True)
def flag(cell: Any) -> bool:
    """Read yes or no; empty is no."""
    plain = _plain(cell)
    if plain in _YES or plain in _NO or plain in _EMPTY:
        return plain in _YES
    raise Unreadable("neither true nor false")


@lru_cache(maxsize=16)
def seen_because(cell: Any) -> str | None:
    """Read what brought the comment before a person."""
    plain = _plain(cell)
    if plain in _EMPTY:
        return None
    if plain not in {"flag", "report", "random", "other"}:
        raise Unreadable("neither flag, report, random, other nor empty")
    return plain


@lru_cache(maxsize=4096)
def chance(cell: Any) -> float | None:
    """Read how likely the comment was to be seen."""
    plain = _plain(cell)
    if plain in _EMPTY:
        return None
    try:
        number = float(plain)
    except ValueError:
        number = math.nan
    if not 0 < number <= 1:
        raise Unreadable("not a number above 0 and up to 1: leave it empty where nobody knows")
    return number


def moment(cell: Any) -> datetime | None:
    """Read a time: ISO 8601 or seconds since 1970; UTC where no zone is given."""
    if isinstance(cell, datetime):
        found = cell
    else:
        plain = _plain(cell)
        if plain in _EMPTY:
            return None
        try:
            found = (
                datetime.fromtimestamp(float(plain), UTC)
                if plain.replace(".", "", 1).isdigit() and len(plain) > 8
                else datetime.fromisoformat(plain.upper().removesuffix(" UTC"))
            )
        except (ValueError, OverflowError, OSError) as error:
            raise Unreadable("not a time such as 2026-11-25T09:30:00Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def mapping(cell: Any) -> Mapping[str, Any]:
    """Read what is nested: `attributes` of a label row, `attributeScores` of the Perspective API, an article."""
    if isinstance(cell, str) and cell.strip():
        try:
            cell = json.loads(cell)
        except ValueError as error:
            raise Unreadable("not an object in JSON") from error
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return {}
    if not isinstance(cell, dict):
        raise Unreadable("not an object in JSON")
    return cell


def score(cell: Any) -> Any:
    """Take the number out of what the Perspective API nests it in."""
    if isinstance(cell, dict):
        cell = cell.get("summaryScore", cell)
    return cell.get("value") if isinstance(cell, dict) else cell


def _plain(cell: Any) -> str:
    return "" if cell is None else str(cell).strip().lower()
