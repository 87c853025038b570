"""From rows to records: a page of comments in a handful of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from model.records import Article, Comment, Scores, Span, Subjects
from service.storage.records import CourtCase, Decision, FlagReason, Former, Item, Judgement, Report, State, Verdict
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow, FlagRow, ReportRow, ScoreRow

#: Reports of an item that are shown, the latest ones: thousands may have been sent.
MOST_REPORTS = 20


def load_items(session: Session, rows: Sequence[CommentRow]) -> tuple[Item, ...]:
    """Return the records of these comments, in their order."""
    if not rows:
        return ()
    ids = [row.id for row in rows]
    now = datetime.now(UTC)
    articles = {
        row.id: row
        for row in session.scalars(select(ArticleRow).where(ArticleRow.id.in_({row.article_id for row in rows})))
    }
    parent_ids = {row.parent_id for row in rows} - {None}
    parents = {
        row.id: row.text
        for row in session.execute(select(CommentRow.id, CommentRow.text).where(CommentRow.id.in_(parent_ids)))
    }
    latest_score = (
        select(func.max(ScoreRow.id))
        # Scores, reasons and spans speak of one text: the present one.
        .join(CommentRow, and_(CommentRow.id == ScoreRow.comment_id, CommentRow.revision == ScoreRow.revision))
        .where(ScoreRow.comment_id.in_(ids))
        .group_by(ScoreRow.comment_id)
    )
    scores = {row.comment_id: row for row in session.scalars(select(ScoreRow).where(ScoreRow.id.in_(latest_score)))}
    flags, doubts, before = _latest_flags(session, rows)
    reports, report_counts = _latest_reports(session, ids)
    decisions: dict[str, list[Decision]] = defaultdict(list)
    for row in session.scalars(select(DecisionRow).where(DecisionRow.comment_id.in_(ids)).order_by(DecisionRow.id)):
        decisions[row.comment_id].append(decision_of(row))
    return tuple(
        Item(
            comment=comment_of(row, parents.get(row.parent_id or "")),
            article=article_of(articles[row.article_id]),
            revision=row.revision,
            received_at=row.received_at,
            state=cast("State | None", row.state),
            rank=row.rank,
            stream=row.stream,
            since=row.since,
            extreme=row.extreme,
            judgement=_judgement(
                row, scores.get(row.id), flags.get(row.id), doubts.get(row.id) if row.stream == "doubt" else None
            ),
            raised_at=flag.raised_at if (flag := flags.get(row.id) or before.get(row.id)) else None,
            former=_former(before.get(row.id)) if row.id not in flags else None,
            reports=tuple(reports[row.id]),
            report_count=report_counts.get(row.id, len(reports[row.id])),
            decisions=tuple(decisions[row.id]),
            decision_in_force=decision_in_force(decisions[row.id]),
            court_case=court_case_of(articles[row.article_id], now),
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
    """Turn an article's row into a record."""
    return Article(
        id=row.id,
        title=row.title,
        body=row.body,
        url=row.url,
        section=row.section,
        published_at=row.published_at,
    )


def court_case_of(row: ArticleRow, now: datetime) -> CourtCase | None:
    """Return the mark on an article; None if it has none, or the mark has run out."""
    found = CourtCase(row.court_jurisdiction, row.court_from, row.court_until)
    return found if row.court_case and found.is_active(now) else None


def comment_of(row: CommentRow, parent_text: str | None) -> Comment:
    """Turn a comment's row into a record."""
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
    """Turn a report's row into a record."""
    return Report(row.id, row.comment_id, row.reporter, row.reason, row.note, row.created_at)


def decision_of(row: DecisionRow) -> Decision:
    """Turn a decision's row into a record."""
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
        amended_text=row.amended_text,
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


def _latest_flags(
    session: Session, rows: Sequence[CommentRow]
) -> tuple[dict[str, FlagRow], dict[str, FlagRow], dict[str, FlagRow]]:
    """Return the latest flags of comments' present texts, for safety and for doubt, and of earlier texts for safety."""
    revisions = {row.id: row.revision for row in rows}
    # Doubt and chance are no reasons: what a comment is flagged for is said by the latest flag for safety.
    latest = (
        select(func.max(FlagRow.id))
        .where(FlagRow.comment_id.in_(revisions), FlagRow.stream.in_(("safety", "doubt", "second_look")))
        .group_by(FlagRow.comment_id, FlagRow.stream, FlagRow.revision)
    )
    safety: dict[str, FlagRow] = {}
    doubt: dict[str, FlagRow] = {}
    before: dict[str, FlagRow] = {}
    for flag in session.scalars(select(FlagRow).where(FlagRow.id.in_(latest)).order_by(FlagRow.id)):
        if flag.revision == revisions[flag.comment_id]:
            (safety if flag.stream == "safety" else doubt)[flag.comment_id] = flag
        elif flag.stream == "safety":
            before[flag.comment_id] = flag
    return safety, doubt, before


def _former(flag: FlagRow | None) -> Former | None:
    """Return an earlier flag of a comment, of the revision it was about."""
    return None if flag is None else Former(flag.revision, _reasons(flag))


def _latest_reports(session: Session, ids: Sequence[str]) -> tuple[dict[str, list[Report]], dict[str, int]]:
    """Return each comment's latest reports, oldest first, and how many there are of those that have more."""
    first = (
        select(ReportRow.id)
        .where(ReportRow.comment_id == CommentRow.id)
        .order_by(ReportRow.id.desc())
        .offset(MOST_REPORTS)
        .limit(1)
        .correlate(CommentRow)
        .scalar_subquery()
    )
    # In a query of its own, which looks once for each comment, however many reports that has.
    before = {name: last for name, last in session.execute(select(CommentRow.id, first).where(CommentRow.id.in_(ids)))}  # noqa: C416 - rows are no pairs to mypy
    many = {name: last for name, last in before.items() if last is not None}
    few = ReportRow.comment_id.in_([name for name in ids if name not in many])
    latest = (and_(ReportRow.comment_id == name, ReportRow.id > last) for name, last in many.items())
    found: dict[str, list[Report]] = defaultdict(list)
    for row in session.scalars(select(ReportRow).where(or_(few, *latest)).order_by(ReportRow.id)):
        found[row.comment_id].append(report_of(row))
    counts: dict[str, int] = {}
    if many:
        query = select(ReportRow.comment_id, func.count()).where(ReportRow.comment_id.in_(many))
        counts.update((name, count) for name, count in session.execute(query.group_by(ReportRow.comment_id)))
    return found, counts


def _reasons(flag: FlagRow | None) -> tuple[FlagReason, ...]:
    """Return the reasons of a stored flag."""
    return tuple(
        FlagReason(**{**fields, "spans": tuple(Span(**span) for span in fields["spans"])})
        for fields in (flag.reasons if flag else [])
    )


def _judgement(
    comment: CommentRow, score: ScoreRow | None, flag: FlagRow | None, in_doubt: FlagRow | None
) -> Judgement:
    """Return a comment's stored scores and flags as one judgement."""
    reasons = _reasons(flag)
    doubt = next(iter(_reasons(in_doubt)), None)
    if score is None:
        return Judgement(flag.bundle_version if flag else "", None, reasons, doubt, language=comment.language)
    subjects = None
    if score.subjects is not None:
        subjects = Subjects(tuple(score.subjects["comment"]), tuple(score.subjects["article"]))
    scores = Scores(score.scores, tuple(Span(**span) for span in score.spans), subjects)
    return Judgement(score.bundle_version, scores, reasons, doubt)
