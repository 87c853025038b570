"""A trial: a challenger scores what comes in beside the bundle in use, and moderators see nothing of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput
from model.labels import LabelRow
from model.watching.dry_run import DryRun, Flip, surest_first
from service.learning.labels import rows_of
from service.moderation.judge import Judge
from service.storage.database import Database
from service.storage.items import load_items
from service.storage.tables.comments import CommentRow, FlagRow, ScoreRow, ShadowRow

#: Comments that are scored before they are written down.
AT_ONCE = 64


class Shadow:
    """Scores with a challenger what the champion has scored since the challenger began.

    What it has done is in the database: after a stop it goes on where it was.

    Parameters
    ----------
    db
        The service's database.
    judge
        The challenger, with the articles that a comment is held against, as in the service.

    Raises
    ------
    InvalidInput
        If the challenger is the bundle that scores.
    """

    def __init__(self, db: Database, judge: Judge) -> None:
        self._db = db
        self._judge = judge
        self.version = judge.scorer.manifest.version
        with db.read() as session:
            latest = session.scalar(select(ScoreRow).order_by(ScoreRow.id.desc()).limit(1))
            begun = session.scalar(select(func.min(ShadowRow.score_id)).where(ShadowRow.bundle_version == self.version))
        if latest is not None and latest.bundle_version == self.version:
            raise InvalidInput(f"{self.version} is the bundle in use: it cannot shadow itself.")
        self._first = begun or (latest.id if latest else 0) + 1

    def step(self) -> int:
        """Score some of what came in, at most `AT_ONCE` comments, and return how many."""
        with self._db.read() as session:
            rows = session.execute(self._unseen()).all()
            items = load_items(session, [comment for _, comment in rows])
        judgements = self._judge.judge_each(
            [item.comment for item in items], {str(item.article.id): item.article for item in items}
        )
        now = datetime.now(UTC)
        shadows = []
        for (score_id, _), judgement in zip(rows, judgements, strict=True):
            reasons = {
                reason.attribute: round(reason.score or 0.0, 4) for reason in judgement.reasons if reason.attribute
            }
            shadows.append(
                ShadowRow(
                    score_id=score_id,
                    bundle_version=self.version,
                    scores=dict(judgement.scores.values) if judgement.scores else {},
                    reasons=reasons,
                    flagged=bool(reasons),
                    scored_at=now,
                )
            )
        try:
            with self._db.write() as session:
                session.add_all(shadows)
        except IntegrityError as error:
            raise InvalidInput(
                f"Another process is already running {self.version} in shadow on this database: stop one of them."
            ) from error
        return len(shadows)

    def _unseen(self) -> Select[int, CommentRow]:
        """Ask for the scores that it has none beside; a text that was edited since has another score."""
        done = select(ShadowRow.score_id).where(
            ShadowRow.score_id == ScoreRow.id, ShadowRow.bundle_version == self.version
        )
        return (
            select(ScoreRow.id, CommentRow)
            .join(CommentRow, CommentRow.id == ScoreRow.comment_id)
            .where(
                ScoreRow.id >= self._first,
                ScoreRow.bundle_version != self.version,
                ScoreRow.revision == CommentRow.revision,
                CommentRow.erased_at.is_(None),
                ~done.exists(),
            )
            .order_by(ScoreRow.id)
            .limit(AT_ONCE)
        )


@dataclass(frozen=True, slots=True)
class Challenger:
    """A bundle on trial, now or before: how many comments it scored, from when to when."""

    version: str
    comments: int
    since: datetime
    until: datetime


def challengers(session: Session) -> list[Challenger]:
    """List the bundles that were on trial, the latest first."""
    columns = (ShadowRow.bundle_version, func.count(), func.min(ShadowRow.scored_at), func.max(ShadowRow.scored_at))
    rows = session.execute(select(*columns).group_by(ShadowRow.bundle_version)).all()
    return sorted((Challenger(*row) for row in rows), key=lambda one: one.until, reverse=True)


def compare(session: Session, version: str, *, minutes: float) -> DryRun | None:
    """Return what a bundle on trial would have changed.

    Of each comment the text counts that it has now, and only what the latest
    champion scored: after a promotion the comparison begins anew. What a mark on an article
    brought before a person is the same with both.

    Parameters
    ----------
    session
        To read by.
    version
        The challenger.
    minutes
        What an item takes a moderator.

    Returns
    -------
    None if it has scored nothing that is still there.
    """
    seen = (
        select(ScoreRow)
        .join(ShadowRow, ShadowRow.score_id == ScoreRow.id)
        .join(CommentRow, CommentRow.id == ScoreRow.comment_id)
        .where(
            ShadowRow.bundle_version == version,
            ScoreRow.revision == CommentRow.revision,
            CommentRow.erased_at.is_(None),
        )
    )
    champion = session.scalar(seen.with_only_columns(ScoreRow.bundle_version).order_by(ScoreRow.id.desc()).limit(1))
    if champion is None:
        return None
    seen = seen.where(ScoreRow.bundle_version == champion)
    comments = session.scalar(seen.with_only_columns(func.count())) or 0
    flags = (
        seen.join(FlagRow, FlagRow.comment_id == ScoreRow.comment_id)
        .where(FlagRow.revision == ScoreRow.revision, FlagRow.stream == "safety")
        .with_only_columns(ScoreRow.comment_id, FlagRow.reasons)
        .order_by(FlagRow.id)
    )
    before = {
        name: {reason["attribute"]: reason["score"] for reason in reasons if reason["attribute"]}
        for name, reasons in session.execute(flags)
    }
    before = {name: reasons for name, reasons in before.items() if reasons}
    flagged = seen.where(ShadowRow.flagged).with_only_columns(ScoreRow.comment_id, ShadowRow.reasons)
    after = {name: reasons for name, reasons in session.execute(flagged)}  # noqa: C416 - rows are no pairs to mypy
    labels = _labels(session, before.keys() ^ after.keys())
    flips = [
        Flip(
            name,
            "newly flagged" if name in after else "no longer flagged",
            after.get(name) or before[name],
            labels[name].label,
            1.0 / (labels[name].probability_seen or 1.0),
        )
        for name in labels
    ]
    return DryRun(champion, version, comments, len(before), len(after), surest_first(flips), minutes)


def _labels(session: Session, names: Iterable[str]) -> dict[str, LabelRow]:
    """Read what moderators decided on comments that champion and challenger treat differently."""
    ids: Sequence[str] = sorted(names)
    found: dict[str, LabelRow] = {}
    for start in range(0, len(ids), AT_ONCE):
        rows = session.scalars(select(CommentRow).where(CommentRow.id.in_(ids[start : start + AT_ONCE]))).all()
        # Nobody's name is shown: any secret will do.
        found |= {row.comment_id: row for row in rows_of(session, rows, secret="")}
    return found
