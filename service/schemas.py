"""What the API takes, checked at this border and nowhere behind it."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, model_validator
from pydantic.json_schema import WithJsonSchema

from model.attributes import BY_NAME

MOST_COMMENTS = 1000
MOST_TEXT_BYTES = 65_536
MOST_NAME = 255


def text_problem(text: str) -> str | None:
    """Tell in a sentence why a comment's text cannot be taken, or None."""
    if not text.strip():
        return "The text is empty."
    if "\0" in text:
        return "The text holds a NUL character (U+0000), which is not text."
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "The text holds half of a surrogate pair, which is not a character."
    if size > MOST_TEXT_BYTES:
        return f"The text has {size:,} bytes; the limit is {MOST_TEXT_BYTES:,}."
    return None


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("should be a string")  # noqa: TRY004 - pydantic turns a ValueError into an answer
    return value


def _sound_text(value: object) -> str:
    text = _string(value)
    if problem := text_problem(text):
        raise ValueError(problem)
    return text


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("should not hold a NUL character (U+0000)")
    return value


def _utc(value: object) -> datetime:
    written = _string(value)
    try:
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("should be a date and time with a zone, such as 2026-11-23T09:30:00Z")


_TEXT_SCHEMA = {"type": "string", "minLength": 1, "maxLength": MOST_TEXT_BYTES}
# One unsound text must not refuse 999 others: these are looked at one by one.
AnyText = Annotated[str, PlainValidator(_string), WithJsonSchema(_TEXT_SCHEMA)]
SoundText = Annotated[str, PlainValidator(_sound_text), WithJsonSchema(_TEXT_SCHEMA)]
Moment = Annotated[datetime, PlainValidator(_utc), WithJsonSchema({"type": "string", "format": "date-time"})]
_Clean = AfterValidator(_without_nul)
Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME), _Clean]
Line = Annotated[str, Field(max_length=2_000), _Clean]
LongText = Annotated[str, Field(max_length=1_000_000), _Clean]


def _yes_or_no(value: object) -> int:
    if value not in (0, 1):
        raise ValueError("should be 0, 1, true or false")
    return int(bool(value))


def _known(value: str) -> str:
    if value not in BY_NAME:
        raise ValueError(f"there is no attribute {value!r}")
    return value


AttributeName = Annotated[str, Field(max_length=MOST_NAME), AfterValidator(_known)]
# What is kept is a number, as in the label row.
YesOrNo = Annotated[int, PlainValidator(_yes_or_no), WithJsonSchema({"enum": [0, 1, True, False]})]


class Strict(BaseModel):
    """A body: no conversion of types, no field that we do not know."""

    model_config = ConfigDict(strict=True, extra="forbid")


class ArticleText(Strict):
    """An article to compare comments with."""

    title: Line = ""
    body: LongText = ""

    @model_validator(mode="after")
    def _has_text(self) -> "ArticleText":
        if not self.title.strip() and not self.body.strip():
            raise ValueError("an article needs text in title or body")
        return self


class ArticleIn(ArticleText):
    """An article to be stored."""

    id: Name | None = None
    url: Line | None = None
    section: Name | None = None
    published_at: Moment | None = None


class CommentToScore(Strict):
    """A comment to be scored and forgotten."""

    text: AnyText
    id: Name | None = None
    parent_text: AnyText | None = None


class ScoresIn(Strict):
    """Comments to be scored, with their article if there is one."""

    comments: Annotated[list[CommentToScore], Field(max_length=MOST_COMMENTS)]
    article: ArticleText | None = None
    article_id: Name | None = None
    attributes: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _one_article(self) -> "ScoresIn":
        if self.article is not None and self.article_id is not None:
            raise ValueError("give article or article_id, not both")
        return self


class CommentIn(Strict):
    """A comment to be stored, scored and, where it deserves a look, flagged."""

    id: Name
    article_id: Name
    text: SoundText
    parent_id: Name | None = None
    author: Name | None = None
    posted_at: Moment | None = None


class DecisionIn(Strict):
    """A person's verdict."""

    verdict: Literal["keep", "remove", "escalate", "undo"]
    moderator: Name
    rule: Name | None = None
    note: LongText | None = None
    attributes: dict[AttributeName, YesOrNo] = {}
    undoes: int | None = None


class ReportIn(Strict):
    """A reader's request to look at a comment."""

    comment_id: Name
    reporter: Name
    reason: Name
    note: LongText | None = None


class FlagsQuery(BaseModel):
    """Which comments to list."""

    state: Literal["open", "escalated", "decided"] = "open"
    article_id: Name | None = None
    cursor: Name | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class LabelsQuery(BaseModel):
    """Which labels to list."""

    unreviewed: bool = False
