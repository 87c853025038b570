"""A champion and a challenger on the same comments: what differs, and by how much more than chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from model.attributes import ABUSE, REJECT
from model.bundling.manifest import Bundle
from model.records import Comment
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from training.corpus.scoring import score_columns
from training.evaluation.metrics import CAPACITY, Floats, Truth
from training.evaluation.sentences.attacks import ATTACKS
from training.progress import Progress, silent
from training.promotion.bootstrap import ROUNDS, Rounds, ScoredSample, interval, paired, resamples
from training.promotion.result import ALL_SETS, EVERY_KIND, Comparison, Difference, Kind
from training.promotion.samples import OURS, ComparisonData, Evidence, Groups, Sample, comparison_data

#: What unintended bias is measured for: attributes that naming people might raise.
BIASED = ("toxicity", "identity_attack")


class BundleScores:
    """One bundle's scores of the comments of a comparison.

    Parameters
    ----------
    scorer
        The bundle.
    texts
        Every comment that will be asked for.
    """

    def __init__(self, scorer: Scorer, texts: Sequence[str]) -> None:
        self.scorer = scorer
        self._rows = {text: i for i, text in enumerate(texts)}
        started = perf_counter()
        self.scores = score_columns(scorer, [Comment(text) for text in texts], {*ABUSE, REJECT}).by_attribute
        self.per_second = len(texts) / max(perf_counter() - started, 1e-9)

    def known(self, attribute: str) -> str | None:
        """Return the attribute that stands for this one: a bundle that never learnt verdicts has toxicity for them."""
        if attribute == REJECT and REJECT not in self.scores:
            attribute = "toxicity"
        return attribute if attribute in self.scorer.manifest.attributes else None

    def of(self, attribute: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the scores of some of the comments."""
        return self.scores[attribute][[self._rows[text] for text in texts]]

    def flagged(self, texts: Sequence[str], attributes: Sequence[str] = ABUSE) -> NDArray[np.float64]:
        """Return 1 for each comment that any of these attributes flags, 0 for the others."""
        thresholds = self.scorer.manifest.thresholds
        flags = [self.of(name, texts) >= thresholds.get(name, np.inf) for name in self.scores if name in attributes]
        return np.any(flags, axis=0).astype(np.float64) if flags else np.zeros(len(texts))


def compare(
    champion: Bundle,
    challenger: Bundle,
    evidence: Evidence,
    *,
    capacity: float = CAPACITY,
    progress: Progress = silent,
) -> Comparison:
    """Compare two bundles on our own sentences, and on what else is at hand.

    Parameters
    ----------
    champion, challenger
        The bundles, verified.
    evidence
        What else is at hand.
    capacity
        Share of all comments that a shift can read.
    progress
        Called with each step.
    """
    asked = comparison_data(evidence)
    disguised = {
        name: [attack(text, Random(f"0:{i}")) for i, text in enumerate(asked.abusive)]
        for name, attack in ATTACKS.items()
    }
    texts = list(dict.fromkeys([*asked.texts, *(text for some in disguised.values() for text in some)]))
    both = []
    for role, bundle in (("champion", champion), ("challenger", challenger)):
        progress(f"{role}: {len(texts)} comments")
        both.append(BundleScores(load_bundle(bundle), texts))
    pair = both[0], both[1]
    progress("differences, and how much of them may be chance")
    return Comparison(
        pair[0].scorer.manifest.version,
        pair[1].scorer.manifest.version,
        evidence.name,
        capacity,
        (
            *_compare_quality(pair, asked.quality, "quality", capacity),
            *_compare_quality(pair, asked.news, "news", capacity),
            *_compare_quality(pair, asked.labels, "labels", capacity),
            *(found for groups in asked.groups for found in _compare_groups(pair, groups)),
            *_compare_harmless(pair, asked.harmless),
            *_attacks(pair, asked, disguised),
        ),
        len(texts),
        (pair[0].per_second, pair[1].per_second),
    )


Pair = tuple[BundleScores, BundleScores]


def _compare_quality(pair: Pair, samples: Sequence[Sample], kind: Kind, capacity: float) -> Iterator[Difference]:
    """Compare each sample, and the mean over the samples of an attribute, weighted by their positives."""
    rounds: dict[str, list[tuple[Sample, Mapping[str, Rounds], Mapping[str, Rounds]]]] = {}
    for number, sample in enumerate(samples):
        answers = _answers(pair, sample)
        if answers is None:
            continue
        first, second = paired(sample.truth, sample.weights, answers, capacity=capacity, seed=number)
        rounds.setdefault(sample.attribute, []).append((sample, first, second))
        yield from _differences(
            kind, sample.name, sample.attribute, sample.truth, first, second, natural=sample.natural
        )
    for attribute, measured in rounds.items():
        if len(measured) < 2:
            continue
        sizes = np.array([min(sample.truth.sum(), (~sample.truth).sum()) for sample, _, _ in measured], float)
        names = set.intersection(*(set(first) & set(second) for _, first, second in measured))
        means: list[dict[str, Rounds]] = [
            {name: np.average([found[name] for found in some], axis=0, weights=sizes) for name in sorted(names)}
            for some in ([first for _, first, _ in measured], [second for _, _, second in measured])
        ]
        truth = np.concatenate([sample.truth for sample, _, _ in measured])
        yield from _differences(kind, ALL_SETS, attribute, truth, means[0], means[1], natural=False)


def _answers(pair: Pair, sample: Sample) -> tuple[ScoredSample, ScoredSample] | None:
    """Score a sample with champion and challenger; None if one of them does not model the attribute."""
    found = []
    for bundle in pair:
        attribute = bundle.known(sample.attribute)
        if attribute is None:
            return None
        threshold = bundle.scorer.manifest.thresholds.get(attribute)
        if sample.comments:
            found_below = score_columns(bundle.scorer, sample.comments, [attribute], articles=sample.articles)
            scores = found_below.by_attribute[attribute]
        else:
            scores = bundle.of(attribute, sample.texts)
        found.append(ScoredSample(np.nan_to_num(scores), threshold))
    return found[0], found[1]


def _differences(
    kind: Kind,
    sample: str,
    subject: str,
    truth: Truth,
    first: Mapping[str, Rounds],
    second: Mapping[str, Rounds],
    *,
    natural: bool = True,
) -> Iterator[Difference]:
    for metric in sorted(first.keys() & second.keys(), key=list(first).index):
        # Where positives were looked for, no score can be a frequency.
        if metric == "ece" and not natural:
            continue
        gap = interval(second[metric] - first[metric])
        yield Difference(
            kind,
            sample,
            subject,
            metric,
            len(truth),
            int(truth.sum()),
            float(first[metric][0]),
            float(second[metric][0]),
            gap.low,
            gap.high,
        )


def _mean(values: Floats, drawn: Rounds) -> Rounds:
    """Return the mean of values in each bootstrap round."""
    means: Rounds = drawn @ values / len(values)
    return means


def _placements(scores: Floats, others: Floats) -> NDArray[np.float64]:
    """Return for each score what share of the others is lower; equal ones count half."""
    ordered = np.sort(others)
    lower, upper = (np.searchsorted(ordered, scores, side=side) for side in ("left", "right"))
    return (lower + upper) / (2 * max(len(others), 1))


def _draws(count: int, seed: int) -> Rounds:
    """Return how often each row is drawn in each bootstrap round; the first round has each once."""
    return np.concatenate([np.ones((1, count)), resamples(np.zeros(count, np.int64), ROUNDS, seed)])


def _compare_groups(pair: Pair, groups: Groups) -> Iterator[Difference]:
    """Compare how champion and challenger treat comments that name a group of people."""
    texts = list(groups.texts)
    # What is labelled abuse in the sets of others need not be an attack on the people it names.
    measured = BIASED if groups.name == OURS else BIASED[:1]
    scored = {name: [b.of(name, texts) for b in pair] for name in measured if all(b.known(name) for b in pair)}
    flagged = [b.flagged(texts) for b in pair]
    for number, (group, member) in enumerate(groups.members.items()):
        harmless, abusive = member & ~groups.truth, member & groups.truth
        others = ~member & groups.truth, ~member & ~groups.truth
        draws = _draws(int(harmless.sum()), number), _draws(int(abusive.sum()), number + 10**6)
        for attribute, both in scored.items():
            rounds: list[dict[str, Rounds]] = []
            for scores in both:
                inside = _placements(scores[abusive], scores[harmless])
                rounds.append(
                    {
                        "subgroup_auc": _mean(inside, draws[1]),
                        "bpsn_auc": _mean(1 - _placements(scores[harmless], scores[others[0]]), draws[0]),
                        "bnsp_auc": _mean(_placements(scores[abusive], scores[others[1]]), draws[1]),
                    }
                )
            for found in _differences("identity", groups.name, group, member[member] & abusive[member], *rounds):
                yield found if attribute == "toxicity" else _renamed(found, attribute)
        # Flags that all groups share are no group's: they show among the harmless sentences.
        flags_and_ranks = [
            {"flagged_more": _mean(flags[harmless] - flags[others[1]].mean(), draws[0])} for flags in flagged
        ]
        if groups.name == OURS:
            for found_in, bundle in zip(flags_and_ranks, pair, strict=True):
                verdicts = bundle.of(bundle.known(REJECT) or "toxicity", texts)
                found_in["singled_out"] = _mean(_placements(verdicts[harmless], verdicts[others[1]]), draws[0])
        yield from _differences("identity", groups.name, group, np.zeros(int(harmless.sum()), bool), *flags_and_ranks)


def _renamed(found: Difference, attribute: str) -> Difference:
    """Name a difference's metric after its attribute."""
    return replace(found, metric=f"{found.metric}_{attribute}")


def _compare_harmless(pair: Pair, harmless: Mapping[str, Sequence[str]]) -> Iterator[Difference]:
    """Compare how many harmless sentences champion and challenger flag."""
    everything = {EVERY_KIND: [text for sentences in harmless.values() for text in sentences], **harmless}
    for number, (kind, sentences) in enumerate(everything.items()):
        drawn = _draws(len(sentences), number)
        rounds = [{"flagged": _mean(bundle.flagged(sentences), drawn)} for bundle in pair]
        if kind == EVERY_KIND:
            # House rules remove more than abuse: what the verdict flags is counted apart.
            for measured, bundle in zip(rounds, pair, strict=True):
                measured["flagged_by_verdict"] = _mean(bundle.flagged(sentences, (REJECT,)), drawn)
        yield from _differences("harmless", "harmless sentences", kind, np.zeros(len(sentences), bool), *rounds)


def _attacks(pair: Pair, asked: ComparisonData, disguised: Mapping[str, Sequence[str]]) -> Iterator[Difference]:
    """Compare how far an attack brings abusive comments down among the harmless sentences."""
    harmless = [text for sentences in asked.harmless.values() for text in sentences]
    drawn = _draws(len(asked.abusive), 0)
    if not all(bundle.known("toxicity") for bundle in pair):
        return
    for attack, texts in disguised.items():
        rounds = []
        for bundle in pair:
            others = bundle.of("toxicity", harmless)
            before, after = (
                _placements(np.nan_to_num(bundle.of("toxicity", some)), others) for some in (asked.abusive, texts)
            )
            rounds.append({"evasion_drop": _mean(before - after, drawn)})
        yield from _differences(
            "attack", "abusive comments", attack.replace("_", " "), np.ones(len(texts), bool), *rounds
        )
