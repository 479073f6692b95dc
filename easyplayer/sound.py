"""Where the box plays: which sink, and whether there is one at all."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from circuits import handler
from circuits.core.events import Event
from msgspec import Struct

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.sound_server import Report, ServerDown, ServerReport, ServerUp, Sink, SoundServer
from easyplayer.errors import EasyplayerError, NoSoundServerError
from easyplayer.events import rival_found, server_reported, sound_found, sound_lost
from easyplayer.playout.machine import PlayerState
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import Monotonic, Percent

log = logging.getLogger(__name__)

NULL = "null"
"""The sink's name in the settings that asks for the silent one of the box's own."""

LOOK_EVERY_S = 0.25
KNOCK_EVERY_S = 5.0
HANGS_AFTER_S = 1.2
MOST_PATIENCE = 4.0
"""A server that has gone on by itself is slow rather than hung, and is given so many times as long."""

CALM_AFTER_S = 60.0
HOPELESS_AFTER_S = 10.0
"""A server that has not answered for so long will not by itself: it is ended, where somebody can end it."""
ENDING_AGAIN_S = 15.0
MENDING_MAY_TAKE_S = 5.0
AUDIBLE = {PlayerState.WAITING, PlayerState.PLAYING, PlayerState.MIXING, PlayerState.FADING}


class OwnServer(Protocol):
    """A sound server that the box can start, and start anew."""

    @property
    def alive(self) -> bool:
        """Whether it runs."""

    def start(self) -> None:
        """Start it."""

    def restart(self) -> None:
        """End it, however it is, and start it anew."""

    def rival(self) -> bool:
        """Whether the machine's own sound server can be reached by now."""

    def step_aside(self) -> None:
        """Leave the box to the machine's own sound server."""

    def stop(self) -> None:
        """End it."""


class Wish(Struct, frozen=True):
    """What the settings say of the output.

    :ivar sink: name of the sink, ``"null"`` for a silent one, or empty for the server's own choice.
    :ivar volume: the sink's own volume, or ``None`` to leave it.
    """

    sink: str = ""
    volume: Percent | None = None


class Sound(BoxComponent):
    """Follows the sound server, chooses the sink, and mends what can be mended.

    :param make_server: makes the connection, given a taker of its reports.
    :param own: the silent server for a machine that has none.
    :param end_server: ends the machine's own server, for who started it to start another one; ``None`` where
        nobody can.
    """

    def __init__(
        self,
        make_server: Callable[[Report], SoundServer],
        own: OwnServer,
        wish: Wish,
        ticker: Ticker,
        background: Background,
        *,
        end_server: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._end_server = end_server
        self._ended_at: Monotonic | None = None
        self._is_down = False
        self._server = make_server(lambda report: self.fire(server_reported(report)))
        self._own = own
        self._wish = wish
        self._ticker = ticker
        self._background = background
        self._sink: Sink | None = None
        self._uses_own = wish.sink == NULL
        self._server_up: ServerUp | None = None
        self._hangs = False
        self._patience = 1.0
        self._hung_at = Monotonic(0.0)
        self._mending = False
        self._wanted_awake = False
        self._watches: list[Repeating] = []

    def open(self) -> None:
        """Connect; where the silent sink is asked for, start its server first."""
        if self._uses_own:
            self._mend(self._own.start)
        self._server.open()
        self._watches = [
            self._ticker.every(LOOK_EVERY_S, self._look),
            self._ticker.every(KNOCK_EVERY_S, self._knock),
        ]

    def close(self) -> None:
        """Let the server go, and end our own."""
        for watch in self._watches:
            watch.cancel()
        self._server.close()
        self._own.stop()

    @handler("server_reported")
    def _on_report(self, report: ServerReport) -> None:
        self._is_down = isinstance(report, ServerDown)
        if isinstance(report, ServerUp):
            self._server_up = report
            self._mending = False
            self._settle_on(choose(report, self._wish.sink))
        else:
            self._lose(f"the sound server does not answer: {report.reason}")
            self._replace_missing(report)

    @handler("rival_found")
    def _on_rival(self) -> None:
        """Give way to a real sound server that has come after all: people can hear that one."""
        if self._uses_own:
            log.info("the machine's own sound server is there: leaving the silent one")
            self._uses_own = False
            self._own.step_aside()

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        self._wanted_awake = state in AUDIBLE
        self._wake()

    def _settle_on(self, sink: Sink | None) -> None:
        if sink is None:
            self._lose("the sound server has no output: connect a sound card, or set sound.sink to 'null'")
            return
        before, self._sink = self._sink, sink
        self._wake()
        if before is None or before.name != sink.name:
            self._announce(sink)

    def _wake(self) -> None:
        """Wake a sink that sleeps while it has something to play."""
        if self._sink is not None and self._sink.suspended and self._wanted_awake:
            log.warning("output %s was put to sleep; waking it", self._sink.name)
            self._server.wake(self._sink.name)

    def _announce(self, sink: Sink) -> None:
        if self._wish.sink not in {"", NULL, sink.name}:
            log.warning("output %s is not there; playing on %s", self._wish.sink, sink.name)
        if self._wish.volume is not None:
            self._server.set_sink_volume(sink.name, self._wish.volume)
        log.info("playing on %s (%s)", sink.name, sink.description)
        self.fire(sound_found(sink.name, private=self._uses_own))

    def _lose(self, reason: str) -> None:
        if self._sink is not None or self._server_up is None:
            self._sink = None
            self.fire(sound_lost(reason))

    def _replace_missing(self, report: ServerDown) -> None:
        """Start our own server where there never was another, or where it was ours that fell."""
        if self._uses_own:
            self._mend(self._own.restart)
        elif self._server_up is None:
            log.warning("no sound server here (%s): starting a silent one of our own", report.reason)
            self._uses_own = True
            self._mend(self._own.start)

    def _mend(self, remedy: Callable[[], None]) -> None:
        if not self._mending:
            self._mending = True
            self._background.do(partial(_apply, remedy))
            self._ticker.after(MENDING_MAY_TAKE_S, self._may_mend_again)

    def _may_mend_again(self) -> None:
        self._mending = False

    def _knock(self) -> None:
        if self._uses_own and self._wish.sink != NULL:
            self._background.do(self._find_rival)

    def _find_rival(self) -> Event | None:
        """Look for a real sound server; runs on a worker's thread."""
        return rival_found() if self._own.rival() else None

    def _look(self) -> None:
        """Notice a server that hangs (it is there, and does not answer), and one that goes on again."""
        if self._uses_own and not self._own.alive:
            self._mend(self._own.restart)
        silent_s = self._ticker.clock() - self._server.heard_at
        if silent_s < HANGS_AFTER_S * self._patience:
            self._go_on()
            return
        if silent_s >= HOPELESS_AFTER_S and not self._uses_own and not self._is_down:
            self._have_it_ended(silent_s)
        if self._sink is None:
            return
        self._hangs = True
        self._hung_at = self._ticker.clock()
        self._lose(f"the sound server has not answered for {silent_s:.1f} s")
        if self._uses_own:
            log.warning("our own sound server hangs: starting it anew")
            self._mend(self._own.restart)

    def _go_on(self) -> None:
        """Play on at a server that has hung and answers again; have more patience with it for a while."""
        if self._hangs and self._server_up is not None:
            self._hangs = False
            self._patience = min(2 * self._patience, MOST_PATIENCE)
            self._settle_on(choose(self._server_up, self._wish.sink))
        elif self._ticker.clock() - self._hung_at > CALM_AFTER_S:
            self._patience = 1.0

    def _have_it_ended(self, silent_s: float) -> None:
        """Have the machine's own server ended, again and again for as long as it hangs."""
        now = self._ticker.clock()
        recently = self._ended_at is not None and now - self._ended_at < ENDING_AGAIN_S
        if self._end_server is None or recently:
            return
        self._ended_at = now
        log.warning("the sound server has not answered for %.0f s: having it started anew", silent_s)
        self._background.do(partial(_end, self._end_server))


def choose(server: ServerUp, wanted: str) -> Sink | None:
    """Choose the sink to play on: the one asked for, else the server's default, else any."""
    by_name = {sink.name: sink for sink in server.sinks}
    fallback = server.sinks[0] if server.sinks else None
    return by_name.get(wanted) or by_name.get(server.default) or fallback


def _end(end_server: Callable[[], None]) -> None:
    try:
        end_server()
    except EasyplayerError as error:
        log.warning("the sound server cannot be started anew: %s", error)


def _apply(remedy: Callable[[], None]) -> Event | None:
    try:
        remedy()
    except NoSoundServerError as error:
        return server_reported(ServerDown(str(error)))
    return None
