"""What the list says of the minutes: until when they last, and how much of what waits they reach."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.staffing.budget import find_budget
from service.staffing.newsroom import newsroom
from service.staffing.rota_store import load_rota
from service.storage.tables import CommentRow
from service.web.current import current_scorer

#: Reading four weeks of comments takes longer than a list may.
KEPT_FOR = timedelta(minutes=5)
_KEPT = "belowline.outlook"


@dataclass(frozen=True, slots=True)
class Outlook:
    """When the next day's work begins, and the rank that an item needs to be reached until then."""

    until: datetime
    threshold: float


def find_outlook(session: Session) -> Outlook | None:
    """Give what the minutes reach, not older than five minutes; None without a rota."""
    now = datetime.now(UTC)
    kept: tuple[datetime, Outlook | None] | None = current_app.extensions.get(_KEPT)
    if kept is not None and now - kept[0] < KEPT_FOR:
        return kept[1]
    found = find_budget(
        session,
        load_rota(session, newsroom()),
        now,
        thresholds=current_scorer().manifest.thresholds,
        shares=current_app.config["SHARES"],
    )
    outlook = None if found is None else Outlook(found.until, found.threshold)
    current_app.extensions[_KEPT] = (now, outlook)
    return outlook


def forget_outlook(app: Flask) -> None:
    """Let it be worked out anew: the rota has changed."""
    app.extensions.pop(_KEPT, None)


def reached(session: Session, outlook: Outlook) -> int:
    """Count the items of the safety stream that the minutes reach."""
    if math.isinf(outlook.threshold):
        return 0
    conditions = (
        CommentRow.state == "open",
        CommentRow.stream == "safety",
        CommentRow.rank >= outlook.threshold,
    )
    return session.scalar(select(func.count()).select_from(CommentRow).where(*conditions)) or 0
