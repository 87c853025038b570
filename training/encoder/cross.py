"""The encoder's second task: to read a comment together with its article, and say whether it is off topic."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from model.features.joint import BODY, JointTokens
from model.records import Article
from training.corpus.relevance_rows import (
    PAIRS,
    RelevanceRows,
    general_remarks,
    hash_share,
    read_relevance_rows,
)
from training.encoder.loop import run
from training.encoder.network import CrossEncoder, fast_arithmetic, keep_some
from training.encoder.recipe import CrossFurther, CrossRecipe
from training.encoder.rows.abuse import read_as
from training.encoder.rows.again import pairs_again

#: Batches among whose rows those of like length are put together.
_SORTED = 50
#: Share of the pairs that nobody judged which are read, and what each then counts for more.
_PAIRS = 0.5
#: Tokens of a body that are read in training, as long as articles come: the length must say nothing.
_BODIES = (0, 24, 48, 80, BODY, BODY, BODY)
#: One article in so many goes without its title.
_UNTITLED = 8


def fit_cross(data: Path, base: Path, work: Path, recipe: CrossRecipe) -> CrossEncoder:
    """Fine-tune an encoder to tell whether a comment is off topic; a killed run goes on from its last checkpoint."""
    network = CrossEncoder(base)
    _teach(network, _rows(data, recipe.seed), base, work, recipe)
    return network


def teach_cross_further(data: Path, network: CrossEncoder, base: Path, work: Path, recipe: CrossFurther) -> None:
    """Teach a bundle's joint encoder what it has not read, and some of what it has.

    Parameters
    ----------
    data
        The training data.
    network
        As `bundled_joint` read it; it is changed.
    base
        What it was trained from.
    work
        For checkpoints, in a folder of their own.
    recipe
        How.
    """
    rows = _rows(data, recipe.learning.seed)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    chosen = pairs_again(rows, recipe.read, recipe.times, recipe.some, recipe.learning.seed)
    _teach(network, rows.at(chosen), base, work, recipe.learning)
    keep_some(network, before, recipe.kept)


def _teach(network: CrossEncoder, rows: RelevanceRows, base: Path, work: Path, recipe: CrossRecipe) -> None:
    """Run the passes of a recipe over rows; the table of words stays, so that one table does for both encoders."""
    torch.manual_seed(recipe.seed)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokens = JointTokens(tokenizer)
    beginnings = {id(article): _beginnings(tokens, article) for article in rows.articles}
    network.body.embeddings.requires_grad_(requires_grad=False)
    batches = _batches([len(text) + len(parent) for text, parent in zip(rows.texts, rows.parents, strict=True)], recipe)

    def losses(step: int) -> dict[str, Tensor]:
        rng, chosen = random.Random(f"{recipe.seed}:{step}"), batches[step]
        sequences = tokens.sequences(
            [rng.choice(beginnings[id(rows.articles[i])]) for i in chosen],
            [read_as(rows.parents[i])[0] for i in chosen],
            [read_as(rows.texts[i])[0] for i in chosen],
        )
        target, weight = torch.from_numpy(rows.target[chosen]), torch.from_numpy(rows.weight[chosen])
        with fast_arithmetic():
            odds = network(*_tensors(sequences)).float()
        each = nn.functional.binary_cross_entropy_with_logits(odds, target, reduction="none")
        return {"off_topic": (each * weight).sum() / weight.sum()}

    # Other rows, another run: the number of steps may be the same.
    run(network, losses, len(batches), recipe.rates, work / f"cross-{joblib.hash((rows.texts, rows.target))}")


def _rows(data: Path, seed: int) -> RelevanceRows:
    """Read what the cross-encoder learns relevance from."""
    # The other half of the remarks shows whether a head knows remarks that it did not learn.
    rows = read_relevance_rows(data, general_remarks()[::2], seed)
    paired = rows.source == PAIRS
    kept = ~paired | np.array([hash_share(text) < _PAIRS for text in rows.texts])
    more = replace(rows, weight=np.where(paired, rows.weight / np.float32(_PAIRS), rows.weight))
    return more.at(np.flatnonzero(kept))


def _beginnings(tokens: JointTokens, article: Article) -> list[list[int]]:
    """Return an article's beginning as it is and as it could be."""
    title, body = read_as(article.title)[0], read_as(article.body)[0]
    found = [tokens.beginning(title, body, most) for most in _BODIES] if title else []
    found += [tokens.beginning("", body)] * (len(_BODIES) // (_UNTITLED - 1) if title else 1)
    return [one for one in found if one] or [[]]


def _batches(lengths: Sequence[int], recipe: CrossRecipe) -> list[list[int]]:
    """Draw batches of rows of like length, in an order that the seed decides."""
    rng = random.Random(recipe.seed)
    count, found = int(recipe.epochs * len(lengths) / recipe.batch), list[list[int]]()
    while len(found) < count:
        order = rng.sample(range(len(lengths)), len(lengths))
        for start in range(0, len(order), recipe.batch * _SORTED):
            near = sorted(order[start : start + recipe.batch * _SORTED], key=lengths.__getitem__)
            cuts = [near[i : i + recipe.batch] for i in range(0, len(near), recipe.batch)]
            rng.shuffle(cuts)
            found += cuts
    return found[:count]


def _tensors(
    sequences: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> tuple[Tensor, Tensor, Tensor]:
    """Pad B sequences: their tokens, mask and types, B x T each."""
    shape = (len(sequences), max(len(ids) for ids, _ in sequences))
    padded = [torch.zeros(shape, dtype=torch.long) for _ in range(3)]
    for i, (ids, types) in enumerate(sequences):
        for one, values in zip(padded, (ids, np.ones_like(ids), types), strict=True):
            one[i, : len(ids)] = torch.from_numpy(values)
    return padded[0], padded[1], padded[2]
