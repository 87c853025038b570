"""A request's body as the Perspective API reads it: packed with gzip, too, or in its quickstart's relaxed JSON."""

import zlib
from typing import Any

import pyjson5
from flask import current_app, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from service.compat.bodies import raw_body

#: Bytes of relaxed JSON: a comment of the longest kind, written in escapes. The worst of this size takes 70 ms.
MOST_RELAXED = 131_072
#: Google's deepest field lies five levels down.
DEEPEST = 20
#: Lines that a script put into a string as they are: JSON5 takes only Unicode's own separators there.
_BREAKS, _SEPARATORS = "\n\r", "\u2028\u2029"


def json_body() -> dict[str, Any]:
    """Read the body as a JSON object: strictly, and where that fails as JSON5."""
    raw = _unpacked()
    try:
        content = current_app.json.loads(raw)
    except ValueError as error:
        content = _relaxed(raw, error)
    if not isinstance(content, dict):
        raise BadRequest("The body is not a JSON object.")
    return content


def _relaxed(raw: bytes, strictly: ValueError) -> object:
    """Read JSON5; if it is none either, say what strict JSON misses, which is what the sender meant to write."""
    try:
        if len(raw) <= MOST_RELAXED:
            text = raw.decode("utf-8-sig").translate(str.maketrans(_BREAKS, _SEPARATORS))
            return _with_breaks(pyjson5.decode(text, maxdepth=DEEPEST))
    except (pyjson5.Json5Exception, ValueError):
        # Not its own message: it quotes the text.
        pass
    raise BadRequest(f"The body is not JSON: {strictly}.") from None


def _with_breaks(value: Any) -> Any:
    """Return a JSON value with the line breaks that its strings had."""
    if isinstance(value, dict):
        return {name: _with_breaks(of) for name, of in value.items()}
    if isinstance(value, list):
        return [_with_breaks(of) for of in value]
    return value.translate(str.maketrans(_SEPARATORS, _BREAKS)) if isinstance(value, str) else value


def _unpacked() -> bytes:
    """Return a call's body, unpacked if it is compressed; refuse one that unpacks to too much."""
    raw = raw_body()
    encoding = (request.content_encoding or "identity").strip().lower()
    if encoding == "identity":
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise UnsupportedMediaType(f"Content-Encoding is {encoding[:50]!r}: send the body as it is, or with gzip.")
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        content = b""
    if len(content) > limit:
        raise RequestEntityTooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise BadRequest("The body is not one whole gzip stream.")
    return content
