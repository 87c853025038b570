"""The scorer in the service: within what the machine can do, and counted."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from flask import g, has_request_context, request
from werkzeug.exceptions import ServiceUnavailable

from model.records import Article, Comment, Scores, Unscorable
from model.scoring.scorer import Scorer
from service.counters import Metrics
from service.scoring.admission import PIECE, TURN, WAITED, AdmissionQueue, Overloaded

#: Seconds until a refused program should try again.
_RETRY_AFTER = 1
_NONE: Mapping[str, Article] = {}


class Scoring(Scorer):
    """The service's scorer: calls wait for their turn.

    Parameters
    ----------
    scorer
        What scores.
    queue
        How many are scored at a time, and how many may wait.
    metrics
        Where scores and refusals are counted.
    """

    def __init__(self, scorer: Scorer, queue: AdmissionQueue, metrics: Metrics) -> None:
        # The same bundle in memory, which takes seconds to load.
        vars(self).update(vars(scorer))
        self._queue = queue
        self._metrics = metrics
        self.fallback.note = metrics.count_failure

    def with_bundle(self, scorer: Scorer) -> "Scoring":
        """Return another bundle's scorer that stands in the same line and counts to the same figures."""
        return Scoring(scorer, self._queue, self._metrics)

    def is_full(self, waited: float) -> bool:
        """Return whether a request that has waited some seconds for a thread would be refused."""
        return self._queue.is_full(waited)

    def count_refusal(self) -> None:
        """Count a request that was refused."""
        self._metrics.refused.inc()

    def score_each(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        articles: Mapping[str, Article] = _NONE,
        attributes: Collection[str] | None = None,
        spans: bool = False,
    ) -> list[Scores | Unscorable]:
        """Score comments in their order; see `model.scoring.scorer.Scorer.score_each`.

        A request that was let in once is scored to the end, and what the
        service scores for itself, outside of a request, waits its turn.

        Raises
        ------
        ServiceUnavailable
            At once, if too many wait already.
        """
        patient = not has_request_context() or "let_in" in g
        waited = 0.0 if patient else request.environ.get(WAITED, 0.0)
        found: list[Scores | Unscorable] = []
        for batch in _batches(comments):
            try:
                with self._queue.take(sum(map(_pieces, batch)), patient=patient or bool(found), waited=waited):
                    if has_request_context():
                        g.let_in = True
                    found += super().score_each(batch, article, articles=articles, attributes=attributes, spans=spans)
            except Overloaded:
                self.count_refusal()
                g.refused = True
                raise ServiceUnavailable(
                    "Too busy to score this comment. Please retry.",
                    retry_after=_RETRY_AFTER,
                ) from None
        if has_request_context():
            self._metrics.count_scores(one for one in found if isinstance(one, Scores))
        return found


def _pieces(comment: Comment) -> int:
    """Return how much work a comment is: what is long takes long."""
    return max(1, -(-(len(comment.text) + len(comment.parent_text or "")) // PIECE))


def _batches(comments: Sequence[Comment]) -> Iterator[Sequence[Comment]]:
    """Cut comments into what is scored in one turn each; no comments are a turn, too."""
    start = pieces = 0
    for place, comment in enumerate(comments):
        more = _pieces(comment)
        if place > start and pieces + more > TURN:
            yield comments[start:place]
            start, pieces = place, 0
        pieces += more
    yield comments[start:]
