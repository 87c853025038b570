"""gzip for answers of the API that gain by it; a stream stays a stream."""

import gzip
import zlib
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request

#: Smaller answers fit into a packet or two anyway.
SMALLEST = 1024
# Pages are left alone: one with a secret and a reader's text together would tell the secret
# by its compressed size (BREACH).
_TYPES = {"application/json", "application/problem+json", "application/x-ndjson"}
_FAST = 4


def install(app: Flask) -> None:
    """Compress answers for whoever accepts it."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    """Compress an answer if its client takes that."""
    if response.mimetype not in _TYPES or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0 or response.status_code in {204, 304}:
        return response
    if response.is_streamed:
        response.response = _stream(response.iter_encoded())
        response.headers.pop("Content-Length", None)
    elif len(content := response.get_data()) >= SMALLEST:
        response.set_data(gzip.compress(content, _FAST, mtime=0))
    else:
        return response
    response.content_encoding = "gzip"
    return response


def _stream(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress what comes, and hold nothing of it back."""
    packer = zlib.compressobj(_FAST, wbits=zlib.MAX_WBITS | 16)
    for chunk in chunks:
        yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
