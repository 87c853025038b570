"""What `comments:analyze` answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from model.reading.characters import is_readable
from model.records import Article, Comment, Scores
from model.scales import scales
from service.compat.perspective.errors import ApiError
from service.compat.perspective.names import attribute_of, is_googles
from service.compat.perspective.reading import MOST_BYTES, Analyze, Common, RequestedAttribute
from service.compat.perspective.spans import sentences, utf16_offsets
from service.scoring.language import language_of, spoken, unsupported

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

_OFF_TOPIC = "off_topic"


def analyze(scorer: "Scorer", asked: Analyze, *, drops_for_all: bool) -> dict[str, Any]:
    """Score a comment as it was asked for; nothing is kept.

    Parameters
    ----------
    scorer
        What scores.
    asked
        What was asked for.
    drops_for_all
        Leave out what only Google scores, whether or not the client asks for that.

    Raises
    ------
    ApiError
        If an attribute or the comment's language cannot be scored.
    """
    common = asked.common
    # Half of a surrogate pair is what is left where a client cut a text; it cannot be encoded.
    text = common.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    ours = _ours(scorer, asked, drops_for_all=drops_for_all)
    detected = language_of(text, scorer.fallback)
    refused = unsupported(spoken(common.languages, detected))
    if refused and ours:
        if not asked.drop_unsupported:
            raise _language_error(next(iter(ours)), refused, detected)
        ours = {}
    if not scorer.is_scorable(Comment(text=text)):
        raise ApiError("Unable to detect language", "LANGUAGE_DETECTION_FAILED")
    pieces = [
        piece for piece in sentences(text) if asked.spans and scorer.is_scorable(Comment(text=text[slice(*piece)]))
    ]
    scored = _scored(scorer, common, [text, *(text[slice(*piece)] for piece in pieces)], set(ours.values()))
    whole, of_pieces = scored[0], list(zip(pieces or [(0, len(text))], scored[1:] or scored, strict=True))
    answer: dict[str, Any] = {}
    found = {
        wanted.name: _attribute_score(ours[wanted.name], whole, of_pieces, text)
        for wanted in asked.wanted
        if wanted.name in ours and whole[ours[wanted.name]] >= wanted.threshold
    }
    if found:
        answer["attributeScores"] = found
    answer |= {"languages": list(common.languages) or [detected], "detectedLanguages": [detected]}
    if common.client_token is not None:
        answer["clientToken"] = common.client_token
    return answer


def _ours(scorer: "Scorer", asked: Analyze, *, drops_for_all: bool) -> dict[str, str]:
    """Return our attribute for each name that can be scored now."""
    found = {}
    refused = []
    for wanted in asked.wanted:
        ours = attribute_of(wanted.name, scorer.manifest.attributes)
        needs_article = ours == _OFF_TOPIC and not is_readable(asked.common.context.article)
        if ours is not None and not needs_article:
            found[wanted.name] = ours
        elif drops_for_all and is_googles(wanted.name):
            refused.append(_attribute_error(wanted, needs_article=needs_article))
        elif not asked.drop_unsupported:
            raise _attribute_error(wanted, needs_article=needs_article)
    # An answer without any score passes for a harmless comment in most programs.
    if refused and not found and not asked.drop_unsupported:
        raise refused[0]
    return found


def _attribute_error(wanted: RequestedAttribute, *, needs_article: bool) -> ApiError:
    """Return the Perspective API's error for an attribute that cannot be scored."""
    name = wanted.name[:100]
    if needs_article:
        return ApiError(f"Attribute {name} needs the article's text: context.articleAndParentComment or entries[0]")
    return ApiError(f"Unknown requested attribute: {name}", reason="attribute")


def _language_error(name: str, refused: Sequence[str], detected: str) -> ApiError:
    """Return the Perspective API's error for a language that an attribute does not support."""
    return ApiError(
        f"Attribute {name} does not support request languages: {', '.join(refused)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        reason="language",
        languageNotSupportedByAttributeError={"detectedLanguages": [detected], "attribute": name},
    )


def _scored(scorer: "Scorer", common: Common, texts: Sequence[str], attributes: set[str]) -> list[Scores]:
    """Score texts for the attributes that a Perspective client asks for."""
    if not attributes:
        return [Scores({}) for _ in texts]
    article = Article(body=common.context.article) if _OFF_TOPIC in attributes else None
    # A comment has no more than that either.
    parent = common.context.parent[:MOST_BYTES] or None
    found = scorer.score_many(
        [Comment(text=text, parent_text=parent) for text in texts], article, attributes=attributes
    )
    # The thresholds that clients have were chosen on Google's scale.
    scale = scales(scorer.manifest, "perspective")
    return [
        Scores({name: scale[name](value) if name in scale else value for name, value in scores.values.items()})
        for scores in found
    ]


def _attribute_score(
    ours: str, whole: Scores, pieces: Sequence[tuple[tuple[int, int], Scores]], text: str
) -> dict[str, Any]:
    """Return one attribute's scores as the Perspective API has them, whole and by span."""
    places = utf16_offsets(text, [place for piece, _ in pieces for place in piece])
    return {
        "spanScores": [
            {"begin": begin, "end": end, "score": _score(scores[ours])}
            for begin, end, (_, scores) in zip(places[::2], places[1::2], pieces, strict=True)
        ],
        "summaryScore": _score(whole[ours]),
    }


def _score(value: float) -> dict[str, Any]:
    """Return a probability as the Perspective API writes one."""
    return {"value": value, "type": "PROBABILITY"}
