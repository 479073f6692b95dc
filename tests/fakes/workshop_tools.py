"""What commands are carried out with, in memory."""

import threading
from collections.abc import Callable
from pathlib import Path

from easyplayer.crafts import Tools
from easyplayer.drivers.power import Deed
from easyplayer.drivers.tunnel import Report, TunnelClosed, TunnelOpened
from easyplayer.errors import EasyplayerError, LinkError, SoundError
from easyplayer.log import Ring
from easyplayer.units import Seconds
from tests.fakes.work import HeldWorker


class FakePower:
    """The contract :class:`~easyplayer.drivers.power.Power`; it notes what it is told.

    :ivar missing: why there is none.
    :ivar refusal: why it does not obey.
    """

    def __init__(self) -> None:
        self.missing = ""
        self.refusal = ""
        self.deeds: list[Deed] = []

    def why_not(self) -> str:
        """Tell why there is none."""
        return self.missing

    def do(self, deed: Deed) -> None:
        """Note the deed."""
        if self.refusal:
            raise EasyplayerError(self.refusal)
        self.deeds.append(deed)


class FakeRecorder:
    """The contract :class:`~easyplayer.drivers.recording.Recorder`; it writes what a test lays down.

    :ivar sound: the bytes of the file.
    :ivar deaf: why it hears nothing.
    """

    def __init__(self) -> None:
        self.sound = b"RIFF sound"
        self.deaf = ""
        self.listened: list[tuple[str, float]] = []
        self.stopped: list[threading.Event] = []

    def record(self, sink: str, seconds: Seconds, path: Path, stop: threading.Event) -> None:
        """Write it."""
        if self.deaf:
            raise SoundError(self.deaf)
        self.listened.append((sink, seconds))
        self.stopped.append(stop)
        path.write_bytes(self.sound)


class FakeTunnel:
    """The contract :class:`~easyplayer.drivers.tunnel.Tunnel`; the test is its server.

    Give :meth:`connect` to who wants to make a tunnel.

    :ivar missing: why there can be none.
    :ivar ticket: of the opening that is under way or open; 0 while it is closed.
    """

    def __init__(self) -> None:
        self.missing = ""
        self.ticket = 0
        self.asked_s: list[float] = []
        self._report: Report = print

    def connect(self, report: Report) -> "FakeTunnel":
        """Make the tunnel."""
        self._report = report
        return self

    def why_not(self) -> str:
        """Tell why there can be none."""
        return self.missing

    def open(self, seconds: Seconds, ticket: int) -> None:
        """Be on the way."""
        self.ticket = ticket
        self.asked_s.append(seconds)

    def close(self) -> None:
        """Be closed."""
        self.ticket = 0

    def accept(self, port: int) -> None:
        """Let the server listen."""
        self._report(TunnelOpened(self.ticket, port))

    def refuse(self, reason: str) -> None:
        """Let the client end."""
        ticket, self.ticket = self.ticket, 0
        self._report(TunnelClosed(ticket, reason))


class FakeTools:
    """All tools of a Workshop.

    :ivar attached: what was sent: the command, its bytes, and the media type.
    :ivar away: whether the hub takes nothing.
    :ivar guardian: who starts the box anew.
    :ivar workers: the threads that were asked for.
    :ivar slow: whether a thread that is asked for does nothing yet.
    """

    def __init__(self, scratch: Path) -> None:
        self.power = FakePower()
        self.recorder = FakeRecorder()
        self.tunnel = FakeTunnel()
        self.ring = Ring()
        self.attached: list[tuple[str, bytes, str]] = []
        self.away = False
        self.guardian = "circusd"
        self.workers: list[HeldWorker] = []
        self.slow = False
        self._scratch = scratch

    @property
    def tools(self) -> Tools:
        """Give them as the Workshop takes them."""
        return Tools(
            attach=self._attach,
            recorder=self.recorder,
            power=self.power,
            ring=self.ring,
            scratch=self._scratch,
            guardian=lambda: self.guardian,
            make_worker=self._make_worker,
        )

    def pump(self) -> bool:
        """Let the threads work."""
        return sum(worker.pump() for worker in self.workers) > 0

    def _attach(self, command: str, path: Path, media_type: str) -> None:
        if self.away:
            raise LinkError("the hub does not answer")
        self.attached.append((command, path.read_bytes(), media_type))

    def _make_worker(self, fire: Callable[..., object], name: str) -> HeldWorker:
        self.workers.append(HeldWorker(fire, name))
        self.workers[-1].busy = self.slow
        return self.workers[-1]
