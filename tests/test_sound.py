"""Where the box plays: it chooses an output, follows it, and mends what can be mended."""

import pytest

from easyplayer.errors import DeviceError
from easyplayer.player_events import player_changed
from easyplayer.playout.machine import PlayerState
from easyplayer.sound import Sound, Wish
from easyplayer.units import Percent
from tests.fakes.sound_server import OWN_SINK, FakeOwnServer, FakeSoundServer
from tests.fakes.work import HeldWorker
from tests.house import Stage


class Place(Stage):
    """The part that is tried, on a machine with some sinks.

    :ivar server: the machine's sound server; where it has none, the box's own rises there.
    :ivar own: the server that the box can start.
    :ivar ended: how often the machine was asked to end its server; with a refusal, it does not.
    """

    def __init__(self, *sinks: str, wish: str = "", volume: int | None = None, running: bool = True) -> None:
        super().__init__()
        self.server = FakeSoundServer(self.clock, *sinks)
        self.own = FakeOwnServer(self.server)
        self.worker = HeldWorker(self.root.fire)
        self.ended = 0
        self.refusal = ""
        self.surround(self.server.pump, self.worker.pump)
        self.server.running = running
        self.part = Sound(
            self.server.connect,
            self.own,
            Wish(wish, None if volume is None else Percent(volume)),
            self.ticker,
            self.worker,
            end_server=self._end_server,
        )

    def _end_server(self) -> None:
        self.ended += 1
        if self.refusal:
            raise DeviceError(self.refusal)

    def begin(self) -> "Place":
        """Open it."""
        self.open(self.part)
        return self

    @property
    def sinks(self) -> list[str]:
        """The outputs it has found so far, in order."""
        return [sink for sink, _ in self.told("sound_found")]


# -- which output ----------------------------------------------------------------------------------


def test_output_that_is_wished_for_is_taken() -> None:
    """The sink that the settings name goes before the server's own choice."""
    place = Place("speaker", "card", wish="card").begin()

    assert place.told("sound_found") == [["card", False]]


@pytest.mark.parametrize("wish", ["", "not there"])
def test_output_is_left_to_the_server_otherwise(wish: str) -> None:
    """Where none is named, or the named one is missing, the server's default is taken."""
    place = Place("speaker", "card", wish=wish).begin()

    assert place.sinks == ["speaker"]


def test_output_is_told_once() -> None:
    """Nothing is told again while nothing changes."""
    place = Place("speaker").begin()

    place.run_for(10)

    assert place.sinks == ["speaker"]
    assert place.told("sound_lost") == []


def test_wished_output_that_comes_later_is_moved_to() -> None:
    """When the named sink is plugged in after all, the music moves there."""
    place = Place("speaker", wish="card").begin()

    place.server.plug("card")
    place.settle()

    assert place.sinks == ["speaker", "card"]


def test_output_that_is_pulled_gives_way_to_another() -> None:
    """Where another sink is left, the music moves there, and is not called lost."""
    place = Place("card", "speaker", wish="card").begin()

    place.server.unplug("card")
    place.settle()

    assert place.sinks == ["card", "speaker"]
    assert place.told("sound_lost") == []


def test_last_output_that_is_pulled_is_lost_until_it_is_back() -> None:
    """Without a sink there is no sound, which is told with the way out; with one, there is again."""
    place = Place("card").begin()

    place.server.unplug("card")
    place.settle()
    lost = place.told("sound_lost")
    place.server.plug("card")
    place.settle()

    assert "connect a sound card" in lost[0][0]
    assert place.sinks == ["card", "card"]


def test_volume_of_the_output_is_set_where_it_is_wished() -> None:
    """A sink's own volume is set when it is taken."""
    place = Place("speaker", volume=70).begin()

    assert place.server.volume("speaker") == 70


def test_volume_of_the_output_is_left_alone_otherwise() -> None:
    """Without a wish nobody touches it."""
    place = Place("speaker").begin()

    assert place.server.volume("speaker") == 100


@pytest.mark.parametrize("state", [PlayerState.PLAYING, PlayerState.MIXING, PlayerState.FADING])
def test_sleeping_output_is_woken_while_music_plays(state: PlayerState) -> None:
    """A sink that the server puts to sleep in the middle of a song is woken at once."""
    place = Place("speaker").begin()
    place.fire(player_changed(state, ""))

    place.server.suspend("speaker")
    place.settle()

    assert place.server.woken == ["speaker"]
    assert place.server.plays("speaker")


def test_sleeping_output_may_sleep_while_nothing_plays() -> None:
    """A closed venue lets its sound card rest."""
    place = Place("speaker").begin()
    place.fire(player_changed(PlayerState.STOPPED, ""))

    place.server.suspend("speaker")
    place.run_for(5)

    assert place.server.woken == []


@pytest.mark.parametrize("silent", [PlayerState.STOPPED, PlayerState.PAUSED, PlayerState.WAITING])
def test_output_that_fell_asleep_before_is_woken_when_music_begins(silent: PlayerState) -> None:
    """A sink that was put to sleep in the silence is woken with the first song."""
    place = Place("speaker").begin()
    place.fire(player_changed(silent, ""))
    place.server.suspend("speaker")
    place.run_for(5)

    place.fire(player_changed(PlayerState.PLAYING, ""))
    place.run_for(0.5)

    assert place.server.plays("speaker")


# -- a server that falls, or hangs -----------------------------------------------------------------


def test_server_that_falls_is_lost_and_found() -> None:
    """The machine's own server is not replaced; it is waited for."""
    place = Place("speaker").begin()

    place.server.fall()
    place.run_for(20)
    place.server.rise()
    place.settle()

    assert len(place.told("sound_lost")) == 1
    assert place.sinks == ["speaker", "speaker"]
    assert place.own.starts == 0


def test_server_that_hangs_is_noticed() -> None:
    """One and a half seconds without an answer count as no sound."""
    place = Place("speaker").begin()

    place.server.hang()
    place.run_for(1.0)
    early = place.told("sound_lost")
    place.run_for(0.6)

    assert early == []
    assert "has not answered" in place.last("sound_lost").args[0]


def test_server_that_goes_on_after_it_hung_is_found_again() -> None:
    """Even if it has nothing new to tell, its answers are noticed, and the music goes on."""
    place = Place("speaker").begin()
    place.server.hang()
    place.run_for(5)

    place.server.thaw()
    place.run_for(0.5)

    assert place.sinks == ["speaker", "speaker"]


def test_server_that_hung_and_then_fell_is_found_when_it_is_back() -> None:
    """A hang that ends in a crash is one loss, and one return."""
    place = Place("speaker").begin()
    place.server.hang()
    place.run_for(3)
    place.server.fall()
    place.run_for(3)

    place.server.rise()
    place.run_for(1)

    assert len(place.told("sound_lost")) == 1
    assert place.sinks == ["speaker", "speaker"]


def test_output_that_was_pulled_while_the_server_hung_is_not_played_on() -> None:
    """What is found after a hang is what is there by then."""
    place = Place("card", "speaker", wish="card").begin()
    place.server.hang()
    place.run_for(3)
    place.server.unplug("card")

    place.server.thaw()
    place.run_for(1)

    assert place.sinks[-1] == "speaker"


def test_server_that_goes_on_hanging_is_ended() -> None:
    """The machine's own server is not waited for for ever: whoever started it starts another one."""
    place = Place("speaker").begin()

    place.server.hang()
    place.run_for(9)
    early = place.ended
    place.run_for(12)
    at_last = place.ended
    place.server.fall()
    place.server.rise()
    place.run_for(1)

    assert early == 0
    assert at_last == 1
    assert place.sinks == ["speaker", "speaker"]


def test_server_that_hangs_from_the_start_is_ended() -> None:
    """As for a box that was started anew because of it."""
    place = Place("speaker")
    place.server.hang()

    place.begin().run_for(12)

    assert place.ended == 1


def test_server_that_is_gone_is_not_ended() -> None:
    """It is about to come back."""
    place = Place("speaker").begin()

    place.server.fall()
    place.run_for(60)

    assert place.ended == 0


def test_server_that_hangs_on_is_ended_again_and_again() -> None:
    """Not more often than it takes to start one; and a refusal is no end of it."""
    place = Place("speaker").begin()
    place.refusal = "Access denied"

    place.server.hang()
    place.run_for(60)

    assert place.ended == 4


# -- the silent server of the box's own ------------------------------------------------------------


def test_silent_server_is_started_where_it_is_asked_for() -> None:
    """The name null stands for a silent sink, which is told as such."""
    place = Place(wish="null", running=False).begin()

    place.run_for(1)

    assert place.own.starts == 1
    assert place.told("sound_found") == [[OWN_SINK, True]]


def test_silent_server_is_started_where_there_is_no_other() -> None:
    """A machine without a sound server plays all the same, for nobody."""
    place = Place(running=False).begin()

    place.run_for(1)

    assert place.own.starts == 1
    assert place.told("sound_found") == [[OWN_SINK, True]]


def test_silent_server_that_falls_is_started_anew() -> None:
    """It comes back within half a second."""
    place = Place(wish="null", running=False).begin()
    place.run_for(10)

    place.server.fall()
    place.run_for(0.5)

    assert place.own.starts == 2
    assert place.sinks == [OWN_SINK, OWN_SINK]


def test_silent_server_that_hangs_is_started_anew() -> None:
    """What cannot be waited for is ended, and replaced within two seconds."""
    place = Place(wish="null", running=False).begin()
    place.run_for(10)
    before = len(place.told("sound_lost"))

    place.server.hang()
    place.run_for(2)

    assert place.own.starts == 2
    assert place.sinks == [OWN_SINK, OWN_SINK]
    assert len(place.told("sound_lost")) == before + 1


def test_silent_server_that_cannot_be_started_is_tried_again() -> None:
    """A machine without PulseAudio says what to install, and plays once that is there."""
    place = Place(running=False)
    place.own.missing = True
    place.begin().run_for(30)
    tries, reasons = place.own.starts, place.told("sound_lost")

    place.own.missing = False
    place.run_for(6)

    assert tries == 0
    assert any("install the package pulseaudio" in reason for (reason,) in reasons)
    assert place.sinks == [OWN_SINK]


def test_silent_server_gives_way_to_a_real_one_that_comes_later() -> None:
    """A sound server that starts after the box is moved to, because that one can be heard."""
    place = Place(running=False).begin()
    place.run_for(1)

    place.own.has_rival = True
    place.run_for(5)
    place.own.has_rival = False
    place.server.unplug(OWN_SINK)
    place.server.plug("speaker")
    place.server.rise()
    place.run_for(1)

    assert not place.own.alive
    assert place.told("sound_found") == [[OWN_SINK, True], ["speaker", False]]


def test_silent_server_that_was_asked_for_gives_way_to_nobody() -> None:
    """Where the settings say null, a real server changes nothing."""
    place = Place(wish="null", running=False).begin()
    place.run_for(1)

    place.own.has_rival = True
    place.run_for(20)

    assert place.sinks == [OWN_SINK]
    assert place.own.alive


# -- the end ---------------------------------------------------------------------------------------


def test_closed_part_lets_both_servers_go() -> None:
    """The connection is closed, and the box's own server ended."""
    place = Place(wish="null", running=False).begin()
    place.run_for(1)

    place.part.close()
    place.run_for(5)

    assert place.server.closed
    assert not place.own.alive
    assert place.own.starts == 1


def test_part_that_was_never_opened_can_be_closed() -> None:
    """A box whose start failed closes what it had not opened."""
    place = Place("speaker")

    place.part.close()

    assert place.server.closed
