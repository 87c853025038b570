"""Whether abuse is found inside a long comment, and long civil comments are flagged as seldom as short ones."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model.attributes import ABUSE
from model.reading.pieces import WHOLE
from model.scoring.scorer import Scorer
from training.corpus.dev_sets import JudgedComments
from training.corpus.scoring import score_columns, toxicity
from training.progress import Progress

#: How many civil words stand around the sentence.
_LENGTHS = (100, 1000, 3000)
#: Where it stands among the civil comments that are put around it: at the beginning, in the middle, at the end.
_PLACES = (0.0, 0.5, 1.0)
#: Sentences that are hidden, for each row of the limit: each is scored a dozen times, mostly in long texts.
_SHARE = 0.02
#: What one is: not so short that `model.reading.pieces` leaves it with its neighbour.
_SENTENCE = re.compile(r"[^.!?…\n]{25,200}[.!?…]")
#: How a comment ends that is put around one, so that the sentence begins where it ends.
_ENDS = (".", "!", "?", "…")
#: A sentence keeps its score if it keeps this share of it.
_KEPT = 0.8


@dataclass(frozen=True, slots=True)
class Hidden:
    """What abusive sentences are scored inside civil texts of one length.

    Attributes
    ----------
    words
        Civil words around each, at least.
    rows
        Texts that were scored.
    kept
        Share of them that keep at least four fifths of the sentence's toxicity.
    still_flagged
        Share that is flagged for toxicity, as each sentence alone is.
    civil_flagged
        Share of the civil texts that is flagged without the sentence.
    """

    words: int
    rows: int
    kept: float
    still_flagged: float
    civil_flagged: float


@dataclass(frozen=True, slots=True)
class CivilFlags:
    """What any abuse attribute flags of a set's civil comments.

    Attributes
    ----------
    dataset
        The set.
    short, long
        How many comments it has of up to `WHOLE` characters, and of more.
    short_flagged, long_flagged
        Shares of them that are flagged; None where there are none.
    """

    dataset: str
    short: int
    short_flagged: float | None
    long: int
    long_flagged: float | None


def hidden(scorer: Scorer, judged: Sequence[JudgedComments], n: int, progress: Progress) -> tuple[Hidden, ...]:
    """Hide abusive comments of judged sets among their civil ones, where the bundle tells both alone.

    Parameters
    ----------
    scorer
        From `load_bundle`.
    judged
        Sets with sides of toxicity; others are left out.
    n
        Rows of each set that are measured: of these, one in fifty is hidden.
    progress
        Called with what is measured.
    """
    threshold = scorer.manifest.thresholds.get("toxicity")
    if threshold is None:
        return ()
    abusive, civil = _clear(judged)
    alone = toxicity(scorer, abusive)
    found = np.flatnonzero(alone >= threshold)[: max(3, round(n * _SHARE))]
    fine = [text for text, score in zip(civil, toxicity(scorer, civil), strict=True) if score < threshold]
    if not found.size or not fine:
        return ()
    progress(f"{found.size} sentences hidden in long comments")
    sentences, scores = [abusive[i] for i in found], np.repeat(alone[found], len(_PLACES))
    measured = []
    for words in _LENGTHS:
        around = [_civil_text(fine, words, number) for number in range(len(sentences))]
        texts = [text for sentence, parts in zip(sentences, around, strict=True) for text in _hiding(sentence, parts)]
        inside, without = toxicity(scorer, texts), toxicity(scorer, [" ".join(parts) for parts in around])
        measured.append(
            Hidden(
                words,
                len(texts),
                kept=float((inside >= _KEPT * scores).mean()),
                still_flagged=float((inside >= threshold).mean()),
                civil_flagged=float((without >= threshold).mean()),
            )
        )
    return tuple(measured)


def civil_flags(scorer: Scorer, judged: Sequence[JudgedComments], progress: Progress) -> tuple[CivilFlags, ...]:
    """Count flags at the bundle's thresholds among comments that clearly are civil; sets without any are left out."""
    thresholds, found = scorer.manifest.thresholds, list[CivilFlags]()
    for one in judged:
        sides = one.sides.get("toxicity")
        if sides is None or not sides.no.any():
            continue
        civil = [one.comments[i] for i in np.flatnonzero(sides.no).tolist()]
        progress(f"{len(civil)} civil comments of {one.name}")
        scores = score_columns(scorer, civil, ABUSE).by_attribute
        flagged = np.any([column >= thresholds.get(name, np.inf) for name, column in scores.items()], axis=0)
        long = np.array([len(comment.text) > WHOLE for comment in civil])
        counts = [(int(rows.sum()), float(flagged[rows].mean()) if rows.any() else None) for rows in (~long, long)]
        found.append(CivilFlags(one.name, *counts[0], *counts[1]))
    return tuple(found)


def _clear(judged: Sequence[JudgedComments]) -> tuple[list[str], list[str]]:
    """Return short comments that clearly are abusive, and comments that clearly are not."""
    sides = [(one.comments, one.sides["toxicity"]) for one in judged if "toxicity" in one.sides]
    abusive = [comments[i].text for comments, side in sides for i in np.flatnonzero(side.yes).tolist()]
    civil = [comments[i].text for comments, side in sides for i in np.flatnonzero(side.no).tolist()]
    return [text for text in abusive if _SENTENCE.fullmatch(text)], [text for text in civil if text.endswith(_ENDS)]


def _civil_text(civil: Sequence[str], words: int, seed: int) -> list[str]:
    """Draw comments until they have so many words."""
    rng, parts, count = random.Random(seed), [], 0
    while count < words:
        parts.append(rng.choice(civil))
        count += len(parts[-1].split())
    return parts


def _hiding(sentence: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield the text with the sentence at each place."""
    for place in _PLACES:
        at = round(place * len(parts))
        yield " ".join([*parts[:at], sentence, *parts[at:]])
