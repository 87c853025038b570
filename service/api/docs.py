"""The API's description as a page: Swagger UI, from this machine alone."""

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, make_response, render_template, send_from_directory

from service.web.json import POLICY

bp = Blueprint(
    "docs",
    __name__,
    url_prefix="/docs",
    static_folder=str(Path(__file__).parents[1] / "static/docs"),
    static_url_path="/static",
)

_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"


@bp.get("")
def page() -> Response:
    """Describe the API on a page, where people can try it."""
    response = make_response(render_template("docs.html"))
    # Swagger UI's style sheet holds its icons.
    response.headers["Content-Security-Policy"] = POLICY.replace("img-src 'self'", "img-src 'self' data:")
    return response


@bp.get("/assets/<name>")
def asset(name: str) -> Response:
    """Return a file of Swagger UI."""
    return send_from_directory(_ASSETS, name)
