"""The proof of sound: the meter notices music that nobody can hear."""

from collections.abc import Callable

import pytest

from easyplayer.events import sound_found
from easyplayer.meter import LOOK_EVERY_S, LOOKS_UNANSWERED, Meter
from easyplayer.player_events import player_changed
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Linear
from tests.fakes.clock import HeldClock
from tests.fakes.monitor import FakeMonitor
from tests.house import Stage

MUSIC = Linear(0.2)
NOTHING = Linear(0.0)


class Ear(FakeMonitor):
    """An ear that may be dead, until it is made to listen anew.

    :ivar dead: whether nothing ever comes of it.
    :ivar dies: whether it is dead for good.
    :ivar listens: when it was told to listen.
    """

    def __init__(self, clock: HeldClock, sound: Callable[[str], Linear | None]) -> None:
        super().__init__(clock, lambda sink: None if self.dead else sound(sink))
        self.dead = self.dies = False
        self.listens: list[float] = []
        self._tells_time = clock

    def listen(self, sink: str) -> None:
        """Listen to a sink."""
        self.listens.append(self._tells_time())
        self.dead = self.dies
        super().listen(sink)


class Hall(Stage):
    """A meter that listens to one sink, on which music plays or does not.

    :ivar sound: what the sink carries; ``None`` is a sink of which nothing comes at all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sound: Linear | None = NOTHING
        self.monitor = Ear(self.clock, lambda _sink: self.sound)
        self.meter = Meter(self.monitor.connect, self.ticker)
        self.surround(self.monitor.pump)
        self.open(self.meter)
        self.fire(sound_found("speaker", private=False))

    def play(self, state: PlayerState = PlayerState.PLAYING) -> None:
        """Let the player do something."""
        self.fire(player_changed(state, ""))


def test_meter_listens_to_the_sink_in_use() -> None:
    """When the output is another one, the meter goes there."""
    hall = Hall()
    first = hall.monitor.sink

    hall.fire(sound_found("card", private=False))

    assert (first, hall.monitor.sink) == ("speaker", "card")


def test_level_and_last_sound_are_known() -> None:
    """The meter tells what it heard last, and when that was sound."""
    hall = Hall()
    hall.sound = MUSIC
    hall.run_for(1)
    heard_at = hall.clock()

    hall.sound = NOTHING
    hall.run_for(1)

    assert hall.meter.level.peak_db < -100
    assert hall.meter.last_audible == pytest.approx(heard_at, abs=0.4)


@pytest.mark.parametrize("state", [PlayerState.PLAYING, PlayerState.MIXING])
def test_music_that_cannot_be_heard_is_noticed_after_ten_seconds(state: PlayerState) -> None:
    """A pulled cable, a muted sink: music plays and its output is silent, which is told once."""
    hall = Hall()
    hall.play(state)

    hall.run_for(9.5)
    early = hall.told("silence_noticed")
    hall.run_for(60)

    assert early == []
    assert len(hall.told("silence_noticed")) == 1
    assert hall.told("silence_noticed")[0][0] == pytest.approx(10.0, abs=0.4)


def test_sound_that_comes_back_is_noticed_at_once() -> None:
    """After a silence that was told, the first sound is told, too."""
    hall = Hall()
    hall.play()
    hall.run_for(15)

    hall.sound = MUSIC
    hall.run_for(0.5)

    assert len(hall.told("sound_noticed")) == 1


def test_silence_is_told_again_when_it_comes_again() -> None:
    """Each silence counts."""
    hall = Hall()
    hall.play()

    for _ in range(3):
        hall.sound = NOTHING
        hall.run_for(12)
        hall.sound = MUSIC
        hall.run_for(1)

    assert len(hall.told("silence_noticed")) == len(hall.told("sound_noticed")) == 3


def test_quiet_passage_is_no_silence() -> None:
    """A song may be silent for some seconds, again and again."""
    hall = Hall()
    hall.play()

    for _ in range(5):
        hall.sound = MUSIC
        hall.run_for(1)
        hall.sound = NOTHING
        hall.run_for(9)

    assert hall.told("silence_noticed") == []


@pytest.mark.parametrize(
    "state",
    [PlayerState.STOPPED, PlayerState.PAUSED, PlayerState.FADING, PlayerState.WAITING, PlayerState.NO_SOUND],
)
def test_silence_on_purpose_is_not_suspicious(state: PlayerState) -> None:
    """Where no music plays, nothing has to be heard."""
    hall = Hall()
    hall.play()
    hall.run_for(5)

    hall.play(state)
    hall.run_for(60)

    assert hall.told("silence_noticed") == []


def test_silence_is_counted_from_the_start_of_the_music() -> None:
    """A night without sound does not count once the music begins in the morning."""
    hall = Hall()
    hall.sound = MUSIC
    hall.run_for(1)
    hall.sound = NOTHING
    hall.run_for(3600, step_s=1)

    hall.play()
    hall.run_for(5)

    assert hall.told("silence_noticed") == []


def test_change_from_song_to_song_does_not_begin_anew() -> None:
    """A player that goes on from song to song in silence is noticed all the same."""
    hall = Hall()

    for _ in range(4):
        hall.play(PlayerState.MIXING)
        hall.run_for(2)
        hall.play(PlayerState.PLAYING)
        hall.run_for(2)

    assert len(hall.told("silence_noticed")) == 1


def test_ear_that_is_dead_is_replaced_within_twenty_seconds_and_told() -> None:
    """A server that hangs in the middle: music plays, and no level comes to tell whether it is heard."""
    hall = Hall()
    hall.sound = MUSIC
    hall.play()
    hall.run_for(60)
    hall.monitor.dead = True

    hall.run_for(LOOK_EVERY_S * (LOOKS_UNANSWERED - 1) - 0.5)
    early = hall.told("hearing_lost")
    hall.run_for(LOOK_EVERY_S + 1.5)

    assert early == []
    assert len(hall.told("hearing_lost")) == 1
    assert "cannot be listened to" in hall.told("hearing_lost")[0][0]
    assert len(hall.monitor.listens) == 2
    assert hall.clock() - hall.last("level_heard").at < 1.0


def test_silence_is_noticed_by_an_ear_that_was_replaced() -> None:
    """The proof of sound goes on where it was."""
    hall = Hall()
    hall.play()
    hall.monitor.dead = True

    hall.run_for(LOOK_EVERY_S * LOOKS_UNANSWERED + 1)

    assert len(hall.told("silence_noticed")) == 1


def test_ear_that_stays_dead_is_told_once_and_tried_ever_more_rarely() -> None:
    """Each try may leave a thread behind: after an hour there were ten, and not hundreds."""
    hall = Hall()
    hall.monitor.dead = hall.monitor.dies = True
    hall.play()

    hall.run_for(3600, step_s=0.5)
    tries = len(hall.monitor.listens) - 1
    hall.monitor.dies = False
    hall.run_for(601, step_s=0.5)

    assert 8 <= tries <= 12
    assert len(hall.told("hearing_lost")) == 1
    assert hall.told("level_heard")


def test_ear_that_dies_again_is_told_again() -> None:
    """What was mended in between is another trouble."""
    hall = Hall()
    hall.sound = MUSIC
    hall.play()

    for _ in range(3):
        hall.monitor.dead = True
        hall.run_for(30)

    assert len(hall.told("hearing_lost")) == 3


@pytest.mark.parametrize("state", [PlayerState.STOPPED, PlayerState.PAUSED, PlayerState.NO_SOUND])
def test_ear_that_hears_nothing_while_no_music_plays_is_let_be(state: PlayerState) -> None:
    """A server puts an output to sleep that nobody plays on, and then there is no level either."""
    hall = Hall()
    hall.monitor.dead = True
    hall.play()
    hall.run_for(10)

    hall.play(state)
    hall.run_for(600, step_s=0.5)

    assert hall.told("hearing_lost") == []
    assert len(hall.monitor.listens) == 1


def test_closed_meter_listens_to_nothing() -> None:
    """The monitor is let go."""
    hall = Hall()

    hall.meter.close()

    assert hall.monitor.sink == ""
