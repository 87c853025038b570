"""OpenAI's moderations: `POST /v1/moderations`, thirteen categories, their errors."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, jsonify

from model.attributes import ATTRIBUTES
from model.errors import InvalidInput
from model.records import Comment, Scores, Unscorable
from service.compat.bodies import json_object, sound
from service.web.auth import needs
from service.web.current import current_scorer
from service.web.fields import MOST_COMMENTS, longest_comment
from service.web.problems import Problem, write_problems

if TYPE_CHECKING:
    from model.bundling.manifest import Manifest

PATH = "/v1/moderations"
CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
#: Hatred that threatens: both at once, so no more certain than the less certain of the two.
_BOTH = ("hate/threatening", ("hate", "harassment/threatening"))
#: Type and code of an error, as OpenAI's clients know them; any other is an `invalid_request_error`.
_KINDS = {
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "missing_scope"),
    405: ("invalid_request_error", "method_not_supported"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}

bp = Blueprint("openai", __name__)


@dataclass(frozen=True, slots=True)
class Category:
    """The answer of OpenAI's moderations for one text and one category."""

    flagged: bool
    score: float


class BadParameter(InvalidInput):
    """A part of the request that cannot be taken; `name` is the part."""

    def __init__(self, message: str, name: str, code: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.code = code


def install(app: Flask) -> None:
    """Add the route of OpenAI's moderations."""
    app.register_blueprint(bp)
    write_problems(app, PATH, _write)


@bp.post(PATH)
@needs("score")
def moderate() -> Response:
    """Score text in OpenAI's categories without storing it."""
    body = json_object()
    if not isinstance(body.get("model"), str | None):
        raise BadParameter("'model' should be a string.", "model")
    texts = [sound(text) for text in _texts(body)]
    scorer = current_scorer()
    manifest = scorer.manifest
    wanted = [one.name for one in ATTRIBUTES if one.openai and one.name in manifest.attributes]
    found = scorer.score_each([Comment(text=text) for text in texts], attributes=wanted)
    return jsonify(
        id=f"modr-{secrets.token_hex(12)}",
        model=f"belowline-{manifest.tier}-{manifest.version}",
        results=[_result(categories(one, manifest)) for one in found],
    )


def categories(scores: Scores | Unscorable, manifest: "Manifest") -> dict[str, Category]:
    """Translate scores; a category that was not evaluated is absent.

    A category that several attributes make is as certain as the most certain
    of them, and flagged if one of them is at or above its threshold.
    """
    found: dict[str, Category] = {}
    for attribute in ATTRIBUTES:
        score = scores.values.get(attribute.name) if isinstance(scores, Scores) else None
        if score is not None:
            flagged = score >= manifest.thresholds.get(attribute.name, 2.0)
            for name in attribute.openai:
                so_far = found.get(name, Category(flagged=False, score=0.0))
                found[name] = Category(so_far.flagged or flagged, max(so_far.score, score))
    name, parts = _BOTH
    if all(part in found for part in parts):
        found[name] = Category(
            flagged=all(found[part].flagged for part in parts),
            score=min(found[part].score for part in parts),
        )
    return found


def _result(found: Mapping[str, Category]) -> dict[str, Any]:
    """Return one text's categories as OpenAI's moderations have them."""
    return {
        "flagged": any(category.flagged for category in found.values()),
        "categories": {name: name in found and found[name].flagged for name in CATEGORIES},
        "category_scores": {name: found[name].score if name in found else 0.0 for name in CATEGORIES},
        "category_applied_input_types": {name: ["text"] if name in found else [] for name in CATEGORIES},
    }


def _texts(body: Mapping[str, Any]) -> list[str]:
    """Return the texts that a call of OpenAI's moderations gives, one for each result."""
    given = body.get("input")
    if given is None:
        raise BadParameter("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    if isinstance(given, str):
        texts = [given]
    elif not isinstance(given, list) or not given:
        raise BadParameter("'input' should be a string, or a non-empty list of strings or parts.", "input")
    elif len(given) > MOST_COMMENTS:
        raise BadParameter(f"'input' has {len(given):,} items; the limit is {MOST_COMMENTS:,}.", "input")
    elif all(isinstance(item, str) for item in given):
        texts = given
    else:
        texts = ["\n".join(_part(place, item) for place, item in enumerate(given))]
    for text in texts:
        if len(text) > longest_comment():
            raise BadParameter(
                f"A text in 'input' has {len(text):,} characters; the limit is {longest_comment():,}.", "input"
            )
    return texts


def _part(place: int, item: object) -> str:
    """Return the text of one part of the input; refuse an image."""
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "image_url":
        raise BadParameter(
            f"'input[{place}]' is an image; Belowline scores text only.",
            "input",
        )
    text = item.get("text") if isinstance(item, dict) and kind == "text" else None
    if not isinstance(text, str):
        raise BadParameter(
            f'\'input[{place}]\' should be a part such as {{"type": "text", "text": "..."}}; '
            "otherwise 'input' should hold strings only.",
            "input",
        )
    return text


def _write(problem: Problem) -> Response:
    """Write a problem as OpenAI does."""
    # OpenAI's clients know 400 for whatever is wrong with a request.
    status = 400 if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY else problem.status
    kind, code = _KINDS.get(status, ("invalid_request_error", None))
    name = None
    if isinstance(problem.cause, BadParameter):
        name, code = problem.cause.name, problem.cause.code
    response = jsonify(
        error={"message": problem.detail or problem.title, "type": kind, "param": name, "code": code},
    )
    response.status_code = status
    return response
