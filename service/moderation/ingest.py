"""How a comment comes in from the newspaper: judged, stored, flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from model.errors import UnknownRecord
from model.records import Article, Comment
from service.moderation.articles import get_articles
from service.moderation.comments import find_text, get_item, is_stored, save_comment
from service.moderation.judge import Judge
from service.storage.database import Database
from service.storage.records import Item, Judgement


def ingest(db: Database, judge: Judge, comment: Comment) -> tuple[Item, bool]:
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
    found = ingest_many(db, judge, [comment])[0]
    if isinstance(found, UnknownRecord):
        raise found
    return found


def ingest_many(db: Database, judge: Judge, comments: Sequence[Comment]) -> list[tuple[Item, bool] | UnknownRecord]:
    """Store comments in their order and in one transaction; see `ingest`.

    One whose article is not stored does not fail the rest: the error stands
    in its place.
    """
    if any(comment.id is None or comment.article_id is None for comment in comments):
        raise ValueError("A comment to be stored needs an id and an article's id.")
    new: dict[int, Comment] = {}
    texts: dict[str, str] = {}
    with db.read() as session:
        articles = get_articles(session, {str(comment.article_id) for comment in comments})
        stored = {key: article for key, article in articles.items() if isinstance(article, Article)}
        for place, comment in enumerate(comments):
            is_known = comment.id not in texts and is_stored(session, comment)
            if comment.article_id in stored and not is_known:
                texts[str(comment.id)] = comment.text
                parent_text = texts.get(comment.parent_id or "") or find_text(session, comment.parent_id)
                new[place] = replace(comment, parent_text=parent_text)
    judged = judge.judge_each(list(new.values()), stored)
    judgements = dict(zip(new, judged, strict=True))
    try:
        return _save(db, comments, judgements, articles)
    except IntegrityError:
        # On PostgreSQL two writers can both find the id free; the slower one now finds it taken.
        return _save(db, comments, judgements, articles)


def _save(
    db: Database,
    comments: Sequence[Comment],
    judgements: Mapping[int, Judgement],
    articles: Mapping[str, Article | UnknownRecord],
) -> list[tuple[Item, bool] | UnknownRecord]:
    """Store comments with their judgements, those that are new."""
    with db.write() if judgements else db.read() as session:
        new = {
            place: save_comment(session, comments[place], judgements[place], random_rate=db.random_rate)
            for place in judgements
        }
        found: list[tuple[Item, bool] | UnknownRecord] = []
        for place, comment in enumerate(comments):
            article = articles[str(comment.article_id)]
            known = article if isinstance(article, UnknownRecord) else get_item(session, str(comment.id))
            found.append(known if isinstance(known, UnknownRecord) else (known, new.get(place, False)))
        return found
