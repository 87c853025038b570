"""Metrics for Prometheus: how fast, what scores, what waits, which bundle."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from apiflask import APIBlueprint
from flask import Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from service.counters import Metrics
from service.insights.drift import Drift
from service.scoring.takeover import takeover_of
from service.storage.database import Database
from service.triage.listing import ItemFilter, count, waiting
from service.web.auth import needs
from service.web.current import current_scorer, database, kept_drift

_LEVELS = ("steady", "watch", "act")

bp = APIBlueprint("metrics", __name__, tag="Operation")


class _State(Collector):
    """What is so now: asked when somebody looks, and the same whichever process answers."""

    def __init__(self, db: Database, tier: str, version: str, drift: Callable[[], Drift], *, refused: bool) -> None:
        self._db = db
        self._bundle = {"tier": tier, "version": version}
        self._refused = refused
        self._drift = drift

    def collect(self) -> Iterator[Metric]:
        """Yield the bundle, and what waits for a person if the database answers."""
        yield InfoMetricFamily("belowline_bundle", "The bundle in use.", value=self._bundle)
        yield GaugeMetricFamily(
            "belowline_bundle_refused", "1 if the promoted bundle cannot be loaded.", value=self._refused
        )
        try:
            yield from self._queue()
            yield from self._drifted()
        except SQLAlchemyError as error:
            # What was counted in memory is needed most when the database is down.
            current_app.logger.error("No metrics of the queue: %s", type(error).__name__)  # noqa: TRY400 - its text may hold an address

    def _drifted(self) -> list[Metric]:
        """Return Prometheus gauges for drift."""
        labels = ["subject", "attribute"]
        distance = GaugeMetricFamily(
            "belowline_drift_distance",
            "How far the last week is from the four before: stability index for scores, odds ratio for shares.",
            labels=labels,
        )
        level = GaugeMetricFamily("belowline_drift_level", "0 is steady, 1 is watch, 2 is act.", labels=labels)
        for signal in self._drift().signals:
            if signal.level != "too few":
                distance.add_metric([signal.subject, signal.attribute or ""], signal.distance)
                level.add_metric([signal.subject, signal.attribute or ""], _LEVELS.index(signal.level))
        return [distance, level]

    def _queue(self) -> list[Metric]:
        """Return Prometheus gauges for what waits in the queue."""
        items = GaugeMetricFamily("belowline_queue_items", "Comments waiting for a person.", labels=["state"])
        with self._db.read() as session:
            items.add_metric(["open"], count(session, ItemFilter("open")))
            items.add_metric(["escalated"], count(session, ItemFilter("escalated")))
            since = waiting(session, ItemFilter()).oldest
        age = 0.0 if since is None else (datetime.now(UTC) - since).total_seconds()
        return [
            items,
            GaugeMetricFamily("belowline_queue_oldest_seconds", "How long the oldest open one has waited.", value=age),
        ]


@bp.get("/metrics")
@needs("admin")
@bp.doc(responses={200: "Metrics in Prometheus's text format"})
def read_metrics() -> Response:
    """Return the metrics of all processes."""
    scorer = current_scorer()
    state = CollectorRegistry()
    takeover = takeover_of(current_app)
    refused = takeover is not None and bool(takeover.problem)
    tier, version = scorer.manifest.tier, scorer.manifest.version
    drift = partial(kept_drift().find, scorer, datetime.now(UTC))
    state.register(_State(database(), tier, version, drift, refused=refused))
    counted: Metrics = current_app.extensions["belowline.metrics"]
    return Response(counted.text() + generate_latest(state), content_type=CONTENT_TYPE_LATEST)
