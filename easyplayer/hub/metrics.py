"""What the hub counts, for whoever watches it: told as OpenMetrics text."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from easyplayer.units import Instant

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

END = b"# EOF\n"

FLEET_HOLDS_S = 10.0
"""For how long the count of boxes is told again: it takes a look at all of them."""


class Metrics:
    """All that this process counts.  May be used from any thread.

    :ivar requests: how long each took, by the endpoint's path, the method and the status.
    :ivar heartbeats: how many were answered, by what came of them: ``stored``, or the code of the error.
    :ivar rows: how many entries of as-run logs were stored.
    :ivar failures: how often something failed that should not: ``database`` or ``other``.
    :ivar live_orders: how many commands were sent over live channels.
    :ivar live_wakes: how often a box was told over its live channel to send a heartbeat.
    :ivar live_news: how many pieces of news operators were told; ``live_reports``: how many reports of boxes
        that they watch.
    :ivar live_lines: how many live channels are open, of the kinds ``box`` and ``operator``.
    :ivar more: gives what another part counts by itself, as a whole OpenMetrics text; it is called in the
        thread that asks for :meth:`text`.
    :ivar live_refused: who wanted a live channel and got none, by the code of the error.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.more: Callable[[], str] | None = None
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
        self.live_orders = Counter(
            "easyplayer_hub_live_orders", "Commands sent over live channels", registry=self.registry
        )
        self.live_wakes = Counter(
            "easyplayer_hub_live_wakes", "Boxes told to send a heartbeat", registry=self.registry
        )
        self.live_news = Counter(
            "easyplayer_hub_live_news", "News of boxes told to operators", registry=self.registry
        )
        self.live_reports = Counter(
            "easyplayer_hub_live_reports", "Reports of boxes told to operators", registry=self.registry
        )
        self.live_refused = Counter(
            "easyplayer_hub_live_refused",
            "Live channels that were refused, by the code of the error",
            ("code",),
            registry=self.registry,
        )
        self.live_lines = Gauge(
            "easyplayer_hub_live_lines",
            "Live channels that are open",
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
        told = writer(self.registry)
        return told if self.more is None else told.removesuffix(END) + self.more().encode()
