"""What other programs' moderators said of comments: kept as it came, given out as labels."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from model.labels import Label, LabelRow
from service.scoring.language import unsupported
from service.storage.database import Database
from service.storage.tables.programs import SuggestionRow

_AT_ONCE = 200
#: Who sends what became of a comment and not why, by the beginning of `community`: Coral, under
#: the name of whatever attribute it asks for, and programs that speak Akismet's protocol.
_VERDICTS = ("Coral:", "Akismet:")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a program sent.

    Attributes
    ----------
    comment_id
        The newspaper's own id of the comment, where it was sent.
    scores
        Name in the Perspective API to a value from 0 to 1.
    attributes
        Our attribute to 0 or 1, of those scores that say yes or no.
    community, client_token
        As they were sent.
    """

    text: str
    comment_id: str | None
    scores: Mapping[str, float]
    attributes: Mapping[str, int]
    languages: Sequence[str]
    community: str | None
    client_token: str | None


def save_suggestion(session: Session, given: Suggestion) -> None:
    """Keep a suggestion; earlier ones on the same comment are kept too."""
    about = [given.community, "text", given.text] if given.comment_id is None else [given.community, given.comment_id]
    session.add(
        SuggestionRow(
            subject=hashlib.sha256(json.dumps(about).encode()).hexdigest(),
            comment_id=given.comment_id,
            text=given.text,
            scores=dict(given.scores),
            attributes=dict(given.attributes),
            languages=list(given.languages),
            community=given.community,
            client_token=given.client_token,
            received_at=datetime.now(UTC),
        ),
    )


def suggested_rows(db: Database, after: int = 0) -> Iterator[tuple[int, LabelRow]]:
    """Yield the latest suggestion on each comment as its number and a label row, in the order of their arrival.

    Nothing is to be learnt of a language that no bundle scores.
    """
    last = after
    while True:
        with db.read() as session:
            latest = select(func.max(SuggestionRow.id)).group_by(SuggestionRow.subject)
            query = select(SuggestionRow).where(SuggestionRow.id > last, SuggestionRow.id.in_(latest))
            found = session.scalars(query.order_by(SuggestionRow.id).limit(_AT_ONCE)).all()
        rows = ((kept.id, _row(kept)) for kept in found if not unsupported(kept.languages))
        yield from ((number, row) for number, row in rows if row.label is not None or row.attributes)
        if len(found) < _AT_ONCE:
            return
        last = found[-1].id


def _row(kept: SuggestionRow) -> LabelRow:
    label: Label | None = None
    attributes = kept.attributes
    if (kept.community or "").startswith(_VERDICTS):
        # Rejected need not mean toxic: what is known is what was done, and not why.
        label = "removed" if max(kept.scores.values(), default=0.0) >= 0.5 else "kept"
        attributes = {}
    return LabelRow(
        comment_id=kept.comment_id or f"suggestion-{kept.id}",
        text=kept.text,
        label=label,
        attributes=attributes,
        verdict_at=kept.received_at,
        seen_because="other",
        source="suggestscore",
    )
