"""Teaching a bundle's encoder further: what it has not read, while its own or a teacher's scores hold what it knows."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training.encoder.fit import Bases, turn_back
from training.encoder.loop import run
from training.encoder.losses import losses_of
from training.encoder.network import CommentEncoder, keep_some, prepared
from training.encoder.recipe import Further
from training.encoder.rows.abuse import AbuseRow, abuse_rows, in_batches, in_worst_pieces, taught_by
from training.encoder.rows.again import fresh_and_known
from training.encoder.rows.relevance import relevance_texts
from training.encoder.rows.scores import Scores, own_scores, scored_once
from training.encoder.teacher import fit_teacher


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
    learning = recipe.learning
    torch.manual_seed(learning.seed)
    work.mkdir(parents=True, exist_ok=True)
    read = prepared(Tokenizer.from_buffer(files["tokenizer.json"]), learning.tokens)
    network.body.embeddings.requires_grad_(requires_grad=False)
    network.relate.requires_grad_(requires_grad=False)
    rows = _rows(data, own_scores(files), bases, work, recipe)
    related = relevance_texts(data, bases.encoder, work, learning.seed)
    batches = in_batches(rows, learning)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    run(network, losses_of(network, read, batches, learning, related), len(batches), learning.rates, work / "further")
    keep_some(network, before, recipe.kept)
    turn_back(network, read, related)


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
