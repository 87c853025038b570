"""What a cell of somebody's table means: a fraction of raters, a time, yes or no."""

import json
import math
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from model.tables.comments import Unreadable

YES, NO = ("1", "true", "yes", "y", "t"), ("0", "false", "no", "n", "f")
EMPTY = ("", "none", "null", "nan", "na", "n/a")


@lru_cache(maxsize=4096, typed=True)
def fraction(cell: Any, *, minus_one_is_unasked: bool = False) -> float | None:
    """Read how many raters said so, from 0 to 1; None if nobody was asked."""
    value = plain(cell)
    if value in EMPTY:
        return None
    if value in YES:
        return 1.0
    if value in NO:
        return 0.0
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if minus_one_is_unasked and number == -1:
        return None
    if not 0 <= number <= 1:
        raise Unreadable("not a number from 0 to 1, nor yes or no: leave it empty where nobody was asked")
    return number


@lru_cache(maxsize=16, typed=True)
def is_yes(cell: Any) -> bool:
    """Read a cell of a label row that says yes or no; an empty one is no."""
    value = plain(cell)
    if value in YES or value in NO or value in EMPTY:
        return value in YES
    raise Unreadable("neither true nor false")


@lru_cache(maxsize=16)
def seen_because(cell: Any) -> str | None:
    """Read what brought the comment before a person."""
    value = plain(cell)
    if value in EMPTY:
        return None
    if value not in {"flag", "report", "random", "other"}:
        raise Unreadable("neither flag, report, random, other nor empty")
    return value


@lru_cache(maxsize=4096)
def chance(cell: Any) -> float | None:
    """Read how likely the comment was to be seen."""
    value = plain(cell)
    if value in EMPTY:
        return None
    try:
        number = float(value)
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
        value = plain(cell)
        if value in EMPTY:
            return None
        try:
            # Fewer digits before the point are the days that Excel counts, or a date.
            found = (
                datetime.fromtimestamp(float(value), UTC)
                if value.replace(".", "", 1).isdigit() and len(value.partition(".")[0]) > 8
                else datetime.fromisoformat(value.upper().removesuffix(" UTC"))
            )
        except (ValueError, OverflowError, OSError) as error:
            raise Unreadable(
                "not a time such as 2026-11-25T09:30:00Z: write it so, or leave the column out with ingest --map time="
            ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def mapping(cell: Any) -> Mapping[str, Any]:
    """Read what is nested: `attributes` of a label row, `attributeScores` of the Perspective API, an article."""
    if isinstance(cell, str) and cell.strip():
        try:
            cell = json.loads(cell)
        except ValueError as error:
            raise Unreadable("not a JSON object") from error
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return {}
    if not isinstance(cell, dict):
        raise Unreadable("not a JSON object")
    return cell


def score(cell: Any) -> Any:
    """Return the number inside a score as the Perspective API nests it."""
    if isinstance(cell, dict):
        cell = cell.get("summaryScore", cell)
    return cell.get("value") if isinstance(cell, dict) else cell


def plain(cell: Any) -> str:
    """Return a word as it is meant, whatever its case, and however its accents are put together.

    A whole number is one however it is written: a column with gaps has 1.0 for 1.
    """
    word = "" if cell is None else unicodedata.normalize("NFC", str(cell).strip().lower())
    number = word.removesuffix(".0")
    return number if number.removeprefix("-").isdecimal() else word
