"""Everything we know about how good a bundle is, as one record."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from training.evaluation.agreement import ScoreAgreement, SpanAgreement
from training.evaluation.clear_cases import ClearCases
from training.evaluation.fairness import Bias
from training.evaluation.long_comments import CivilFlags, Hidden
from training.evaluation.metrics import Detection
from training.evaluation.relevance import RelevanceMeasure
from training.evaluation.robustness import Faithfulness, Robustness
from training.evaluation.sentences.benign import BenignFlags
from training.evaluation.sentences.functions import FunctionFlags
from training.evaluation.speed import Speed

#: Rows of each set, where nobody says otherwise.
LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good one bundle is on labels that it was not fitted to.

    What the labels at hand do not show is empty or None, never zero.

    Attributes
    ----------
    tier, version
        Of the bundle.
    data
        What it was measured on, as a person would say it.
    measured_at
        ISO 8601, UTC.
    limit
        At most so many rows of each set were used.
    clear_cases
        How much is found of what clearly should be, on the sets that were
        labelled with care.
    detections
        Each attribute on each column of labels.
    relevance
        Own article against others, by source.
    spans
        Agreement with the words that raters marked.
    agreement
        Agreement with other scorers.
    bias
        Identity terms, by set.
    robustness
        By attack.
    hidden
        Abuse inside long comments, by their length.
    lengths
        Flags among civil comments, short and long.
    faithfulness
        Of the spans.
    benign
        False alarms, by kind of sentence.
    functions
        Flags, by what language does.
    speed
        On this machine.
    """

    tier: str
    version: str
    data: str
    measured_at: str
    limit: int
    clear_cases: tuple[ClearCases, ...] = ()
    detections: tuple[Detection, ...] = ()
    relevance: tuple[RelevanceMeasure, ...] = ()
    spans: tuple[SpanAgreement, ...] = ()
    agreement: tuple[ScoreAgreement, ...] = ()
    bias: tuple[Bias, ...] = ()
    robustness: tuple[Robustness, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    lengths: tuple[CivilFlags, ...] = ()
    faithfulness: Faithfulness | None = None
    benign: tuple[BenignFlags, ...] = ()
    functions: tuple[FunctionFlags, ...] = ()
    speed: Speed | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists and numbers, ready for JSON."""
        plain: dict[str, Any] = asdict(self)
        for about, measured in zip(plain["bias"], self.bias, strict=True):
            about["worst"] = measured.worst and measured.worst.term
        return plain

    def detection(self, dataset: str, column: str) -> Detection | None:
        """Return what was measured on one column of labels of one set."""
        return next((d for d in self.detections if (d.dataset, d.column) == (dataset, column)), None)


def now() -> str:
    """Return the time as it is written into evaluations."""
    return datetime.now(UTC).isoformat(timespec="seconds")
