"""A round in which a bundle's encoders go on learning: what they have read, what comes now, and its record."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from model.bundling.manifest import Manifest
from model.errors import InvalidInput
from model.features.onnx import WINDOW
from training.corpus import relevance_rows as below
from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.guide import ANNOTATED, HOUSE, NEW_YORK, RELABELLED, SENTENCES, written_comments
from training.encoder.recipe import CrossFurther, CrossRecipe, Further, LearningRates, Recipe
from training.encoder.rows.again import ELSEWHERE

#: What they have read comes again, so that they forget little; all of it was worse (docs/decisions.md).
_COMMENTS = {HOUSE: 2_500, ANNOTATED: 2_500, NEW_YORK: 300, RELABELLED: 1_000, SENTENCES: 2_500, ELSEWHERE: 6_000}
_PAIRS = {below.HOUSE: 1_500, below.NYT: 500, below.WRITTEN: 500, below.PAIRS: 300, below.REMARKS: 60}
#: The heads learn more gently than they first did.
_HEADS = 4e-4


@dataclass(frozen=True, slots=True)
class Read:
    """So many of our own sentences, and so many articles, a bundle's encoders have read: the first of their files."""

    sentences: int
    articles: int

    def abuse(self) -> dict[str, int]:
        """Count what that is for the encoder of comments, by origin: below the first articles nobody judged abuse."""
        return {SENTENCES: self.sentences, below.WRITTEN: len(written_comments(self.articles))}


@dataclass(frozen=True)
class Round:
    """How a bundle's encoder of comments learns, and how the one that reads a comment with its article; None: not."""

    comments: Further
    pairs: CrossFurther | None


def all_there_is() -> Read:
    """Count the sentences and articles that there are to learn from."""
    return Read(len(newspaper_sentences()), len(below.newspaper_articles("train")))


def read_by(manifest: Manifest) -> Read:
    """Return how much a bundle's encoders have read.

    Raises
    ------
    InvalidInput
        If nothing says so.
    """
    recipe = manifest.training.get("encoder") or {}
    # Until recipes told it, a bundle was fitted to what its encoder had read, and there were no articles.
    sentences: int | None = recipe.get("sentences", manifest.training.get("rows", {}).get(SENTENCES))
    if sentences is None:
        raise InvalidInput(f"{manifest.version} does not say what its encoder has read: it cannot go on learning.")
    return Read(sentences, recipe.get("articles", 0))


def next_round(manifest: Manifest, epochs: float, teacher: Path | None) -> Round:
    """Return how a bundle's encoders go on learning.

    Parameters
    ----------
    manifest
        The bundle's.
    epochs
        Passes over what is chosen.
    teacher
        Folder of a larger encoder that teaches the one of comments.

    Raises
    ------
    InvalidInput
        If there is nothing to learn.
    """
    read, there = read_by(manifest), all_there_is()
    if there.abuse() == read.abuse():
        raise InvalidInput(
            f"The encoders of {manifest.version} have read all {read.sentences} sentences of newspaper_sentences.json "
            f"and all {read.articles} articles of newspaper_articles.json: add new ones at their ends, or leave out "
            "--base to train from scratch."
        )
    rates = LearningRates(body=7e-5, heads=_HEADS)
    learning = Recipe(epochs=epochs, tokens=WINDOW, rates=rates, taught=0.4, words=2.0, relevance_every=8)
    joint = CrossRecipe(epochs=epochs, rates=LearningRates(body=5e-5, heads=_HEADS))
    return Round(
        Further(read.abuse(), learning.with_teacher(teacher), _COMMENTS),
        CrossFurther(read.articles, joint, _PAIRS) if there.articles > read.articles else None,
    )


def record(done: Round, manifest: Manifest) -> dict[str, Any]:
    """Return what a manifest says of encoders that have learnt in a round, and of the bundle they went on from."""
    comments = asdict(done.comments)
    # How a joint encoder is trained from scratch.
    del comments["learning"]["cross"]
    return {
        **asdict(all_there_is()),
        "comments": comments,
        "pairs": done.pairs and asdict(done.pairs),
        "since": manifest.version,
        "before": manifest.training.get("encoder"),
    }
