"""What other programs' moderators said about comments: stored as it came, returned as labels."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from model.labels import Label, LabelRow
from service.moderation.articles import find_article
from service.scoring.language import unsupported
from service.storage.database import Database
from service.storage.tables.programs import SuggestionRow

_AT_ONCE = 200
#: Who sends what became of a comment and not why, by the beginning of `community`.
_CORAL, _AKISMET = "Coral:", "Akismet:"
#: What an older Coral sends instead of an attribute's name.
_STATUSES: Mapping[str, Label] = {
    "APPROVED": "kept",
    "HIGHLIGHTED": "kept",
    "DELETED": "removed",
    "REJECTED": "removed",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A score or verdict on a comment that a program suggests to learn from.

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
    story_url
        The address of the article that the comment stands below, where it was sent.
    """

    text: str
    comment_id: str | None
    scores: Mapping[str, float]
    attributes: Mapping[str, int]
    languages: Sequence[str]
    community: str | None
    client_token: str | None
    story_url: str | None = None


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
            story_url=given.story_url,
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
            rows = [(kept.id, _row(session, kept)) for kept in found if not unsupported(kept.languages)]
        yield from ((number, row) for number, row in rows if row.label is not None or row.attributes)
        if len(found) < _AT_ONCE:
            return
        last = found[-1].id


def _row(session: Session, kept: SuggestionRow) -> LabelRow:
    """Return a program's suggestion as a label row."""
    community = kept.community or ""
    is_verdict = community.startswith((_CORAL, _AKISMET))
    return LabelRow(
        comment_id=kept.comment_id or f"suggestion-{kept.id}",
        text=kept.text,
        # The article's text may have come later than the verdict.
        article=find_article(session, article_id="", url=kept.story_url) if kept.story_url else None,
        label=_verdict(kept) if is_verdict else None,
        # Rejected need not mean toxic: what is known is what was done, and not why.
        attributes={} if is_verdict else kept.attributes,
        verdict_at=kept.received_at,
        seen_because="other",
        source="suggestscore",
    )


def _verdict(kept: SuggestionRow) -> Label | None:
    """Return what became of a comment; None where a name that we do not know says it, or two contradict each other."""
    if (kept.community or "").startswith(_AKISMET):
        return "removed" if max(kept.scores.values(), default=0.0) >= 0.5 else "kept"
    told: set[Label] = {"removed" if value else "kept" for value in kept.attributes.values()}
    told |= {_STATUSES[name] for name, value in kept.scores.items() if name in _STATUSES and value >= 0.5}
    return told.pop() if len(told) == 1 else None
