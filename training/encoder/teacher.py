"""A larger encoder that learns the guide first, and whose scores then teach the small one."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from model.reading.pieces import WHOLE
from training.encoder.loop import run
from training.encoder.losses import losses_of
from training.encoder.network import CommentEncoder, probabilities, read_tokenizer
from training.encoder.recipe import Recipe, TeacherRecipe
from training.encoder.rows.abuse import AbuseRow, in_batches, source_count
from training.encoder.rows.scores import Scores


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
