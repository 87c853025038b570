"""What a request has at hand: the scorer that it began with, the latest articles."""

from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g

from service.moderation.recent_articles import RecentArticles

if TYPE_CHECKING:
    # The server's parent process imports this too, and must not have onnxruntime before it forks.
    from service.scoring.scorer import Scoring


def install(app: Flask) -> None:
    """Let each answer that holds scores tell which bundle they are of, whatever form the API has."""
    app.after_request(_tell_bundle)


def current_scorer() -> "Scoring":
    """Give what scores; a request keeps the one that it began with, whatever is promoted meanwhile."""
    if "scorer" not in g:
        g.scorer = current_app.extensions["belowline.scorer"]
    found: Scoring = g.scorer
    return found


def recent_articles() -> RecentArticles:
    """Return the app's latest articles."""
    found: RecentArticles = current_app.extensions["belowline.recent"]
    return found


def _tell_bundle(response: Response) -> Response:
    if "let_in" in g:
        manifest = current_scorer().manifest
        response.headers["X-Belowline-Model"] = f"{manifest.tier}/{manifest.version}"
    return response
