"""The way of a comment from the newspaper into the store."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from model.errors import InvalidInput
from model.policy import review_reasons
from model.records import Article, Comment, Scores
from service.database import Database
from service.records import FlagReason, Item, Judgement
from service.review import get_item
from service.store import find_text, get_article, is_stored, save_comment

if TYPE_CHECKING:
    from model.scorer import Scorer


_NO_TEXT = "The comment holds no text that can be scored."


@dataclass(frozen=True, slots=True)
class Unscorable:
    """Why one comment of many has no scores."""

    sentence: str


def ingest(store: Database, scorer: "Scorer", comment: Comment) -> tuple[Item, bool]:
    """Store a comment, score it and flag it where it deserves a look.

    The same comment again is not scored again and changes nothing, also if
    both come at the same moment. Scoring is outside of any transaction.

    Returns
    -------
    tuple
        The comment as stored, and whether it is new.

    Raises
    ------
    UnknownRecord
        If its article is not stored; then nothing is.
    """
    if comment.id is None or comment.article_id is None:
        raise ValueError("A comment to be stored needs an id and an article's id.")
    with store.read() as session:
        if is_stored(session, comment):
            return get_item(session, comment.id), False
        article = get_article(session, comment.article_id)
        parent_text = find_text(session, comment.parent_id)
    judgement = judge(scorer, replace(comment, parent_text=parent_text), article)
    try:
        return _save(store, comment, judgement)
    except IntegrityError:
        # On PostgreSQL two writers can both find the id free; the slower one now finds it taken.
        return _save(store, comment, judgement)


def judge(scorer: "Scorer", comment: Comment, article: Article) -> Judgement:
    """Score a comment; one that cannot be scored is a person's, not nobody's."""
    version = scorer.manifest.version
    try:
        scores = scorer.score_many([comment], article, spans=True)[0]
    except InvalidInput as error:
        return Judgement(version, None, (FlagReason(f"Could not be scored, so a person has to look: {error}"),))
    reasons = tuple(
        FlagReason(reason.sentence, reason.attribute, reason.score, reason.threshold, reason.spans)
        for reason in review_reasons(scores, scorer.manifest.thresholds)
    )
    return Judgement(version, scores, reasons)


def score_each(
    scorer: "Scorer",
    comments: Sequence[Comment],
    article: Article | None,
    attributes: Collection[str] | None,
) -> list[Scores | Unscorable]:
    """Score many comments; one that cannot be scored does not fail the rest."""
    sound = [comment for comment in comments if scorer.is_scorable(comment)]
    scores = iter(scorer.score_many(sound, article, attributes=attributes, spans=True))
    scorable = set(map(id, sound))
    return [next(scores) if id(comment) in scorable else Unscorable(_NO_TEXT) for comment in comments]


def _save(store: Database, comment: Comment, judgement: Judgement) -> tuple[Item, bool]:
    with store.write() as session:
        new = save_comment(session, comment, judgement)
        return get_item(session, str(comment.id)), new
