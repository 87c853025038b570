"""How the encoders are trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True)
class LearningRates:
    """Learning rates of AdamW; the sources' biases learn fast, so that base rates go there and not into the body."""

    body: float
    heads: float
    bias: float = 3e-2


@dataclass(frozen=True)
class CrossRecipe:
    """How the encoder that reads a comment together with its article is trained."""

    epochs: float = 2.0
    batch: int = 32
    rates: LearningRates = LearningRates(body=7e-5, heads=1e-3)
    seed: int = 1


@dataclass(frozen=True)
class TeacherRecipe:
    """How a larger encoder learns first what it then teaches.

    Attributes
    ----------
    name
        The encoder that it starts from.
    epochs
        Passes over the guide's rows and some others.
    others
        So many of these.
    frozen
        So many of its lowest layers stay as they are.
    """

    name: str
    epochs: float = 0.55
    others: int = 6_000
    frozen: int = 4
    rates: LearningRates = LearningRates(body=4e-5, heads=1e-3)


@dataclass(frozen=True)
class Recipe:
    """How the encoder is trained; kept in the bundle's manifest.

    Attributes
    ----------
    epochs
        Passes over the rows.
    tokens
        Of a text are read.
    teacher
        None where no larger encoder teaches.
    taught
        How much the teacher's score counts beside a label of the guide's.
    elsewhere
        How much a label from elsewhere counts beside the teacher's score.
    words
        What the marked words count for.
    anchor
        How near an embedding is held to the untrained one.
    cross
        How the encoder that reads a comment together with its article is trained.
    """

    epochs: float = 1.0
    batch: int = 32
    tokens: int = 80
    rates: LearningRates = LearningRates(body=7e-5, heads=1e-3)
    teacher: TeacherRecipe | None = None
    taught: float = 0.5
    elsewhere: float = 0.5
    words: float = 0.9
    relevance_batch: int = 24
    relevance_every: int = 6
    temperature: float = 0.05
    anchor: float = 5.0
    cross: CrossRecipe = field(default_factory=CrossRecipe)
    seed: int = 1

    def with_teacher(self, folder: Path | None) -> "Recipe":
        """Return the recipe with a teacher that starts from a folder, by the settings there are or the usual ones."""
        return replace(self, teacher=(self.teacher or TeacherRecipe(folder.name)) if folder else None)


@dataclass(frozen=True)
class Further:
    """How a bundle's encoder of comments goes on learning.

    Attributes
    ----------
    read
        So many of what we wrote it has read, the first of their file, by their origin.
    learning
        `taught` is what the teacher's score, or without one the encoder's of
        before, counts beside a label of the guide's. Without a teacher, what
        the encoder has not read is taught by its labels alone.
    some
        So many rows of what it has read come once more, by their origin.
    times
        How often the others are read: their pieces, where they are long.
    kept
        What the weights of before count in the mean of both that is kept
        (Wortsman et al. 2022, arXiv:2109.01903).
    """

    read: Mapping[str, int]
    learning: Recipe
    some: Mapping[str, int]
    times: int = 2
    kept: float = 0.4


@dataclass(frozen=True)
class CrossFurther:
    """How a bundle's encoder of comment and article goes on learning; the names mean what they do in `Further`.

    `read` counts our own articles.
    """

    read: int
    learning: CrossRecipe
    some: Mapping[str, int]
    times: int = 2
    kept: float = 0.4
