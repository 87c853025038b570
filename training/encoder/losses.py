"""What the encoder is wrong by: about abuse, marked words, and what it must not unlearn."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from model.attributes import ABUSE
from training.encoder.network import CommentEncoder, EncoderOutput, fast_arithmetic, tensors
from training.encoder.recipe import Recipe
from training.encoder.rows.abuse import AbuseRow
from training.encoder.rows.relevance import RelevanceTexts


def losses_of(
    network: CommentEncoder,
    tokenizer: Tokenizer,
    batches: Sequence[Sequence[AbuseRow]],
    recipe: Recipe,
    related: RelevanceTexts | None = None,
) -> Callable[[int], dict[str, Tensor]]:
    """Return what tells the losses of a step: about a batch of rows and, if given, texts to think of as before."""

    def of_step(step: int) -> dict[str, Tensor]:
        found = _abuse(network, tokenizer, batches[step], recipe)
        if related is not None and step % recipe.relevance_every == 0:
            drawn = related.batch(random.Random(f"{recipe.seed}:{step}"), recipe.relevance_batch)
            found |= _relevance(network, tokenizer, related, drawn, recipe)
        return found

    return of_step


def _abuse(
    network: CommentEncoder, tokenizer: Tokenizer, batch: Sequence[AbuseRow], recipe: Recipe
) -> dict[str, Tensor]:
    """Return the losses of a batch for abuse, by part."""
    ids, mask, offsets = tensors(tokenizer, [row.text for row in batch])
    with fast_arithmetic():
        out = network(ids, mask)
    logits = network.abuse(out.pooled)
    sources = torch.tensor([row.source for row in batch])
    ours = (sources == 0).float().unsqueeze(1)
    labels = torch.tensor(np.stack([row.labels for row in batch]))
    nobody = np.full(len(ABUSE), np.nan, np.float32)
    taught = torch.tensor(np.stack([nobody if row.taught is None else row.taught for row in batch]))
    # A label of the guide's is mixed with what the teacher says, who alone knows what a piece of a long text is where
    # the text is it by another one; a label from elsewhere stands beside it.
    mixed = torch.where(taught.isfinite(), recipe.taught * taught + (1 - recipe.taught) * labels, labels)
    mixed = torch.where(labels.isnan(), taught, mixed)
    # Toxicity decides most of what a moderator sees: it counts double.
    emphasis = torch.tensor([2.0 if name == "toxicity" else 1.0 for name in ABUSE])
    weight = emphasis * torch.tensor([row.weight for row in batch]).unsqueeze(1)
    elsewhere = torch.where(taught.isfinite(), recipe.elsewhere, 1.0) * (1 - ours)
    parts = [
        _entropy(logits, mixed, weight * ours),
        _entropy(logits + network.source_bias(sources), labels, weight * elsewhere),
        _entropy(logits, taught, weight * (1 - ours)),
    ]
    total = sum(loss for loss, _ in parts) / sum(asked for _, asked in parts).clamp(min=1.0)
    return {"abuse": 3.0 * total} | _word_loss(out, batch, offsets, recipe)


def _entropy(logits: Tensor, targets: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the weighted sum of the cross-entropy where targets are known, and the sum of the weights."""
    asked = targets.isfinite().float() * weight
    loss = nn.functional.binary_cross_entropy_with_logits(logits, targets.nan_to_num(), reduction="none")
    return (loss * asked).sum(), asked.sum()


def _word_loss(
    out: EncoderOutput, batch: Sequence[AbuseRow], offsets: Sequence[Sequence[tuple[int, int]]], recipe: Recipe
) -> dict[str, Tensor]:
    """Return the loss for the words that raters marked."""
    marked, asked = torch.zeros_like(out.word_logits), torch.zeros_like(out.word_logits)
    for i, row in enumerate(batch):
        if row.marked is not None:
            for j, (start, end) in enumerate(offsets[i]):
                if end > start:
                    asked[i, j] = 1.0
                    marked[i, j] = float(row.marked[start:end].mean() >= 0.5)
    if not asked.any():
        return {}
    words = nn.functional.binary_cross_entropy_with_logits(out.word_logits, marked, reduction="none")
    return {"words": recipe.words * (words * asked).sum() / asked.sum()}


def _relevance(
    network: CommentEncoder, tokenizer: Tokenizer, related: RelevanceTexts, rows: list[int], recipe: Recipe
) -> dict[str, Tensor]:
    """See the texts' likeness as the untrained encoder does, near the old embedding."""
    ids, mask, _ = tensors(tokenizer, [related.texts[i] for i in rows])
    with fast_arithmetic():
        embedding = network(ids, mask).embedding
    anchor = torch.tensor(related.anchor[rows])
    apart = torch.eye(len(rows)) * -1e4
    ours = (embedding @ embedding.T) / recipe.temperature + apart
    theirs = (anchor @ anchor.T) / recipe.temperature + apart
    likeness = nn.functional.kl_div(ours.log_softmax(-1), theirs.softmax(-1), reduction="batchmean")
    near = (1.0 - (embedding * anchor).sum(-1)).mean()
    return {"likeness": likeness, "near": recipe.anchor * near}
