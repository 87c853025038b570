"""What passes between the rooms: plain, frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Article:
    """What a newspaper published and readers comment on.

    `title` or `body` (or both) must hold text for relevance to be scored.
    """

    title: str = ""
    body: str = ""
    id: str | None = None
    url: str | None = None
    section: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote; `author` is a pseudonym.

    `parent_text` is the comment that this one answers, where known: a reply
    inherits its parent's subject.
    """

    text: str
    id: str | None = None
    article_id: str | None = None
    parent_id: str | None = None
    parent_text: str | None = None
    author: str | None = None
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Words that made a score: `text[start:end]` of the comment as written.

    `start` and `end` count code points, `end` is exclusive; `weight` is the
    span's share of the evidence for `attribute`, in (0, 1].
    """

    start: int
    end: int
    attribute: str
    weight: float


@dataclass(frozen=True, slots=True)
class Subjects:
    """Words that say what a comment and its article are about."""

    comment: tuple[str, ...]
    article: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """One comment's scores.

    Attributes
    ----------
    values
        Attribute to calibrated probability in [0, 1]; high means "look". An
        attribute that was not scored is absent.
    spans
        The words behind the abuse scores; empty unless asked for.
    subjects
        What the comment and the article are about; None without an article,
        or unless spans were asked for.
    threat_sentence
        What a moderator is told of it as a threat, where it holds phrases that
        are one: "Urges self-harm."; None for most.
    """

    values: Mapping[str, float]
    spans: tuple[Span, ...] = ()
    subjects: Subjects | None = None
    threat_sentence: str | None = None

    def __getitem__(self, attribute: str) -> float:
        return self.values[attribute]


@dataclass(frozen=True, slots=True)
class Unscorable:
    """What a comment has instead of scores; `sentence` says why."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a comment deserves a look: one attribute at or above its threshold."""

    attribute: str
    score: float
    threshold: float
    sentence: str
    spans: tuple[Span, ...] = field(default=())
