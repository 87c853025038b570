"""The addresses of the Perspective API."""

import json
from pathlib import Path
from typing import Any, cast

from apiflask import APIBlueprint
from flask import Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from service.compat.perspective.analysis import analyze
from service.compat.perspective.batch import answer_batch
from service.compat.perspective.body import json_body
from service.compat.perspective.errors import ApiError, count_misdirected, on_api_error, write_problem
from service.compat.perspective.feedback import suggest
from service.compat.perspective.reading import read_analyze, read_suggest
from service.web.auth import needs
from service.web.current import current_scorer, database
from service.web.problems import write_problems

# Google's own description of it is the discovery document.
bp = APIBlueprint("perspective", __name__, enable_openapi=False)
bp.register_error_handler(ApiError, on_api_error)
bp.after_app_request(count_misdirected)
#: Where errors have Google's shape, whether or not there is such an address.
PREFIXES = ("/v1alpha1", "/comments:analyze", "/comments:suggestscore", "/$discovery", "/discovery", "/batch")
_DISCOVERY = json.loads(Path(__file__).with_name("discovery.json").read_text())


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    """Have errors below the Perspective API's addresses answered as Google does."""
    app = cast("Flask", state.app)
    for prefix in PREFIXES:
        write_problems(app, prefix, write_problem)


@bp.get("/discovery/v1/apis/commentanalyzer/v1alpha1/rest")
@bp.get("/$discovery/rest")
@needs("score", if_given=True)
def discover() -> Response:
    """Describe the API to Google's client libraries."""
    root = (current_app.config["PUBLIC_URL"] or request.url_root).rstrip("/") + "/"
    return _json({**_DISCOVERY, "rootUrl": root, "baseUrl": root})


# Also where Coral asks if its endpoint lacks /v1alpha1 or ends in a slash: it would publish what it was not answered
# about.
@bp.post("/comments:analyze")
@bp.post("/v1alpha1//comments:analyze")
@bp.post("/v1alpha1/comments:analyze")
@needs("score")
def post_analyze() -> Response:
    """Score a comment as the Perspective API does, without storing it."""
    drops = current_app.config["DROP_UNSUPPORTED_ATTRIBUTES"]
    return _answer(analyze(current_scorer(), read_analyze(json_body()), drops_for_all=drops))


@bp.post("/comments:suggestscore")
@bp.post("/v1alpha1//comments:suggestscore")
@bp.post("/v1alpha1/comments:suggestscore")
@needs("ingest")
def post_suggestscore() -> Response:
    """Record what another program's moderators say of a comment, as a label."""
    return _answer(suggest(database(), current_scorer(), read_suggest(json_body())))


@bp.post("/batch")
def post_batch() -> Response:
    """Answer up to 1,000 calls of the Perspective API, packed into one by Google's own clients."""
    # Each call within is a request of its own, with its own key, quota and line in the log.
    return answer_batch()


def _answer(content: dict[str, Any]) -> Response:
    """Answer with JSON that names the bundle."""
    manifest = current_scorer().manifest
    response = _json({**content, "model": {"tier": manifest.tier, "version": manifest.version}})
    response.headers["X-Belowline-Model"] = f"{manifest.tier}/{manifest.version}"
    return response


def _json(content: dict[str, Any]) -> Response:
    """Write an answer as the Perspective API does."""
    return Response(json.dumps(content), content_type="application/json; charset=UTF-8")
