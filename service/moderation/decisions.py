"""What people decided, and what they took back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.moderation import escalations
from service.moderation.comments import last_seen, lock_comment
from service.moderation.rules import check_rule, current_rules
from service.storage import audit
from service.storage.amended import check_amended
from service.storage.items import decision_in_force, decision_of
from service.storage.records import Conflict, Decision, Verdict
from service.storage.tables.comments import DecisionRow, ReweighRow
from service.triage.position import row_in_force, settle
from service.webhooks import outbox


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A person's verdict on a comment, to be recorded.

    Attributes
    ----------
    verdict, moderator, rule, note
        Who says what, by which rule.
    attributes
        1 for each attribute that the comment is, 0 for each that it is not.
    undoes
        The decision that an `undo` takes back; without one, the decision in force.
    opened_at
        When the moderator opened the item; None if nobody knows.
    batch
        The same for all that one press of a button decided.
    blind
        Scores, marks and reasons were hidden until the decision.
    to
        The lead whom an escalation asks; None asks any.
    amended_text
        Of the verdict `amend`, and of no other: what is to stand in place of the comment.
    """

    verdict: Verdict
    moderator: str
    rule: str | None = None
    note: str | None = None
    attributes: Mapping[str, int] = field(default_factory=dict)
    undoes: int | None = None
    opened_at: datetime | None = None
    batch: str | None = None
    blind: bool = False
    to: str | None = None
    amended_text: str | None = None


def add_decision(session: Session, comment_id: str, given: NewDecision) -> Decision:
    """Record a person's verdict, in the audit too, with the rules and the bundle now in force.

    Nothing happens to the comment: whoever asked is told, and acts or not.

    Parameters
    ----------
    session
        A write transaction.
    comment_id, given
        What is decided of which comment.
    """
    comment = lock_comment(session, comment_id)
    stream = comment.stream or _stream_before(session, comment_id)
    undoes = _to_undo(session, comment_id, given)
    rule = None if given.rule is None else check_rule(session, given.rule)
    if (given.verdict == "amend") != (given.amended_text is not None):
        raise InvalidInput("The verdict 'amend' goes with an 'amended_text', and no other verdict does.")
    if given.amended_text is not None:
        check_amended(comment.text, given.amended_text)
    last = last_seen(session, comment.id)
    fields = asdict(replace(given, undoes=undoes))
    to = fields.pop("to")
    row = DecisionRow(
        **fields,
        comment_id=comment.id,
        revision=comment.revision,
        rules_version=current_rules(session).version,
        decided_at=datetime.now(UTC),
        bundle_version=last.bundle_version,
        last_flag=last.flag,
        last_report=last.report,
        stream=stream,
    )
    session.add(row)
    try:
        settle(session, comment)
    except IntegrityError as error:
        raise Conflict(f"Decision {undoes} has already been undone.") from error
    if last.report:
        # It tells something of those who reported the comment, and so of what else they reported: thousands,
        # perhaps, so it is worked out beside the requests (`service.triage.reweighing`).
        session.add(ReweighRow(comment_id=comment.id))
    decision = decision_of(row)
    escalations.follow(session, decision, to)
    _record(session, decision, to)
    outbox.tell_decided(session, comment, decision, None if rule is None else rule.title)
    return decision


def _record(session: Session, decision: Decision, to: str | None) -> None:
    """Write a decision into the audit."""
    audit.record(
        session,
        f"decision.{decision.verdict}",
        who=decision.moderator,
        about=decision.comment_id,
        why=decision.rule if to is None else f"to {to}",
        model=decision.bundle_version,
        rules=decision.rules_version,
    )


def _stream_before(session: Session, comment_id: str) -> str | None:
    """Return the stream that brought a comment before whoever escalated it or decided on it before."""
    in_force = row_in_force(session, comment_id)
    return None if in_force is None else in_force.stream


def _to_undo(session: Session, comment_id: str, given: NewDecision) -> int | None:
    """Return the decision that is taken back; None unless the verdict is `undo`."""
    if given.verdict != "undo":
        if given.undoes is not None:
            raise InvalidInput("Only the verdict 'undo' names a decision to undo.")
        return None
    rows = session.scalars(select(DecisionRow).where(DecisionRow.comment_id == comment_id).order_by(DecisionRow.id))
    decisions = [decision_of(row) for row in rows]
    if given.undoes is None:
        in_force = decision_in_force(decisions)
        if in_force is None:
            raise Conflict(f"Comment {comment_id!r} has no decision in force to undo.")
        return in_force.id
    if not any(decision.id == given.undoes and decision.verdict != "undo" for decision in decisions):
        raise UnknownRecord(f"Comment {comment_id!r} has no decision {given.undoes} to undo.")
    if any(decision.undoes == given.undoes for decision in decisions):
        raise Conflict(f"Decision {given.undoes} has already been undone.")
    return given.undoes
