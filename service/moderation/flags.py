"""Flags: what a machine, or a rule of the newsroom, asks a person to look at."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy.orm import Session

from service.storage.items import reason_to_json
from service.storage.records import FlagReason, Judgement
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
    """Store a flag and announce it; `settle` works out where the comment waits."""
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


def flag_for_court_case(session: Session, comment: CommentRow, judgement: Judgement) -> None:
    """Send a comment to review since its article is marked as a court case; what was said of it is said again."""
    reasons = tuple(reason for reason in judgement.reasons if reason != COURT_CASE_REASON)
    rank = flag_rank(reasons, court_case=True)
    raise_flag(session, comment, Flag("safety", (*reasons, COURT_CASE_REASON), rank, judgement.bundle_version))
    settle(session, comment)
