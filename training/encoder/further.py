"""Teaching a bundle's encoder further: what it has not read, while its own or a teacher's scores hold what it knows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from model.features.onnx import WINDOW
from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.guide import ANNOTATED, HOUSE, NEW_YORK, RELABELLED, SENTENCES
from training.encoder.fit import Bases, turn_back
from training.encoder.loop import run
from training.encoder.losses import losses_of
from training.encoder.network import CommentEncoder, prepared
from training.encoder.recipe import LearningRates, Recipe
from training.encoder.rows.abuse import AbuseRow, abuse_rows, in_batches, in_worst_pieces, taught_by
from training.encoder.rows.again import ELSEWHERE, fresh_and_known
from training.encoder.rows.relevance import relevance_texts
from training.encoder.rows.scores import Scores, own_scores, scored_once
from training.encoder.teacher import fit_teacher

#: One pass, with the heads more gently than in the first training.
LEARNING = Recipe(tokens=WINDOW, rates=LearningRates(body=7e-5, heads=4e-4), taught=0.4, words=2.0, relevance_every=8)

#: What it has read comes again, so that it forgets little; all of it was worse (docs/decisions.md).
_SOME = {HOUSE: 2_500, ANNOTATED: 2_500, NEW_YORK: 300, RELABELLED: 1_000, SENTENCES: 2_500, ELSEWHERE: 2_500}


@dataclass(frozen=True)
class Further:
    """How an encoder went on learning; kept in the bundle's manifest.

    Attributes
    ----------
    since
        Version of the bundle it went on from.
    before
        How that one's encoder was trained.
    read
        So many of our own sentences it had read before, the first of their file.
    sentences
        So many it has read now.
    times
        How often the others of them are read: their pieces, where they are long.
    some
        So many rows of what it has read come once more, by their origin.
    kept
        What the weights of before count in the mean of both that is kept
        (Wortsman et al. 2022, arXiv:2109.01903).
    learning
        One pass, with the heads at a lower rate. `taught` is what the teacher's score, or
        without one the encoder's of before, counts beside a label of the
        guide's. Without a teacher, what the encoder has not read is taught by
        its labels alone.
    """

    since: str
    before: Mapping[str, Any] | None
    read: int
    times: int = 2
    sentences: int = field(default_factory=lambda: len(newspaper_sentences()))
    some: Mapping[str, int] = field(default_factory=lambda: _SOME)
    kept: float = 0.4
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
    how = asdict(recipe)
    # The one that reads a comment together with its article stays.
    del how["learning"]["cross"]
    (work / "recipe.json").write_text(json.dumps(how, indent=1))


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
    """Read what is learnt, each row with the score of a teacher, or that the encoder gives it now."""
    learning = recipe.learning
    rows = abuse_rows(data, learning.seed)
    fresh, known = fresh_and_known(rows, recipe.read, recipe.times, recipe.some, learning.seed)
    fresh, known = ([row for part in in_worst_pieces(those, own) for row in part] for those in (fresh, known))
    chosen = [*fresh, *known]
    texts = [row.text for row in chosen]
    if bases.teacher is not None and learning.teacher is not None:
        score = fit_teacher(rows, bases.teacher, work, learning, learning.teacher)
        return taught_by(chosen, scored_once(texts, work / "taught.npz", score))
    scores = scored_once(texts, work / "own.npz", own)
    # What it makes of these is what is to change: the guide's labels alone teach them.
    scores[: len(fresh)] = np.nan
    return taught_by(chosen, scores)
