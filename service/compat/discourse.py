"""What the former toxicity module of Discourse asked: Detoxify's names for our scores. Off unless switched on."""

from flask import Blueprint, Flask, Response, jsonify

from model.attributes import ATTRIBUTES
from model.errors import InvalidInput
from model.records import Comment
from service.compat.bodies import json_object, parts_of, text_said
from service.web.auth import needs
from service.web.current import current_scorer

MODELS = ("original", "original-small", "unbiased", "unbiased-small", "multilingual")

bp = Blueprint("discourse", __name__)


def install(app: Flask) -> None:
    """Add the route for Discourse, if the operator wants it."""
    if app.config["DISCOURSE"]:
        app.register_blueprint(bp)


@bp.post("/api/v1/classify")
@needs("score")
def classify() -> Response:
    """Score a post under Detoxify's names, keep nothing."""
    body = json_object()
    if body.get("model", "unbiased") not in MODELS:
        raise InvalidInput(f"'model' should be one of Detoxify's: {', '.join(MODELS)}.")
    content = body.get("content")
    if not isinstance(content, str):
        raise InvalidInput("'content' should be the post, as a string.")
    scorer = current_scorer()
    names = {one.name: one.detoxify for one in ATTRIBUTES if one.detoxify and one.name in scorer.manifest.attributes}
    parts = [Comment(text=part) for part in parts_of(text_said(content))]
    found = scorer.score_many([part for part in parts if scorer.is_scorable(part)] or parts, attributes=names)
    # A post is as bad as its worst part.
    return jsonify({said: max(scores[name] for scores in found) for name, said in names.items()})
