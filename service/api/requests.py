"""What the API takes: checked here and nowhere else."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.json_schema import WithJsonSchema

from model.attributes import BY_NAME
from service.storage.cursors import LABELS_CURSOR, QUEUE_CURSOR
from service.web.fields import (
    HAS_TEXT,
    MOST_COMMENTS,
    AnyText,
    AttributeName,
    Id,
    LongText,
    Moment,
    Name,
    OneLine,
    PersonName,
    SoundText,
    YesOrNo,
)

_FOUND = {
    "type": "object",
    "properties": {name: {"enum": [0, 1, True, False]} for name in BY_NAME},
    "additionalProperties": False,
}


class Strict(BaseModel):
    """A body: no conversion of types, no field that we do not know."""

    model_config = ConfigDict(strict=True, extra="forbid")


class ArticleText(Strict):
    """An article to compare comments with."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": [name], "properties": {name: {"pattern": HAS_TEXT}}} for name in ("title", "body")],
        },
    )

    title: OneLine = ""
    body: LongText = ""

    @model_validator(mode="after")
    def _has_text(self) -> "ArticleText":
        """Refuse an article that has neither a title nor a body."""
        if not self.title.strip() and not self.body.strip():
            raise ValueError("an article needs text in title or body")
        return self


class ArticleIn(ArticleText):
    """An article to store."""

    id: Id | None = None
    url: OneLine | None = None
    section: Name | None = None
    published_at: Moment | None = None


class CommentToScore(Strict):
    """A comment to score without storing it."""

    text: AnyText
    id: Name | None = None
    parent_text: AnyText | None = None


_AT_MOST = f"At most {MOST_COMMENTS:,}."


def _not_too_many(value: object) -> object:
    """Refuse more comments in a call than the limit."""
    # Not in the schema, where it would invite programs that test by it to send a thousand again and again.
    if isinstance(value, list) and len(value) > MOST_COMMENTS:
        raise ValueError(f"should have at most {MOST_COMMENTS:,} comments, not {len(value):,}")
    return value


class ScoresIn(Strict):
    """Comments to score, with their article if there is one."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"properties": {name: {"type": "null"}}} for name in ("article", "article_id")],
        },
    )

    comments: Annotated[list[CommentToScore], BeforeValidator(_not_too_many), Field(description=_AT_MOST)]
    article: ArticleText | None = None
    article_id: Name | None = None
    attributes: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _one_article(self) -> "ScoresIn":
        """Refuse a call that gives an article and an article's id."""
        if self.article is not None and self.article_id is not None:
            raise ValueError("give article or article_id, not both")
        return self


class CommentIn(Strict):
    """A comment to store, score and, if a person should look at it, flag."""

    id: Id
    article_id: Id
    text: SoundText
    parent_id: Id | None = None
    author: PersonName | None = None
    posted_at: Moment | None = None


class LineToScore(Strict):
    """A line of a batch to score without storing it."""

    text: SoundText
    id: Name | None = None
    parent_text: SoundText | None = None
    article_id: Name | None = None


def _whole(given: object) -> object:
    """Read a whole number that is written with a decimal point."""
    # To JSON, 140.0 is an integer as much as 140 is.
    return int(given) if isinstance(given, float) and given.is_integer() else given


class DecisionIn(Strict):
    """A person's verdict."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"properties": {"verdict": {"const": "undo"}}}, {"properties": {"undoes": {"type": "null"}}}],
        },
    )

    verdict: Literal["keep", "remove", "amend", "escalate", "undo"]
    moderator: Name
    rule: Name | None = None
    note: LongText | None = None
    attributes: Annotated[dict[AttributeName, YesOrNo], WithJsonSchema(_FOUND)] = {}
    amended_text: SoundText | None = None
    undoes: Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(_whole)] | None = None


class ReportIn(Strict):
    """A reader's request to look at a comment."""

    comment_id: Name
    reporter: PersonName
    reason: Name
    note: LongText | None = None


class DoubtedIn(Strict):
    """A decision that is probably wrong, and how probably."""

    comment_id: Name
    label: Literal["removed", "kept"]
    probability: Annotated[float, Field(ge=0, le=1)]


class SecondLooksIn(Strict):
    """Decisions a person should look at again, as sent by `training second-look`."""

    looks: Annotated[list[DoubtedIn], Field(min_length=1, max_length=500)]


class FlagsQuery(BaseModel):
    """Which comments to list."""

    state: Literal["open", "escalated", "decided"] = "open"
    article_id: Name | None = None
    cursor: Annotated[str, Field(pattern=QUEUE_CURSOR)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class LabelsQuery(BaseModel):
    """Which labels to list."""

    unreviewed: bool = False
    cursor: Annotated[str, Field(pattern=LABELS_CURSOR)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None


class RulesQuery(BaseModel):
    """Which version of the rules to return; the current one if none is named."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
