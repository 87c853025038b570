"""A larger encoder that learns the guide first, and whose scores then teach the small one."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.reading.pieces import WHOLE
from training.encoder.loop import run
from training.encoder.losses import losses_of
from training.encoder.network import CommentEncoder, probabilities, read_tokenizer
from training.encoder.recipe import Recipe, TeacherRecipe
from training.encoder.rows.abuse import AbuseRow, in_batches, source_count

#: What tells the probabilities of N texts: N x A.
Scores = Callable[[Sequence[str]], NDArray[np.float32]]


def fit_teacher(rows: Sequence[AbuseRow], base: Path, work: Path, recipe: Recipe, teaching: TeacherRecipe) -> Scores:
    """Fine-tune a larger encoder on the guide's rows and some others; a killed run goes on from its last checkpoint.

    Long texts are left out: which of their pieces is what their labels say, nobody knows yet.
    """
    tokenizer = read_tokenizer(base, recipe.tokens)
    teacher = CommentEncoder(base, source_count())
    for frozen in (teacher.body.embeddings, teacher.relate, *teacher.body.encoder.layer[: teaching.frozen]):
        frozen.requires_grad_(requires_grad=False)
    for name, parameter in teacher.body.encoder.named_parameters():
        if "relative_attention_bias" in name:  # MPNet's layers share it, so it would be learnt through the frozen ones
            parameter.requires_grad_(requires_grad=False)
    short = [replace(row, repeated=1) for row in rows if len(row.text) <= WHOLE]
    guide = [row for row in short if not row.source]
    others = [row for row in short if row.source]
    others = random.Random(recipe.seed).sample(others, min(len(others), teaching.others))
    batches = in_batches([*guide, *others], replace(recipe, epochs=teaching.epochs))
    run(teacher, losses_of(teacher, tokenizer, batches, recipe), len(batches), teaching.rates, work / "teacher")
    return lambda texts: probabilities(teacher, tokenizer, texts)


def scored_once(texts: Sequence[str], file: Path, score: Scores) -> NDArray[np.float32]:
    """Return N x A probabilities of N texts, from `file` if a run that was killed wrote them there.

    Raises
    ------
    ValueError
        If it holds those of other texts.
    """
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    if not file.exists():
        fresh = file.with_name(f"new.{file.name}")
        np.savez(fresh, scores=score(texts), digest=digest)
        fresh.replace(file)
    with np.load(file) as kept:
        if str(kept["digest"]) != digest:
            raise ValueError(f"{file} holds the scores of other texts: delete it")
        scores: NDArray[np.float32] = kept["scores"]
    return scores
