"""Fine-tuning the encoder on abuse and relevance together; a larger one may teach it."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from tokenizers import Tokenizer
from torch import Tensor, nn

from model.attributes import ABUSE
from training.encoder.abuse_task import AbuseRow, abuse_rows, civil_texts, disturbed, source_count, taught_by
from training.encoder.cross import CrossRecipe
from training.encoder.loop import LearningRates, run
from training.encoder.network import CommentEncoder, EncoderOutput
from training.encoder.relevance_task import RelevanceTexts, relevance_texts

_TAUGHT = "taught.npy"
_RATES = LearningRates(body=7e-5, heads=1e-3)
_TEACHER_RATES = LearningRates(body=4e-5, heads=1e-3)


@dataclass(frozen=True)
class Recipe:
    """How the encoder is trained; kept in the bundle's manifest.

    Attributes
    ----------
    epochs
        Passes over the rows; the teacher's are over the guide's rows and as
        many public ones.
    tokens
        Of a text are read.
    taught
        How much the teacher's score counts beside a label of the guide's.
    elsewhere
        How much a label from elsewhere counts beside the teacher's score.
    anchor
        How near an embedding is held to the untrained one.
    cross
        How the encoder that reads a comment together with its article is trained.
    """

    epochs: float = 1.0
    batch: int = 32
    tokens: int = 80
    rates: LearningRates = _RATES
    teacher_epochs: float = 1.0
    teacher_rates: LearningRates = _TEACHER_RATES
    taught: float = 0.5
    elsewhere: float = 0.5
    words: float = 0.9
    relevance_batch: int = 24
    relevance_every: int = 6
    temperature: float = 0.05
    anchor: float = 5.0
    cross: CrossRecipe = field(default_factory=CrossRecipe)
    seed: int = 1


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
    """
    torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    torch.set_flush_denormal(True)
    work.mkdir(parents=True, exist_ok=True)
    rows = abuse_rows(data, recipe.seed)
    if bases.teacher is not None:
        rows = taught_by(rows, _teacher_scores(rows, bases.teacher, work, recipe))
    tokenizer = read_tokenizer(bases.encoder, recipe.tokens)
    related = relevance_texts(data, bases.encoder, work, recipe.seed)
    network = CommentEncoder(bases.encoder, source_count())
    # Words that the labelled texts lack must go on meaning what their
    # neighbours mean: the embeddings of words stay as they are.
    network.body.embeddings.requires_grad_(requires_grad=False)
    network.relate.requires_grad_(requires_grad=False)
    batches = list(in_batches(rows, recipe, recipe.epochs))
    civil = civil_texts(rows)

    def losses(step: int) -> dict[str, Tensor]:
        rng = random.Random(f"{recipe.seed}:{step}")
        found = abuse_losses(network, tokenizer, [disturbed(row, rng, civil) for row in batches[step]], recipe)
        if step % recipe.relevance_every == 0:
            found |= relevance_losses(network, tokenizer, related, related.batch(rng, recipe.relevance_batch), recipe)
        return found

    run(network, losses, len(batches), recipe.rates, work / "encoder")
    turn_back(network, tokenizer, related)
    (work / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    return network


def _teacher_scores(rows: Sequence[AbuseRow], base: Path, work: Path, recipe: Recipe) -> NDArray[np.float32]:
    """Return N x A probabilities of a larger encoder that was fine-tuned on the guide's rows and some public ones."""
    file = work / _TAUGHT
    if not file.exists():
        tokenizer = read_tokenizer(base, recipe.tokens)
        teacher = CommentEncoder(base, source_count())
        teacher.body.embeddings.requires_grad_(requires_grad=False)
        guide = [row for row in rows if row.source == 0]
        others = [row for row in rows if row.source]
        count = min(len(others), sum(row.repeated for row in guide))
        chosen = guide + random.Random(recipe.seed).sample(others, count)
        batches, civil = list(in_batches(chosen, recipe, recipe.teacher_epochs)), civil_texts(rows)

        def losses(step: int) -> dict[str, Tensor]:
            rng = random.Random(f"teacher:{recipe.seed}:{step}")
            return abuse_losses(teacher, tokenizer, [disturbed(row, rng, civil) for row in batches[step]], recipe)

        run(teacher, losses, len(batches), recipe.teacher_rates, work / "teacher")
        np.save(file, probabilities(teacher, tokenizer, [row.text for row in rows]))
    scores: NDArray[np.float32] = np.load(file)
    if len(scores) != len(rows):
        raise ValueError(f"{file} holds {len(scores)} rows for {len(rows)} texts: delete it")
    return scores


def read_tokenizer(base: Path, tokens: int) -> Tokenizer:
    """Read a base encoder's tokenizer, cutting at `tokens` and padding as its model was trained to."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.enable_truncation(tokens)
    padding = json.loads((base / "config.json").read_text()).get("pad_token_id", 0)
    tokenizer.enable_padding(pad_id=padding, pad_token=tokenizer.id_to_token(padding))
    return tokenizer


def probabilities(network: CommentEncoder, tokenizer: Tokenizer, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return N x A probabilities of N texts, without any source's bias."""
    order = np.argsort([-len(text) for text in texts])
    found = np.zeros((len(texts), len(ABUSE)), np.float32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            ids, mask, _ = _tensors(tokenizer, [texts[i] for i in rows])
            found[rows] = network.abuse(network(ids, mask).pooled.float()).float().sigmoid().numpy()
    return found


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


def in_batches(rows: Sequence[AbuseRow], recipe: Recipe, epochs: float) -> Iterator[list[AbuseRow]]:
    """Return batches of like length, in an order that the seed decides."""
    rng = random.Random(recipe.seed)
    numbers = [i for i, row in enumerate(rows) for _ in range(row.repeated)]
    left = int(epochs * len(numbers) / recipe.batch)
    while left:
        order = rng.sample(numbers, len(numbers))
        for start in range(0, len(order), recipe.batch * 50):
            chunk = sorted(order[start : start + recipe.batch * 50], key=lambda i: len(rows[i].text))
            cuts = [chunk[i : i + recipe.batch] for i in range(0, len(chunk), recipe.batch)]
            rng.shuffle(cuts)
            for cut in cuts[:left]:
                yield [rows[i] for i in cut]
            left -= min(left, len(cuts))


def _tensors(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor, list[list[tuple[int, int]]]]:
    """Tokenize texts for the network."""
    encoded = tokenizer.encode_batch(list(texts))
    ids = torch.tensor([e.ids for e in encoded])
    return ids, torch.tensor([e.attention_mask for e in encoded]), [e.offsets for e in encoded]


def abuse_losses(
    network: CommentEncoder, tokenizer: Tokenizer, batch: Sequence[AbuseRow], recipe: Recipe
) -> dict[str, Tensor]:
    """Return the losses of a batch for abuse, by part."""
    ids, mask, offsets = _tensors(tokenizer, [row.text for row in batch])
    with torch.autocast("cpu", torch.bfloat16):
        out = network(ids, mask)
    logits = network.abuse(out.pooled)
    sources = torch.tensor([row.source for row in batch])
    ours = (sources == 0).float().unsqueeze(1)
    labels = torch.tensor(np.stack([row.labels for row in batch]))
    nobody = np.full(len(ABUSE), np.nan, np.float32)
    taught = torch.tensor(np.stack([nobody if row.taught is None else row.taught for row in batch]))
    # A label of the guide's is mixed with what the teacher says; one from elsewhere stands beside it.
    mixed = torch.where(taught.isfinite(), recipe.taught * taught + (1 - recipe.taught) * labels, labels)
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


def relevance_losses(
    network: CommentEncoder, tokenizer: Tokenizer, related: RelevanceTexts, rows: list[int], recipe: Recipe
) -> dict[str, Tensor]:
    """See the texts' likeness as the untrained encoder does, near the old embedding."""
    ids, mask, _ = _tensors(tokenizer, [related.texts[i] for i in rows])
    with torch.autocast("cpu", torch.bfloat16):
        embedding = network(ids, mask).embedding
    anchor = torch.tensor(related.anchor[rows])
    apart = torch.eye(len(rows)) * -1e4
    ours = (embedding @ embedding.T) / recipe.temperature + apart
    theirs = (anchor @ anchor.T) / recipe.temperature + apart
    likeness = nn.functional.kl_div(ours.log_softmax(-1), theirs.softmax(-1), reduction="batchmean")
    near = (1.0 - (embedding * anchor).sum(-1)).mean()
    return {"likeness": likeness, "near": recipe.anchor * near}
