"""The proof of sound: the meter notices music that nobody can hear."""

import pytest

from easyplayer.events import sound_found
from easyplayer.meter import Meter
from easyplayer.player_events import player_changed
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Linear
from tests.fakes.monitor import FakeMonitor
from tests.house import Stage

MUSIC = Linear(0.2)
NOTHING = Linear(0.0)


class Hall(Stage):
    """A meter that listens to one sink, on which music plays or does not.

    :ivar sound: what the sink carries; ``None`` is a sink of which nothing comes at all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sound: Linear | None = NOTHING
        self.monitor = FakeMonitor(self.clock, lambda _sink: self.sound)
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


def test_closed_meter_listens_to_nothing() -> None:
    """The monitor is let go."""
    hall = Hall()

    hall.meter.close()

    assert hall.monitor.sink == ""
