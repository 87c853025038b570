"""Comments: stored with what the scorer made of them, and found; nothing that was accepted is lost or doubled."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from model.records import Comment
from service.moderation.flags import COURT_CASE_REASON, Flag, raise_flag
from service.storage.items import court_case_of, load_items, spans_to_json
from service.storage.records import Erased, Item, Judgement
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow, EditRow, FlagRow, ReportRow, ScoreRow
from service.triage.order import doubt_weight, flag_rank
from service.triage.position import row_in_force, settle

# Not a seeded generator: workers that are forked would all draw the same.
_CHANCE = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The bundle that scored a comment last, and the numbers of its last flag, report and decision; 0 for none."""

    bundle_version: str | None
    flag: int
    report: int
    decision: int


def get_item(session: Session, comment_id: str) -> Item:
    """Return one comment with all that moderators see of it; raise UnknownRecord if it is not stored."""
    return load_items(session, [get_comment(session, comment_id)])[0]


def get_comment(session: Session, comment_id: str) -> CommentRow:
    """Fetch one comment; raise UnknownRecord if it is not stored."""
    row = session.get(CommentRow, comment_id)
    if row is None:
        raise UnknownRecord(f"There is no comment {comment_id!r}.")
    return row


def lock_comment(session: Session, comment_id: str) -> CommentRow:
    """Fetch a comment to decide on or to change: who comes next waits for the end of this transaction."""
    row = session.get(CommentRow, comment_id, with_for_update=True)
    if row is None:
        raise UnknownRecord(f"There is no comment {comment_id!r}.")
    if row.erased_at is not None:
        raise Erased(f"Comment {comment_id!r} was erased on {row.erased_at:%Y-%m-%d}.")
    return row


def find_text(session: Session, comment_id: str | None) -> str | None:
    """Return a stored comment's text, or None."""
    return None if comment_id is None else session.scalar(select(CommentRow.text).where(CommentRow.id == comment_id))


def is_stored(session: Session, comment: Comment) -> bool:
    """Return whether the comment is stored with this very content: then there is nothing to do.

    What the newspaper left out now, but told earlier, is not a difference.
    """
    row = session.get(CommentRow, comment.id)
    return row is not None and not _differences(row, comment)


def last_seen(session: Session, comment_id: str) -> LastSeen:
    """Return what somebody who decides on a comment now has in front of them."""
    bundle = (
        select(ScoreRow.bundle_version).where(ScoreRow.comment_id == comment_id).order_by(ScoreRow.id.desc()).limit(1)
    )
    tables = (FlagRow, ReportRow, DecisionRow)
    lasts = (select(func.max(table.id)).where(table.comment_id == comment_id) for table in tables)
    version, *numbers = session.execute(
        select(bundle.scalar_subquery(), *(last.scalar_subquery() for last in lasts))
    ).one()
    return LastSeen(version, *(number or 0 for number in numbers))


def save_comment(session: Session, comment: Comment, judgement: Judgement, *, random_rate: float = 0.0) -> bool:
    """Store a comment with what the scorer made of it; return whether it is new.

    The same comment again changes nothing. A comment with a known id and
    another content is an edit: its former text and scores are kept.

    Parameters
    ----------
    session
        A write transaction.
    comment, judgement
        What is stored.
    random_rate
        How likely a new comment is to be drawn for the random stream,
        whatever its scores.
    """
    row = session.get(CommentRow, comment.id, with_for_update=True)
    now = datetime.now(UTC)
    if row is None:
        row = CommentRow(
            id=comment.id,
            article_id=comment.article_id,
            parent_id=comment.parent_id,
            author=comment.author,
            text=comment.text,
            posted_at=comment.posted_at,
            received_at=now,
            revision=1,
            rank=0.0,
        )
        session.add(row)
        session.flush()
        if _CHANCE.random() < random_rate:
            raise_flag(session, row, Flag("random", (), 1.0, judgement.bundle_version, random_rate))
        _add_judgement(session, row, judgement, now)
        _settle_parent(session, row)
        return True
    differences = _differences(row, comment)
    if not differences:
        return False
    judged_anew = {"text", "article_id", "parent_id"} & set(differences)
    if judged_anew:
        session.add(EditRow(comment_id=row.id, revision=row.revision, text=row.text, replaced_at=now))
        row.revision += 1
    for name in differences:
        setattr(row, name, getattr(comment, name))
    if judged_anew:
        holds = row_in_force(session, row.id)
        # What a person had amended comes back as a person wrote it, and needs no second one to look.
        by_hand = holds is not None and holds.amended_text == row.text
        _add_judgement(session, row, replace(judgement, reasons=(), doubt=None) if by_hand else judgement, now)
    return False


def _differences(row: CommentRow, comment: Comment) -> list[str]:
    """Return the fields in which a comment that is sent again differs from what is stored."""
    if row.erased_at is not None:
        return []  # what was erased does not come back
    names = ("article_id", "parent_id", "author", "text", "posted_at")
    return [name for name in names if getattr(comment, name) not in (None, getattr(row, name))]


def _add_judgement(session: Session, row: CommentRow, judgement: Judgement, now: datetime) -> None:
    """Store a comment's scores and its language, and flag it where its judgement says so."""
    row.language = judgement.language
    if judgement.scores is not None:
        subjects = judgement.scores.subjects
        session.add(
            ScoreRow(
                comment_id=row.id,
                revision=row.revision,
                bundle_version=judgement.bundle_version,
                scores=dict(judgement.scores.values),
                spans=spans_to_json(judgement.scores.spans),
                subjects=None if subjects is None else {"comment": subjects.comment, "article": subjects.article},
                scored_at=now,
            ),
        )
    reasons = judgement.reasons
    court_case = court_case_of(session.get_one(ArticleRow, row.article_id), now) is not None
    if court_case:
        reasons = (*reasons, COURT_CASE_REASON)
    if reasons:
        rank = flag_rank(judgement.reasons, court_case=court_case)
        raise_flag(session, row, Flag("safety", reasons, rank, judgement.bundle_version))
    elif judgement.doubt is not None:
        rank = doubt_weight(judgement.doubt.score or 0.0, judgement.doubt.threshold or 0.0)
        raise_flag(session, row, Flag("doubt", (judgement.doubt,), rank, judgement.bundle_version))
    settle(session, row)


def _settle_parent(session: Session, row: CommentRow) -> None:
    """Work out anew where the comment that this one answers stands in the queue: more people read it now."""
    if row.parent_id is None:
        return
    parent = session.get(CommentRow, row.parent_id, with_for_update=True)
    if parent is not None and parent.state == "open" and parent.stream == "safety":
        settle(session, parent)
