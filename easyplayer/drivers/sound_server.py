"""The contract of a sound server: which outputs there are, and whether it answers.

Spoken to in PulseAudio's protocol, which PipeWire speaks as well.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from easyplayer.units import Monotonic, Percent


class Sink(Struct, frozen=True, kw_only=True):
    """One output of the sound server.

    :ivar name: the name the server knows it by.
    :ivar description: what it calls it for people.
    :ivar monitor: name of the source that carries what the sink plays.
    :ivar volume: its own volume.
    :ivar muted: whether it is muted.
    :ivar suspended: whether the server has put it to sleep.
    """

    name: str
    description: str
    monitor: str
    volume: Percent
    muted: bool = False
    suspended: bool = False


class ServerUp(Struct, frozen=True):
    """The server answers; told again when its outputs change.

    :ivar default: name of the sink that the server would choose, or the empty string.
    """

    sinks: tuple[Sink, ...]
    default: str


class ServerDown(Struct, frozen=True):
    """The server does not answer, or is gone.

    :ivar reason: in words.
    """

    reason: str


ServerReport = ServerUp | ServerDown
Report = Callable[[ServerReport], object]
"""Takes a sound server's reports; called from the driver's thread."""


class SoundServer(Protocol):
    """A connection to the sound server that mends itself.  No method blocks or raises."""

    @property
    def heard_at(self) -> Monotonic:
        """When the server last answered; asked at least three times a second."""

    def open(self) -> None:
        """Start to connect, and go on trying: :class:`ServerUp` or :class:`ServerDown`."""

    def wake(self, sink: str) -> None:
        """Wake a suspended sink."""

    def set_sink_volume(self, sink: str, volume: Percent) -> None:
        """Set a sink's own volume."""

    def close(self) -> None:
        """Let the connection go."""
