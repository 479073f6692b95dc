"""A sound server in memory: sinks come and go, it falls, hangs and rises as a test says."""

from collections.abc import Callable
from typing import Self

from msgspec import structs

from easyplayer.drivers.sound_server import Report, ServerDown, ServerReport, ServerUp, Sink
from easyplayer.errors import NoSoundServerError
from easyplayer.units import Monotonic, Percent

OWN_SINK = "own-null"


def sink(name: str, **fields: bool) -> Sink:
    """Make a sink that is awake and at full volume."""
    return Sink(name=name, description=name.title(), monitor=f"{name}.monitor", volume=Percent(100), **fields)


class FakeSoundServer:
    """The contract :class:`~easyplayer.drivers.sound_server.SoundServer`, and the server behind it.

    Give :meth:`connect` to who wants to make a connection; everything is reported when pumped.

    :ivar running: whether there is a server.
    :ivar hanging: whether it is there and does not answer.
    :ivar woken: the sinks that were woken, in order.
    :ivar closed: whether the connection was let go.
    """

    def __init__(self, clock: Callable[[], Monotonic], *sinks: str) -> None:
        self.running = True
        self.hanging = False
        self.woken: list[str] = []
        self.closed = False
        self._clock = clock
        self._sinks = {name: sink(name) for name in sinks}
        self._report: Report | None = None
        self._opened = False
        self._last: ServerReport | None = None
        self._heard_at = clock()

    # -- the contract --------------------------------------------------------------------------

    def connect(self, report: Report) -> Self:
        """Make the connection."""
        self._report = report
        return self

    @property
    def heard_at(self) -> Monotonic:
        """When the server last answered."""
        if self.running and not self.hanging:
            self._heard_at = self._clock()
        return self._heard_at

    def open(self) -> None:
        """Begin to report."""
        self._opened = True

    def wake(self, name: str) -> None:
        """Wake a suspended sink."""
        self.woken.append(name)
        self._change(name, suspended=False)

    def set_sink_volume(self, name: str, volume: Percent) -> None:
        """Set a sink's own volume."""
        self._change(name, volume=volume, muted=False)

    def close(self) -> None:
        """Report nothing any more."""
        self.closed = True

    # -- what a test does to it ----------------------------------------------------------------

    def plug(self, name: str) -> None:
        """Plug a sink in; the first one is the server's own choice."""
        self._sinks[name] = sink(name)

    def unplug(self, name: str) -> None:
        """Pull a sink out."""
        self._sinks.pop(name, None)

    def suspend(self, name: str) -> None:
        """Put a sink to sleep."""
        self._change(name, suspended=True)

    def mute(self, name: str) -> None:
        """Mute a sink."""
        self._change(name, muted=True)

    def fall(self) -> None:
        """End the server as a crash would."""
        self.running = self.hanging = False

    def rise(self) -> None:
        """Start the server again."""
        self.running, self.hanging = True, False

    def hang(self) -> None:
        """Hold the server still."""
        _ = self.heard_at
        self.hanging = True

    def thaw(self) -> None:
        """Let a server that hangs go on."""
        self.hanging = False

    # -- what the decks and the monitor find ---------------------------------------------------

    def has(self, name: str) -> bool:
        """Tell whether a sink is there; the empty name is the server's own choice."""
        return self.running and (name in self._sinks if name else bool(self._sinks))

    def plays(self, name: str) -> bool:
        """Tell whether what is played to a sink goes on."""
        one = self._sinks.get(name or next(iter(self._sinks), ""))
        return self.running and not self.hanging and one is not None and not one.suspended

    def volume(self, name: str) -> Percent:
        """Tell a sink's own volume."""
        return self._sinks[name].volume

    def pump(self) -> bool:
        """Report what has changed; tell whether anything has."""
        if self._report is None or not self._opened or self.closed or self.hanging:
            return False
        news: ServerReport = ServerDown("Connection refused")
        if self.running:
            news = ServerUp(tuple(self._sinks.values()), next(iter(self._sinks), ""))
        if news == self._last:
            return False
        self._last = news
        self._report(news)
        return True

    def _change(self, name: str, **changes: object) -> None:
        if name in self._sinks:
            self._sinks[name] = structs.replace(self._sinks[name], **changes)


class FakeOwnServer:
    """The contract :class:`~easyplayer.sound.OwnServer`: starting it lets a fake server rise.

    :param server: what rises with one silent sink, and falls when this is stopped.
    :ivar missing: whether this machine has no sound server to start.
    :ivar starts: how often it was started.
    :ivar has_rival: whether a real sound server has come.
    """

    def __init__(self, server: FakeSoundServer) -> None:
        self.missing = False
        self.starts = 0
        self.has_rival = False
        self._server = server
        self._started = False

    @property
    def alive(self) -> bool:
        """Whether it runs; one that hangs does."""
        return self._started and self._server.running

    def start(self) -> None:
        """Start it."""
        if self.missing:
            message = "there is no sound server, and none to start: install the package pulseaudio"
            raise NoSoundServerError(message)
        self.starts += 1
        self._started = True
        self._server.plug(OWN_SINK)
        self._server.rise()

    def restart(self) -> None:
        """End it, however it is, and start it anew."""
        self.stop()
        self.start()

    def rival(self) -> bool:
        """Whether the machine's own sound server can be reached by now."""
        return self.has_rival

    def step_aside(self) -> None:
        """Leave the box to the machine's own sound server."""
        self.stop()

    def stop(self) -> None:
        """End it."""
        if self._started:
            self._started = False
            self._server.fall()
