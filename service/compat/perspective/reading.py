"""A request's body as it is meant: checked here, with Google's messages, and nowhere behind it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from service.compat.perspective.errors import ApiError

T = TypeVar("T")
MOST_BYTES = 20_480
MOST_CONTEXT_BYTES = 1_048_576
#: Three times as many as have a name; with versions, of which any is taken, there is no end of them.
MOST_ATTRIBUTES = 100
_TEXT_TYPES = ("TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML")
_PROBABILITY = ("SCORE_TYPE_UNSPECIFIED", "PROBABILITY")
_BOOLEANS = {"true": True, "false": False}
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,3})?", re.ASCII)
_CAPITAL = re.compile(r"[A-Z]")
_NAMES = {str: "a string", bool: "true or false", dict: "an object", list: "a list", float: "a number"}


@dataclass(frozen=True, slots=True)
class RequestedAttribute:
    """An attribute that is asked for; a score below `threshold` is left out of the answer."""

    name: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Context:
    """The article and the comment that is answered, empty where they are not given; `entries` as they were sent."""

    article: str = ""
    parent: str = ""
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Common:
    """What both methods of the Perspective API take."""

    text: str
    context: Context
    languages: tuple[str, ...]
    client_token: str | None
    community_id: str | None
    do_not_store: bool


@dataclass(frozen=True, slots=True)
class Analyze:
    """What `comments:analyze` takes."""

    common: Common
    wanted: tuple[RequestedAttribute, ...]
    spans: bool
    drop_unsupported: bool


@dataclass(frozen=True, slots=True)
class Suggest:
    """What `comments:suggestscore` takes: attribute to value, where there is a summary."""

    common: Common
    scores: Mapping[str, float]


def read_analyze(body: object) -> Analyze:
    """Read the body of `comments:analyze`."""
    fields = _typed(body, dict, "The body")
    common = _common(fields)
    requested = _attributes(fields, "requestedAttributes")
    if not requested:
        raise ApiError("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    return Analyze(
        common,
        tuple(_wanted(name, about) for name, about in requested.items()),
        _field(fields, "spanAnnotations", bool, "") or False,
        _field(fields, "dropUnsupportedAttributes", bool, "") or False,
    )


def read_suggest(body: object) -> Suggest:
    """Read the body of `comments:suggestscore`."""
    fields = _typed(body, dict, "The body")
    common = _common(fields)
    stored = "".join((common.text, common.client_token or "", common.community_id or "", *common.languages))
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in stored):
        raise ApiError("The request contains a character that is not text (U+0000 or half of a surrogate pair).")
    given = _attributes(fields, "attributeScores")
    if not given:
        raise ApiError("Missing attribute_scores")
    return Suggest(common, {name: value for name, about in given.items() for value in _suggested(name, about)})


def _attributes(fields: Mapping[str, Any], name: str) -> Mapping[str, object] | None:
    """Read a call's attributes; refuse too many."""
    found = _field(fields, name, dict, "")
    if found is not None and len(found) > MOST_ATTRIBUTES:
        raise ApiError(f"Invalid value at '{name}': it has {len(found):,} attributes; the limit is {MOST_ATTRIBUTES}.")
    return found


def _common(fields: Mapping[str, Any]) -> Common:
    """Read what both calls of the Perspective API have: comment, context, languages."""
    comment = _field(fields, "comment", dict, "") or {}
    text = _field(comment, "text", str, "comment.") or ""
    kind = _field(comment, "type", str, "comment.")
    common = Common(
        text,
        _context(_field(fields, "context", dict, "") or {}),
        tuple(_languages(fields)),
        _field(fields, "clientToken", str, ""),
        _field(fields, "communityId", str, ""),
        _field(fields, "doNotStore", bool, "") or False,
    )
    _field(fields, "sessionId", str, "")
    if not text.strip():
        raise ApiError("Comment must be non-empty.", "COMMENT_EMPTY")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        message = f"Comment text was too many bytes. Value ({size}) exceeded limit ({MOST_BYTES})."
        raise ApiError(message, "COMMENT_TOO_LONG")
    _check_kind(kind)
    return common


def _check_kind(kind: str | None) -> None:
    """Refuse a comment that is not plain text."""
    if kind is not None and kind not in _TEXT_TYPES:
        raise ApiError("Unknown text type")
    if kind == "HTML":
        raise ApiError("Currently, only 'PLAIN_TEXT' comments are supported")


def _context(fields: Mapping[str, Any]) -> Context:
    """Read the article and the parent comment that a call gives as context."""
    entries = _field(fields, "entries", list, "context.")
    both = _field(fields, "articleAndParentComment", dict, "context.")
    if entries and both:
        raise ApiError("Context can have either entries or article_and_parent_comment, but both fields were populated.")
    if both:
        path = "context.articleAndParentComment."
        article, parent = (_entry(_field(both, name, dict, path), path + name) for name in ("article", "parentComment"))
        return Context(article, parent)
    sent = [_entry(entry, f"context.entries[{place}]") for place, entry in enumerate(entries or [])]
    # What looks like JSON is what a program tells itself (Coral does), and no text of an article.
    texts = ["" if text.lstrip().startswith(("{", "[{")) else text for text in sent]
    article, parent, *_ = [*texts, "", ""]
    return Context(article, parent, tuple(sent))


def _entry(entry: object, path: str) -> str:
    """Read one entry of a call's context."""
    if entry is None:
        return ""
    fields = _typed(entry, dict, path)
    kind = _field(fields, "type", str, f"{path}.")
    if kind is not None and kind not in _TEXT_TYPES:
        raise ApiError("Unknown text type")
    text = _field(fields, "text", str, f"{path}.") or ""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_CONTEXT_BYTES:
        raise ApiError(f"Invalid value at '{path}.text': it has more than {MOST_CONTEXT_BYTES} bytes.")
    return text


def _wanted(name: str, about: object) -> RequestedAttribute:
    """Read a requested attribute, with its threshold."""
    path = f"requestedAttributes.{name[:100]}"
    fields = {} if about is None else _typed(about, dict, path)
    kind = _field(fields, "scoreType", str, f"{path}.")
    if kind is not None and kind not in _PROBABILITY:
        raise ApiError(f"Requested score type {kind[:100]} is not supported by attribute {name[:100]}")
    return RequestedAttribute(name, _field(fields, "scoreThreshold", float, f"{path}.") or 0.0)


def _suggested(name: str, about: object) -> list[float]:
    """Read the scores that a Perspective client suggests for an attribute."""
    path = f"attributeScores.{name[:100]}"
    fields = _typed(about, dict, path)
    summary, spans = _field(fields, "summaryScore", dict, f"{path}."), _field(fields, "spanScores", list, f"{path}.")
    if not summary and not spans:
        raise ApiError(f"Invalid value at '{path}': it needs summaryScore or spanScores.")
    for place, span in enumerate(spans or []):
        where = f"{path}.spanScores[{place}]"
        of_span = _typed(span, dict, where)
        for end in ("begin", "end"):
            if type(of_span.get(end)) is not int:
                raise ApiError(f"Invalid value at '{where}.{end}': should be a whole number.")
        if not 0 <= of_span["begin"] < of_span["end"]:
            raise ApiError(f"Invalid value at '{where}': it should begin at 0 or later and end after its beginning.")
        _value(_field(of_span, "score", dict, f"{where}.") or {}, f"{where}.score")
    return [_value(summary, f"{path}.summaryScore")] if summary else []


def _value(fields: Mapping[str, Any], path: str) -> float:
    """Read a suggested score."""
    kind = _field(fields, "type", str, f"{path}.")
    if kind is not None and kind not in _PROBABILITY:
        raise ApiError(f"Invalid value at '{path}.type': only PROBABILITY is accepted.")
    value = _field(fields, "value", float, f"{path}.")
    if value is None or not 0 <= value <= 1:
        raise ApiError(f"Invalid value at '{path}.value': should be a number from 0 to 1.")
    return value


def _languages(fields: Mapping[str, Any]) -> list[str]:
    """Read the languages that a call names."""
    name = "languages"
    if isinstance(fields.get(name), str):
        # One that R and the shell write without a list around it.
        return [fields[name]] if fields[name].strip() else []
    named = [_typed(value, str, f"{name}[{place}]") for place, value in enumerate(_field(fields, name, list, "") or [])]
    # An empty setting that was split at its commas.
    return [language for language in named if language.strip()]


def _field(fields: Mapping[str, Any], name: str, kind: type[T], path: str) -> T | None:
    """Return a field, under either of its names; null is the same as nothing, as everywhere in Google's JSON."""
    value, other = fields.get(name), fields.get(_snake(name))
    if value is not None and other is not None and _snake(name) != name:
        raise ApiError(f"Invalid value at '{path}{name}': it is also given as '{_snake(name)}'.")
    value = other if value is None else value
    return None if value is None else _typed(value, kind, path + name)


@cache
def _snake(name: str) -> str:
    """Return a field's name as Google's protocol buffers have it, which its JSON may use as well."""
    return _CAPITAL.sub(lambda capital: "_" + capital[0].lower(), name)


def _typed(value: object, kind: type[T], path: str) -> T:
    """Return a field's value as the type it should have, as Google's servers read it."""
    found: object = value
    if kind is bool and isinstance(value, str):
        found = _BOOLEANS.get(value, value)
    elif kind is float and isinstance(value, str) and _NUMBER.fullmatch(value):
        found = float(value)
    elif kind is float and type(value) is int:
        found = float(value) if abs(value) < 1e15 else value
    if type(found) is not kind or (isinstance(found, float) and not math.isfinite(found)):
        raise ApiError(f"Invalid value at '{path}': should be {_NAMES[kind]}.")
    return found
