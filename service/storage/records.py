"""What the rooms hand to the API and the console: plain, frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from model.errors import BelowlineError, UnknownRecord
from model.records import Article, Comment, Scores, Span

Verdict = Literal["keep", "remove", "amend", "escalate", "undo"]
#: Of a comment that was ever flagged or reported; None if it never was.
State = Literal["open", "escalated", "decided"]


class Erased(UnknownRecord):
    """A comment that still counts, but of which nothing is left to read."""


class Conflict(BelowlineError):
    """What was asked for conflicts with what others did meanwhile."""


@dataclass(frozen=True, slots=True)
class FlagReason:
    """Why a machine asks a person to look.

    A comment that could not be scored has neither attribute nor score.
    """

    sentence: str
    attribute: str | None = None
    score: float | None = None
    threshold: float | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the scorer made of a comment.

    Attributes
    ----------
    bundle_version
        Which bundle it was.
    scores
        None if it could not score.
    reasons
        Why a person should look.
    doubt
        Where no score is over its threshold: the one that is nearest to it,
        if it is near.
    error
        Why it could not score, while that is known: it is not stored.
    language
        That of a comment that was not scored since it is not in English, as ISO 639-1.
    """

    bundle_version: str
    scores: Scores | None
    reasons: tuple[FlagReason, ...]
    doubt: FlagReason | None = None
    error: str = ""
    language: str | None = None

    @property
    def flagged_for(self) -> frozenset[str]:
        """The attributes that are reasons to look."""
        return frozenset(reason.attribute for reason in self.reasons if reason.attribute)


@dataclass(frozen=True, slots=True)
class Report:
    """A reader's request to look at a comment."""

    id: int
    comment_id: str
    reporter: str
    reason: str
    note: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's verdict; `undoes` is the decision that an undo takes back, `amended_text` what is to stand instead."""

    id: int
    comment_id: str
    verdict: Verdict
    moderator: str
    decided_at: datetime
    rule: str | None = None
    note: str | None = None
    attributes: Mapping[str, int] = field(default_factory=dict)
    undoes: int | None = None
    bundle_version: str | None = None
    rules_version: int | None = None
    batch: str | None = None
    blind: bool = False
    amended_text: str | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """What an earlier text of a comment was flagged for."""

    revision: int
    reasons: tuple[FlagReason, ...]


@dataclass(frozen=True, slots=True)
class CourtCase:
    """What an article's mark as a court case says; None where nobody said.

    Attributes
    ----------
    jurisdiction
        Whose courts, such as "Scotland".
    since, until
        From when the case is active, and when the mark ends by itself.
    """

    jurisdiction: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Return whether every comment is to be read by a person now."""
        return self.until is None or now <= self.until


@dataclass(frozen=True, slots=True)
class Item:
    """A comment with everything a moderator needs to decide.

    Attributes
    ----------
    comment
        As it is now; `parent_text` is filled in where the parent is stored.
    revision
        1, and one more for each edit.
    state
        `open` while a flag or a report waits for a person.
    rank
        How urgent it was when it came, before any waiting; 0 of what is in
        doubt or drawn at random.
    stream
        `safety`, `doubt` or `random` while it is open, else None.
    since
        Since when a person is awaited.
    extreme
        Whether it is flagged as a threat or for hate.
    judgement
        Scores of the present text, with the reasons of its latest flag.
    raised_at
        When the latest flag was raised, for whatever text.
    former
        What the text before the present one was last flagged for, if the
        present one is not: it may be harmless now, and still waits.
    reports, report_count
        The latest 20, oldest first; how many there are.
    decisions
        Oldest first, those taken back among them.
    decision_in_force
        The decision that holds, if any.
    court_case
        The mark on its article, while it is in force.
    """

    comment: Comment
    article: Article
    revision: int
    received_at: datetime
    state: State | None
    rank: float
    stream: str | None
    since: datetime | None
    extreme: bool
    judgement: Judgement
    raised_at: datetime | None
    former: Former | None
    reports: tuple[Report, ...]
    report_count: int
    decisions: tuple[Decision, ...]
    decision_in_force: Decision | None
    court_case: CourtCase | None = None

    @property
    def at(self) -> datetime:
        """When it was posted or, where the program that sent it did not say, when it came in."""
        return self.comment.posted_at or self.received_at


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and where the next page begins (None: there is none)."""

    items: tuple[Item, ...]
    next_cursor: str | None
