"""How many flags each operating point would have made in the last week, by the scores that are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from service.storage.tables.comments import ScoreRow

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of a week's comments each operating point flags.

    Attributes
    ----------
    texts
        Comments that the bundle scored; one that was edited counts with each of its texts, as its flags do.
    flags
        Operating point to how many of these texts it flags.
    others
        Texts that another bundle scored: its scores mean something else, so they are not counted.
    """

    texts: int
    flags: Mapping[str, int]
    others: int


def preview(session: Session, version: str, points: Mapping[str, Mapping[str, float]], now: datetime) -> Preview:
    """Count the flags that each operating point would have made in the week before now.

    The database counts: 100,000 scores would be slow to fetch.

    Parameters
    ----------
    session
        A read session.
    version
        The bundle that scores.
    points
        Operating point to its thresholds by attribute.
    now
        The end of the week.
    """
    week = (ScoreRow.scored_at > now - WEEK, ScoreRow.scored_at <= now)
    attributes = {name for thresholds in points.values() for name in thresholds}
    # Taken out of the JSON once, not again for each threshold.
    scored = (
        select(*(ScoreRow.scores[name].as_float().label(name) for name in sorted(attributes)))
        .where(*week, ScoreRow.bundle_version == version)
        .cte("scored")
        .prefix_with("MATERIALIZED")
    )
    flags = [
        func.count(case((or_(*(scored.c[name] >= least for name, least in thresholds.items())), 1)))
        for thresholds in points.values()
    ]
    texts, *flagged = session.execute(select(func.count(), *flags).select_from(scored)).one()
    everything = session.scalar(select(func.count()).select_from(ScoreRow).where(*week)) or 0
    return Preview(texts, dict(zip(points, flagged, strict=True)), everything - texts)
