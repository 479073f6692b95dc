"""What the hub counts, for whoever watches it: told as OpenMetrics text."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from easyplayer.units import Instant

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

FLEET_HOLDS_S = 10.0
"""For how long the count of boxes is told again: it takes a look at all of them."""


class Metrics:
    """All that this process counts.  May be used from any thread.

    :ivar requests: how long each took, by the endpoint's path, the method and the status.
    :ivar heartbeats: how many were answered, by what came of them: ``stored``, or the code of the error.
    :ivar rows: how many entries of as-run logs were stored.
    :ivar failures: how often something failed that should not: ``database`` or ``other``.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "easyplayer_hub_request_seconds",
            "How long requests took",
            ("path", "method", "status"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.heartbeats = Counter(
            "easyplayer_hub_heartbeats", "Heartbeats by outcome", ("outcome",), registry=self.registry
        )
        self.rows = Counter(
            "easyplayer_hub_as_run_entries", "Entries of as-run logs that were stored", registry=self.registry
        )
        self.failures = Counter(
            "easyplayer_hub_failures",
            "What should not have failed, by kind",
            ("kind",),
            registry=self.registry,
        )
        self._boxes = Gauge("easyplayer_hub_boxes", "Boxes by state", ("state",), registry=self.registry)
        self._waiting = Gauge(
            "easyplayer_hub_commands_waiting", "Commands without a result", registry=self.registry
        )
        self._fleet_told = Instant(-FLEET_HOLDS_S)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def wants_fleet(self, now: Instant) -> bool:
        """Tell whether :meth:`tell_fleet` was called too long ago."""
        return abs(now - self._fleet_told) >= FLEET_HOLDS_S

    def tell_fleet(self, boxes: Mapping[str, int], commands_waiting: int, now: Instant) -> None:
        """Say how many boxes there are in each state, and how many commands wait."""
        self._fleet_told = now
        for state, count in boxes.items():
            self._boxes.labels(state).set(count)
        self._waiting.set(commands_waiting)

    def text(self) -> bytes:
        """Give everything as OpenMetrics text."""
        writer: Callable[[CollectorRegistry], bytes] = generate_latest
        return writer(self.registry)
