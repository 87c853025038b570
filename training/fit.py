"""From labelled comments to a bundle."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.attributes import ABUSE
from model.bundle import Manifest, write_manifest
from model.encoder import Encoder
from model.heads import LinearHeads
from model.static import StaticEmbedding
from model.text import TextNormaliser
from training.corpus import Corpus, counterfactual_corpus, joined, read_training_table
from training.head_fit import PREVALENCE, calibrate, enough, fit_head, thresholds_at_precision
from training.lexicon import build_lexicon
from training.mark_fit import fit_marks
from training.ngram_fit import fit_ngrams
from training.relevance_fit import Background, build_background, fit_off_topic, hash_share
from training.static_fit import fit_static

Progress = Callable[[str], None]

_NGRAM_BITS = 18
_LONGEST = 4000
#: What a flag of each attribute must be worth at natural prevalence.
_PRECISION = {
    "toxicity": 0.6,
    "severe_toxicity": 0.3,
    "insult": 0.6,
    "profanity": 0.6,
    "threat": 0.3,
    "identity_attack": 0.4,
    "off_topic": 0.6,
}
#: Sources that are comments below articles or talk pages, not tweets.
_COMMENTS = ("jigsaw_wiki", "civil_toxic_spans_raw", "civil_weak_aayan")


@dataclass(frozen=True)
class FitOptions:
    """What `fit` needs to know.

    Attributes
    ----------
    tier
        `accurate` or `fast`.
    folder
        The training data.
    labels
        The newsroom's own labels, where there are some.
    encoder
        Folder with `encoder.onnx` and `tokenizer.json`.
    out
        Folder of the new bundle.
    head_rows
        At most so many rows teach the heads.
    """

    tier: str
    folder: Path
    labels: Corpus | None
    encoder: Path
    out: Path
    head_rows: int = 40_000
    seed: int = 0


@dataclass(frozen=True)
class _Split:
    """Row numbers: n-grams are fitted on one part, heads on another, and so on."""

    ngrams: NDArray[np.bool_]
    heads: NDArray[np.bool_]
    calibration: NDArray[np.bool_]


def fit(options: FitOptions, progress: Progress) -> Manifest:
    """Fit a whole bundle; tells `progress` what it is doing."""
    options.out.mkdir(parents=True, exist_ok=True)
    corpus = joined(
        [
            read_training_table(options.folder, options.seed),
            counterfactual_corpus(options.seed),
            *([options.labels] if options.labels else []),
        ]
    )
    progress(f"{len(corpus)} labelled comments from {len(set(corpus.sources))} sources")
    words = build_lexicon(corpus.texts)
    (options.out / "words.txt").write_text("\n".join(words) + "\n")
    normaliser = TextNormaliser(words)
    texts = [text.text[:_LONGEST] for text in normaliser.normalise_many(corpus.texts)]
    split = _split(texts)
    weights = _fit_ngram_file(options, corpus, texts, split, normaliser, progress)
    encoder = Encoder(options.encoder)
    heads, scores, truths, weight = _fit_abuse(options, corpus, texts, split, weights, encoder, progress)
    embed = _embedding(options, encoder, normaliser, texts)
    progress("relevance: embedding articles and comments")
    background = build_background(options.folder, embed, options.seed)
    background.save(options.out / "background.npz")
    off_topic = fit_off_topic(options.folder, embed, _reloaded(options.out), options.seed)
    joblib.dump({"abuse": heads, "off_topic": {"off_topic": off_topic}}, options.out / "heads.joblib", compress=3)
    thresholds, sentences = thresholds_at_precision(scores, truths, _PRECISION)
    thresholds["off_topic"], sentences["off_topic"] = (
        0.5,
        "more likely off topic than not, at natural prevalence (5.0%)",
    )
    _ = weight
    return _write(options, corpus, thresholds, sentences)


def _split(texts: Sequence[str]) -> _Split:
    # By the text itself: the same comment is always on the same side.
    share = np.array([hash_share(text) for text in texts])
    return _Split(ngrams=share < 0.8, heads=share >= 0.6, calibration=share >= 0.92)


def _fit_ngram_file(
    options: FitOptions,
    corpus: Corpus,
    texts: list[str],
    split: _Split,
    normaliser: TextNormaliser,
    progress: Progress,
) -> NgramWeights:
    rows = np.flatnonzero(split.ngrams)
    weights, _ = fit_ngrams(
        [texts[i] for i in rows],
        corpus.labels[rows],
        np.repeat(corpus.weights[rows, None], len(ABUSE), axis=1),
        bits=_NGRAM_BITS,
        progress=progress,
    )
    progress("n-grams: which words readers mark")
    marks, mark_bias = fit_marks(options.folder, normaliser)
    NgramWeights(weights, marks, mark_bias).save(options.out / "ngrams.npz")
    # What was lost by rounding is lost for the heads' eyes too.
    return NgramWeights.load(options.out / "ngrams.npz")


def _fit_abuse(
    options: FitOptions,
    corpus: Corpus,
    texts: list[str],
    split: _Split,
    weights: NgramWeights,
    encoder: Encoder,
    progress: Progress,
) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]], dict[str, NDArray[np.bool_]], int]:
    rows = np.flatnonzero(split.heads & ~split.ngrams | split.heads)
    # Rows that the n-grams have learnt by heart would make them look too good.
    rows = np.flatnonzero(~split.ngrams)[: options.head_rows]
    features = _features(options.tier, [texts[i] for i in rows], weights, encoder, progress)
    held = split.calibration[rows]
    natural = np.isin(corpus.sources[rows], _COMMENTS)
    heads: dict[str, Any] = {}
    truths: dict[str, NDArray[np.bool_]] = {}
    for i, name in enumerate(ABUSE):
        labels, asked = corpus.labels[rows, i], np.isfinite(corpus.labels[rows, i])
        learn, check = asked & ~held, asked & held & natural
        if not enough(labels[learn]):
            continue
        head = fit_head(features[learn], labels[learn], corpus.weights[rows][learn])
        heads[name] = calibrate(head, features[check], labels[check] >= 0.5, PREVALENCE[name])
        truths[name] = labels[check] >= 0.5
    linear = LinearHeads(heads)
    scores = {}
    for i, name in enumerate(heads):
        asked = np.isfinite(corpus.labels[rows, ABUSE.index(name)])
        scores[name] = linear.probabilities(features[asked & held & natural])[:, i]
    progress(f"heads: {', '.join(heads)}")
    return heads, scores, truths, len(rows)


def _features(
    tier: str, texts: list[str], weights: NgramWeights, encoder: Encoder, progress: Progress
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(texts), 2000):
        batch = texts[start : start + 2000]
        margins = weights.ngrams(batch).dot(weights.margins)
        parts.append(margins if tier == "fast" else np.concatenate([margins, encoder.encode(batch).pooled], axis=1))
        if tier == "accurate":
            progress(f"heads: {start + len(batch)} of {len(texts)} comments encoded")
    return np.concatenate(parts)


def _embedding(
    options: FitOptions, encoder: Encoder, normaliser: TextNormaliser, texts: list[str]
) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    shutil.copy(options.encoder / "tokenizer.json", options.out)
    if options.tier == "fast":
        fit_static(encoder, options.out / "tokenizer.json", texts[:40_000], options.out / "tokens.npz")
        return StaticEmbedding(options.out).encode
    if options.encoder.resolve() != options.out.resolve():
        shutil.copy(options.encoder / "encoder.onnx", options.out)
    return lambda batch: encoder.encode([text.text for text in normaliser.normalise_many(batch)]).embedding


def _reloaded(folder: Path) -> Background:
    stored = np.load(folder / "background.npz", allow_pickle=False)
    parts = {name: stored[name].astype(np.float32) for name in ("articles", "comments")}
    return Background(**{name: part / np.linalg.norm(part, axis=1, keepdims=True) for name, part in parts.items()})


def _write(
    options: FitOptions, corpus: Corpus, thresholds: Mapping[str, float], sentences: Mapping[str, str]
) -> Manifest:
    created = datetime.now(UTC)
    names, counts = np.unique(corpus.sources.astype(str), return_counts=True)
    manifest = Manifest(
        tier=options.tier,
        version=f"{created:%Y.%m.%d}-{corpus.fingerprint[:8]}",
        created=created.isoformat(timespec="seconds"),
        attributes=(*(name for name in thresholds if name != "off_topic"), "off_topic"),
        thresholds=thresholds,
        operating_points=sentences,
        training={
            "data": corpus.fingerprint,
            "rows": dict(zip(names.tolist(), counts.tolist(), strict=True)),
            "mark_threshold": 0.5,
        },
        libraries={name: version(name) for name in ("scikit-learn", "numpy", "onnxruntime", "tokenizers")},
    )
    return write_manifest(options.out, manifest)
