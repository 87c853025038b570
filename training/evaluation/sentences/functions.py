"""What a bundle makes of each thing that language does, from hate as a question to swearing at the weather.

The sentences are ours, in ``data/function_sentences.json``, and nothing is
fitted to them: hate and what resembles it, other abuse below news, and civil
words that alarm a machine. Each function of language says what is expected.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.attributes import ABUSE
from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.scoring import score_columns

#: What the sentences are labelled for.
EXPECTED = ("toxicity", "identity_attack")
#: Hate, what resembles it, abuse of other kinds below news, and civil words that alarm a machine.
KINDS = ("hate", "near hate", "abuse", "civil")
_FILE = Path(__file__).parents[2] / "data" / "function_sentences.json"


@dataclass(frozen=True, slots=True)
class Function:
    """One thing that language does: its name, what kind it is of, sentences, and what each of them should be."""

    name: str
    kind: str
    sentences: tuple[str, ...]
    expected: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class FunctionFlags:
    """What is flagged of one function's sentences, at the shipped thresholds.

    Attributes
    ----------
    name, kind, rows
        The function, what kind it is of, and how many sentences it has.
    expected
        Attribute to whether each of the sentences should be flagged for it.
    flagged
        Attribute to the share that is; without those that the bundle does not
        model.
    at_all
        The share that any abuse attribute flags, profanity too.
    """

    name: str
    kind: str
    rows: int
    expected: Mapping[str, bool]
    flagged: Mapping[str, float]
    at_all: float

    def right(self, attribute: str) -> float:
        """Return the share of the sentences that one attribute judges as expected."""
        return self.flagged[attribute] if self.expected[attribute] else 1 - self.flagged[attribute]


def functions() -> tuple[Function, ...]:
    """Return the functions of language, with their sentences."""
    return tuple(
        Function(f["name"], f["kind"], tuple(f["sentences"]), {name: f[name] for name in EXPECTED})
        for f in json.loads(_FILE.read_text(encoding="utf-8"))["functions"]
    )


def function_flags(scorer: Scorer) -> tuple[FunctionFlags, ...]:
    """Count flags at the shipped thresholds; none are counted for a bundle that models no abuse."""
    thresholds = scorer.manifest.thresholds
    if not set(EXPECTED) & set(thresholds):
        return ()
    found = []
    for function in functions():
        scores = score_columns(scorer, [Comment(text) for text in function.sentences], ABUSE).by_attribute
        flags = {name: column >= thresholds.get(name, np.inf) for name, column in scores.items()}
        found.append(
            FunctionFlags(
                function.name,
                function.kind,
                len(function.sentences),
                function.expected,
                flagged={name: float(flags[name].mean()) for name in EXPECTED if name in flags},
                at_all=float(np.any(list(flags.values()), axis=0).mean()),
            )
        )
    return tuple(found)


def accuracy(found: Sequence[FunctionFlags], attribute: str) -> float:
    """Return the share of all their sentences that one attribute judges as expected."""
    return sum(flags.right(attribute) * flags.rows for flags in found) / sum(flags.rows for flags in found)
