"""Which web pages of other origins may call the API: none, unless they are named."""

from flask import Flask, Response, current_app, request


def install(app: Flask) -> None:
    """Let the pages of `CORS_ORIGINS` read answers; cookies are never among it."""
    origins = frozenset(app.config["CORS_ORIGINS"])
    app.extensions["belowline.cors"] = origins
    if origins:
        app.after_request(_allow)


def _allow(response: Response) -> Response:
    if not request.path.startswith("/v1"):
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
            "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Request-Id"
        )
        response.headers["Access-Control-Max-Age"] = "600"
    return response
