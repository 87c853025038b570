"""The kinds of field that bodies are made of, and how much one may hold: our own API's and the compatible ones'."""

import re
from datetime import UTC, datetime
from typing import Annotated

from flask import current_app
from pydantic import AfterValidator, Field, JsonValue, PlainValidator
from pydantic.json_schema import WithJsonSchema

from model.attributes import BY_NAME
from service.storage.names import composed

MOST_COMMENTS = 1000
MOST_NAME = 255
MOST_LINE = 2_000
#: Of an id: they break lines, addresses and logs, and no newspaper's own id has them.
_CONTROL_RANGES = "\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029"
#: Nor these: with them two ids look the same, or one reads as another. Joiners (U+200C, U+200D) are spelling.
_UNSEEN_RANGES = (
    "\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"
    # JSON has no shorter way to write them that all readers of patterns know.
    "\U000e0000-\U000e007f"
)
_NOT_IN_IDS = re.compile(f"(?P<control>[{_CONTROL_RANGES}])|[{_UNSEEN_RANGES}]")
#: No comment section is older.
_FIRST_YEAR = 1990


def text_problem(text: str) -> str | None:
    """Return in a sentence why a comment's text cannot be taken, or None."""
    if not text.strip():
        return "The text is empty."
    if "\0" in text:
        return "The text contains a NUL character (U+0000), which is not text."
    if len(text) > longest_comment():
        return f"The text has {len(text):,} characters; the limit is {longest_comment():,}."
    try:
        text.encode()
    except UnicodeEncodeError:
        return "The text contains half a surrogate pair, which is not a character."
    return None


def longest_comment() -> int:
    """Return how many characters of a comment are taken: a setting."""
    most: int = current_app.config["LONGEST_COMMENT"]
    return most


def _string(value: object) -> str:
    """Refuse a field of a request that is no string."""
    if not isinstance(value, str):
        raise ValueError("should be a string")  # noqa: TRY004 - pydantic turns a ValueError into an answer
    return value


def _sound_text(value: object) -> str:
    """Refuse a field's text that cannot be scored or stored."""
    text = _string(value)
    if problem := text_problem(text):
        raise ValueError(problem)
    return text


def _without_nul(value: str) -> str:
    """Refuse a field that holds a NUL."""
    if "\0" in value:
        raise ValueError("should not contain a NUL character (U+0000)")
    return value


def id_problem(value: str) -> str | None:
    """Return in a sentence why something cannot be an id, or None."""
    found = _NOT_IN_IDS.search(value)
    if not found:
        return None
    kind = "a control" if found["control"] else "an invisible"
    return f"should not contain {kind} character (U+{ord(found[0]):04X})"


def _plain(value: str) -> str:
    """Refuse an id that holds control characters, or characters that nobody sees."""
    if problem := id_problem(value):
        raise ValueError(problem)
    return value


def _composed(value: str) -> str:
    """Return a field's name in its composed form."""
    name = composed(value)
    if len(name) > MOST_NAME:
        raise ValueError(f"should have at most {MOST_NAME} characters in its composed form (NFC)")
    return name


def _utc(value: object) -> datetime:
    """Read a field's date and time, which needs a zone, as UTC."""
    written = _string(value)
    try:
        moment: datetime | None = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("should be a date and time with a zone, such as 2026-11-23T09:30:00Z")
    last = datetime.now(UTC).year + 1
    # By what is written: nearer to either end of the calendar, a zone leads beyond it.
    if not _FIRST_YEAR <= moment.year <= last or not _FIRST_YEAR <= moment.astimezone(UTC).year <= last:
        raise ValueError(f"should be a moment from {_FIRST_YEAR} to the end of {last}")
    return moment.astimezone(UTC)


# What Python strips as blank, and NUL: the document says exactly what is refused here, but for the
# length, which is a setting (`service.api.openapi`).
HAS_TEXT = "[^\\u0000\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"
_NO_NUL = "^[^\\u0000]*$"
_TEXT_SCHEMA = {
    "type": "string",
    "allOf": [{"pattern": _NO_NUL}, {"pattern": HAS_TEXT}],
}
# The last year is no part of a pattern: it moves.
_MOMENT_SCHEMA = {
    "type": "string",
    "format": "date-time",
    "description": f"From {_FIRST_YEAR} to the end of next year.",
}
# One unsound text must not refuse 999 others: these are looked at one by one.
AnyText = Annotated[str, PlainValidator(_string), WithJsonSchema({"type": "string"})]
SoundText = Annotated[str, PlainValidator(_sound_text), WithJsonSchema(_TEXT_SCHEMA)]
Moment = Annotated[datetime, PlainValidator(_utc), WithJsonSchema(_MOMENT_SCHEMA)]
_Clean = AfterValidator(_without_nul)
_CLEAN: dict[str, JsonValue] = {"pattern": _NO_NUL}
Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME, json_schema_extra=_CLEAN), _Clean]
PersonName = Annotated[Name, AfterValidator(_composed)]
Id = Annotated[
    str,
    Field(
        min_length=1, max_length=MOST_NAME, json_schema_extra={"pattern": f"^[^{_CONTROL_RANGES}{_UNSEEN_RANGES}]*$"}
    ),
    AfterValidator(_plain),
]
OneLine = Annotated[str, Field(max_length=MOST_LINE, json_schema_extra=_CLEAN), _Clean]
LongText = Annotated[str, Field(max_length=1_000_000, json_schema_extra=_CLEAN), _Clean]


def _yes_or_no(value: object) -> int:
    """Read a field of a request that says yes or no."""
    if value not in (0, 1):
        raise ValueError("should be 0, 1, true or false")
    return int(bool(value))


def _known(value: str) -> str:
    """Refuse a field that names an unknown attribute."""
    if value not in BY_NAME:
        raise ValueError(f"there is no attribute {value!r}")
    return value


AttributeName = Annotated[str, Field(max_length=MOST_NAME), AfterValidator(_known)]
# What is kept is a number, as in the label row.
YesOrNo = Annotated[int, PlainValidator(_yes_or_no), WithJsonSchema({"enum": [0, 1, True, False]})]
