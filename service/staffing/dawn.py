"""The dawn list: what the night could not look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.staffing.rota import Rota
from service.storage.items import load_items
from service.storage.records import Item
from service.storage.tables.comments import CommentRow

#: So many items are listed.
_MOST = 200


@dataclass(frozen=True, slots=True)
class DawnList:
    """What waited when the day's work began: the first ones, and how many there are in all."""

    dawn: datetime
    items: tuple[Item, ...]
    total: int


def dawn_list(session: Session, rota: Rota, now: datetime) -> DawnList | None:
    """Return what has waited since before the latest beginning of a day's work; None without a rota.

    The safety stream's items alone. Those that readers reported come first,
    the longest waiting one before the others; then the flagged ones in the
    queue's own order, in which severity, probability and the hours that each
    has waited count.
    """
    dawn = rota.dawn_before(now)
    if dawn is None:
        return None
    conditions = (CommentRow.state == "open", CommentRow.stream == "safety", CommentRow.since < dawn)
    total = session.scalar(select(func.count()).select_from(CommentRow).where(*conditions)) or 0
    reported = CommentRow.about.contains(" reported ")
    query = select(CommentRow).where(*conditions)
    first = list(session.scalars(query.where(reported).order_by(CommentRow.since, CommentRow.id).limit(_MOST)))
    rest = session.scalars(
        query.where(~reported)
        .order_by(CommentRow.queue_position.desc(), CommentRow.id.desc())
        .limit(_MOST - len(first)),
    )
    return DawnList(dawn, load_items(session, [*first, *rest]), total)
