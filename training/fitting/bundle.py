"""Fit a bundle to labelled comments."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.bundling.manifest import FILES, Bundle, Manifest, OperatingPoint, read_manifest, write_manifest
from model.features.encoder import Encoder, in_memory
from model.features.loading import load_encoder
from model.reading.pieces import in_pieces
from model.reading.text import TextNormaliser
from model.reasons.spans import marked_words
from training.corpus.corpus import Corpus, joined
from training.corpus.data_folder import read_marked
from training.corpus.guide import SENTENCES, guide_corpus, unseen_comments
from training.corpus.relevance_rows import hash_share
from training.corpus.training_table import counterfactual_corpus, read_training_table
from training.fitting.abuse import Held, fit_abuse_heads, fit_abuse_ngrams, rows_in_pieces
from training.fitting.features import ENCODER, EncoderStates
from training.fitting.lexicon import build_lexicon
from training.fitting.marks import MarkedPost, fit_marks, mark_threshold, marked_posts, unseen_marked_posts
from training.fitting.points import operating_points
from training.fitting.relevance import TextReader, fit_relevance
from training.fitting.scales import perspective_scores, with_scales
from training.fitting.static import fit_static
from training.progress import Progress

#: Weight of sentences made from templates: a linear model learns their words by heart. Without an encoder beside it,
#: it knows from them alone that a name of a group is no abuse.
_MADE_UP = {"accurate": 0.5, "fast": 1.5}
#: Weight of rows labelled by our own guide.
_GUIDE = 3.0
#: Share of the rows, by hash, that the n-grams learn from; the heads learn from the others.
_OF_NGRAMS = 0.8


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
        Folder with `encoder.onnx.gz`, `encoder.npz` and `tokenizer.json`.
    out
        Folder of the new bundle.
    """

    tier: str
    folder: Path
    encoder: Path
    out: Path
    seed: int = 0


def fit(options: FitOptions, progress: Progress) -> Manifest:
    """Fit a whole bundle; call `progress` with each step."""
    options.out.mkdir(parents=True, exist_ok=True)
    corpus, unseen, theirs = _learnt_from(options), unseen_comments(options.folder), perspective_scores(options.folder)
    progress(f"{len(corpus)} labelled comments from {len(set(corpus.sources))} sources")
    words = build_lexicon(corpus.texts)
    (options.out / "words.txt").write_text("\n".join(words) + "\n")
    normaliser, states = TextNormaliser(words), EncoderStates(options.encoder, progress)
    texts = normaliser.normalise_many(corpus.texts)
    learnt, cut = in_pieces(texts), in_pieces(normaliser.normalise_many(unseen.texts))
    rows = rows_in_pieces(corpus, learnt, states.odds(learnt.plain))
    held = Held(unseen, cut, states.odds(cut.plain))
    of_ngrams = np.array([hash_share(text.text) < _OF_NGRAMS for text in texts])[learnt.owner]
    posts = marked_posts(read_marked(options.folder), normaliser)
    # The fast tier's heads see one number, and calibration alone says what it is worth: what the n-grams know by
    # heart misleads nobody.
    teach = rows if options.tier == "fast" else rows.chosen(of_ngrams)
    margins = fit_abuse_ngrams(teach, options.tier, progress)
    NgramWeights(margins, *fit_marks(posts)).save(options.out / "ngrams.npz")
    # What was lost by rounding is lost for the heads' eyes too.
    weights = NgramWeights.load(options.out / "ngrams.npz")
    abuse = fit_abuse_heads(rows.chosen(~of_ngrams), held, weights, options.tier)
    progress(f"heads: {', '.join(abuse.heads.names)}")
    tier_encoder = _encoder_of(options, states, [text.text for text in texts])
    reading = TextReader(tier_encoder, normaliser.normalise_many, words)
    off_topic, below_articles = fit_relevance(options.folder, options.out, reading, options.seed)
    points = operating_points({**abuse.judged, "off_topic": off_topic}, list(abuse.judged))
    for name, point in points.items():
        progress(f"{name}: {point.sentence}; off topic, {point.sentences['off_topic']}")
    unseen_posts = unseen_marked_posts(options.folder, normaliser) or posts[::5]
    threshold = mark_threshold(unseen_posts, _marks(options.tier, weights, states))
    abuse.heads.save(options.out / "heads.npz")
    files = {name: (options.out / name).read_bytes() for name in FILES[options.tier]}
    made = Bundle(options.out, _manifest(options, corpus, below_articles, points, threshold), files)
    # Written once, and last: until then no manifest fits what is in the folder.
    return write_manifest(options.out, with_scales(made, theirs, progress))


def _learnt_from(options: FitOptions) -> Corpus:
    """Return all labelled comments that the heads are fitted to, with their weights."""
    made_up, guide = counterfactual_corpus(options.seed), guide_corpus(options.folder)
    made_up.weights[:], guide.weights[:] = _MADE_UP[options.tier], _GUIDE
    return joined([read_training_table(options.folder, options.seed), guide, made_up])


def _marks(tier: str, weights: NgramWeights, states: EncoderStates) -> Callable[[MarkedPost], NDArray[np.float32]]:
    """Return what weighs a post's words for toxicity: by n-grams, and by tokens where the tier has them."""

    def of_words(post: MarkedPost) -> NDArray[np.float32]:
        return weights.marked(post.words)

    def of_tokens(post: MarkedPost) -> NDArray[np.float32]:
        (tokens,) = states.encoder.encode([post.text.text], tokens=True).tokens
        real = tokens.offsets[:, 1] > tokens.offsets[:, 0]
        of_token = marked_words(post.bounds, tokens.offsets[real].astype(np.int64), tokens.marked[real])
        return (of_words(post) + of_token) / np.float32(2)

    return of_words if tier == "fast" else of_tokens


def _encoder_of(options: FitOptions, states: EncoderStates, texts: list[str]) -> Encoder:
    """Write a tier's encoder into the new bundle, and return it as it will score."""
    names = ("tokenizer.json",) if options.tier == "fast" else ENCODER
    for name in names:
        (options.out / name).write_bytes(states.files[name])
    if options.tier == "fast":
        fit_static(states.encoder, options.out / "tokenizer.json", texts[:40_000], options.out / "tokens.npz")
        written = {name: (options.out / name).read_bytes() for name in ("tokenizer.json", "tokens.npz")}
        return load_encoder("fast", in_memory(written))
    return states.encoder


def _manifest(
    options: FitOptions,
    corpus: Corpus,
    below_articles: Mapping[str, int],
    points: Mapping[str, OperatingPoint],
    mark_threshold: float,
) -> Manifest:
    """Say of the new bundle how it was made and at which thresholds it flags."""
    thresholds = points["balanced"].thresholds
    created = datetime.now(UTC)
    names, counts = np.unique(corpus.sources.astype(str), return_counts=True)
    return Manifest(
        tier=options.tier,
        created=created.isoformat(timespec="seconds"),
        attributes=tuple(thresholds),
        thresholds=thresholds,
        operating_points=points,
        mark_threshold=mark_threshold,
        training={
            "data": corpus.fingerprint,
            "rows": dict(zip(names.tolist(), counts.tolist(), strict=True)),
            "below_articles": dict(below_articles),
            "encoder": encoder_recipe(options.encoder),
        },
        libraries={name: version(name) for name in ("scikit-learn", "numpy", "onnxruntime", "tokenizers")},
    )


def encoder_recipe(folder: Path) -> Mapping[str, Any] | None:
    """Return how an encoder was trained, as `training encoder` or the bundle it is in recorded it; None if neither."""
    if (folder / "recipe.json").is_file():
        recipe: Mapping[str, Any] = json.loads((folder / "recipe.json").read_text())
        return recipe
    if (folder / "manifest.json").is_file():
        training = read_manifest(folder).training
        # Until recipes told it, a bundle was fitted to what its encoder had read.
        return {"sentences": training["rows"].get(SENTENCES, 0)} | (training.get("encoder") or {})
    return None
