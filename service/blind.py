"""The blind sample: whether moderators decide differently if they do not see the scores first."""

import hashlib
import hmac
import math
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from service.tables import DecisionRow

_SURE = 1.96


def is_blind(comment_id: str, *, secret: str, share: float) -> bool:
    """Tell whether a comment's scores are hidden until the decision.

    It follows from the comment's id and a secret: the same at every reload,
    and not to be foreseen by anybody.
    """
    digest = hmac.new(secret.encode(), f"blind {comment_id}".encode("utf-8", "replace"), hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


@dataclass(frozen=True, slots=True)
class Removals:
    """How many of some decisions were to remove."""

    removed: int
    decided: int

    @property
    def share(self) -> float:
        """The share of them, in [0, 1]."""
        return self.removed / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Anchoring:
    """What was flagged, decided with the scores in sight and without.

    Attributes
    ----------
    shown, blind
        The decisions to keep or to remove that hold.
    """

    shown: Removals
    blind: Removals

    @property
    def difference(self) -> float | None:
        """By how much more often an item is removed if its scores are in sight; None unless both kinds were decided."""
        if not self.shown.decided or not self.blind.decided:
            return None
        return self.shown.share - self.blind.share

    @property
    def margin(self) -> float | None:
        """Half the width of the difference's 95 % interval (Agresti and Caffo's, which holds for few decisions too)."""
        if self.difference is None:
            return None
        variance = 0.0
        for group in (self.shown, self.blind):
            adjusted = (group.removed + 1) / (group.decided + 2)
            variance += adjusted * (1 - adjusted) / (group.decided + 2)
        return _SURE * math.sqrt(variance)


def anchoring(session: Session) -> Anchoring:
    """Measure anchoring over all decisions on single items of the safety and doubt streams that hold.

    Which item is blind is decided by chance, so that both groups are alike
    but for what the moderator saw. A second look at what was decided does not
    count: it knows the first verdict.
    """
    later, undo, undo_later = aliased(DecisionRow), aliased(DecisionRow), aliased(DecisionRow)
    query = (
        select(DecisionRow.blind, DecisionRow.verdict, func.count())
        .where(
            DecisionRow.verdict.in_(("keep", "remove")),
            DecisionRow.stream.in_(("safety", "doubt")),
            DecisionRow.batch.is_(None),
            # By the API nobody knows what the moderator saw.
            DecisionRow.opened_at.is_not(None),
            ~select(undo.id).where(undo.undoes == DecisionRow.id).exists(),
            ~select(later.id)
            .where(
                later.comment_id == DecisionRow.comment_id,
                later.id > DecisionRow.id,
                later.verdict != "undo",
                ~select(undo_later.id).where(undo_later.undoes == later.id).exists(),
            )
            .exists(),
        )
        .group_by(DecisionRow.blind, DecisionRow.verdict)
    )
    counts = {(blind, verdict): count for blind, verdict, count in session.execute(query)}
    groups = [
        Removals(counts.get((blind, "remove"), 0), counts.get((blind, "remove"), 0) + counts.get((blind, "keep"), 0))
        for blind in (False, True)
    ]
    return Anchoring(*groups)
