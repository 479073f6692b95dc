"""A monitor whose sound server hangs, or refuses: it leaves few threads behind, and says why."""

import logging
import sys
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Self

import pytest

from easyplayer.drivers import monitor
from easyplayer.drivers.monitor import BLOCK, MOST_LEFT_BEHIND, TOLD_AFTER_TRIES, Level, PulseMonitor

SOON_S = 10.0
"""For so long at most a test waits for a thread."""


class RefusedError(Exception):
    """The server does not let anybody listen."""


class Server:
    """What a monitor listens to.

    :ivar hangs: whether no read ever comes back; to be set free in the end.
    :ivar refuses: whether nobody may listen.
    :ivar reading: the sources of the reads that were begun.
    """

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.refuses = False
        self.reading: list[str] = []
        self.begun = threading.Semaphore(0)

    def connect(self, *_args: object, device_name: str, **_kwargs: object) -> Self:
        if self.refuses:
            raise RefusedError
        self._source = device_name
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        pass

    def read(self, length: int) -> bytes:
        self.reading.append(self._source)
        self.begun.release()
        self.hangs.wait()
        return bytes(length)


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a server that hangs, in place of the machine's own."""
    server = Server()
    library: Any = ModuleType("pasimple")
    library.PaSimple, library.PaSimpleError = server.connect, RefusedError
    library.PA_STREAM_RECORD = library.PA_SAMPLE_S16LE = 0
    monkeypatch.setitem(sys.modules, "pasimple", library)
    monkeypatch.setattr(monitor, "RETRY_AFTER_S", 0.001)
    yield server
    server.hangs.set()


def test_threads_that_hang_are_left_behind_and_only_some(server: Server) -> None:
    """However often it is told to listen anew; each costs the server a stream."""
    ear = PulseMonitor(lambda _level: None)

    for _ in range(3 * MOST_LEFT_BEHIND):
        ear.listen("venue")

    assert all(server.begun.acquire(timeout=SOON_S) for _ in range(MOST_LEFT_BEHIND))
    assert server.reading == ["venue.monitor"] * MOST_LEFT_BEHIND
    ear.close()


def test_once_the_server_goes_on_it_is_listened_to_again(server: Server) -> None:
    """What hung has ended by then."""
    heard: list[Level] = []
    told = threading.Event()
    ear = PulseMonitor(lambda level: (heard.append(level), told.set()))
    for _ in range(2 * MOST_LEFT_BEHIND):
        ear.listen("venue")

    server.hangs.set()
    for one in ear._left_behind:
        one._thread.join(SOON_S)
    told.clear()
    ear.listen("venue")

    assert told.wait(SOON_S)
    assert heard[-1] == monitor.level(bytes(2 * BLOCK))
    ear.close()


def test_source_that_is_refused_is_told_once_and_only_when_it_lasts(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that was started anew refuses for a moment, which is nothing."""
    caplog.set_level(logging.DEBUG, logger=monitor.__name__)
    server.refuses = True
    ear = PulseMonitor(lambda _level: None)
    enough = threading.Event()
    handler = _Counter(2 * TOLD_AFTER_TRIES, enough)
    logging.getLogger(monitor.__name__).addHandler(handler)

    ear.listen("venue")
    found = enough.wait(SOON_S)
    ear.close()
    logging.getLogger(monitor.__name__).removeHandler(handler)

    assert found
    levels = [record.levelno for record in caplog.records]
    assert levels.count(logging.WARNING) == 1
    assert levels[TOLD_AFTER_TRIES - 1] == logging.WARNING


class _Counter(logging.Handler):
    """Counts lines, and tells when there were enough."""

    def __init__(self, enough: int, event: threading.Event) -> None:
        super().__init__(logging.DEBUG)
        self._left = enough
        self._event = event

    def emit(self, _record: logging.LogRecord) -> None:
        self._left -= 1
        if self._left == 0:
            self._event.set()
