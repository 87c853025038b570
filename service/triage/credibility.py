"""How far a reader's reports have proved right, and how much those of one comment weigh.

It only orders what waits. A report of somebody who was never right still
reaches a person. What is known of a reader is worked out in the background
(`service.triage.reweighing`): whoever reports or decides only looks it up, for
a bounded number of reports, since everybody else's writes wait meanwhile.
"""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.storage.database import REPORTER_HALF_LIFE
from service.storage.items import not_undone
from service.storage.tables.comments import DecisionRow, ReporterRow, ReportRow

#: What was said in a year's time weighs a sixteenth; before eight half-lives, next to nothing.
HALF_LIVES = 8
#: Who is seldom right for a reason brings nothing back for it that a person has kept.
LEAST_CREDIBLE = 0.25
#: Of a comment's reports so many are looked at, the first and the last ones: more would not weigh more.
MOST_LOOKED_AT = 200
#: What a reader of the form weighs against one whom the newspaper knows, and what each doubling of such readers
#: adds: another network costs next to nothing.
FORM_SHARE = 0.25
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

    def faded(self, share: float) -> "Credibility":
        """Return what is left of it once each count is worth only a share of what it was."""
        return Credibility(self.upheld * share, self.dismissed * share)


@dataclass(frozen=True, slots=True)
class Said:
    """A report with what is known of whoever sent it: how far they are right for its reason, and with whom they act."""

    reporter: str
    reason: str
    created_at: datetime
    known: Credibility
    bloc: str | None


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


def weight(
    reports: Mapping[str, Collection[str]],
    known: Mapping[tuple[str, str], Credibility],
    together: Iterable[frozenset[str]],
) -> float:
    """Return how many readers some reports of one comment count for.

    Somebody new counts for 1, somebody who is always right for up to 2,
    somebody who never is for ever less, though never for nothing. Who reports
    by the form, without an account, counts for a quarter of that, and each
    doubling of those for another quarter. Those who report together count as
    the most credible one of them.

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
        present = sorted(group & of.keys(), key=lambda reporter: (not is_form_reporter(reporter), of[reporter]))
        for reporter in present[:-1]:
            del of[reporter]
    by_form = sum(count for reporter, count in of.items() if is_form_reporter(reporter))
    others = sum(count for reporter, count in of.items() if not is_form_reporter(reporter))
    return others + FORM_SHARE * math.log2(1 + by_form)


def form_reporter(network: str, address: str) -> str:
    """Name a reader who reports by the form so that reports from one network can be told; takes digests of both."""
    return f"web-{network[:8]}-{address[:16]}"


def is_form_reporter(reporter: str) -> bool:
    """Return whether somebody reports by the form, where nobody has a name."""
    return _FORM_REPORTER.fullmatch(reporter) is not None


def networks(reporters: Iterable[str]) -> list[frozenset[str]]:
    """Group readers who report by the form by their networks: one person may have many addresses of one."""
    groups: dict[str, set[str]] = defaultdict(set)
    for reporter in reporters:
        if found := _FORM_REPORTER.fullmatch(reporter):
            groups[found[1]].add(reporter)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


def history(session: Session, since: datetime, reporters: Collection[str]) -> list[Reported]:
    """Return what some reporters have reported since a moment.

    What holds now counts: a decision that was taken back judges nobody. A
    report is judged by a decision that came after it, on the same text.
    """
    theirs = (ReportRow.created_at >= since, ReportRow.reporter.in_(reporters))
    columns = (ReportRow.id, ReportRow.reporter, ReportRow.reason, ReportRow.comment_id, ReportRow.revision)
    reports = session.execute(select(*columns).where(*theirs).order_by(ReportRow.id)).all()
    # Once for each comment: thousands may have reported the same one.
    holding = (
        select(func.max(DecisionRow.id))
        .where(
            DecisionRow.comment_id.in_(select(ReportRow.comment_id).where(*theirs)),
            DecisionRow.verdict != "undo",
            not_undone(),
        )
        .group_by(DecisionRow.comment_id)
    )
    judges = {
        row.comment_id: row
        for row in session.scalars(
            select(DecisionRow).where(DecisionRow.id.in_(holding), DecisionRow.verdict.in_(("keep", "remove", "amend")))
        )
    }
    found = []
    for number, reporter, reason, comment_id, revision in reports:
        judge = judges.get(comment_id)
        if judge is None or judge.last_report < number or judge.revision != revision:
            found.append(Reported(reporter, reason, comment_id))
        else:
            found.append(Reported(reporter, reason, comment_id, judge.verdict != "keep", judge.decided_at))
    return found


def look_at(
    session: Session, comment_id: str, *, after: int = 0, unheard_by: DecisionRow | None = None
) -> Sequence[Said]:
    """Return a comment's reports, oldest first: of more than `MOST_LOOKED_AT` the first and the last ones.

    Parameters
    ----------
    session
        A write session, which knows the half-life of what is known of a reporter.
    comment_id
        The comment.
    after
        The report after which to begin.
    unheard_by
        A decision: only the reports that give a reason which it was not made
        in sight of, or that are of another text.
    """
    query = (
        select(
            ReportRow.id, ReportRow.reporter, ReportRow.reason, ReportRow.created_at,
            ReporterRow.known, ReporterRow.at, ReporterRow.bloc,
        )
        .outerjoin(ReporterRow, ReporterRow.name == ReportRow.reporter)
        .where(ReportRow.comment_id == comment_id, ReportRow.id > after)
    )  # fmt: skip
    if unheard_by is not None:
        heard = select(ReportRow.reason).where(
            ReportRow.comment_id == comment_id,
            ReportRow.id <= unheard_by.last_report,
            ReportRow.revision == unheard_by.revision,
        )
        query = query.where((ReportRow.revision != unheard_by.revision) | ReportRow.reason.not_in(heard))
    half = MOST_LOOKED_AT // 2
    ends = (query.order_by(ReportRow.id).limit(half), query.order_by(ReportRow.id.desc()).limit(half))
    rows = {row.id: row for end in ends for row in session.execute(end)}
    now, half_life = datetime.now(UTC), session.info[REPORTER_HALF_LIFE]
    return [
        Said(row.reporter, row.reason, row.created_at, _known(row.known, row.reason, row.at, now, half_life), row.bloc)
        for _, row in sorted(rows.items())
    ]


def reporters_weight(said: Sequence[Said]) -> float:
    """Return how many readers some reports of one comment count for, by what is known of those readers."""
    reasons: dict[str, set[str]] = defaultdict(set)
    blocs: dict[str, set[str]] = defaultdict(set)
    for report in said:
        reasons[report.reporter].add(report.reason)
        if report.bloc is not None:
            blocs[report.bloc].add(report.reporter)
    known = {(report.reporter, report.reason): report.known for report in said}
    return weight(reasons, known, [*map(frozenset, blocs.values()), *networks(reasons)])


def is_any_credible(said: Sequence[Said]) -> bool:
    """Return whether one of some reports is of somebody new, or right often enough, for its reason.

    Where there are more than are looked at, one of those may be.
    """
    return len(said) >= MOST_LOOKED_AT or any(report.known.mean >= LEAST_CREDIBLE for report in said)


def note_known(counts: Mapping[str, int], known: Mapping[str, Credibility]) -> dict[str, Any]:
    """Write down for `ReporterRow` how many reports somebody sent for each reason, and what became of them."""
    return {reason: [count, known[reason].upheld, known[reason].dismissed] for reason, count in counts.items()}


def _known(
    noted: Mapping[str, Any] | None, reason: str, at: datetime, now: datetime, half_life: timedelta
) -> Credibility:
    """Return how credible a reporter is for a reason, faded since it was noted."""
    if noted is None or reason not in noted:
        return Credibility()
    _, upheld, dismissed = noted[reason]
    return Credibility(upheld, dismissed).faded(0.5 ** ((now - at) / half_life))
