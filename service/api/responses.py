"""What the API answers: each answer's shape, and how it is made from records."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from model.records import Reason, Span
from service.storage.records import Decision, FlagReason, Item, Page, Report


class ModelOut(BaseModel):
    """Which bundle scored."""

    tier: str
    version: str


class SpanOut(BaseModel):
    """Words that made a score: `text[start:end]`, counted in code points."""

    start: int
    end: int
    attribute: str
    weight: float


class ReasonOut(BaseModel):
    """Why a person should look at a comment; attribute and score are null if it could not be scored."""

    attribute: str | None
    score: float | None
    threshold: float | None
    sentence: str
    spans: list[SpanOut]


class ScoredOut(BaseModel):
    """One comment's scores."""

    id: str
    scores: dict[str, float]
    spans: list[SpanOut]
    reasons: list[ReasonOut]


class UnscoredOut(BaseModel):
    """Why one comment has no scores."""

    id: str
    error: str


class ScoresOut(BaseModel):
    """Scores in the order of the comments."""

    model: ModelOut
    results: list[ScoredOut | UnscoredOut]


class ArticleOut(BaseModel):
    """A stored article."""

    id: str
    title: str
    body: str
    url: str | None
    section: str | None
    published_at: datetime | None


class CommentOut(BaseModel):
    """A stored comment with its latest scores."""

    id: str
    article_id: str
    revision: int
    flagged: bool
    state: str | None
    bundle_version: str | None
    scores: dict[str, float]
    spans: list[SpanOut]
    reasons: list[ReasonOut]


class DecisionOut(BaseModel):
    """A stored verdict."""

    id: int
    comment_id: str
    verdict: str
    moderator: str
    rule: str | None
    note: str | None
    attributes: dict[str, int]
    amended_text: str | None
    undoes: int | None
    decided_at: datetime
    bundle_version: str | None
    rules_version: int | None


class ReportOut(BaseModel):
    """A stored report."""

    id: int
    comment_id: str
    reporter: str
    reason: str
    note: str | None
    created_at: datetime


class LeftOut(BaseModel):
    """Why a decision gets no second look."""

    comment_id: str
    why: str


class SecondLooksOut(BaseModel):
    """How many comments are waiting for a second look, and why the others are not."""

    waiting: int
    left: list[LeftOut]


class RuleOut(BaseModel):
    """One of the newspaper's rules; `attributes` are those that suggest a breach of it."""

    number: str
    title: str
    text: str
    attributes: list[str]


class RulesOut(BaseModel):
    """A version of the newspaper's rules."""

    version: int
    made_at: datetime
    rules: list[RuleOut]


class FlagOut(CommentOut):
    """A comment waiting for a person."""

    article_title: str
    parent_id: str | None
    author: str | None
    text: str
    posted_at: datetime | None
    received_at: datetime
    raised_at: datetime | None
    rank: float
    reports: list[ReportOut]
    report_count: int
    decision: DecisionOut | None


class FlagsOut(BaseModel):
    """A page of comments, worst first, and how many there are in all."""

    items: list[FlagOut]
    total: int
    next_cursor: str | None


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[dict[str, Any]] | None = None


def spans_out(spans: Iterable[Span]) -> list[SpanOut]:
    """Answer with spans."""
    return [SpanOut(start=span.start, end=span.end, attribute=span.attribute, weight=span.weight) for span in spans]


def reasons_out(reasons: Iterable[Reason | FlagReason]) -> list[ReasonOut]:
    """Answer with reasons."""
    return [
        ReasonOut(
            attribute=reason.attribute,
            score=reason.score,
            threshold=reason.threshold,
            sentence=reason.sentence,
            spans=spans_out(reason.spans),
        )
        for reason in reasons
    ]


def comment_out(item: Item) -> CommentOut:
    """Answer with what was made of a comment."""
    return CommentOut(**_about(item))


def decision_out(decision: Decision) -> DecisionOut:
    """Answer with a verdict."""
    return DecisionOut(**{name: getattr(decision, name) for name in DecisionOut.model_fields})


def report_out(report: Report) -> ReportOut:
    """Answer with a report."""
    return ReportOut(**{name: getattr(report, name) for name in ReportOut.model_fields})


def flags_out(page: Page, total: int) -> FlagsOut:
    """Answer with a page of comments that wait for a person."""
    return FlagsOut(items=[_flag_out(item) for item in page.items], total=total, next_cursor=page.next_cursor)


def _flag_out(item: Item) -> FlagOut:
    """Return a flagged comment as the API shows it."""
    return FlagOut(
        **_about(item),
        article_title=item.article.title,
        parent_id=item.comment.parent_id,
        author=item.comment.author,
        text=item.comment.text,
        posted_at=item.comment.posted_at,
        received_at=item.received_at,
        raised_at=item.raised_at,
        rank=item.rank,
        reports=[report_out(report) for report in item.reports],
        report_count=item.report_count,
        decision=None if item.decision_in_force is None else decision_out(item.decision_in_force),
    )


def _about(item: Item) -> dict[str, Any]:
    """Return what the API shows of every stored comment."""
    scores = item.judgement.scores
    return {
        "id": item.comment.id,
        "article_id": item.comment.article_id,
        "revision": item.revision,
        "flagged": bool(item.judgement.reasons),
        "state": item.state,
        "bundle_version": item.judgement.bundle_version or None,
        "scores": {} if scores is None else dict(scores.values),
        "spans": [] if scores is None else spans_out(scores.spans),
        "reasons": reasons_out(item.judgement.reasons),
    }
