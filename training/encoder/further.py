"""Teaching a bundle's encoder further: what it has not read, while its own or a teacher's scores hold what it knows."""

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from model.features.onnx import WINDOW
from training.corpus.guide import NEW_YORK, RELABELLED, SENTENCES
from training.encoder.fit import Bases, turn_back
from training.encoder.loop import run
from training.encoder.losses import losses_of
from training.encoder.network import CommentEncoder, prepared
from training.encoder.recipe import LearningRates, Recipe
from training.encoder.rows.abuse import AbuseRow, abuse_rows, in_batches, in_worst_pieces, taught_by
from training.encoder.rows.again import of_long_ones, repeated
from training.encoder.rows.relevance import relevance_texts
from training.encoder.rows.scores import Scores, own_scores, scored_once
from training.encoder.teacher import fit_teacher

#: One pass, with the heads more gently than in the first training.
LEARNING = Recipe(tokens=WINDOW, rates=LearningRates(body=7e-5, heads=4e-4), taught=0.4, words=2.0, relevance_every=8)


@dataclass(frozen=True)
class Further:
    """How an encoder went on learning; kept in the bundle's manifest.

    Attributes
    ----------
    since
        Version of the bundle it went on from.
    before
        How that one's encoder was trained.
    others
        So many rows not labelled by the guide are read again.
    kept
        What the weights of before count in the mean of both that is kept
        (Wortsman et al. 2022, arXiv:2109.01903).
    of_long_ones
        How many times as often as its text a piece of a long one is read: a long text is
        scored by its worst piece, and what looks abusive only out of context costs most there.
    learning
        One pass, with the heads at a lower rate. `taught` is what the teacher's score, or
        without one the encoder's of before, counts beside a label of the
        guide's. Without a teacher, our own sentences, comments that we
        relabelled and pieces of long ones, which the encoder may not have
        read, are taught by their labels alone.
    """

    since: str
    before: Mapping[str, Any] | None
    others: int = 8_000
    kept: float = 0.2
    of_long_ones: int = 2
    learning: Recipe = LEARNING


def teach_further(
    data: Path, network: CommentEncoder, bases: Bases, files: Mapping[str, bytes], work: Path, recipe: Further
) -> None:
    """Teach a bundle's encoder; a killed run goes on from its last checkpoint in `work`.

    Parameters
    ----------
    data
        The training data.
    network
        The encoder as `bundled_encoder` read it; it is changed.
    bases
        The untrained encoder, near whose embeddings it is held, and a teacher, if there is one.
    files
        The bundle's, verified: what the encoder knew is scored by its own int8 graph, in a fifth of the time.
    work
        For checkpoints; `progress.jsonl` there holds the losses and the minutes left.
    """
    learning = recipe.learning.with_teacher(bases.teacher)
    recipe = replace(recipe, learning=learning)
    torch.manual_seed(learning.seed)
    torch.set_flush_denormal(True)
    work.mkdir(parents=True, exist_ok=True)
    read = prepared(Tokenizer.from_buffer(files["tokenizer.json"]), learning.tokens)
    network.body.embeddings.requires_grad_(requires_grad=False)
    network.relate.requires_grad_(requires_grad=False)
    rows = _rows(data, own_scores(files), bases, work, recipe)
    related = relevance_texts(data, bases.encoder, work, learning.seed)
    batches = in_batches(rows, learning)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    run(network, losses_of(network, read, batches, learning, related), len(batches), learning.rates, work / "further")
    _average(network, before, recipe.kept)
    turn_back(network, read, related)
    (work / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))


def _average(network: CommentEncoder, before: Mapping[str, Tensor], share: float) -> None:
    """Keep a share of the weights of before; what is no number with a fraction has not changed."""
    now = network.state_dict()
    network.load_state_dict(
        {
            name: torch.lerp(weight, before[name], share) if weight.is_floating_point() else weight
            for name, weight in now.items()
        }
    )


def _rows(data: Path, own: Scores, bases: Bases, work: Path, recipe: Further) -> list[AbuseRow]:
    """Read the guide's rows and some others, each with the score of a teacher, or that the encoder gives it now."""
    learning = recipe.learning
    rows = abuse_rows(data, learning.seed)
    others = [row for row in rows if row.source]
    chosen = list(repeated(row for row in rows if not row.source))
    chosen += random.Random(learning.seed).sample(others, min(recipe.others, len(others)))
    short, worst = in_worst_pieces(chosen, own)
    chosen = [*short, *of_long_ones(worst, recipe.of_long_ones)]
    texts = [row.text for row in chosen]
    if bases.teacher is not None and learning.teacher is not None:
        score = fit_teacher(chosen, bases.teacher, work, learning, learning.teacher)
        return taught_by(chosen, scored_once(texts, work / "taught.npz", score))
    scores = scored_once(texts, work / "own.npz", own)
    scores[[row.origin in (SENTENCES, RELABELLED, NEW_YORK) for row in chosen]] = np.nan
    # What it makes of these pieces is what is to change: the guide's labels alone teach them.
    scores[[i >= len(short) and not row.source for i, row in enumerate(chosen)]] = np.nan
    return taught_by(chosen, scores)
