"""Fine-tuning the encoder on abuse and relevance together; a larger one may teach it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import Ridge
from tokenizers import Tokenizer
from torch import nn

from training.encoder.loop import run
from training.encoder.losses import losses_of
from training.encoder.network import CommentEncoder, fast_arithmetic, read_tokenizer, tensors
from training.encoder.recipe import Recipe
from training.encoder.rounds import all_there_is
from training.encoder.rows.abuse import abuse_rows, in_batches, in_worst_pieces, source_count, taught_by
from training.encoder.rows.relevance import RelevanceTexts, relevance_texts
from training.encoder.rows.scores import scored_once
from training.encoder.teacher import fit_teacher


@dataclass(frozen=True)
class Bases:
    """Where the training starts: folders of the encoder and, if one is to teach it, of a larger one."""

    encoder: Path
    teacher: Path | None = None


def fit_encoder(data: Path, bases: Bases, work: Path, recipe: Recipe, threads: int = 2) -> CommentEncoder:
    """Fine-tune an encoder; a killed run goes on from its last checkpoint in `work`.

    Parameters
    ----------
    data
        The training data.
    bases
        The encoders to start from.
    work
        For checkpoints; `progress.jsonl` there holds the losses and the minutes left.
    recipe
        With a teacher's settings if `bases` has one, and without if not.
    """
    recipe = recipe.with_teacher(bases.teacher)
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    torch.set_flush_denormal(True)
    work.mkdir(parents=True, exist_ok=True)
    rows = abuse_rows(data, recipe.seed)
    if bases.teacher is not None and recipe.teacher is not None:
        score = fit_teacher(rows, bases.teacher, work, recipe, recipe.teacher)
        short, worst = in_worst_pieces(rows, lambda texts: scored_once(texts, work / "pieces.npz", score))
        rows = short + worst
        rows = taught_by(rows, scored_once([row.text for row in rows], work / "taught.npz", score))
    tokenizer = read_tokenizer(bases.encoder, recipe.tokens)
    network = CommentEncoder(bases.encoder, source_count())
    # Words that the labelled texts lack must go on meaning what their
    # neighbours mean: the embeddings of words stay as they are.
    network.body.embeddings.requires_grad_(requires_grad=False)
    network.relate.requires_grad_(requires_grad=False)
    related = relevance_texts(data, bases.encoder, work, recipe.seed)
    batches = in_batches(rows, recipe)
    run(network, losses_of(network, tokenizer, batches, recipe, related), len(batches), recipe.rates, work / "encoder")
    turn_back(network, tokenizer, related)
    (work / "recipe.json").write_text(json.dumps(asdict(recipe) | asdict(all_there_is()), indent=1))
    return network


def turn_back(network: CommentEncoder, tokenizer: Tokenizer, related: RelevanceTexts) -> None:
    """Fit `network.relate`: ridge regression of the untrained embedding on the trained one."""
    nn.init.eye_(network.relate.weight)
    nn.init.zeros_(network.relate.bias)
    found = np.zeros_like(related.anchor)
    # Those of like length together: padding would take half of the time.
    order = np.argsort([len(text) for text in related.texts])
    with torch.no_grad(), fast_arithmetic():
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            ids, mask, _ = tensors(tokenizer, [related.texts[i] for i in rows])
            found[rows] = network(ids, mask).embedding.float().numpy()
    ridge = Ridge(alpha=0.3).fit(found, related.anchor)
    with torch.no_grad():
        network.relate.weight.copy_(torch.tensor(ridge.coef_))
        network.relate.bias.copy_(torch.tensor(ridge.intercept_))
