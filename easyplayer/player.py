"""What every player shares: its state, and what it answers to a person and to the box."""

import logging
from abc import abstractmethod

from circuits import handler
from msgspec import Struct

from easyplayer.component import BoxComponent
from easyplayer.player_events import player_changed
from easyplayer.playout.machine import PLAYER, Cause, PlayerState, after
from easyplayer.ticker import Ticker
from easyplayer.units import Percent, Seconds

log = logging.getLogger(__name__)


class Handling(Struct, frozen=True, kw_only=True):
    """How a player behaves until somebody says otherwise, and when a person skips.

    :ivar volume: how loud it is at first, 0 to 100.
    :ivar skip_fade_s: how long a skipped item takes to go, and the next to come.
    """

    volume: Percent = Percent(80)
    skip_fade_s: Seconds = Seconds(0.5)


class MediaPlayer(BoxComponent):
    """A player that starts, fades out, pauses and resumes by the table in :mod:`~easyplayer.playout.machine`.

    :ivar state: what it is doing.
    """

    def __init__(self, ticker: Ticker) -> None:
        super().__init__()
        self._ticker = ticker
        self.state = PlayerState.STOPPED

    @handler("start_playing")
    def _on_start(self) -> None:
        was = self.state
        if self._move(Cause.START, "may play"):
            self._begin(was)

    @handler("fade_out")
    def _on_fade_out(self, seconds: Seconds, reason: str) -> None:
        if self._move(Cause.FADE_OUT, reason):
            self._fade_away(seconds)

    @handler("pause_playing")
    def _on_pause(self) -> None:
        if self._move(Cause.PAUSE, "paused by a person"):
            self._hold()

    @handler("resume_playing")
    def _on_resume(self) -> None:
        if self._move(Cause.RESUME, "resumed by a person"):
            self._go_on()

    def _move(self, cause: Cause, reason: str) -> bool:
        """Go where the table leads; tell whether it leads anywhere."""
        state = after(PLAYER, self.state, cause)
        if state is None:
            log.debug("%s means nothing while %s", cause, self.state)
            return False
        if state is not self.state:
            before, self.state = self.state, state
            self._tell_state(before, reason)
        return True

    def _tell_state(self, before: PlayerState, reason: str) -> None:
        """Tell that it is in another state."""
        crosses = PlayerState.MIXING in {before, self.state}
        level = logging.DEBUG if crosses else logging.INFO
        log.log(level, "player: %s → %s (%s)", before, self.state, reason)
        self.fire(player_changed(self.state, reason))

    @abstractmethod
    def _begin(self, was: PlayerState) -> None:
        """Start, from whatever it was doing."""

    @abstractmethod
    def _fade_away(self, seconds: Seconds) -> None:
        """Fade everything that sounds, and then be stopped."""

    @abstractmethod
    def _hold(self) -> None:
        """Hold what plays."""

    @abstractmethod
    def _go_on(self) -> None:
        """Let what is held go on."""
