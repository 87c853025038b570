"""Flags: what a machine, or a rule of the newsroom, asks a person to look at."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.orm import Session

from service.storage.items import reason_to_json
from service.storage.records import FlagReason
from service.storage.tables.comments import CommentRow, FlagRow
from service.triage.order import Stream, flag_rank
from service.triage.position import settle
from service.webhooks import outbox

#: Why a comment is looked at that nothing else speaks against.
COURT_CASE_REASON = FlagReason("Its article is marked as a court case: a person reads every comment on it.")


@dataclass(frozen=True, slots=True)
class Flag:
    """A request to look at a comment.

    Attributes
    ----------
    stream
        Where it waits. A second look waits with those in doubt, and no figure
        counts it as the machine's doubt.
    reasons
        What a moderator is told; none where the comment was drawn at random.
    rank
        How urgent it is among those of its stream.
    bundle_version
        The bundle that asks; empty where none does.
    probability
        How likely an item such as this one was to be flagged.
    """

    stream: Stream | Literal["second_look"]
    reasons: tuple[FlagReason, ...]
    rank: float
    bundle_version: str = ""
    probability: float = 1.0


def raise_flag(session: Session, comment: CommentRow, flag: Flag) -> None:
    """Write down a flag and tell whoever wants to know; where the comment waits is for `settle` to work out."""
    session.add(
        FlagRow(
            comment_id=comment.id,
            revision=comment.revision,
            reasons=[reason_to_json(reason) for reason in flag.reasons],
            stream=flag.stream,
            rank=flag.rank,
            probability=flag.probability,
            raised_at=datetime.now(UTC),
            bundle_version=flag.bundle_version,
        ),
    )
    # Receivers know the streams that a comment waits in.
    stream = "doubt" if flag.stream == "second_look" else flag.stream
    outbox.tell_flagged(session, comment, stream, flag.reasons, flag.bundle_version)


def flag_for_court_case(session: Session, comment: CommentRow) -> None:
    """Send a comment to review since its article is marked as a court case."""
    raise_flag(session, comment, Flag("safety", (COURT_CASE_REASON,), flag_rank((), court_case=True)))
    settle(session, comment)
