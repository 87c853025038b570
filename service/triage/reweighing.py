"""What is known of reporters, worked out in the background, in pieces that hold nobody up.

A decision tells something of everybody who reported the comment, and so of
whatever else they reported: thousands may be concerned. It leaves a note, and
what follows from it is found here, soon after.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from service.background import BackgroundLoop
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, ReporterRow, ReportRow, ReweighRow
from service.triage.brigades import FEWEST_IN_COMMON, brigades
from service.triage.credibility import HALF_LIVES, credibilities, history, note_known
from service.triage.position import settle

#: Reporters, and comments, that one transaction writes: others wait for it no longer than for a decision.
_REPORTERS, _COMMENTS = 100, 3
#: Decisions whose reporters are looked at together.
_DECISIONS = 50
#: Reporters, those who sent one last, and reports that are searched for groups.
_MOST_COMPARED, _MOST_REPORTS = 5_000, 500_000
#: How long a process may take; if it dies, another one takes its work over then.
_LEASE = timedelta(minutes=10)
#: Seconds between two looks for work, and between two searches for groups.
_PAUSE: Final = 1.0
_REGROUP: Final = 300.0


class Reweigher(BackgroundLoop):
    """Does what decisions and reports leave to be done, until it is stopped; what is left waits for the next start.

    Any number of these may run on one database, in any number of processes.
    """

    def __init__(self, db: Database) -> None:
        trouble = "Could not work out what is known of reporters"
        super().__init__("reporters", self._reweigh_and_regroup, _PAUSE, trouble)
        self._db = db
        self._last_report = 0
        self._regrouped = -_REGROUP

    def _reweigh_and_regroup(self) -> None:
        """Weigh reporters anew, and now and then find who reports together."""
        self._work(reweigh(self._db))
        if monotonic() - self._regrouped >= _REGROUP:
            self._regrouped = monotonic()
            self._regroup_if_reported()

    def _regroup_if_reported(self) -> None:
        """Find who reports together, if anybody reported since the last time."""
        with self._db.read() as session:
            last = session.scalar(select(func.max(ReportRow.id))) or 0
        if last != self._last_report:
            self._last_report = last
            self._work(regroup(self._db))

    def _work(self, pieces: Iterator[None]) -> None:
        """Take steps, with rests between, until done or stopped."""
        begun = monotonic()
        for _ in pieces:
            # It rests for as long as it has worked: requests need the processor, and their turn to write.
            if self._stopped.wait(monotonic() - begun):
                return
            begun = monotonic()


def reweigh(db: Database) -> Iterator[None]:
    """Work out what is known of reporters whose reports were decided on, and reorder what else they reported.

    It is done when it ends; each step is short, and others may write between two of them.
    """
    while claimed := _claim(db):
        with db.read() as session:
            names = _reporters_of(session, claimed.values())
        waiting: set[str] = set()
        for some in _cut(names, _REPORTERS):
            waiting |= _note(db, some)
            yield
        yield from _settle(db, waiting)
        with db.write() as session:
            session.execute(delete(ReweighRow).where(ReweighRow.id.in_(claimed)))
        yield


def regroup(db: Database) -> Iterator[None]:
    """Find who reports together, and reorder what they reported; in steps, as `reweigh`."""
    now = datetime.now(UTC)
    since = now - HALF_LIVES * db.reporter_half_life
    with db.read() as session:
        reported = _reported(session, since)
        former = {
            row.name: str(row.bloc)
            for row in session.execute(select(ReporterRow.name, ReporterRow.bloc).where(ReporterRow.bloc.is_not(None)))
        }
    yield
    blocs = _named(brigades(reported), former)
    changed = sorted(name for name in blocs.keys() | former.keys() if blocs.get(name) != former.get(name))
    waiting: set[str] = set()
    for some in _cut(changed, _REPORTERS):
        with db.write() as session:
            rows = _rows(session, some)
            for name in some:
                if name not in rows:
                    session.add(ReporterRow(name=name, known={}, sent=0, at=now, bloc=blocs.get(name)))
                else:
                    rows[name].bloc = blocs.get(name)
        with db.read() as session:
            waiting.update(session.scalars(select(ReportRow.comment_id).distinct().where(ReportRow.reporter.in_(some))))
        yield
    yield from _settle(db, waiting)
    with db.write() as session:
        # Nothing is left of what they once reported.
        session.execute(delete(ReporterRow).where(ReporterRow.at < since, ReporterRow.bloc.is_(None)))


def groups(session: Session) -> tuple[tuple[str, ...], ...]:
    """Return who reports together, the largest group first."""
    found: dict[str, list[str]] = defaultdict(list)
    query = select(ReporterRow.bloc, ReporterRow.name).where(ReporterRow.bloc.is_not(None)).order_by(ReporterRow.name)
    for bloc, name in session.execute(query):
        found[str(bloc)].append(name)
    return tuple(sorted(map(tuple, found.values()), key=lambda members: (-len(members), members)))


def busiest(session: Session, most: int) -> Sequence[ReporterRow]:
    """Return those of whom something is known and who reported most often."""
    query = select(ReporterRow).where(ReporterRow.sent > 0).order_by(ReporterRow.sent.desc(), ReporterRow.name)
    return session.scalars(query.limit(most)).all()


def _claim(db: Database) -> Mapping[int, str]:
    """Take what decisions have left to be done, for a while: number to comment."""
    now = datetime.now(UTC)
    free = or_(ReweighRow.held_until.is_(None), ReweighRow.held_until < now)
    with db.read() as session:
        if session.scalar(select(ReweighRow.id).where(free).limit(1)) is None:
            return {}
    with db.write() as session:
        rows = session.scalars(
            select(ReweighRow).where(free).order_by(ReweighRow.id).limit(_DECISIONS).with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.held_until = now + _LEASE
        return {row.id: row.comment_id for row in rows}


def _reporters_of(session: Session, comment_ids: Iterable[str]) -> list[str]:
    """Return who reported these comments."""
    query = select(ReportRow.reporter).distinct().where(ReportRow.comment_id.in_(set(comment_ids)))
    return sorted(session.scalars(query))


def _note(db: Database, names: Sequence[str]) -> set[str]:
    """Work out what is known of some reporters; return the comments that they have reported."""
    now = datetime.now(UTC)
    with db.read() as session:
        reported = history(session, now - HALF_LIVES * db.reporter_half_life, names)
    known = credibilities(reported, now, db.reporter_half_life)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reported:
        counts[report.reporter][report.reason] += 1
    with db.write() as session:
        rows = _rows(session, names)
        for name, count in counts.items():
            if name not in rows:
                rows[name] = ReporterRow(name=name, at=now, bloc=None)
                session.add(rows[name])
            if rows[name].at <= now:  # else another process knows more already
                theirs = {reason: known[name, reason] for reason in count}
                rows[name].known, rows[name].sent, rows[name].at = note_known(count, theirs), count.total(), now
    return {report.comment_id for report in reported}


def _settle(db: Database, comment_ids: Collection[str]) -> Iterator[None]:
    """Work out anew where comments stand that wait with a report."""
    for some in _cut(sorted(comment_ids), _COMMENTS):
        with db.write() as session:
            rows = session.scalars(
                select(CommentRow)
                .where(CommentRow.id.in_(some), CommentRow.state == "open", CommentRow.stream == "safety")
                .order_by(CommentRow.id)
                # Whoever writes to one just now works it out, too.
                .with_for_update(skip_locked=True)
            ).all()
            for row in rows:
                settle(session, row)
        yield


def _reported(session: Session, since: datetime) -> Mapping[str, Collection[str]]:
    """Return what each of those has reported who may belong to a group."""
    busy = (
        select(ReportRow.reporter)
        .where(ReportRow.created_at >= since)
        .group_by(ReportRow.reporter)
        .having(func.count() >= FEWEST_IN_COMMON)
        .order_by(func.max(ReportRow.id).desc())
        .limit(_MOST_COMPARED)
    )
    query = select(ReportRow.reporter, ReportRow.comment_id).where(
        ReportRow.created_at >= since, ReportRow.reporter.in_(busy)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for reporter, comment_id in session.execute(query.order_by(ReportRow.id.desc()).limit(_MOST_REPORTS)):
        found[reporter].add(comment_id)
    return found


def _named(found: Iterable[frozenset[str]], former: Mapping[str, str]) -> Mapping[str, str]:
    """Name groups as most of their members were named before: whoever stays in one is not written anew."""
    blocs: dict[str, str] = {}
    taken: set[str] = set()
    for members in found:
        before = Counter(former[name] for name in sorted(members & former.keys()))
        bloc = next((bloc for bloc, _ in before.most_common() if bloc not in taken), uuid.uuid4().hex)
        taken.add(bloc)
        blocs |= dict.fromkeys(members, bloc)
    return blocs


def _rows(session: Session, names: Sequence[str]) -> dict[str, ReporterRow]:
    """Fetch what is stored of reporters, for change."""
    query = select(ReporterRow).where(ReporterRow.name.in_(names)).order_by(ReporterRow.name).with_for_update()
    return {row.name: row for row in session.scalars(query)}


def _cut(all_of_them: Sequence[str], at_once: int) -> Iterator[Sequence[str]]:
    """Cut a list into parts that one transaction writes."""
    for start in range(0, len(all_of_them), at_once):
        yield all_of_them[start : start + at_once]
