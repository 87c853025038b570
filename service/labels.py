"""From decisions to labels: the rows that `training fit` learns from."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from model.labels import LabelRow, SeenBecause
from service.database import Database
from service.items import article_of, decision_of, standing_decision
from service.tables import ArticleRow, CommentRow, DecisionRow, EditRow, FlagRow, ReportRow, ScoreRow

_AT_ONCE = 200
_LABELS: dict[str, Literal["removed", "kept"]] = {"remove": "removed", "keep": "kept"}


def label_rows(store: Database, secret: str, *, unreviewed: bool = False) -> Iterator[LabelRow]:
    """Give the label rows, in the order of the comments' ids.

    Only what a person kept or removed, and did not take back, is a label.

    Parameters
    ----------
    store
        The database; it is read in small steps, each of which sees one state.
    secret
        Turns moderators' names into pseudonyms.
    unreviewed
        Give all other comments too, with the label None.
    """
    last = ""
    while True:
        with store.read() as session:
            query = select(CommentRow).where(CommentRow.id > last).order_by(CommentRow.id).limit(_AT_ONCE)
            if not unreviewed:
                query = query.where(exists().where(DecisionRow.comment_id == CommentRow.id))
            comments = session.scalars(query).all()
            rows = [_row(session, comment, secret) for comment in comments]
        yield from (row for row in rows if unreviewed or row.label is not None)
        if len(comments) < _AT_ONCE:
            return
        last = comments[-1].id


def pseudonym(name: str, secret: str) -> str:
    """Give a moderator another name, always the same one."""
    return "m-" + hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()[:12]


def _row(session: Session, comment: CommentRow, secret: str) -> LabelRow:
    rows = session.scalars(
        select(DecisionRow).where(DecisionRow.comment_id == comment.id).order_by(DecisionRow.id),
    ).all()
    standing = standing_decision(map(decision_of, rows))
    decision = next((row for row in rows if standing is not None and row.id == standing.id), None)
    label = None if decision is None else _LABELS.get(decision.verdict)
    revision = comment.revision if decision is None else decision.revision
    score = session.scalar(
        select(ScoreRow)
        .where(ScoreRow.comment_id == comment.id, ScoreRow.revision == revision)
        .order_by(ScoreRow.id.desc())
        .limit(1),
    )
    article = session.get(ArticleRow, comment.article_id)
    # An escalated comment has been seen, but has no label yet.
    person = decision if label is not None else None
    seen_because, probability = _seen(session, person) if person else (None, None)
    return LabelRow(
        comment_id=comment.id,
        text=_text_of(session, comment, revision),
        parent_text=session.scalar(select(CommentRow.text).where(CommentRow.id == comment.parent_id)),
        article=None if article is None else article_of(article),
        label=label,
        attributes=person.attributes if person else {},
        rule=person.rule if person else None,
        verdict_at=person.decided_at if person else None,
        moderator=pseudonym(person.moderator, secret) if person else None,
        seen_because=seen_because,
        probability_seen=probability,
        bundle_version=score.bundle_version if score else None,
        scores=score.scores if score else {},
    )


def _text_of(session: Session, comment: CommentRow, revision: int) -> str:
    if revision == comment.revision:
        return comment.text
    edit = session.get(EditRow, (comment.id, revision))
    return comment.text if edit is None else edit.text


def _seen(session: Session, decision: DecisionRow) -> tuple[SeenBecause, float | None]:
    """Tell what had brought the comment before the person who decided."""
    flags = session.scalars(
        select(FlagRow)
        .where(FlagRow.comment_id == decision.comment_id, FlagRow.id <= decision.last_flag)
        .order_by(FlagRow.id.desc()),
    ).all()
    chosen = next((flag for flag in flags if flag.stream != "random"), None)
    if chosen is not None:
        return "flag", chosen.probability
    reported = exists().where(ReportRow.comment_id == decision.comment_id, ReportRow.id <= decision.last_report)
    if session.scalar(select(reported)):
        return "report", 1.0
    if flags:
        return "random", flags[0].probability
    return "other", None
