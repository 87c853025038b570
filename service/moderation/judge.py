"""What the scorer makes of a comment: scores, and why a person should look at it. Every API asks here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from model.reasons.policy import review_reasons
from model.records import Article, Comment, Scores, Unscorable
from service.moderation.recent_articles import RecentArticles
from service.storage.records import FlagReason, Judgement
from service.triage.order import doubt_of

if TYPE_CHECKING:
    from model.scorer import Scorer

_NONE: Mapping[str, Article] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores comments against their article and against the paper's latest ones, and finds the reasons to look.

    Attributes
    ----------
    scorer
        What scores.
    recent
        The latest articles; None to compare with the comment's own alone.
    """

    scorer: "Scorer"
    recent: RecentArticles | None = None

    def judge(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        attributes: Collection[str] | None = None,
        spans: bool = True,
    ) -> list[Judgement]:
        """Judge comments below one article, in their order.

        Below an article whose text is not known yet there is no `off_topic`.

        Parameters
        ----------
        comments
            Any number. One that holds no text does not fail the rest: it has no scores, and a person should look.
        article
            What all of them stand below.
        attributes, spans
            As in `model.scorer.Scorer.score_each`.
        """
        others = _NONE if self.recent is None else self.recent.unrelated_articles(self.scorer, article)
        found = self.scorer.score_each(comments, article, articles=others, attributes=attributes, spans=spans)
        return [self._judgement(one) for one in found]

    def judge_each(self, comments: Sequence[Comment], articles: Mapping[str, Article]) -> list[Judgement]:
        """Judge comments in their order, each below the article that its `article_id` names, or below none."""
        found: dict[int, Judgement] = {}
        for article_id in dict.fromkeys(comment.article_id for comment in comments):
            places = [place for place, comment in enumerate(comments) if comment.article_id == article_id]
            judged = self.judge([comments[place] for place in places], articles.get(article_id or ""))
            found |= zip(places, judged, strict=True)
        return [found[place] for place in range(len(comments))]

    def _judgement(self, scores: Scores | Unscorable) -> Judgement:
        manifest = self.scorer.manifest
        if isinstance(scores, Unscorable):
            # It must not be nobody's.
            reason = FlagReason(f"Could not be scored, so a person has to look: {scores.sentence}")
            return Judgement(manifest.version, None, (reason,), error=scores.sentence)
        reasons = tuple(
            FlagReason(reason.sentence, reason.attribute, reason.score, reason.threshold, reason.spans)
            for reason in review_reasons(scores, manifest.thresholds)
        )
        return Judgement(manifest.version, scores, reasons, doubt_of(scores, manifest.thresholds))
