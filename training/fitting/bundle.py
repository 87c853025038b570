"""From labelled comments to a bundle."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.attributes import ABUSE
from model.bundling.manifest import Manifest, read_manifest, write_manifest
from model.features.encoder import in_folder, load_encoder
from model.heads import LinearHeads
from model.reading.text import TextNormaliser
from model.reasons.spans import marked_words
from training.corpus.corpus import Corpus, joined
from training.corpus.training_table import counterfactual_corpus, read_training_table
from training.fitting.features import EncoderStates, abuse_features
from training.fitting.heads import PREVALENCE, calibrate, enough, fit_head, operating_point
from training.fitting.lexicon import build_lexicon
from training.fitting.marks import MarkedPost, fit_marks, mark_threshold, read_marked_posts, unseen_marked_posts
from training.fitting.ngrams import fit_ngrams
from training.fitting.relevance import OffTopic, build_background, fit_off_topic, hash_share, read_background
from training.fitting.scales import add_scales
from training.fitting.static import fit_static
from training.progress import Progress

_NGRAM_BITS = 18
_LONGEST = 1500
#: What an n-gram's sum counts beside the encoder's log-odds. Chosen on the dev
#: sets: the encoder was taught the very rows that the heads learn from, so
#: that a regression would trust it too much.
_NGRAMS_COUNT = 3.0
#: Weight of our own sentences: a linear model learns their words by heart, and
#: at 1.0 it ranks comments of every other source worse.
_OURS = 0.5
#: Share of the rows, by hash, that the n-grams learn from; the heads learn
#: from the others, and are calibrated on the last.
_OF_NGRAMS, _OF_HEADS = 0.8, 0.95
#: What a flag of each attribute must be worth at natural prevalence.
_PRECISION = {
    "toxicity": 0.35,
    "severe_toxicity": 0.3,
    "insult": 0.4,
    "profanity": 0.5,
    "threat": 0.3,
    "identity_attack": 0.2,
}
#: Sources with comments as they come. The others were gathered for being
#: abusive, so that their zeros are rarer and harder than nature's.
_NATURAL = ("jigsaw_wiki", "civil_weak_aayan")
#: The one of them whose labels several people made for each comment.
_CALIBRATED_ON = "jigsaw_wiki"


@dataclass(frozen=True)
class FitOptions:
    """What `fit` needs to know.

    Attributes
    ----------
    tier
        `accurate` or `fast`.
    folder
        The training data.
    encoder
        Folder with `encoder.onnx`, `encoder.npz` and `tokenizer.json`.
    out
        Folder of the new bundle.
    encoded
        At most so many rows are read by the encoder.
    """

    tier: str
    folder: Path
    encoder: Path
    out: Path
    encoded: int = 40_000
    seed: int = 0


@dataclass(frozen=True)
class _Heads:
    """Fitted heads, and how the held-back rows fared."""

    heads: dict[str, Any]
    scores: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    truths: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def fit(options: FitOptions, progress: Progress) -> Manifest:
    """Fit a whole bundle; tells `progress` what it is doing."""
    options.out.mkdir(parents=True, exist_ok=True)
    ours = counterfactual_corpus(options.seed)
    ours.weights[:] = _OURS
    corpus = joined([read_training_table(options.folder, options.seed), ours])
    progress(f"{len(corpus)} labelled comments from {len(set(corpus.sources))} sources")
    words = build_lexicon(corpus.texts)
    (options.out / "words.txt").write_text("\n".join(words) + "\n")
    normaliser = TextNormaliser(words)
    texts = [text.text[:_LONGEST] for text in normaliser.normalise_many(corpus.texts)]
    share = np.array([hash_share(text) for text in texts])
    states = EncoderStates(options.encoder, progress)
    # The heads' rows first: every one of them is needed.
    chosen = np.argsort(share < _OF_NGRAMS, kind="stable")[: options.encoded]
    odds = states.odds([texts[i] for i in chosen])
    teacher = _heads(corpus.rows(chosen), odds, share[chosen], share[chosen] < _OF_HEADS)
    weights, posts = _fit_ngram_file(options, corpus, texts, normaliser, share, (chosen, odds, teacher), progress)
    rest = share[chosen] >= _OF_NGRAMS
    features = abuse_features(
        [texts[i] for i in chosen[rest]], weights, odds[rest] if options.tier == "accurate" else None
    )
    mine = corpus.rows(chosen[rest])
    fitted = _heads(mine, features, share[chosen[rest]], share[chosen[rest]] < _OF_HEADS)
    progress(f"heads: {', '.join(fitted.heads)}")
    embed = _embedding(options, states, normaliser, texts)
    build_background(options.folder, embed, options.seed).save(options.out / "background.npz")
    progress("relevance: strangers embedded")
    off_topic = fit_off_topic(options.folder, embed, read_background(options.out / "background.npz"), options.seed)
    unseen = unseen_marked_posts(options.folder, normaliser) or posts[::5]
    threshold = mark_threshold(unseen, _marks(options.tier, weights, states))
    heads = {"abuse": fitted.heads, "off_topic": {"off_topic": off_topic.head}, "mark_threshold": threshold}
    joblib.dump(heads, options.out / "heads.joblib", compress=3)
    return add_scales(options.out, _write(options, corpus, fitted, off_topic), options.folder, progress)


def _heads(
    corpus: Corpus, features: NDArray[np.float32], share: NDArray[np.float64], learn: NDArray[np.bool_]
) -> _Heads:
    """Fit and calibrate a head per attribute; rows that are not learnt from calibrate."""
    fitted = _Heads({})
    checks = {}
    for i, name in enumerate(ABUSE):
        labels = corpus.labels[:, i]
        asked = np.isfinite(labels)
        learnt, check = asked & learn, asked & (share >= _OF_HEADS) & (corpus.sources == _CALIBRATED_ON)
        if not (enough(labels[learnt]) and enough(labels[check], least=10)):
            continue
        head = fit_head(
            features[learnt],
            labels[learnt],
            corpus.weights[learnt],
            corpus.sources[learnt],
            mix=_mix(i) if features.shape[1] == 2 * len(ABUSE) else None,
        )
        fitted.heads[name] = calibrate(head, features[check], labels[check] >= 0.5, PREVALENCE[name])
        checks[name] = check
    linear = LinearHeads(fitted.heads)
    for i, (name, check) in enumerate(checks.items()):
        fitted.scores[name] = linear.probabilities(features[check])[:, i]
        fitted.truths[name] = corpus.labels[check, ABUSE.index(name)] >= 0.5
    return fitted


def _mix(attribute: int) -> NDArray[np.float32]:
    """Weigh an attribute's own sum of n-grams and its own log-odds of the encoder; nothing else."""
    mix = np.zeros(2 * len(ABUSE), dtype=np.float32)
    mix[attribute] = _NGRAMS_COUNT
    mix[len(ABUSE) + attribute] = 1.0
    return mix


def _fit_ngram_file(
    options: FitOptions,
    corpus: Corpus,
    texts: list[str],
    normaliser: TextNormaliser,
    share: NDArray[np.float64],
    taught: tuple[NDArray[np.int64], NDArray[np.float32], _Heads],
    progress: Progress,
) -> tuple[NgramWeights, list[MarkedPost]]:
    """Fit the n-grams on what raters said and on what the encoder says."""
    targets = corpus.labels.copy()
    chosen, odds, teacher = taught
    linear = LinearHeads(teacher.heads)
    # Undo the calibration to nature's prevalence: a rank-like spread is what
    # n-grams can learn from.
    calibrated = odds @ linear.weights + linear.bias
    for i, name in enumerate(linear.names):
        column = ABUSE.index(name)
        said = 1 / (1 + np.exp(-(calibrated[:, i] - np.log(PREVALENCE[name] / (1 - PREVALENCE[name])))))
        labels = targets[chosen, column]
        targets[chosen, column] = np.where(np.isnan(labels), said, 0.5 * labels + 0.5 * said)
    rows = np.flatnonzero(share < _OF_NGRAMS)
    natural = np.isin(corpus.sources[rows], _NATURAL)
    weights, _ = fit_ngrams(
        [texts[i] for i in rows],
        targets[rows],
        corpus.weights[rows] * np.where(natural, 2.0, 1.0).astype(np.float32),
        corpus.sources[rows],
        bits=_NGRAM_BITS,
        progress=progress,
    )
    posts = read_marked_posts(options.folder / "abuse/train_spans.parquet", normaliser)
    marks, mark_bias = fit_marks(posts)
    NgramWeights(weights, marks, mark_bias).save(options.out / "ngrams.npz")
    # What was lost by rounding is lost for the heads' eyes too.
    return NgramWeights.load(options.out / "ngrams.npz"), posts


def _marks(tier: str, weights: NgramWeights, states: EncoderStates) -> Callable[[MarkedPost], NDArray[np.float32]]:
    def of_words(post: MarkedPost) -> NDArray[np.float32]:
        return weights.marked(post.words)

    def of_tokens(post: MarkedPost) -> NDArray[np.float32]:
        (tokens,) = states.encoder.encode([post.text.text], tokens=True).tokens
        real = tokens.offsets[:, 1] > tokens.offsets[:, 0]
        of_token = marked_words(post.bounds, tokens.offsets[real].astype(np.int64), tokens.marked[real])
        return (of_words(post) + of_token) / np.float32(2)

    return of_words if tier == "fast" else of_tokens


def _embedding(
    options: FitOptions, states: EncoderStates, normaliser: TextNormaliser, texts: list[str]
) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    shutil.copy(options.encoder / "tokenizer.json", options.out)
    if options.tier == "fast":
        fit_static(states.encoder, options.out / "tokenizer.json", texts[:40_000], options.out / "tokens.npz")
    else:
        for name in ("encoder.onnx", "encoder.npz"):
            shutil.copy(options.encoder / name, options.out)
    encoder = load_encoder("fast", in_folder(options.out)) if options.tier == "fast" else states.encoder
    # As the scorer reads them.
    return lambda batch: encoder.encode([text.text for text in normaliser.normalise_many(batch)]).embedding


def _write(options: FitOptions, corpus: Corpus, fitted: _Heads, off_topic: OffTopic) -> Manifest:
    thresholds: dict[str, float] = {}
    sentences: dict[str, str] = {}
    for name, precision in _PRECISION.items():
        if name in fitted.scores:
            thresholds[name], sentences[name] = operating_point(
                fitted.scores[name],
                fitted.truths[name],
                PREVALENCE[name],
                precision,
                f"at natural prevalence ({PREVALENCE[name]:.1%})",
            )
    thresholds["off_topic"], sentences["off_topic"] = off_topic.threshold, off_topic.sentence
    return write_manifest(options.out, _manifest(options, corpus, thresholds, sentences))


def _manifest(
    options: FitOptions, corpus: Corpus, thresholds: Mapping[str, float], sentences: Mapping[str, str]
) -> Manifest:
    created = datetime.now(UTC)
    names, counts = np.unique(corpus.sources.astype(str), return_counts=True)
    return Manifest(
        tier=options.tier,
        created=created.isoformat(timespec="seconds"),
        attributes=tuple(thresholds),
        thresholds=thresholds,
        operating_points=sentences,
        training={
            "data": corpus.fingerprint,
            "rows": dict(zip(names.tolist(), counts.tolist(), strict=True)),
            "encoder": _recipe(options),
        },
        libraries={name: version(name) for name in ("scikit-learn", "numpy", "onnxruntime", "tokenizers")},
    )


def _recipe(options: FitOptions) -> Mapping[str, Any] | None:
    """Tell how the encoder was trained: as `training encoder` or another bundle says."""
    if (options.encoder / "recipe.json").is_file():
        recipe: Mapping[str, Any] = json.loads((options.encoder / "recipe.json").read_text())
        return recipe
    if (options.encoder / "manifest.json").is_file():
        return read_manifest(options.encoder).training.get("encoder")
    return None
