"""The way of a comment from the newspaper into the store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from model.reading.characters import is_readable
from model.reasons.policy import review_reasons
from model.records import Article, Comment, Scores
from service.moderation.articles import get_article, has_text
from service.moderation.comments import find_text, get_item, is_stored, save_comment
from service.moderation.recent_articles import RecentArticles
from service.storage.database import Database
from service.storage.records import FlagReason, Item, Judgement
from service.triage.order import doubt_of

if TYPE_CHECKING:
    from model.scorer import Scorer


_NO_TEXT = "The comment holds no text that can be scored."
_NONE: Mapping[str, Article] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Unscorable:
    """Why one comment of many has no scores."""

    sentence: str


def ingest(
    store: Database, scorer: "Scorer", comment: Comment, recent: RecentArticles | None = None
) -> tuple[Item, bool]:
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
    found = ingest_many(store, scorer, [comment], recent)[0]
    if isinstance(found, UnknownRecord):
        raise found
    return found


def ingest_many(
    store: Database, scorer: "Scorer", comments: Sequence[Comment], recent: RecentArticles | None = None
) -> list[tuple[Item, bool] | UnknownRecord]:
    """Store comments in their order and in one transaction; see `ingest`.

    One whose article is not stored does not fail the rest: the error stands
    in its place.
    """
    todo: list[int] = []
    articles: dict[str, Article | UnknownRecord] = {}
    texts: dict[str, str] = {}
    standing: list[Comment] = []
    with store.read() as session:
        for place, comment in enumerate(comments):
            if comment.id is None or comment.article_id is None:
                raise ValueError("A comment to be stored needs an id and an article's id.")
            if comment.article_id not in articles:
                articles[comment.article_id] = _article(session, comment.article_id)
            is_known = comment.id not in texts and is_stored(session, comment)
            if isinstance(articles[comment.article_id], Article) and not is_known:
                todo.append(place)
                texts[comment.id] = comment.text
            parent_text = texts.get(comment.parent_id or "") or find_text(session, comment.parent_id)
            standing.append(replace(comment, parent_text=parent_text))
    judgements = judge_many(scorer, [standing[place] for place in todo], articles, recent)
    todo_judgements = dict(zip(todo, judgements, strict=True))
    try:
        return _save(store, comments, todo_judgements, articles)
    except IntegrityError:
        # On PostgreSQL two writers can both find the id free; the slower one now finds it taken.
        return _save(store, comments, todo_judgements, articles)


def judge_many(
    scorer: "Scorer",
    comments: Sequence[Comment],
    articles: Mapping[str, Article | UnknownRecord],
    recent: RecentArticles | None = None,
) -> list[Judgement]:
    """Score comments below their articles; one that cannot be scored is a person's, not nobody's.

    Below an article whose text is not known yet there is no `off_topic`.
    """
    version, thresholds = scorer.manifest.version, scorer.manifest.thresholds
    found: dict[int, Scores | Unscorable] = {}
    for article_id in dict.fromkeys(comment.article_id for comment in comments):
        places = [place for place, comment in enumerate(comments) if comment.article_id == article_id]
        article = articles[article_id or ""]
        own = article if isinstance(article, Article) and has_text(article) else None
        strangers = _NONE if recent is None else recent.strangers(scorer, own)
        below = [comments[place] for place in places]
        try:
            scored = score_each(scorer, below, own, strangers=strangers)
        except InvalidInput as error:
            scored = [Unscorable(str(error)) for _ in below]
        found |= zip(places, scored, strict=True)
    return [_judgement(found[place], version, thresholds) for place in range(len(comments))]


def score_each(
    scorer: "Scorer",
    comments: Sequence[Comment],
    article: Article | None,
    attributes: Collection[str] | None = None,
    *,
    strangers: Mapping[str, Article] = _NONE,
) -> list[Scores | Unscorable]:
    """Score many comments; one that cannot be scored does not fail the rest.

    An article that holds nothing to be read is none: then there is no `off_topic`.
    """
    if article is not None and not (is_readable(article.title) or is_readable(article.body)):
        article = None
    sound = [comment for comment in comments if scorer.is_scorable(comment)]
    scores = iter(scorer.score_many(sound, article, articles=strangers, attributes=attributes, spans=True))
    scorable = set(map(id, sound))
    return [next(scores) if id(comment) in scorable else Unscorable(_NO_TEXT) for comment in comments]


def _judgement(found: Scores | Unscorable, version: str, thresholds: Mapping[str, float]) -> Judgement:
    if isinstance(found, Unscorable):
        return Judgement(
            version, None, (FlagReason(f"Could not be scored, so a person has to look: {found.sentence}"),)
        )
    reasons = tuple(
        FlagReason(reason.sentence, reason.attribute, reason.score, reason.threshold, reason.spans)
        for reason in review_reasons(found, thresholds)
    )
    return Judgement(version, found, reasons, doubt_of(found, thresholds))


def _article(session: Session, article_id: str) -> Article | UnknownRecord:
    try:
        return get_article(session, article_id)
    except UnknownRecord as error:
        return error


def _save(
    store: Database,
    comments: Sequence[Comment],
    judgements: Mapping[int, Judgement],
    articles: Mapping[str, Article | UnknownRecord],
) -> list[tuple[Item, bool] | UnknownRecord]:
    with store.write() if judgements else store.read() as session:
        new = {
            place: save_comment(session, comments[place], judgements[place], random_rate=store.random_rate)
            for place in judgements
        }
        found: list[tuple[Item, bool] | UnknownRecord] = []
        for place, comment in enumerate(comments):
            article = articles[str(comment.article_id)]
            known = article if isinstance(article, UnknownRecord) else get_item(session, str(comment.id))
            found.append(known if isinstance(known, UnknownRecord) else (known, new.get(place, False)))
        return found
