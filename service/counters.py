"""What the service counts for Prometheus: requests, scores and refusals."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from model.records import Scores

# Where several workers leave their numbers; `service.cli.serve` sets it.
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
# 0.8 is where comment software stops waiting.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 10.0)
_SCORES = tuple(step / 10 for step in range(1, 11))


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

    def text(self) -> bytes:
        """Write down what was counted, in Prometheus' format."""
        if _SHARED not in os.environ:
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)
