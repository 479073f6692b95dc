"""A sound server reached through libpulse.

libpulse's calls wait for the server and know no time limit, so they have a thread of their own; a
server that hangs shows in :attr:`PulseServer.heard_at`.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pulsectl

from easyplayer.drivers.sound_server import Report, ServerDown, ServerUp, Sink
from easyplayer.units import Monotonic, Percent

log = logging.getLogger(__name__)

ASKING_EVERY_S = 0.3
RETRY_AFTER_S = 0.1
CLOSING_MAY_TAKE_S = 0.5


class PulseServer:
    """The contract :class:`~easyplayer.drivers.sound_server.SoundServer`, kept by PulseAudio or PipeWire.

    It connects to the server that the environment names at that moment.

    :param report: takes the reports, on this driver's thread.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._orders: queue.SimpleQueue[Callable[[Any], None]] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._last: ServerUp | ServerDown | None = None
        self._heard_at = Monotonic(time.monotonic())
        self._thread = threading.Thread(target=self._serve, name="sound-server", daemon=True)

    @property
    def heard_at(self) -> Monotonic:
        """When the server last answered."""
        return self._heard_at

    def open(self) -> None:
        """Start to connect, and go on trying."""
        self._thread.start()

    def wake(self, sink: str) -> None:
        """Wake a suspended sink."""
        self._orders.put(partial(_wake, sink))

    def set_sink_volume(self, sink: str, volume: Percent) -> None:
        """Set a sink's own volume; one that is muted, as many cards are at first, is so no more."""
        self._orders.put(partial(_set_volume, sink, volume))

    def close(self) -> None:
        """Let the connection go; a server that hangs is not waited for."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_MAY_TAKE_S)

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                with pulsectl.Pulse("easyplayer", connect=False) as pulse:
                    pulse.connect(autospawn=False)
                    self._listen(pulse)
            except (pulsectl.PulseError, pulsectl.PulseDisconnected) as error:
                self._tell(ServerDown(str(error) or type(error).__name__))
                self._closing.wait(RETRY_AFTER_S)

    def _listen(self, pulse: Any) -> None:
        """Follow one connection until it ends or this driver closes."""
        changed = threading.Event()

        def note(_event: Any) -> None:
            changed.set()
            raise pulsectl.PulseLoopStop

        pulse.event_mask_set("sink", "server")
        pulse.event_callback_set(note)
        changed.set()
        while not self._closing.is_set():
            self._obey(pulse)
            if changed.is_set():
                changed.clear()
                self._tell(_look(pulse))
            else:
                pulse.server_info()
            self._heard_at = Monotonic(time.monotonic())
            pulse.event_listen(timeout=ASKING_EVERY_S)

    def _obey(self, pulse: Any) -> None:
        while not self._orders.empty():
            try:
                self._orders.get()(pulse)
            except pulsectl.PulseOperationFailed as error:
                log.warning("the sound server refused: %s", error)

    def _tell(self, report: ServerUp | ServerDown) -> None:
        if report != self._last:
            self._last = report
            self._report(report)


def _look(pulse: Any) -> ServerUp:
    sinks = tuple(
        Sink(
            name=sink.name,
            description=sink.description,
            monitor=sink.monitor_source_name,
            volume=Percent(round(100 * sink.volume.value_flat)),
            muted=bool(sink.mute),
            suspended=sink.state == "suspended",
        )
        for sink in pulse.sink_list()
    )
    return ServerUp(sinks, pulse.server_info().default_sink_name or "")


def _wake(name: str, pulse: Any) -> None:
    pulse.sink_suspend(pulse.get_sink_by_name(name).index, 0)


def _set_volume(name: str, volume: Percent, pulse: Any) -> None:
    sink = pulse.get_sink_by_name(name)
    pulse.volume_set_all_chans(sink, volume / 100)
    pulse.mute(sink, mute=False)
