"""From rows to records: a page of comments in a handful of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from model.records import Article, Comment, Scores, Span, Subjects
from service.storage.records import Decision, FlagReason, Item, Judgement, Report, State, Verdict
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow, FlagRow, ReportRow, ScoreRow


def load_items(session: Session, rows: Sequence[CommentRow]) -> tuple[Item, ...]:
    """Return the records of these comments, in their order."""
    if not rows:
        return ()
    ids = [row.id for row in rows]
    articles = {
        row.id: article_of(row)
        for row in session.scalars(select(ArticleRow).where(ArticleRow.id.in_({row.article_id for row in rows})))
    }
    parent_ids = {row.parent_id for row in rows} - {None}
    parents = {
        row.id: row.text
        for row in session.execute(select(CommentRow.id, CommentRow.text).where(CommentRow.id.in_(parent_ids)))
    }
    latest_score = select(func.max(ScoreRow.id)).where(ScoreRow.comment_id.in_(ids)).group_by(ScoreRow.comment_id)
    scores = {row.comment_id: row for row in session.scalars(select(ScoreRow).where(ScoreRow.id.in_(latest_score)))}
    flags, doubts = _latest_flags(session, ids)
    reports: dict[str, list[Report]] = defaultdict(list)
    for report in session.scalars(select(ReportRow).where(ReportRow.comment_id.in_(ids)).order_by(ReportRow.id)):
        reports[report.comment_id].append(report_of(report))
    decisions: dict[str, list[Decision]] = defaultdict(list)
    for row in session.scalars(select(DecisionRow).where(DecisionRow.comment_id.in_(ids)).order_by(DecisionRow.id)):
        decisions[row.comment_id].append(decision_of(row))
    return tuple(
        Item(
            comment=comment_of(row, parents.get(row.parent_id or "")),
            article=articles[row.article_id],
            revision=row.revision,
            received_at=row.received_at,
            state=cast("State | None", row.state),
            rank=row.rank,
            stream=row.stream,
            since=row.since,
            extreme=row.extreme,
            judgement=_judgement(
                scores.get(row.id), flags.get(row.id), doubts.get(row.id) if row.stream == "doubt" else None
            ),
            raised_at=flags[row.id].raised_at if row.id in flags else None,
            flagged_revision=flags[row.id].revision if row.id in flags else None,
            reports=tuple(reports[row.id]),
            decisions=tuple(decisions[row.id]),
            decision_in_force=decision_in_force(decisions[row.id]),
        )
        for row in rows
    )


def decision_in_force(decisions: Iterable[Decision]) -> Decision | None:
    """Return the decision that holds: the last one that was not taken back."""
    decisions = list(decisions)
    undone = {decision.undoes for decision in decisions}
    held = [decision for decision in decisions if decision.verdict != "undo" and decision.id not in undone]
    return held[-1] if held else None


def not_undone(decision: type[DecisionRow] = DecisionRow) -> ColumnElement[bool]:
    """Ask for decisions that nobody has taken back."""
    undo = aliased(DecisionRow)
    return ~select(undo.id).where(undo.undoes == decision.id).correlate(decision).exists()


def article_of(row: ArticleRow) -> Article:
    """Turn a row into a record."""
    return Article(
        id=row.id,
        title=row.title,
        body=row.body,
        url=row.url,
        section=row.section,
        published_at=row.published_at,
    )


def comment_of(row: CommentRow, parent_text: str | None) -> Comment:
    """Turn a row into a record."""
    return Comment(
        id=row.id,
        article_id=row.article_id,
        parent_id=row.parent_id,
        parent_text=parent_text,
        author=row.author,
        text=row.text,
        posted_at=row.posted_at,
    )


def report_of(row: ReportRow) -> Report:
    """Turn a row into a record."""
    return Report(row.id, row.comment_id, row.reporter, row.reason, row.note, row.created_at)


def decision_of(row: DecisionRow) -> Decision:
    """Turn a row into a record."""
    return Decision(
        id=row.id,
        comment_id=row.comment_id,
        verdict=cast("Verdict", row.verdict),
        moderator=row.moderator,
        decided_at=row.decided_at,
        rule=row.rule,
        note=row.note,
        attributes=row.attributes,
        undoes=row.undoes,
        bundle_version=row.bundle_version,
        rules_version=row.rules_version,
        batch=row.batch,
        blind=row.blind,
    )


def spans_to_json(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """Write spans for a JSON column or an answer."""
    return [
        {"start": span.start, "end": span.end, "attribute": span.attribute, "weight": span.weight} for span in spans
    ]


def reason_to_json(reason: FlagReason) -> dict[str, Any]:
    """Write a reason for a JSON column or an answer."""
    return {
        "attribute": reason.attribute,
        "score": reason.score,
        "threshold": reason.threshold,
        "sentence": reason.sentence,
        "spans": spans_to_json(reason.spans),
    }


def _latest_flags(session: Session, ids: Sequence[str]) -> tuple[dict[str, FlagRow], dict[str, FlagRow]]:
    """Return each comment's latest flag for safety, and its latest for doubt."""
    # Doubt and chance are no reasons: what a comment is flagged for is said by the latest flag for safety.
    latest = (
        select(func.max(FlagRow.id))
        .where(FlagRow.comment_id.in_(ids), FlagRow.stream.in_(("safety", "doubt", "second_look")))
        .group_by(FlagRow.comment_id, FlagRow.stream)
    )
    safety: dict[str, FlagRow] = {}
    doubt: dict[str, FlagRow] = {}
    for row in session.scalars(select(FlagRow).where(FlagRow.id.in_(latest)).order_by(FlagRow.id)):
        (safety if row.stream == "safety" else doubt)[row.comment_id] = row
    return safety, doubt


def _reasons(flag: FlagRow | None) -> tuple[FlagReason, ...]:
    return tuple(
        FlagReason(**{**fields, "spans": tuple(Span(**span) for span in fields["spans"])})
        for fields in (flag.reasons if flag else [])
    )


def _judgement(score: ScoreRow | None, flag: FlagRow | None, in_doubt: FlagRow | None) -> Judgement:
    reasons = _reasons(flag)
    doubt = next(iter(_reasons(in_doubt)), None)
    if score is None:
        return Judgement(flag.bundle_version if flag else "", None, reasons, doubt)
    subjects = None
    if score.subjects is not None:
        subjects = Subjects(tuple(score.subjects["comment"]), tuple(score.subjects["article"]))
    scores = Scores(score.scores, tuple(Span(**span) for span in score.spans), subjects)
    return Judgement(score.bundle_version, scores, reasons, doubt)
