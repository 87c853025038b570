"""A request's body as it is meant: checked here, with Google's messages, and nowhere behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from service.compat.perspective.errors import ApiError

T = TypeVar("T")
MOST_BYTES = 20_480
MOST_CONTEXT_BYTES = 1_048_576
#: Three times as many as have a name; with versions, of which any is taken, there is no end of them.
MOST_ATTRIBUTES = 100
_TEXT_TYPES = ("TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML")
_PROBABILITY = ("SCORE_TYPE_UNSPECIFIED", "PROBABILITY")
_NAMES = {str: "a string", bool: "true or false", dict: "an object", list: "a list", float: "a number"}


@dataclass(frozen=True, slots=True)
class Wanted:
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
    """What both methods take."""

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
    wanted: tuple[Wanted, ...]
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
    found = _field(fields, name, dict, "")
    if found is not None and len(found) > MOST_ATTRIBUTES:
        raise ApiError(f"Invalid value at '{name}': it has {len(found):,} attributes; the limit is {MOST_ATTRIBUTES}.")
    return found


def _common(fields: Mapping[str, Any]) -> Common:
    comment = _field(fields, "comment", dict, "") or {}
    text = _field(comment, "text", str, "comment.") or ""
    kind = _field(comment, "type", str, "comment.")
    common = Common(
        text,
        _context(_field(fields, "context", dict, "") or {}),
        tuple(_strings(fields, "languages")),
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
    if kind is not None and kind not in _TEXT_TYPES:
        raise ApiError("Unknown text type")
    if kind == "HTML":
        raise ApiError("Currently, only 'PLAIN_TEXT' comments are supported")


def _context(fields: Mapping[str, Any]) -> Context:
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


def _wanted(name: str, about: object) -> Wanted:
    path = f"requestedAttributes.{name[:100]}"
    fields = {} if about is None else _typed(about, dict, path)
    kind = _field(fields, "scoreType", str, f"{path}.")
    if kind is not None and kind not in _PROBABILITY:
        raise ApiError(f"Requested score type {kind[:100]} is not supported by attribute {name[:100]}")
    return Wanted(name, _field(fields, "scoreThreshold", float, f"{path}.") or 0.0)


def _suggested(name: str, about: object) -> list[float]:
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
    kind = _field(fields, "type", str, f"{path}.")
    if kind is not None and kind not in _PROBABILITY:
        raise ApiError(f"Invalid value at '{path}.type': only PROBABILITY is accepted.")
    value = _field(fields, "value", float, f"{path}.")
    if value is None or not 0 <= value <= 1:
        raise ApiError(f"Invalid value at '{path}.value': should be a number from 0 to 1.")
    return value


def _strings(fields: Mapping[str, Any], name: str) -> list[str]:
    found = _field(fields, name, list, "") or []
    return [_typed(value, str, f"{name}[{place}]") for place, value in enumerate(found)]


def _field(fields: Mapping[str, Any], name: str, kind: type[T], path: str) -> T | None:
    """Return a field; null is the same as nothing, as everywhere in Google's JSON."""
    value = fields.get(name)
    return None if value is None else _typed(value, kind, path + name)


def _typed(value: object, kind: type[T], path: str) -> T:
    if kind is float and type(value) is int:
        value = float(value) if abs(value) < 1e15 else value
    if type(value) is not kind:
        raise ApiError(f"Invalid value at '{path}': should be {_NAMES[kind]}.")
    return value
