"""The paper's latest articles, with which a comment is compared besides its own."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy.exc import SQLAlchemyError

from model.errors import InvalidInput
from model.records import Article, Comment
from service.moderation.articles import latest_articles
from service.storage.database import Database

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

#: How many of the latest articles a comment is held against besides its own.
MOST = 100
_EVERY = 60.0
_NONE: Mapping[str, Article] = MappingProxyType({})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Latest:
    """The articles that a scorer has encoded, and when they are to be read again."""

    articles: Mapping[str, Article]
    until: float


class RecentArticles:
    """Keeps the latest stored articles in memory, with what the scorer made of them.

    They are read, and encoded, beside the calls and never in one: what a call
    sees is up to a minute old, and none at all before the first turn is over.

    Parameters
    ----------
    db
        Where the articles are.
    most
        How many; 0 for none.
    clock
        Returns seconds that only ever grow.
    """

    def __init__(self, db: Database, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._most = most
        self._clock = clock
        # Dropped with the scorer: two of them are only ever there while one is taken over.
        self._latest: WeakKeyDictionary[Scorer, _Latest] = WeakKeyDictionary()
        self._turn = threading.Lock()

    def unrelated_articles(self, scorer: "Scorer", own: Article | None) -> Mapping[str, Article]:
        """Return the articles to compare with, by their ids; none of them is `own`, nor an edition of it."""
        if own is None or not self._most:
            return _NONE
        latest = self._latest.get(scorer)
        is_due = latest is None or self._clock() >= latest.until
        if is_due and self._turn.acquire(blocking=False):
            threading.Thread(target=self._take_turn, args=[scorer], name="recent articles", daemon=True).start()
        if latest is None:
            return _NONE
        return {key: article for key, article in latest.articles.items() if not _same(article, own)}

    def refresh(self, scorer: "Scorer") -> None:
        """Read the latest articles, and encode those that are new to this scorer."""
        latest = self._latest.get(scorer)
        known = _NONE if latest is None else latest.articles
        with self._db.read() as session:
            found = latest_articles(session, self._most, known)
        articles = {
            key: article
            for key, article in found.items()
            if article is known.get(key) or _can_be_compared(scorer, article)
        }
        self._latest[scorer] = _Latest(articles, self._clock() + _EVERY)

    def _take_turn(self, scorer: "Scorer") -> None:
        """Read the latest articles anew, beside the requests."""
        try:
            self.refresh(scorer)
        except SQLAlchemyError as error:
            # Those of before are good enough until the next turn.
            before = self._latest.get(scorer)
            self._latest[scorer] = _Latest(_NONE if before is None else before.articles, self._clock() + _EVERY)
            _log.warning("The latest articles could not be read: %s.", type(error).__name__)
        finally:
            self._turn.release()


def _can_be_compared(scorer: "Scorer", article: Article) -> bool:
    """Encode an article, which the scorer remembers; false if nothing in it can be read."""
    started = time.perf_counter()
    try:
        return math.isfinite(scorer.score(Comment(text="Well said."), article).values["off_topic"])
    except InvalidInput:
        return False
    finally:
        # Whoever waits for a score goes before: a hundred articles after a start take up half a core.
        time.sleep(time.perf_counter() - started)


def _same(article: Article, own: Article) -> bool:
    """Return whether two are one article: its text may have been sent in short, or edited since."""
    if article.id == own.id:
        return True
    if article.title.strip() and article.title.strip() == own.title.strip():
        return True
    return bool(article.body and own.body) and (article.body.startswith(own.body) or own.body.startswith(article.body))
