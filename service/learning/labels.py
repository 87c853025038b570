"""From decisions to labels: the rows that `training fit` learns from."""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal, TypeVar

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from model.labels import LabelRow, SeenBecause
from service.storage.amended import struck
from service.storage.database import Database
from service.storage.items import load_items
from service.storage.tables.comments import CommentRow, DecisionRow, EditRow, FlagRow, ReportRow, ScoreRow

_AT_ONCE = 200
Dependent = TypeVar("Dependent", DecisionRow, ScoreRow, EditRow, FlagRow, ReportRow)
#: What was amended was not let stand as it was written.
_LABELS: dict[str, Literal["removed", "kept"]] = {"remove": "removed", "amend": "removed", "keep": "kept"}


def label_rows(db: Database, secret: str, *, unreviewed: bool = False, after: str = "") -> Iterator[LabelRow]:
    """Yield the label rows, in the order of the comments' ids.

    Only what a person kept or removed, and did not take back, is a label. Of
    a comment that was erased there is a row that withdraws it.

    Parameters
    ----------
    db
        The database; it is read in small steps, each of which sees one state.
    secret
        Turns moderators' and authors' names into pseudonyms.
    unreviewed
        Yield all other comments too, with the label None.
    after
        Begin after the comment with this id.
    """
    last = after
    while True:
        with db.read() as session:
            query = select(CommentRow).where(CommentRow.id > last).order_by(CommentRow.id).limit(_AT_ONCE)
            if not unreviewed:
                is_decided = exists().where(DecisionRow.comment_id == CommentRow.id)
                query = query.where(or_(is_decided, CommentRow.erased_at.is_not(None)))
            comments = session.scalars(query).all()
            rows = rows_of(session, comments, secret)
        yield from (row for row in rows if unreviewed or row.label is not None or row.withdrawn)
        if len(comments) < _AT_ONCE:
            return
        last = comments[-1].id


def pseudonym(name: str, secret: str, role: Literal["m", "a"] = "m") -> str:
    """Return another name for a moderator (`m`) or an author (`a`), always the same one."""
    written = name if role == "m" else f"author {name}"
    return f"{role}-" + hmac.new(secret.encode(), written.encode(), hashlib.sha256).hexdigest()[:12]


def rows_of(session: Session, comments: Sequence[CommentRow], secret: str) -> list[LabelRow]:
    """Make the rows of some comments, in their order, with one query for each table; see `label_rows`."""
    ids = [comment.id for comment in comments]

    def of(table: type[Dependent]) -> dict[str, list[Dependent]]:
        found: dict[str, list[Dependent]] = defaultdict(list)
        for row in session.scalars(
            select(table).where(table.comment_id.in_(ids)).order_by(*table.__table__.primary_key)
        ):
            found[row.comment_id].append(row)
        return found

    decisions, scores, edits, flags, reports = of(DecisionRow), of(ScoreRow), of(EditRow), of(FlagRow), of(ReportRow)
    items = load_items(session, comments)
    rows = []
    for item, comment in zip(items, comments, strict=True):
        if comment.erased_at is not None:
            rows.append(LabelRow(comment.id, text="", label=None, withdrawn=True))
            continue
        in_force = item.decision_in_force
        label = _LABELS.get(in_force.verdict) if in_force else None
        # An escalated comment has been seen, but has no label yet.
        person = next((row for row in decisions[comment.id] if in_force and label and row.id == in_force.id), None)
        revision = person.revision if person else comment.revision
        text = next((edit.text for edit in edits[comment.id] if edit.revision == revision), comment.text)
        score = next((score for score in reversed(scores[comment.id]) if score.revision == revision), None)
        seen_because, probability = _seen(person, flags[comment.id], reports[comment.id]) if person else (None, None)
        rows.append(
            LabelRow(
                comment_id=comment.id,
                text=text,
                parent_text=item.comment.parent_text or None,
                article=item.article,
                label=label,
                attributes=person.attributes if person else {},
                rule=person.rule if person else None,
                verdict_at=person.decided_at if person else None,
                moderator=pseudonym(person.moderator, secret) if person else None,
                author=pseudonym(comment.author, secret, "a") if comment.author else None,
                seen_because=seen_because,
                probability_seen=probability,
                bundle_version=score.bundle_version if score else None,
                scores=score.scores if score else {},
                batch=bool(person and person.batch),
                blind=bool(person and person.blind),
                struck=struck(text, person.amended_text) if person and person.amended_text else (),
            ),
        )
    return rows


def _seen(
    decision: DecisionRow,
    flags: Sequence[FlagRow],
    reports: Sequence[ReportRow],
) -> tuple[SeenBecause, float | None]:
    """Return what had brought the comment before the person who decided."""
    before = [flag for flag in reversed(flags) if flag.id <= decision.last_flag]
    chosen = next((flag for flag in before if flag.stream in ("safety", "doubt")), None)
    if chosen is not None:
        return "flag", chosen.probability
    if any(report.id <= decision.last_report for report in reports):
        return "report", 1.0
    drawn = next((flag for flag in before if flag.stream == "random"), None)
    if drawn is not None:
        return "random", drawn.probability
    return "other", None
