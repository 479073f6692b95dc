"""What the server has done and has to do, in figures; and how OpenMetrics writes them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from easyplayer.engineio.core.refusals import Refusal


class Figures(Struct, frozen=True, kw_only=True):
    """All figures at one moment. What is counted, is counted since the server was made.

    :ivar sessions: that are open, by transport.
    :ivar opened: sessions that were let in.
    :ivar closed: sessions that are over, by :class:`~easyplayer.engineio.core.effects.Reason`; so also how
        many clients were too slow.
    :ivar messages_in: that have come from clients.
    :ivar bytes_in: in them.
    :ivar messages_out: that were sent to sessions, or queued for them.
    :ivar bytes_out: in them.
    :ivar messages_dropped: that were thrown away because a client was too slow, where the options have it so.
    :ivar refused: what was refused, by kind.
    :ivar upgrades: of sessions from polling to WebSocket that came to a good end.
    :ivar upgrades_failed: those that did not; the session went on polling.
    :ivar queued_packets: that wait for clients.
    :ivar queued_bytes: in them.
    :ivar handlers_behind: messages that wait for the application's handlers, or are with them.
    """

    sessions: Mapping[str, int]
    opened: int
    closed: Mapping[str, int]
    messages_in: int
    bytes_in: int
    messages_out: int
    bytes_out: int
    messages_dropped: int
    refused: Mapping[str, int]
    upgrades: int
    upgrades_failed: int
    queued_packets: int
    queued_bytes: int
    handlers_behind: int


class Counts:
    """What is counted while it happens; the names are those of :class:`Figures`."""

    __slots__ = (
        "bytes_in",
        "bytes_out",
        "closed",
        "messages_dropped",
        "messages_in",
        "messages_out",
        "opened",
        "refused",
        "upgrades",
        "upgrades_failed",
    )

    def __init__(self) -> None:
        self.opened = self.upgrades = self.upgrades_failed = 0
        self.messages_in = self.bytes_in = self.messages_out = self.bytes_out = self.messages_dropped = 0
        self.closed: Counter[str] = Counter()
        self.refused: Counter[Refusal] = Counter()

    def received(self, data: str | bytes) -> None:
        """Count a message from a client."""
        self.messages_in += 1
        self.bytes_in += len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())

    def sent(self, messages: int, size: int) -> None:
        """Count messages to clients, each of so many bytes."""
        self.messages_out += messages
        self.bytes_out += messages * size

    def figures(
        self, *, sessions: Mapping[str, int], queued_packets: int, queued_bytes: int, handlers_behind: int
    ) -> Figures:
        """Give all figures: those counted, and those that are looked up."""
        counted = {name: getattr(self, name) for name in self.__slots__}
        counted |= {"closed": dict(self.closed), "refused": dict(self.refused)}
        return Figures(
            sessions=sessions,
            queued_packets=queued_packets,
            queued_bytes=queued_bytes,
            handlers_behind=handlers_behind,
            **counted,
        )


def openmetrics(figures: Figures, prefix: str = "engineio") -> str:
    """Write figures as OpenMetrics 1.0 has them: a whole answer, with its end.

    To be sent as ``application/openmetrics-text; version=1.0.0; charset=utf-8``.

    :param prefix: of all names.
    """
    lines: list[str] = []
    for kind, name, help_text, label, samples in _families(figures):
        lines.append(f"# TYPE {prefix}_{name} {kind}")
        lines.append(f"# HELP {prefix}_{name} {help_text}")
        suffix = "_total" if kind == COUNTER else ""
        for value, number in samples:
            labels = f'{{{label}="{_escaped(value)}"}}' if label else ""
            lines.append(f"{prefix}_{name}{suffix}{labels} {number}")
    return "\n".join((*lines, "# EOF", ""))


COUNTER, GAUGE = "counter", "gauge"
Sample = tuple[str, int]
Family = tuple[str, str, str, str, Iterable[Sample]]
"""Type, name, help, the label's name (or nothing), and samples by the label's value."""


def _families(figures: Figures) -> tuple[Family, ...]:
    inward, outward = "in", "out"
    messages = (inward, figures.messages_in), (outward, figures.messages_out)
    sizes = (inward, figures.bytes_in), (outward, figures.bytes_out)
    upgrades = ("ok", figures.upgrades), ("failed", figures.upgrades_failed)
    return (
        (GAUGE, "sessions", "Sessions that are open.", "transport", _sorted(figures.sessions)),
        (COUNTER, "sessions_opened", "Sessions that were let in.", "", _one(figures.opened)),
        (COUNTER, "sessions_closed", "Sessions that are over.", "reason", _sorted(figures.closed)),
        (COUNTER, "messages", "Messages from (in) and to (out) clients.", "direction", messages),
        (COUNTER, "message_bytes", "Bytes in messages.", "direction", sizes),
        (COUNTER, "messages_dropped", "Messages that slow clients lost.", "", _one(figures.messages_dropped)),
        (COUNTER, "refused", "What was refused.", "kind", _sorted(figures.refused)),
        (COUNTER, "upgrades", "Upgrades to WebSocket.", "outcome", upgrades),
        (GAUGE, "queued_packets", "Packets that wait for clients.", "", _one(figures.queued_packets)),
        (GAUGE, "queued_bytes", "Bytes that wait for clients.", "", _one(figures.queued_bytes)),
        (GAUGE, "handlers_behind", "Messages that wait for handlers.", "", _one(figures.handlers_behind)),
    )


def _one(number: int) -> tuple[Sample]:
    return (("", number),)


def _sorted(numbers: Mapping[str, int]) -> list[Sample]:
    return sorted(numbers.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
