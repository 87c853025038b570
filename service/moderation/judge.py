"""What the scorer makes of a comment: scores, and why a person should look at it. Every API asks here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from model.reasons.policy import review_reasons
from model.records import Article, Comment, Scores, Unscorable
from service.moderation.recent_articles import RecentArticles
from service.scoring.language import SUPPORTED, language_of, name_of
from service.storage.records import FlagReason, Judgement
from service.triage.order import doubt_of

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

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
        language: str | None = None,
    ) -> list[Judgement]:
        """Judge comments below one article, in their order.

        Below an article whose text is not known yet there is no `off_topic`.

        Parameters
        ----------
        comments
            Any number. One that holds no text, or is not in English, does not fail the rest: it has no scores, and a
            person should look.
        article
            What all of them stand below.
        attributes, spans
            As in `model.scoring.scorer.Scorer.score_each`.
        language
            Of all comments, where it is known.
        """
        others = _NONE if self.recent is None else self.recent.unrelated_articles(self.scorer, article)
        languages = [language or language_of(comment.text, self.scorer.fallback) for comment in comments]
        english = [comment for comment, code in zip(comments, languages, strict=True) if code == SUPPORTED]
        found = iter(self.scorer.score_each(english, article, articles=others, attributes=attributes, spans=spans))
        return [self._judgement(next(found)) if code == SUPPORTED else self._foreign(code) for code in languages]

    def judge_each(self, comments: Sequence[Comment], articles: Mapping[str, Article]) -> list[Judgement]:
        """Judge comments in their order, each below the article that its `article_id` names, or below none."""
        found: dict[int, Judgement] = {}
        for article_id in dict.fromkeys(comment.article_id for comment in comments):
            places = [place for place, comment in enumerate(comments) if comment.article_id == article_id]
            judged = self.judge([comments[place] for place in places], articles.get(article_id or ""))
            found |= zip(places, judged, strict=True)
        return [found[place] for place in range(len(comments))]

    def _foreign(self, code: str) -> Judgement:
        """Judge a comment in another language: it gets no score, and a person has to look."""
        # Scores of a language that nothing here has learnt would mean nothing, and yet be believed.
        name = name_of(code)
        reason = FlagReason(f"Not in English but, it seems, in {name}: not scored, so a person has to look.")
        error = f"The comment is not in English but, it seems, in {name}, so it is not scored."
        return Judgement(self.scorer.manifest.version, None, (reason,), error=error, language=code)

    def _judgement(self, scores: Scores | Unscorable) -> Judgement:
        """Judge a comment by its scores; one that cannot be scored has to be looked at."""
        manifest = self.scorer.manifest
        if isinstance(scores, Unscorable):
            # It must not be nobody's.
            reason = FlagReason(f"Could not be scored, so a person has to look: {scores.sentence}")
            return Judgement(manifest.version, None, (reason,), error=scores.sentence)
        reasons = tuple(
            FlagReason(reason.sentence, reason.attribute, reason.score, reason.threshold, reason.spans)
            for reason in review_reasons(scores, manifest.thresholds)
        )
        doubt = doubt_of(scores, manifest.thresholds)
        # What is shown beside a comment that nothing accuses would accuse it.
        told = {reason.attribute for reason in reasons}
        shown = replace(scores, spans=tuple(span for span in scores.spans if span.attribute in told))
        return Judgement(manifest.version, shown, reasons, doubt)
