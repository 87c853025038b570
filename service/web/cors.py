"""Which web pages of other origins may call the API: none, unless named."""

from flask import Flask, Response, current_app, request

#: Our own API and those whose clients run in browsers.
_PATHS = ("/v1", "/comments:", "/batch", "/$discovery", "/discovery")


def install(app: Flask) -> None:
    """Allow the pages of `CORS_ORIGINS` to read answers, never with cookies."""
    origins = frozenset(app.config["CORS_ORIGINS"])
    app.extensions["belowline.cors"] = origins
    if origins:
        app.after_request(_allow)


def _allow(response: Response) -> Response:
    """Let the pages of chosen sites read an answer."""
    if not request.path.startswith(_PATHS):
        return response
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin not in current_app.extensions["belowline.cors"]:
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "Retry-After, RateLimit, X-Request-Id, Idempotency-Replayed"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Encoding, Content-Type, Idempotency-Key, X-API-Key, X-Goog-Api-Client, "
            "X-Goog-Api-Key, X-Request-Id"
        )
        response.headers["Access-Control-Max-Age"] = "600"
    return response
