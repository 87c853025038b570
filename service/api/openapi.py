"""The OpenAPI document, with what APIFlask cannot know about our answers."""

from functools import partial
from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import BaseModel

from service.api.requests import CommentIn, LineToScore
from service.api.responses import ProblemOut

bp = Blueprint("openapi", __name__)

_DOCUMENT = "belowline.openapi"
_PROBLEMS = {
    "400": "The body is not JSON",
    "401": "A key is missing or unknown",
    "403": "The key lacks the scope",
    "404": "No such article, comment, decision or rule",
    "409": "It conflicts with what others have done since",
    "413": "The body is too large",
    "415": "The body is not declared as JSON",
    "422": "The request is not valid",
    "429": "Too many calls; Retry-After says when to try again",
    "500": "An error in Belowline",
    "503": "The database is not responding, or too many comments are waiting to be scored",
}
_BEHIND_KEYS = ("/v1/", "/metrics")
_ONLY_WITH_BODY = {"413", "415"}
_BATCHES: dict[str, type[BaseModel]] = {"/v1/scores:batch": LineToScore, "/v1/comments:batch": CommentIn}
_LINES = {
    "/v1/scores:batch": '{"id": "c1", "text": "Well said."}\n{"id": "c2", "text": "You are an idiot."}\n',
    "/v1/comments:batch": '{"id": "c1", "article_id": "bridge", "text": "Read the plan before you judge it."}\n',
}
_SENT_ONCE = {"POST /v1/reports", "POST /v1/comments/{comment_id}/decisions", "POST /v1/second-looks"}
_IDEMPOTENCY_KEY = (
    "With an `Idempotency-Key` header the request takes effect once, however often it is sent within 24 hours."
)
_EXAMPLES: dict[str, Any] = {
    "POST /v1/scores": {
        "article": {"title": "Harbour bridge could close to cars next autumn"},
        "comments": [{"id": "c1", "text": "Councillor Rannoch is a useless, lying idiot."}],
    },
    "PUT /v1/articles/{article_id}": {
        "title": "Harbour bridge could close to cars next autumn",
        "body": "Councillors will vote on the plan in three weeks.",
        "published_at": "2026-11-16T06:00:00Z",
    },
    "POST /v1/comments": {
        "id": "c1",
        "article_id": "bridge",
        "author": "reader-17",
        "text": "Councillor Rannoch is a useless, lying idiot.",
    },
    "POST /v1/comments/{comment_id}/decisions": {"verdict": "remove", "moderator": "anna", "attributes": {"insult": 1}},
    "POST /v1/reports": {"comment_id": "c1", "reporter": "reader-4", "reason": "rude"},
    "POST /v1/second-looks": {"looks": [{"comment_id": "c1", "label": "kept", "probability": 0.93}]},
}


def install(app: APIFlask) -> None:
    """Register what completes the document, after all blueprints."""
    app.config["INFO"] = {
        "description": "Scores reader comments for abuse and for relevance to the article, and flags those a "
        "person should look at. It never deletes or hides anything.",
    }
    app.config["AUTO_OPERATION_ID"] = True
    app.config["AUTO_404_RESPONSE"] = False
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    app.security_schemes = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "key"},
    }
    app.spec_processor(partial(_complete, app))
    app.register_blueprint(bp)
    forget(app)
    for blueprint in app.blueprints.values():
        # Pages are no API; APIFlask expects each blueprint to say so.
        if not isinstance(blueprint, APIBlueprint):
            blueprint.enable_openapi = False  # type: ignore[attr-defined]


def forget(app: APIFlask) -> None:
    """Describe the API anew when somebody asks next: another bundle may model other attributes."""
    app.extensions[_DOCUMENT] = None


@bp.get("/openapi.json")
def document() -> Response:
    """Describe the API, with the path at which this caller sees it."""
    app = cast("APIFlask", current_app)
    described = app.extensions[_DOCUMENT]
    if described is None:
        # What takes its time is done once.
        described = app.extensions[_DOCUMENT] = app.spec
    return jsonify({**described, "servers": [{"url": request.script_root or "/"}]})


def _complete(app: APIFlask, spec: Any) -> Any:
    """Add to the OpenAPI document what APIFlask cannot know."""
    schemas = spec["components"].setdefault("schemas", {})
    modelled = list(app.extensions["belowline.scorer"].manifest.attributes)
    for choice in schemas["ScoresIn"]["properties"]["attributes"]["anyOf"]:
        if "items" in choice:
            choice["items"] = {"enum": modelled}
    schemas["CommentIn"]["properties"]["text"]["maxLength"] = app.config["LONGEST_COMMENT"]
    schemas["Problem"] = ProblemOut.model_json_schema()
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if path.startswith(_BEHIND_KEYS) and isinstance(operation, dict):
                _complete_operation(operation, f"{method.upper()} {path}")
    _answer_lines(spec["paths"]["/v1/labels"]["get"])
    spec["paths"]["/metrics"]["get"]["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    for path, form in _BATCHES.items():
        operation = spec["paths"][path]["post"]
        _answer_lines(operation)
        operation["requestBody"] = {
            "required": True,
            "description": f"One JSON object per line, with the fields {', '.join(form.model_fields)}",
            # The example stands with the type that every tool can send.
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}},
                "application/octet-stream": {"schema": {"type": "string"}, "example": _LINES[path]},
            },
        }
        for status in sorted(_ONLY_WITH_BODY):
            operation["responses"][status] = _problem(_PROBLEMS[status])
    return spec


def _answer_lines(operation: dict[str, Any]) -> None:
    """Declare that an operation answers with lines of JSON."""
    operation["responses"]["200"]["content"] = {"application/x-ndjson": {"schema": {"type": "string"}}}


def _complete_operation(operation: dict[str, Any], name: str) -> None:
    """Add an operation's example, keys and errors to the OpenAPI document."""
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        if name in _EXAMPLES:
            operation["requestBody"]["content"]["application/json"]["example"] = _EXAMPLES[name]
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter["schema"] = {"type": "string", "pattern": "^[^\\u0000\\ufffd]{1,255}$"}
    if name in _SENT_ONCE:
        # Not a parameter: that the same key needs the same body is nothing that a schema can say.
        operation["description"] = f"{operation.get('description', '')}\n\n{_IDEMPOTENCY_KEY}".strip()
    # Without a key on a loopback address, hence the empty alternative.
    operation["security"] = [{"bearer": []}, {"header": []}, {"query": []}, {}]
    answers = operation["responses"]
    for status, description in _PROBLEMS.items():
        if status in _ONLY_WITH_BODY and "requestBody" not in operation:
            continue
        answers[status] = _problem(description)
    both = {"200", "201"} & answers.keys()
    content = next((answers[status]["content"] for status in both if "content" in answers[status]), None)
    for status in both:
        if content is not None:
            answers[status]["content"] = content


def _problem(description: str) -> dict[str, Any]:
    """Describe an error's answer for the OpenAPI document."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": description, "content": {"application/problem+json": schema}}
