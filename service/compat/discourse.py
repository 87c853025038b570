"""What the former toxicity module of Discourse asked: Detoxify's names for our scores. Off unless switched on."""

from flask import Blueprint, Flask, Response, jsonify

from model.attributes import ATTRIBUTES
from model.errors import InvalidInput
from model.records import Comment
from service.compat.bodies import beginning, json_object, sound
from service.web.auth import needs
from service.web.current import current_scorer

MODELS = ("original", "original-small", "unbiased", "unbiased-small", "multilingual")

bp = Blueprint("discourse", __name__)


def install(app: Flask) -> None:
    """Add the route, if the operator wants it."""
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
    (scores,) = scorer.score_many([Comment(text=beginning(sound(content)))], attributes=names)
    return jsonify({names[name]: score for name, score in scores.values.items()})
