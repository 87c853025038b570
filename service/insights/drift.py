"""Have readers or moderators changed? The last week against the four weeks before it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from model.watching.drift import Share, Signal, Subject, score_drift, share_drift, unknown_words
from service.insights.queries import Made, Period, decisions_in_force, read_decisions
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, ScoreRow

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

CURRENT, REFERENCE = timedelta(days=7), timedelta(days=28)
#: So many scores, and texts, of each period are compared: spread over all of it, and enough to tell.
_MOST_SCORES, _MOST_TEXTS = 5000, 1000
#: Reading them takes longer than a look at the metrics may, and nothing of it changes within an hour.
_KEPT_FOR = timedelta(hours=1)
#: The stream whose decisions tell a share: of all comments, and of those that the bundle flagged.
_STREAMS: tuple[tuple[Subject, str], ...] = (("removed", "random"), ("agreement", "safety"))


@dataclass(frozen=True, slots=True)
class Drift:
    """What was compared, when, and of which bundle's scores."""

    at: datetime
    bundle_version: str
    signals: tuple[Signal, ...]


class KeptDrift:
    """Keeps for an hour what drift was found.

    Parameters
    ----------
    db
        Where it is read.

    Attributes
    ----------
    latest
        What was found last; None before the first look.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.latest: Drift | None = None

    def find(self, scorer: "Scorer", now: datetime) -> Drift:
        """Return what has changed by this scorer's scores, as found within the last hour."""
        kept, version = self.latest, scorer.manifest.version
        if kept is not None and now - kept.at < _KEPT_FOR and kept.bundle_version == version:
            return kept
        with self._db.read() as session:
            signals = read_drift(session, version, scorer.manifest.attributes, scorer.words, now)
        self.latest = found = Drift(now, version, signals)
        return found


def read_drift(
    session: Session, version: str, attributes: Collection[str], words: Collection[str], now: datetime
) -> tuple[Signal, ...]:
    """Compare the last week with the four weeks before it.

    Parameters
    ----------
    session
        To read by.
    version
        Only scores of this bundle: another one's are distributed otherwise.
    attributes, words
        What it scores, and the words that it knows.
    now
        The end of the week.
    """
    current = Period(now - CURRENT, now)
    reference = Period(current.start - REFERENCE, current.start)
    old, new = (_scores(session, version, period) for period in (reference, current))
    scores = [score_drift(name, _of(name, old), _of(name, new)) for name in attributes]
    texts = [unknown_words(_texts(session, version, period), words) for period in (reference, current)]
    decided = [_decided(session, period) for period in (reference, current)]
    shares = [
        share_drift(subject, *(_removed(decisions, stream) for decisions in decided)) for subject, stream in _STREAMS
    ]
    return (*scores, share_drift("words", *texts), *shares)


def _scores(session: Session, version: str, period: Period) -> list[Mapping[str, Any]]:
    """Read a bundle's scores of a period, evenly spread."""
    return list(session.scalars(_spread(session, select(ScoreRow.scores), version, period, _MOST_SCORES)))


def _texts(session: Session, version: str, period: Period) -> list[str]:
    """Read texts that were scored in a period, evenly spread."""
    texts = select(CommentRow.text).join_from(ScoreRow, CommentRow, CommentRow.id == ScoreRow.comment_id)
    return list(session.scalars(_spread(session, texts, version, period, _MOST_TEXTS)))


def _spread(session: Session, query: Any, version: str, period: Period, most: int) -> Any:
    """Take no more than so many rows of a period, each so-many-th of them."""
    within = (ScoreRow.scored_at >= period.start, ScoreRow.scored_at < period.end, ScoreRow.bundle_version == version)
    count = session.scalar(select(func.count()).select_from(ScoreRow).where(*within)) or 0
    return query.where(*within, ScoreRow.id % max(1, -(-count // most)) == 0)


def _of(attribute: str, scores: Collection[Mapping[str, Any]]) -> list[float]:
    """Return one attribute's scores."""
    return [float(row[attribute]) for row in scores if attribute in row]


def _decided(session: Session, period: Period) -> list[Made]:
    """Read the decisions in force of a period."""
    return [one for one in decisions_in_force(read_decisions(session, period)).values() if period.holds(one.decided_at)]


def _removed(decisions: Collection[Made], stream: str) -> Share:
    """Return the share of a stream's decided comments that was removed."""
    final = [one.verdict for one in decisions if one.stream == stream and one.verdict in ("keep", "remove")]
    return Share(final.count("remove"), len(final))
