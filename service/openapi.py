"""The OpenAPI document: what APIFlask cannot know of our answers is added here."""

from typing import Any

from apiflask import APIBlueprint, APIFlask

from service.answers import ProblemOut

_PROBLEMS = {
    "400": "The body is not JSON",
    "401": "A key is missing or unknown",
    "403": "The key lacks the scope",
    "404": "There is no such article or comment",
    "409": "It does not fit what others did meanwhile",
    "413": "The body is too large",
    "415": "The body is not declared as JSON",
    "422": "The request is not valid",
    "500": "A mistake of Belowline's",
    "503": "The database does not answer",
}
_ONLY_WITH_BODY = {"413", "415"}


def install(app: APIFlask) -> None:
    """Register what completes the document, after all blueprints."""
    app.config["INFO"] = {
        "description": "Scores reader comments for abuse and for relevance to the article, and flags those that "
        "deserve a look by a person. It never deletes or hides anything.",
    }
    app.config["AUTO_404_RESPONSE"] = False
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    app.security_schemes = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "key"},
    }
    app.spec_processor(_complete)
    for blueprint in app.blueprints.values():
        # Pages are no API; APIFlask expects each blueprint to say so.
        if not isinstance(blueprint, APIBlueprint):
            blueprint.enable_openapi = False  # type: ignore[attr-defined]


def _complete(spec: Any) -> Any:
    spec["components"].setdefault("schemas", {})["Problem"] = ProblemOut.model_json_schema()
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1/") and isinstance(operation, dict):
                _complete_operation(operation)
    labels = spec["paths"]["/v1/labels"]["get"]["responses"]["200"]
    labels["content"] = {"application/x-ndjson": {"schema": {"type": "string"}}}
    return spec


def _complete_operation(operation: dict[str, Any]) -> None:
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    # Without a key on a loopback address, hence the empty alternative.
    operation["security"] = [{"bearer": []}, {"header": []}, {"query": []}, {}]
    answers = operation["responses"]
    for status, description in _PROBLEMS.items():
        if status in _ONLY_WITH_BODY and "requestBody" not in operation:
            continue
        schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
        answers[status] = {"description": description, "content": {"application/problem+json": schema}}
    both = {"200", "201"} & answers.keys()
    content = next((answers[status]["content"] for status in both if "content" in answers[status]), None)
    for status in both:
        if content is not None:
            answers[status]["content"] = content
