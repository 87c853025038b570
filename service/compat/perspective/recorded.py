"""Scores that newsrooms recorded from the Perspective API, each with its comment's text."""

import contextlib
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import InvalidInput
from model.tables.comments import comment_columns
from service.compat.bodies import sound
from service.compat.html_text import text_of
from service.compat.perspective.names import attribute_of

_PATH = re.compile(r"^(?:response\.)?attributeScores\.(.+)\.summaryScore\.value$")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A comment and its recorded scores by their names; `id` is its own, or else its place in the file."""

    id: str
    text: str
    scores: Mapping[str, float]


def recorded(place: int, row: Mapping[str, Any], modelled: Collection[str]) -> Recorded:
    """Read a row of recorded Perspective scores.

    Its scores stand in columns named after attributes (`TOXICITY`,
    `persp_TOXICITY@6`, `attributeScores.TOXICITY.summaryScore.value`), in an
    answer of the API (`attributeScores`, perhaps below `response`), or where
    Coral keeps them (`revisions[].metadata.perspective`). Its text stands in
    any column that `score` knows, in the call below `request`, or in Coral's
    revision. Scores of what the bundle does not model are none of ours.
    """
    if isinstance(row.get("revisions"), list):
        text, given = _of_coral(row["revisions"])
    else:
        text, given = _text(row), _answer(row) or _columns(row)
    scores = {name: _score(place, name, value) for name, value in given.items() if attribute_of(_plain(name), modelled)}
    own = row.get(comment_columns(tuple(row)).get("id", "id"))
    return Recorded(
        str(own if own not in {None, ""} else place),
        sound(text),
        {_plain(name): score for name, score in scores.items() if not math.isnan(score)},
    )


def _of_coral(revisions: list[Any]) -> tuple[str, dict[str, Any]]:
    """Return the text of the latest revision that was scored, and its score by the model's name."""
    for revision in reversed(revisions):
        found = _object(_object(_object(revision).get("metadata")).get("perspective"))
        if "score" in found:
            return text_of(str(revision.get("body") or "")), {str(found.get("model") or "TOXICITY"): found["score"]}
    return "", {}


def _text(row: Mapping[str, Any]) -> str:
    """Return the text of a recorded Perspective call."""
    asked = _object(_object(row.get("request")).get("comment"))
    # Some programs keep the call without the text, which they have in a column of its own.
    cell = asked.get("text") or row.get(comment_columns(tuple(row)).get("text", "text"))
    if isinstance(cell, dict):
        cell = cell.get("text")
    return cell if isinstance(cell, str) else ""


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of a recorded Perspective answer."""
    answer = _object(row.get("attributeScores")) or _object(_object(row.get("response")).get("attributeScores"))
    return {name: _object(_object(about).get("summaryScore")).get("value") for name, about in answer.items()}


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recorded row with its columns named as the Perspective API names the fields."""
    return {_PATH.sub(r"\1", name): value for name, value in row.items()}


def _plain(name: str) -> str:
    """Return a recorded attribute's name without its prefix."""
    return name.removeprefix("persp_")


def _object(cell: Any) -> dict[str, Any]:
    """Return a cell that is an object, or JSON for one, as CSV has it, or Parquet's list of its pairs."""
    if isinstance(cell, str) and cell.lstrip().startswith("{"):
        with contextlib.suppress(ValueError, RecursionError):
            cell = json.loads(cell)
    if isinstance(cell, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in cell):
        cell = dict(cell)
    return cell if isinstance(cell, dict) else {}


def _score(place: int, name: str, value: Any) -> float:
    """Read a score; NaN where there is none."""
    with contextlib.suppress(TypeError, ValueError):
        score = math.nan if value is None or value == "" else float(value)
        if math.isnan(score) or 0 <= score <= 1:
            return score
    raise InvalidInput(f"Comment {place}: {name} is {value!r}: a recorded score is a number from 0 to 1.")
