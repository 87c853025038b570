"""The training loop of the encoder: resumable, and it says how far it is."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import Ridge
from tokenizers import Tokenizer
from torch import Tensor, nn

from model.attributes import ABUSE
from training.encoder.abuse_task import AbuseRow, abuse_rows, disturbed, last_rows, source_count
from training.encoder.network import CommentEncoder
from training.encoder.relevance_task import RelevanceTexts, relevance_texts

_CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Recipe:
    """How the encoder is trained; kept in the bundle's manifest.

    After `epochs` in `cycles`, `last_steps` more begin at `last_share` of the
    learning rates; every second row of theirs is a sentence of our own.
    """

    epochs: float = 1.6
    cycles: int = 2
    batch: int = 32
    tokens: int = 72
    body_rate: float = 7e-5
    head_rate: float = 1e-3
    bias_rate: float = 3e-2
    last_steps: int = 300
    last_share: float = 0.4
    warm_up: float = 0.06
    span_weight: float = 0.3
    relevance_batch: int = 24
    relevance_every: int = 4
    temperature: float = 0.05
    anchor_weight: float = 5.0
    seed: int = 1


def fit_encoder(data: Path, base: Path, teacher: Path, work: Path, recipe: Recipe, threads: int = 2) -> CommentEncoder:
    """Fine-tune `base` on abuse and relevance together.

    A killed run goes on from its last checkpoint in `work`; `progress.jsonl`
    there tells the losses and the time left.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    torch.set_flush_denormal(True)
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.enable_truncation(recipe.tokens)
    tokenizer.enable_padding()
    rows = abuse_rows(data, recipe.seed)
    related = relevance_texts(data, base, teacher, work, recipe.seed)
    network = CommentEncoder(base, source_count())
    network.eval()  # no dropout: one epoch does not overfit
    # Words that the labelled texts lack must go on meaning what their
    # neighbours mean: the embeddings of words stay as they are.
    network.body.embeddings.requires_grad_(requires_grad=False)
    network.relate.requires_grad_(requires_grad=False)
    most = int(recipe.epochs * len(rows) / recipe.batch)
    steps = most + recipe.last_steps
    optimiser = _optimiser(network, recipe)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate_factor(step, most, recipe))
    kept = {"network": network, "optimiser": optimiser, "schedule": schedule}
    first = _resume(work, kept)
    started = time.monotonic()
    means: dict[str, float] = {}
    batches = chain(
        _batches(rows, recipe, most, recipe.seed),
        _batches(last_rows(rows, recipe.seed), recipe, recipe.last_steps, recipe.seed + 1),
    )
    for step, batch in enumerate(batches):
        if step < first:
            continue
        rng = random.Random(f"{recipe.seed}:{step}")
        losses = _abuse_losses(network, tokenizer, batch, recipe)
        if step % recipe.relevance_every == 0:
            losses |= _relevance_losses(network, tokenizer, related, related.batch(rng, recipe.relevance_batch), recipe)
        sum(losses.values()).backward()  # type: ignore[union-attr]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        for name, loss in losses.items():
            means[name] = 0.98 * means.get(name, loss.item()) + 0.02 * loss.item()
        done = step + 1
        if done % 25 == 0 or done == steps:
            left = (time.monotonic() - started) / (done - first) * (steps - done)
            _tell(work, {"step": done, "of": steps, "minutes_left": round(left / 60, 1)} | means)
        if done % 400 == 0 or done == steps:
            _save(work, kept, done)
    turn_back(network, tokenizer, related)
    (work / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    return network


def _optimiser(network: CommentEncoder, recipe: Recipe) -> torch.optim.AdamW:
    apart = ("body.", "relate.", "source_bias.")
    heads = [p for name, p in network.named_parameters() if not name.startswith(apart)]
    return torch.optim.AdamW(
        [
            {"params": network.body.encoder.parameters(), "lr": recipe.body_rate},
            {"params": heads, "lr": recipe.head_rate},
            # Fast, so that the base rates of sources go here and not into the body.
            {"params": network.source_bias.parameters(), "lr": recipe.bias_rate, "weight_decay": 0.0},
        ],
        weight_decay=0.01,
    )


def _resume(work: Path, kept: dict[str, Any]) -> int:
    """Go back to the last checkpoint, and give the number of steps that were done."""
    checkpoint = work / _CHECKPOINT
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    for name, one in kept.items():
        one.load_state_dict(state[name])
    done: int = state["step"]
    return done


def _save(work: Path, kept: dict[str, Any], done: int) -> None:
    fresh = work / f"{_CHECKPOINT}.new"
    torch.save({name: one.state_dict() for name, one in kept.items()} | {"step": done}, fresh)
    # A killed run leaves the old checkpoint or the new one, never half of one.
    fresh.replace(work / _CHECKPOINT)


def rate_factor(step: int, steps: int, recipe: Recipe) -> float:
    """Scale the learning rates: in each cycle a warm-up, then a line down to 0 (Loshchilov and Hutter 2017)."""
    if step >= steps:
        return recipe.last_share * max(0.0, 1.0 - (step - steps) / recipe.last_steps)
    length = -(-steps // recipe.cycles)
    step %= length
    return min((step + 1) / (recipe.warm_up * length), (length - step) / (length * (1 - recipe.warm_up)))


def _tell(work: Path, line: dict[str, float]) -> None:
    with (work / "progress.jsonl").open("a") as log:
        log.write(json.dumps({name: round(value, 4) for name, value in line.items()}) + "\n")


def turn_back(network: CommentEncoder, tokenizer: Tokenizer, related: RelevanceTexts) -> None:
    """Fit `network.relate`: ridge regression of the untrained embedding on the trained one."""
    nn.init.eye_(network.relate.weight)
    nn.init.zeros_(network.relate.bias)
    found = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(related.texts), 32):
            ids, mask, _ = _tensors(tokenizer, related.texts[start : start + 32])
            found.append(network(ids, mask).embedding.float())
    ridge = Ridge(alpha=0.3).fit(torch.cat(found).numpy(), related.anchor)
    with torch.no_grad():
        network.relate.weight.copy_(torch.tensor(ridge.coef_))
        network.relate.bias.copy_(torch.tensor(ridge.intercept_))


def _batches(rows: list[AbuseRow], recipe: Recipe, steps: int, seed: int) -> Iterator[list[AbuseRow]]:
    """Give batches of like length, in an order that the seed decides."""
    rng = random.Random(seed)
    benign = [row.text for row in rows if np.isfinite(row.labels).sum() >= 4 and np.nanmax(row.labels) < 0.05]
    given = 0
    while given < steps:
        order = rng.sample(range(len(rows)), len(rows))
        for start in range(0, len(order), recipe.batch * 50):
            chunk = sorted(order[start : start + recipe.batch * 50], key=lambda i: len(rows[i].text))
            cuts = [chunk[i : i + recipe.batch] for i in range(0, len(chunk), recipe.batch)]
            rng.shuffle(cuts)
            for cut in cuts:
                if given == steps:
                    return
                yield [disturbed(rows[i], rng, benign) for i in cut]
                given += 1


def _tensors(tokenizer: Tokenizer, texts: list[str]) -> tuple[Tensor, Tensor, list[list[tuple[int, int]]]]:
    encoded = tokenizer.encode_batch(texts)
    ids = torch.tensor([e.ids for e in encoded])
    return ids, torch.tensor([e.attention_mask for e in encoded]), [e.offsets for e in encoded]


def _abuse_losses(
    network: CommentEncoder, tokenizer: Tokenizer, batch: list[AbuseRow], recipe: Recipe
) -> dict[str, Tensor]:
    ids, mask, offsets = _tensors(tokenizer, [row.text for row in batch])
    with torch.autocast("cpu", torch.bfloat16):
        out = network(ids, mask)
    labels = torch.tensor(np.stack([row.labels for row in batch]))
    weight = torch.isfinite(labels).float() * torch.tensor([row.weight for row in batch]).unsqueeze(1)
    logits = network.abuse(out.pooled) + network.source_bias(torch.tensor([row.source for row in batch]))
    loss = nn.functional.binary_cross_entropy_with_logits(logits, labels.nan_to_num(), reduction="none")
    # Toxicity decides most of what a moderator sees: it counts double.
    emphasis = torch.tensor([2.0 if name == "toxicity" else 1.0 for name in ABUSE])
    weight = weight * emphasis
    losses = {"abuse": 3.0 * (loss * weight).sum() / weight.sum().clamp(min=1.0)}
    marked = torch.zeros_like(out.word_logits)
    asked = torch.zeros_like(out.word_logits)
    for i, row in enumerate(batch):
        if row.marked is not None:
            for j, (start, end) in enumerate(offsets[i]):
                if end > start:
                    asked[i, j] = 1.0
                    marked[i, j] = float(row.marked[start:end].mean() >= 0.5)
    if asked.any():
        words = nn.functional.binary_cross_entropy_with_logits(out.word_logits, marked, reduction="none")
        losses["words"] = recipe.span_weight * 3.0 * (words * asked).sum() / asked.sum()
    return losses


def _relevance_losses(
    network: CommentEncoder, tokenizer: Tokenizer, related: RelevanceTexts, rows: list[int], recipe: Recipe
) -> dict[str, Tensor]:
    """See the texts' likeness as the large encoder does, near the old embedding."""
    ids, mask, _ = _tensors(tokenizer, [related.texts[i] for i in rows])
    with torch.autocast("cpu", torch.bfloat16):
        embedding = network(ids, mask).embedding
    teacher, anchor = torch.tensor(related.teacher[rows]), torch.tensor(related.anchor[rows])
    apart = torch.eye(len(rows)) * -1e4
    ours = (embedding @ embedding.T) / recipe.temperature + apart
    theirs = (teacher @ teacher.T) / recipe.temperature + apart
    likeness = nn.functional.kl_div(ours.log_softmax(-1), theirs.softmax(-1), reduction="batchmean")
    near = (1.0 - (embedding * anchor).sum(-1)).mean()
    return {"likeness": likeness, "near": recipe.anchor_weight * near}
