"""The proof of sound: what the output really carries."""

import logging
from collections.abc import Callable

from circuits import handler

from easyplayer.component import BoxComponent
from easyplayer.drivers.monitor import Level, Monitor, Report
from easyplayer.events import hearing_lost, level_heard, silence_noticed, sound_noticed
from easyplayer.playout.machine import SOUNDING, PlayerState
from easyplayer.ticker import Repeating, Ticker
from easyplayer.units import SILENCE, Monotonic, Seconds

log = logging.getLogger(__name__)

SUSPICIOUS_AFTER_S = Seconds(10.0)
LOOK_EVERY_S = Seconds(5.0)
LOOKS_UNANSWERED = 4
"""After so many looks in a row without any level the output is listened to anew: after 15 to 20 s."""
MOST_PATIENCE = 120
"""Each try that brings nothing doubles the patience, up to so many looks, which are ten minutes."""
UNHEARD = "the output cannot be listened to: nobody can tell whether the music is heard"


class Meter(BoxComponent):
    """Listens to the sink in use, and notices when music plays that cannot be heard, or nobody can hear it.

    :ivar level: what was last heard.
    :ivar last_audible: when the output last carried sound, or ``None``.
    """

    def __init__(self, make_monitor: Callable[[Report], Monitor], ticker: Ticker) -> None:
        super().__init__()
        self._monitor = make_monitor(lambda level: self.fire(level_heard(level)))
        self._ticker = ticker
        self._sounding_since: Monotonic | None = None
        self._suspicious = False
        self._sink = ""
        self._unanswered = 0
        self._patience = LOOKS_UNANSWERED
        self._looks: Repeating | None = None
        self.level = Level(SILENCE, SILENCE)
        self.last_audible: Monotonic | None = None

    def open(self) -> None:
        """Watch whether there are levels at all."""
        self._looks = self._ticker.every(LOOK_EVERY_S, self._look)

    def close(self) -> None:
        """Listen to nothing any more."""
        if self._looks is not None:
            self._looks.cancel()
        self._monitor.close()

    @handler("sound_found")
    def _on_sound(self, sink: str, _private: bool) -> None:
        self._sink, self._unanswered = sink, 0
        self._monitor.listen(sink)

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state not in SOUNDING:
            self._sounding_since = None
        elif self._sounding_since is None:
            self._sounding_since = self._ticker.clock()

    @handler("level_heard")
    def _on_level(self, level: Level) -> None:
        self.level = level
        self._hear_again()
        if level.audible:
            self.last_audible = self._ticker.clock()
            if self._suspicious:
                self._suspicious = False
                log.info("the output carries sound again")
                self.fire(sound_noticed())
        elif not self._suspicious and self._silent_s() >= SUSPICIOUS_AFTER_S:
            self._suspicious = True
            log.warning("music plays, and the output has been silent for %.0f s", self._silent_s())
            self.fire(silence_noticed(self._silent_s()))

    def _look(self) -> None:
        """Notice an ear that is dead: it would hear of no silence either."""
        self._unanswered = 0 if self._sounding_since is None else self._unanswered + 1
        if self._unanswered < self._patience:
            return
        if self._patience == LOOKS_UNANSWERED:
            log.warning("%s", UNHEARD)
            self.fire(hearing_lost(UNHEARD))
        self._unanswered = 0
        self._patience = min(2 * self._patience, MOST_PATIENCE)
        self._monitor.listen(self._sink)

    def _hear_again(self) -> None:
        if self._patience > LOOKS_UNANSWERED:
            log.info("the output can be listened to again")
        self._unanswered, self._patience = 0, LOOKS_UNANSWERED

    def _silent_s(self) -> Seconds:
        """Tell for how long music has been playing unheard."""
        if self._sounding_since is None:
            return Seconds(0.0)
        since = max(self._sounding_since, self.last_audible or self._sounding_since)
        return Seconds(self._ticker.clock() - since)
