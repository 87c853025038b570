"""How the encoders are trained."""

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
