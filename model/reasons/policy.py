"""From scores to reasons: thresholds stand here, never inside an estimator."""

from collections.abc import Mapping

from model.attributes import BY_NAME
from model.records import Reason, Scores


def review_reasons(scores: Scores, thresholds: Mapping[str, float]) -> tuple[Reason, ...]:
    """Return why a comment deserves a look.

    A comment has a reason for each attribute whose score is at or above its
    threshold, the most certain first. No reason, no flag.

    Parameters
    ----------
    scores
        One comment's scores.
    thresholds
        Attribute to the lowest score that is a reason; an attribute without
        a threshold never is one.
    """
    reasons = [
        Reason(
            attribute=name,
            score=score,
            threshold=thresholds[name],
            sentence=_sentence(name, score, scores),
            spans=tuple(span for span in scores.spans if span.attribute == name),
        )
        for name, score in scores.values.items()
        if name in thresholds and score >= thresholds[name]
    ]
    return tuple(sorted(reasons, key=lambda reason: -reason.score))


def _sentence(name: str, score: float, scores: Scores) -> str:
    """Say why a comment is flagged, in a sentence for moderators."""
    # Nothing is ever quite certain, nor out of the question.
    certainty = f"{min(max(round(100 * score), 1), 99)} in 100 comments that score like this one are"
    if name == "threat" and scores.threat_sentence:
        return scores.threat_sentence
    if name != "off_topic":
        return f"Reads as {BY_NAME[name].phrase}: {certainty}."
    if scores.subjects is None or not scores.subjects.comment or not scores.subjects.article:
        return f"Seems to have nothing to do with the article: {certainty} off topic."
    return f"Speaks of {', '.join(scores.subjects.comment)}; the article is about {', '.join(scores.subjects.article)}."
