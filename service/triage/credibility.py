"""How far a reader's reports have proved right, and who reports together.

It only orders what waits. A report of somebody who was never right still
reaches a person.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from service.storage.database import REPORTER_HALF_LIFE
from service.storage.items import not_undone
from service.storage.tables.comments import CommentRow, DecisionRow, ReportRow

#: What was said in a year's time weighs a sixteenth; before eight half-lives, next to nothing.
HALF_LIVES = 8
#: Readers who have reported this many comments in common, and seldom anything else, act together.
FEWEST_IN_COMMON = 3
LEAST_OVERLAP = 0.6
#: Who is seldom right for a reason brings nothing back for it that a person has kept.
LEAST_CREDIBLE = 0.25
#: So many other comments are put into their new order when a decision tells more of a reporter.
MOST_REORDERED = 50
_FORM_REPORTER = re.compile(r"(web-[0-9a-f]{8})-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Reported:
    """A report, and what a person decided on that text afterwards: None if nobody did, or took it back."""

    reporter: str
    reason: str
    comment_id: str
    upheld: bool | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credibility:
    """How far a reporter was right for one reason: Beta(1 + upheld, 1 + dismissed).

    Attributes
    ----------
    upheld, dismissed
        Reports after which the comment was removed, or kept; each counts 1
        when it is decided, and half as much after each half-life.
    """

    upheld: float = 0.0
    dismissed: float = 0.0

    @property
    def mean(self) -> float:
        """How likely the next such report is right: 1/2 of who is new, and never 0 or 1."""
        return (1 + self.upheld) / (2 + self.upheld + self.dismissed)


def credibilities(
    reported: Iterable[Reported], now: datetime, half_life: timedelta
) -> dict[tuple[str, str], Credibility]:
    """Work out each reporter's credibility for each reason that they gave."""
    counts: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for report in reported:
        count = counts[report.reporter, report.reason]
        if report.upheld is not None and report.decided_at is not None:
            count[0 if report.upheld else 1] += 0.5 ** (max(now - report.decided_at, timedelta()) / half_life)
    return {key: Credibility(*count) for key, count in counts.items()}


def brigades(reported: Iterable[Reported]) -> tuple[frozenset[str], ...]:
    """Find the reporters who report the same comments together, the largest group first.

    Two belong together if they have at least three comments in common, and
    these are at least 60 % of what either of the two has reported.
    """
    comments: dict[str, set[str]] = defaultdict(set)
    reporters: dict[str, set[str]] = defaultdict(set)
    for report in reported:
        comments[report.reporter].add(report.comment_id)
    for reporter, ids in comments.items():
        if len(ids) >= FEWEST_IN_COMMON:
            for comment_id in ids:
                reporters[comment_id].add(reporter)
    common: dict[tuple[str, str], int] = defaultdict(int)
    for together in reporters.values():
        for pair in combinations(sorted(together), 2):
            common[pair] += 1
    group = {reporter: {reporter} for reporter in comments}
    for (one, other), count in common.items():
        either = len(comments[one] | comments[other])
        if count >= FEWEST_IN_COMMON and count >= LEAST_OVERLAP * either and group[one] is not group[other]:
            merged = group[one] | group[other]
            group |= dict.fromkeys(merged, merged)
    found = {frozenset(members) for members in group.values() if len(members) > 1}
    return tuple(sorted(found, key=lambda members: (-len(members), sorted(members))))


def weight(
    reports: Mapping[str, Collection[str]],
    known: Mapping[tuple[str, str], Credibility],
    together: Iterable[frozenset[str]],
) -> float:
    """Return how many readers some reports of one comment count for.

    Somebody new counts for 1, somebody who is always right for up to 2,
    somebody who never is for ever less, though never for nothing. Those who
    report together count as the most credible one of them.

    Parameters
    ----------
    reports
        Reporter to the reasons that they gave.
    known
        Of these reporters.
    together
        Groups, as `brigades` returns them.
    """
    of = {
        reporter: 2 * max(known.get((reporter, reason), Credibility()).mean for reason in reasons)
        for reporter, reasons in reports.items()
    }
    for group in together:
        present = sorted(group & of.keys(), key=lambda reporter: of[reporter])
        for reporter in present[:-1]:
            del of[reporter]
    return sum(of.values())


def form_reporter(network: str, address: str) -> str:
    """Name a reader who reports by the form; takes digests of their network and address."""
    return f"web-{network[:8]}-{address[:16]}"


def networks(reporters: Iterable[str]) -> list[frozenset[str]]:
    """Group readers who report by the form by their networks: one person may have many addresses of one."""
    groups: dict[str, set[str]] = defaultdict(set)
    for reporter in reporters:
        if found := _FORM_REPORTER.fullmatch(reporter):
            groups[found[1]].add(reporter)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


def history(session: Session, since: datetime, reporters: Collection[str] | None = None) -> list[Reported]:
    """Return what these reporters, or all, have reported since a moment.

    What holds now counts: a decision that was taken back judges nobody. A
    report is judged by a decision that came after it, on the same text.
    """
    decision = aliased(DecisionRow)
    holding = (
        select(func.max(decision.id))
        .where(
            decision.comment_id == ReportRow.comment_id,
            decision.verdict != "undo",
            not_undone(decision),
        )
        .correlate(ReportRow)
        .scalar_subquery()
    )
    judges = and_(
        DecisionRow.id == holding,
        DecisionRow.last_report >= ReportRow.id,
        DecisionRow.revision == ReportRow.revision,
        DecisionRow.verdict.in_(("keep", "remove")),
    )
    query = (
        select(ReportRow.reporter, ReportRow.reason, ReportRow.comment_id, DecisionRow.verdict, DecisionRow.decided_at)
        .outerjoin(DecisionRow, judges)
        .where(ReportRow.created_at >= since)
        .order_by(ReportRow.id)
    )
    if reporters is not None:
        query = query.where(ReportRow.reporter.in_(reporters))
    return [
        Reported(reporter, reason, comment_id, None if verdict is None else verdict == "remove", decided_at)
        for reporter, reason, comment_id, verdict, decided_at in session.execute(query)
    ]


def reporters_weight(session: Session, reports: Sequence[ReportRow]) -> float:
    """Return how many readers a comment's reports count for, by what is known of those readers.

    It takes a write session, which knows the half-life of what is known of a reporter.
    """
    reasons: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        reasons[report.reporter].add(report.reason)
    now, half_life = datetime.now(UTC), session.info[REPORTER_HALF_LIFE]
    known = history(session, now - HALF_LIVES * half_life, reasons.keys())
    together = [*brigades(known), *networks(reasons)]
    return weight(reasons, credibilities(known, now, half_life), together)


def is_any_credible(session: Session, reports: Sequence[ReportRow]) -> bool:
    """Return whether one of some reports is of somebody new, or right often enough, for its reason."""
    now, half_life = datetime.now(UTC), session.info[REPORTER_HALF_LIFE]
    known = credibilities(
        history(session, now - HALF_LIVES * half_life, {report.reporter for report in reports}), now, half_life
    )
    return any(known.get((report.reporter, report.reason), Credibility()).mean >= LEAST_CREDIBLE for report in reports)


def reported_too(session: Session, comment_id: str) -> Sequence[CommentRow]:
    """Lock and return the other comments that wait and have a reporter in common with this one.

    Those that somebody else is writing to are left out: only their order is at stake.
    """
    report = aliased(ReportRow)
    reporters = select(report.reporter).where(report.comment_id == comment_id)
    ids = select(ReportRow.comment_id).where(ReportRow.reporter.in_(reporters), ReportRow.comment_id != comment_id)
    return session.scalars(
        select(CommentRow)
        .where(CommentRow.state == "open", CommentRow.id.in_(ids))
        .order_by(CommentRow.id)
        .limit(MOST_REORDERED)
        .with_for_update(skip_locked=True)
    ).all()
