"""Decisions that contradict the others, shown to a person again; `training second-look` finds them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from model.labels import Label
from service.moderation.comments import lock_comment
from service.moderation.flags import Flag, raise_flag
from service.storage import audit
from service.storage.records import FlagReason
from service.storage.tables.comments import CommentRow, FlagRow
from service.triage.position import row_in_force, settle

_VERDICTS: dict[str, Label] = {"keep": "kept", "remove": "removed"}


@dataclass(frozen=True, slots=True)
class Doubted:
    """A decision that is probably wrong.

    Attributes
    ----------
    comment_id
        Of which comment.
    label
        What it said.
    probability
        That the contrary is right, by the other decisions; in [0, 1].
    """

    comment_id: str
    label: Label
    probability: float


def ask(session: Session, doubted: Sequence[Doubted], *, who: str) -> dict[str, str]:
    """Put decided comments before a person again; the decisions stand until then.

    Each decision is looked at a second time once: whoever confirmed it is
    not asked again.

    Parameters
    ----------
    session
        A write transaction.
    doubted
        The decisions.
    who
        Whose key asks, for the audit.

    Returns
    -------
    Comment to why it is not asked for, of those that are not.
    """
    left: dict[str, str] = {}
    for one in sorted(doubted, key=lambda one: one.comment_id):  # one order for all: nobody waits for each other
        why = _ask(session, one)
        if why is None:
            audit.record(session, "second-look", who=who, about=one.comment_id, why=f"{one.label}?")
        else:
            left[one.comment_id] = why
    return left


def _ask(session: Session, one: Doubted) -> str | None:
    """Put a doubtful decision's comment back into the queue; return why not, else None."""
    try:
        comment = lock_comment(session, one.comment_id)
    except UnknownRecord as error:
        return str(error)
    if comment.state == "open":
        return "It is already waiting for a person."
    decision = row_in_force(session, comment.id)
    if decision is None or _VERDICTS.get(decision.verdict) != one.label:
        return f"No decision in force says {one.label}."
    if decision.revision != comment.revision:
        # The doubt is about the text that was decided on, and nobody would see that.
        return "Its text was edited after that decision."
    if _was_asked(session, comment):
        return "It has already had a second look."
    reason = FlagReason(_sentence(one))
    raise_flag(session, comment, Flag("second_look", (reason,), one.probability, decision.bundle_version or ""))
    settle(session, comment)
    return None


def _was_asked(session: Session, comment: CommentRow) -> bool:
    """Return whether a comment was already looked at twice as it is now written."""
    flags = select(FlagRow.id).where(
        FlagRow.comment_id == comment.id, FlagRow.stream == "second_look", FlagRow.revision == comment.revision
    )
    return session.scalar(flags.limit(1)) is not None


def _sentence(one: Doubted) -> str:
    """Say to moderators why a comment is back for a second look."""
    contrary = "removed" if one.label == "kept" else "kept"
    return (
        f"Second look: it was {one.label}, but going by decisions on similar comments "
        f"it would have been {contrary} ({one.probability:.0%})."
    )
