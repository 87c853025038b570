"""What the service counts for Prometheus: requests, scores and refusals."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from model.records import Scores

# Where several workers leave their numbers; `service.cli.serve` sets it.
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
# 0.8 is where comment software stops waiting.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 10.0)
_SCORES = tuple(step / 10 for step in range(1, 11))


@dataclass(frozen=True, slots=True)
class RefusedCalls:
    """How many of another program's calls were refused for one reason since the service started, and when the last."""

    api: str
    reason: str
    count: int
    last_at: datetime


class Metrics:
    """What one process counts; with several, each reads the numbers of all."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "belowline_request_duration_seconds",
            "Time to answer, by route and class of status.",
            ["route", "status"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._scores = Histogram(
            "belowline_score",
            "Scores given, by attribute.",
            ["attribute"],
            buckets=_SCORES,
            registry=self._registry,
        )
        self.refused = Counter(
            "belowline_refused",
            "Requests refused because too many waited to be scored.",
            registry=self._registry,
        )

        self._unread = Counter(
            "belowline_text_failures",
            "Texts that a step of reading failed on; they were scored as written.",
            ["step"],
            registry=self._registry,
        )

        self._calls_refused = Counter(
            "belowline_calls_refused",
            "Other programs' calls that were refused, by API and reason.",
            ["api", "reason"],
            registry=self._registry,
        )
        self._call_refused_at = Gauge(
            "belowline_call_refused_timestamp_seconds",
            "When the last such call was refused, in seconds since 1970.",
            ["api", "reason"],
            registry=self._registry,
            multiprocess_mode="max",
        )

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._seconds.labels(route, f"{status // 100}xx").observe(seconds)

    def count_scores(self, scored: Iterable[Scores]) -> None:
        """Count what the scores of some comments are."""
        for scores in scored:
            for attribute, value in scores.values.items():
                self._scores.labels(attribute).observe(value)

    def count_failure(self, step: str) -> None:
        """Count a text that a step of reading failed on."""
        self._unread.labels(step).inc()

    def count_refused_call(self, api: str, reason: str) -> None:
        """Count another program's call that was refused: it may publish what it asked about unseen."""
        self._calls_refused.labels(api, reason).inc()
        self._call_refused_at.labels(api, reason).set_to_current_time()

    def refused_calls(self) -> list[RefusedCalls]:
        """Return the calls that were refused, whichever process refused them; the latest kind first."""
        counts: dict[tuple[str, str], float] = {}
        moments: dict[tuple[str, str], float] = {}
        found = {"belowline_calls_refused_total": counts, "belowline_call_refused_timestamp_seconds": moments}
        for family in self._of_all().collect():
            for sample in family.samples:
                if sample.name in found:
                    found[sample.name][sample.labels["api"], sample.labels["reason"]] = sample.value
        return [
            RefusedCalls(*key, int(counts.get(key, 0)), datetime.fromtimestamp(moment, UTC))
            for key, moment in sorted(moments.items(), key=lambda item: -item[1])
        ]

    def text(self) -> bytes:
        """Write down what was counted, in Prometheus' format."""
        return generate_latest(self._of_all())

    def _of_all(self) -> CollectorRegistry:
        """Return what reads the numbers of all processes, where there are several."""
        if _SHARED not in os.environ:
            return self._registry
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return shared
