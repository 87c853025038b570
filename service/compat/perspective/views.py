"""The three addresses of the Perspective API."""

import json
from pathlib import Path
from typing import Any, cast

from apiflask import APIBlueprint
from flask import Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from service.compat.bodies import json_object
from service.compat.perspective.analysis import analyze
from service.compat.perspective.errors import ApiError, on_api_error, write_problem
from service.compat.perspective.feedback import suggest
from service.compat.perspective.reading import read_analyze, read_suggest
from service.web.auth import needs
from service.web.current import current_scorer, database
from service.web.problems import write_problems

# Google's own description of it is the discovery document.
bp = APIBlueprint("perspective", __name__, enable_openapi=False)
bp.register_error_handler(ApiError, on_api_error)
_DISCOVERY = json.loads(Path(__file__).with_name("discovery.json").read_text())


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    write_problems(app, "/v1alpha1", write_problem)
    write_problems(app, "/$discovery", write_problem)


@bp.get("/$discovery/rest")
@needs("score", if_given=True)
def discover() -> Response:
    """Describe the API to Google's client libraries."""
    root = (current_app.config["PUBLIC_URL"] or request.url_root).rstrip("/") + "/"
    return _json({**_DISCOVERY, "rootUrl": root, "baseUrl": root})


@bp.post("/v1alpha1/comments:analyze")
@needs("score")
def post_analyze() -> Response:
    """Score a comment as the Perspective API does, without storing it."""
    return _answer(analyze(current_scorer(), read_analyze(json_object())))


@bp.post("/v1alpha1/comments:suggestscore")
@needs("ingest")
def post_suggestscore() -> Response:
    """Record what another program's moderators say of a comment, as a label."""
    return _answer(suggest(database(), current_scorer(), read_suggest(json_object())))


def _answer(content: dict[str, Any]) -> Response:
    manifest = current_scorer().manifest
    response = _json({**content, "model": {"tier": manifest.tier, "version": manifest.version}})
    response.headers["X-Belowline-Model"] = f"{manifest.tier}/{manifest.version}"
    return response


def _json(content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), content_type="application/json; charset=UTF-8")
