"""The application: the tree of parts in reading order, how it starts, and how it ends.

::

    App
    ├── Ticker         deadlines on the monotonic clock
    ├── Sound          which output, and whether there is one
    ├── Meter          what the output really carries
    ├── AudioPlayer    two decks, and the switch between them
    ├── Scheduler      what plays next
    ├── StatusBoard    how the box is
    └── Pulse          tells the guardians that it makes progress

Each part stands on those above it here.  They start in this order, bottom-up as the house is built,
and end the other way round; they know nothing of each other and meet in :mod:`easyplayer.events`.
"""

import logging
import signal as signals
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from circuits import handler
from circuits.core.events import Event
from circuits.core.pollers import EPoll
from msgspec import Struct

from easyplayer.analysis import FactsCache
from easyplayer.audio import AudioPlayer, Handling
from easyplayer.component import Background, BoxComponent, Clock
from easyplayer.drivers import deck, monitor, sound_server
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.errors import EasyplayerError
from easyplayer.events import (
    allowance_changed,
    check_allowed,
    fade_out,
    handler_failed,
    shut_down,
    start_playing,
)
from easyplayer.meter import Meter
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.standing import Standing, Verdict, judge, parse_opening
from easyplayer.playout.transition import Rules
from easyplayer.pulse import Pulse
from easyplayer.scheduler import Bookmark, Music, Scheduler, Workers
from easyplayer.settings import RuleSettings, Settings, SoundSettings
from easyplayer.sound import OwnServer, Sound, Wish
from easyplayer.status import StatusBoard
from easyplayer.ticker import Deadline, Ticker, monotonic
from easyplayer.units import Decibels, Lufs, Milliseconds, Percent, Seconds, to_seconds

log = logging.getLogger(__name__)

CHECK_EVERY_S = Seconds(60.0)
CLOSING_FADE_S = Seconds(3.0)
"""How long the music takes to go when the venue closes."""
ENDING_FADE_S = Seconds(0.6)
ENDING_MAY_TAKE_S = Seconds(1.2)
"""How long the players may take to be silent before the parts are closed all the same."""
FAILED = 70
"""Exit code after an uncaught error, after ``sysexits.h``: an internal error."""


class Drivers(Struct, frozen=True, kw_only=True):
    """The world as the box is given it: the real one, or a fake one in tests."""

    make_deck: deck.DeckMaker
    make_server: Callable[[sound_server.Report], sound_server.SoundServer]
    own_server: OwnServer
    make_monitor: Callable[[monitor.Report], monitor.Monitor]
    local_time: Callable[[], datetime]
    clock: Clock = monotonic
    make_worker: Callable[[Callable[[Event], object], str], Background] = Background
    make_facts: Callable[[Path], FactsCache] = FactsCache


class App(BoxComponent):
    """The root of the tree.

    :param standing: everything that decides whether the box may play.
    :param local_time: tells the local time.
    :ivar exit_code: what the process is to exit with.
    """

    def __init__(
        self,
        ticker: Ticker,
        standing: Standing,
        local_time: Callable[[], datetime],
    ) -> None:
        super().__init__()
        EPoll().register(self)
        ticker.register(self)
        self._ticker = ticker
        self._parts: tuple[BoxComponent, ...] = ()
        self._opened: list[BoxComponent] = []
        self._standing = standing
        self._local_time = local_time
        self._verdict: Verdict | None = None
        self._failures = 0
        self._end: Deadline | None = None
        self.exit_code = 0

    def furnish(self, *parts: BoxComponent) -> None:
        """Put the parts into the tree, each after those it stands on."""
        self._parts = (*self._parts, *parts)
        for part in parts:
            part.register(self)

    # -- from start to end ---------------------------------------------------------------------

    @handler("started", channel="*")
    def _on_started(self, _root: object) -> None:
        for part in self._parts:
            part.open()
            self._opened.append(part)
        self._ticker.every(CHECK_EVERY_S, lambda: self.fire(check_allowed()))
        self.fire(check_allowed())

    @handler("signal", channel="*")
    def _on_signal(self, number: int, _frame: object) -> None:
        if number in {signals.SIGINT, signals.SIGTERM}:
            log.info("%s: ending", signals.Signals(number).name)
            self.fire(shut_down(0))

    @handler("shut_down")
    def _on_shut_down(self, exit_code: int) -> None:
        self.exit_code = self.exit_code or exit_code
        if self._end is None:
            self._end = self._ticker.after(ENDING_MAY_TAKE_S, self._close_all)
            self.fire(fade_out(ENDING_FADE_S, "the box ends"))

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state is PlayerState.STOPPED and self._end is not None and self._end.pending:
            self._end.cancel()
            self._ticker.after(0.0, self._close_all)

    def _close_all(self) -> None:
        while self._opened:
            part = self._opened.pop()
            try:
                part.close()
            except Exception:  # whatever one part does, the others must be closed
                log.exception("%s did not close well", type(part).__name__)
                self.exit_code = self.exit_code or FAILED
        self.stop()

    # -- may the box play? ---------------------------------------------------------------------

    @handler("check_allowed")
    def _on_check_allowed(self) -> None:
        verdict = judge(self._standing, self._local_time())
        if self._end is not None or verdict == self._verdict:
            return
        turned = self._verdict is None or self._verdict.allowed is not verdict.allowed
        self._verdict = verdict
        self.fire(allowance_changed(allowed=verdict.allowed, reason=verdict.reason))
        if turned:
            log.info("may play: %s" if verdict.allowed else "may not play: %s", verdict.reason)
            self.fire(start_playing() if verdict.allowed else fade_out(CLOSING_FADE_S, verdict.reason))

    # -- what fails ----------------------------------------------------------------------------

    @handler("exception", channel="*")
    def _on_exception(  # the one handler of failures; it must never fail itself
        self,
        kind: type[BaseException],
        error: BaseException,
        _trace: object,
        handler: Any = None,
        fevent: Event | None = None,
    ) -> None:
        self._failures += 1
        self.exit_code = self.exit_code or (error.exit_code if isinstance(error, EasyplayerError) else FAILED)
        where = f"{getattr(handler, '__qualname__', handler)} on {getattr(fevent, 'name', fevent)}"
        log.error("%s failed: %s: %s", where, kind.__name__, error, exc_info=error)
        self.fire(handler_failed(self._failures, f"{where} failed: {kind.__name__}: {error}"))
        if getattr(fevent, "name", "") == "started":
            self._close_all()


def build(settings: Settings, music: Music, drivers: Drivers, *, keeps_place: bool = True) -> App:
    """Build a box after its settings.

    :param keeps_place: whether it goes on where it was, and answers to its state directory; if not,
        it only shares what is known of the media.
    """
    state = settings.state
    ticker = Ticker(drivers.clock)
    rules = transition_rules(settings.rules)
    app = App(ticker, standing(settings), drivers.local_time)
    workers = Workers(*(drivers.make_worker(app.fire, name) for name in ("errands", "analysis", "disk")))
    facts = drivers.make_facts(state / "analysis")
    bookmark = StateFile(state / "bookmark.json", Bookmark) if keeps_place else None
    sound, guard = settings.sound, settings.watchdog
    app.furnish(
        Sound(drivers.make_server, drivers.own_server, wish(sound), ticker, workers.errands),
        Meter(drivers.make_monitor, ticker),
        AudioPlayer(drivers.make_deck, rules, handling(settings), ticker),
        Scheduler(music, facts, bookmark, rules, ticker, workers=workers),
        StatusBoard(ticker, StatusSocket(state) if keeps_place else None),
        Pulse((guard.host, guard.port) if guard.port else None, Seconds(guard.every_s), ticker),
    )
    return app


def transition_rules(settings: RuleSettings) -> Rules:
    """Turn the settings' rules into those of the playout."""
    return Rules(
        crossfade_s=to_seconds(Milliseconds(settings.crossfade_ms)),
        target_lufs=Lufs(settings.target_lufs),
        headroom_dbtp=Decibels(settings.headroom_dbtp),
    )


def handling(settings: Settings) -> Handling:
    """Turn the settings into how a person may handle the player."""
    sound = settings.sound
    return Handling(
        volume=Percent(sound.volume),
        lowest=Percent(sound.volume_lowest),
        highest=Percent(sound.volume_highest),
        skip_fade_s=to_seconds(Milliseconds(settings.rules.skip_fade_ms)),
    )


def standing(settings: Settings) -> Standing:
    """Turn the settings into what decides whether the box may play."""
    until = settings.box.licence_until
    return Standing(
        opening=parse_opening(settings.box.opening),
        licence_until=date.fromisoformat(until) if until else None,
    )


def wish(settings: SoundSettings) -> Wish:
    """Turn the settings into what is wished of the output."""
    return Wish(settings.sink, Percent(settings.sink_volume) if settings.sink_volume >= 0 else None)
