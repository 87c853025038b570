"""The tables of comments: what came in, what was said of it, and where it stands in the queue.

Reports, decisions, scores and earlier texts are only ever added to.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.tables.base import Base


class ArticleRow(Base):
    """An article, by the newspaper's own id."""

    __tablename__ = "article"
    # A hash, since an address may be longer than a tree of PostgreSQL's takes; SQLite has trees only.
    __table_args__ = (Index("ix_article_url", "url", postgresql_using="hash"),)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    section: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    # Set by moderators: to be read first; and each of its comments is read by a person.
    watched: Mapped[bool] = mapped_column(default=False)
    court_case: Mapped[bool] = mapped_column(default=False)
    # Before which court, since when, and when the mark ends by itself; None where nobody said.
    court_jurisdiction: Mapped[str | None] = mapped_column(String(64))
    court_from: Mapped[datetime | None]
    court_until: Mapped[datetime | None]


class CommentRow(Base):
    """A comment as it is now, by the newspaper's own id.

    Where it stands in the queue follows from flags, reports and decisions; it
    is written down here so that the next of many thousand is found by an
    index, and is written by `service.triage.position.settle` alone.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_queue", "state", "rank", "id"),
        Index("ix_comment_posted_at", "posted_at", "received_at"),
        # Ends in all that the console filters by, so that its counts need not read the texts.
        Index("ix_comment_next", "state", "stream", "place", "id", "extreme", "since", "article_id", "about"),
    )
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("article.id"), index=True)
    # No foreign key: a newspaper may send a reply before the comment that it answers.
    parent_id: Mapped[str | None] = mapped_column(String(255), index=True)
    author: Mapped[str | None] = mapped_column(String(255), index=True)
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    posted_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    # Since then its text and author are gone, and stay so (`service.moderation.retention`).
    erased_at: Mapped[datetime | None]
    state: Mapped[str | None] = mapped_column(String(16))
    rank: Mapped[float] = mapped_column(default=0.0)
    # Only while it is open.
    stream: Mapped[str | None] = mapped_column(String(16))
    # Who comes first: the highest. `service.triage.order` tells what it is made of.
    queue_position: Mapped[float] = mapped_column("place", default=0.0)
    # Since when a person is awaited.
    since: Mapped[datetime | None]
    # What it is flagged for, and whether it is reported: " insult reported ".
    about: Mapped[str] = mapped_column(String(255), default="")
    extreme: Mapped[bool] = mapped_column(default=False)
    # Of what was not scored since it is not in English.
    language: Mapped[str | None] = mapped_column(String(16))
    # Of the decision in force.
    verdict: Mapped[str | None] = mapped_column(String(16))


class EditRow(Base):
    """A comment before it was edited: decisions and scores on it still speak of that text."""

    __tablename__ = "edit"
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class ScoreRow(Base):
    """What a bundle said of a comment; the latest one counts."""

    __tablename__ = "score"
    __table_args__ = (Index("ix_score_scored_at", "scored_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    revision: Mapped[int]
    bundle_version: Mapped[str] = mapped_column(String(255))
    # "values" is a word of SQL.
    scores: Mapped[dict[str, Any]]
    spans: Mapped[list[Any]]
    subjects: Mapped[dict[str, Any] | None]
    scored_at: Mapped[datetime]


class ShadowRow(Base):
    """The scores of a bundle on trial for the text that another score is of."""

    __tablename__ = "shadow"
    score_id: Mapped[int] = mapped_column(ForeignKey("score.id"), primary_key=True, autoincrement=False)
    bundle_version: Mapped[str] = mapped_column(String(255), primary_key=True)
    scores: Mapped[dict[str, Any]]
    # Attribute to score, of what it would have been flagged for.
    reasons: Mapped[dict[str, Any]]
    flagged: Mapped[bool]
    scored_at: Mapped[datetime]


class FlagRow(Base):
    """A machine's request to look."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    revision: Mapped[int]
    reasons: Mapped[list[Any]]
    stream: Mapped[str] = mapped_column(String(16), default="safety")
    rank: Mapped[float]
    # How likely an item such as this one was to be shown: 1 for whatever crosses a threshold.
    probability: Mapped[float] = mapped_column(default=1.0)
    raised_at: Mapped[datetime]
    bundle_version: Mapped[str] = mapped_column(String(255))


class ReportRow(Base):
    """A reader's request to look."""

    __tablename__ = "report"
    # A comment may have thousands: its first and last ones, and a reader's, are found without reading the others.
    __table_args__ = (
        Index("ix_report_comment", "comment_id", "id"),
        Index("ix_report_comment_reporter", "comment_id", "reporter"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"))
    reporter: Mapped[str] = mapped_column(String(255), index=True)
    reason: Mapped[str] = mapped_column(String(255))
    note: Mapped[str | None] = mapped_column(Text)
    # Of the comment: the same reader may report it again once its author has edited it.
    revision: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]


class ReporterRow(Base):
    """What is known of somebody who reports; worked out in the background (`service.triage.reweighing`)."""

    __tablename__ = "reporter"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    # Reason to how many reports they sent for it, how many of these proved right, and how many wrong, as of `at`.
    known: Mapped[dict[str, Any]]
    sent: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]
    # The same for all that report together.
    bloc: Mapped[str | None] = mapped_column(String(32), index=True)


class ReweighRow(Base):
    """A comment on whose reports a person has decided: what is known of its reporters is to be worked out anew."""

    __tablename__ = "reweigh"
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"))
    # Until then a process works on it.
    held_until: Mapped[datetime | None]


class DecisionRow(Base):
    """A person's verdict: keep, remove, amend, escalate, or undo of an earlier one.

    `last_flag` and `last_report` name what lay before the moderator: a later
    one brings the comment back, whatever the clocks of two machines say.
    """

    __tablename__ = "decision"
    # Two moderators cannot both undo the same decision.
    __table_args__ = (UniqueConstraint("undoes"), Index("ix_decision_moderator", "moderator", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    revision: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(16))
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    moderator: Mapped[str] = mapped_column(String(255))
    rule: Mapped[str | None] = mapped_column(String(255))
    rules_version: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    bundle_version: Mapped[str | None] = mapped_column(String(255))
    last_flag: Mapped[int]
    last_report: Mapped[int]
    # Of the item when it was decided on; None if nothing had brought it before a person.
    stream: Mapped[str | None] = mapped_column(String(16))
    # When this moderator opened it in the console; None if the decision came by the API.
    opened_at: Mapped[datetime | None]
    # The same for all that were decided by one press of a button.
    batch: Mapped[str | None] = mapped_column(String(32), index=True)
    # What the newspaper was asked to publish in place of the comment; the original stays where it is.
    amended_text: Mapped[str | None] = mapped_column(Text)
    # Scores, marks and reasons were hidden until the decision.
    blind: Mapped[bool] = mapped_column(default=False)


class EscalationRow(Base):
    """A question to a lead: the decision that escalated, the one that answered it, and whether who asked has heard."""

    __tablename__ = "escalation"
    __table_args__ = (Index("ix_escalation_asked_by", "asked_by", "heard_at"),)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True, autoincrement=False)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(255))
    # None asks any lead.
    asked_to: Mapped[str | None] = mapped_column(String(255))
    asked_at: Mapped[datetime]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    heard_at: Mapped[datetime | None]


class ClaimRow(Base):
    """An item before a moderator, from opening to leaving it; kept, since it tells the minutes an item takes.

    It is held while `ended_at` is None and `until` is to come.
    """

    __tablename__ = "claim"
    __table_args__ = (
        # Two moderators cannot both hold an item.
        Index(
            "uq_claim_held",
            "comment_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_claim_moderator", "moderator", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    moderator: Mapped[str] = mapped_column(String(255))
    # Which showing of the queue this was, counted over all moderators; None if it was opened by its address.
    turn: Mapped[int | None] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None] = mapped_column(String(16))


class SearchRow(Base):
    """A comment's number in the index of words; triggers of the database write both (migration 0016).

    The index itself is the table `comment_words`, of FTS5 or of tsvectors:
    each database has its own way to ask it, and only `service.finding.search`
    does.
    """

    __tablename__ = "search_entry"
    number: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), unique=True)


class AuthorNoteRow(Base):
    """What a moderator noted about an author; only ever added to, and erased with the author."""

    __tablename__ = "author_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(String(255), index=True)
    text: Mapped[str] = mapped_column(Text)
    moderator: Mapped[str] = mapped_column(String(255))
    written_at: Mapped[datetime]
