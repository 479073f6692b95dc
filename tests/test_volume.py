"""The box is as loud as a person and the program have it, and nobody hears the volume go."""

from datetime import datetime, time
from itertools import pairwise
from typing import Any

import pytest

from easyplayer.events import clock_judged, clock_stepped, program_taken
from easyplayer.player_events import item_started, set_volume
from easyplayer.playout.calendar import instant_of, zone_of
from easyplayer.playout.catalogue import Program, Volume, VolumePoint
from easyplayer.playout.clock import ClockTrust
from easyplayer.units import Percent, Seconds
from easyplayer.volume import STEP, Limits, VolumeControl
from tests.fakes.clock import HeldWall
from tests.house import Stage, song

PARIS = "Europe/Paris"
EVENING = {"18:00": 40, "20:00": 60}


def points(curve: dict[str, int]) -> tuple[VolumePoint, ...]:
    """Give the points of a curve."""
    return tuple(
        VolumePoint(at=time.fromisoformat(at), volume=Percent(volume)) for at, volume in curve.items()
    )


class Bar(Stage):
    """The volume of a bar, at seven in the evening.

    :param limits: how far a person may turn it.
    :ivar wall: the clock on its wall.
    """

    def __init__(self, at: str = "19:00", **limits: int) -> None:
        super().__init__()
        start = instant_of(datetime.fromisoformat(f"2026-11-21T{at}"), zone_of(PARIS))
        self.wall = HeldWall(self.clock, start)
        given = Limits(**{name: Percent(value) for name, value in limits.items()})
        self.control = VolumeControl(given, self.wall.now, self.ticker)
        self.open(self.control)

    def take(self, curve: dict[str, int] | None = None, **fields: Any) -> "Bar":
        """Give it a program."""
        volume = Volume(curve=points(curve or {}), **fields)
        self.fire(program_taken(Program(name="bar", zone=PARIS, volume=volume)))
        return self

    def play(self) -> "Bar":
        """Let an item be heard."""
        self.fire(item_started(song("a"), Seconds(0.0)))
        return self

    def turn(self, volume: int) -> "Bar":
        """Have a person turn the volume."""
        self.fire(set_volume(Percent(volume)))
        return self

    @property
    def turned(self) -> list[float]:
        """All that the volume was turned to."""
        return [volume for (volume,) in self.told("turn_volume")]

    @property
    def shown(self) -> list[int]:
        """All that was told of it."""
        return [volume for (volume,) in self.told("volume_changed")]


class TestWithoutACurve:
    """A person has the word."""

    def test_it_starts_where_the_settings_say(self) -> None:
        """At once, and told once."""
        bar = Bar(volume=65)
        assert (bar.turned, bar.shown) == ([65.0], [65])

    def test_what_a_person_turns_holds(self) -> None:
        """At once, and for ever."""
        bar = Bar().take().play().turn(30)
        bar.run_for(3600, step_s=60)
        assert (bar.turned, bar.shown) == ([80.0, 30.0], [80, 30])

    @pytest.mark.parametrize(("wanted", "expected"), [(0, 20), (100, 70), (150, 70), (50, 50)])
    def test_a_person_stays_within_the_limits_of_the_settings(self, wanted: int, expected: int) -> None:
        """Whatever a command asks for."""
        assert Bar(volume=60, lowest=20, highest=70).turn(wanted).shown[-1] == expected

    def test_nobody_goes_above_the_ceiling_of_the_program(self) -> None:
        """Nor do the settings; it is above their lowest, too."""
        bar = Bar(volume=80, lowest=75).take(ceiling=Percent(70))
        assert bar.shown[-1] == 70
        assert bar.turn(90).shown[-1] == 70

    def test_what_was_wanted_comes_back_when_the_ceiling_goes(self) -> None:
        """The person has not changed their mind."""
        bar = Bar(volume=80).take(ceiling=Percent(70)).take()
        assert bar.shown == [80, 70, 80]

    def test_nothing_ticks(self) -> None:
        """While nothing moves, the loop sleeps."""
        bar = Bar().take().play()
        bar.run_for(10, step_s=1)
        assert len(bar.ticker._heap) == 0


class TestWithACurve:
    """The program has the word, by the time of day."""

    def test_the_first_program_counts_before_anything_is_heard(self) -> None:
        """The first song begins as loud as it should be."""
        bar = Bar().take(EVENING)
        assert (bar.turned, bar.shown) == ([80.0, 50.0], [80, 50])

    def test_the_volume_follows_the_curve(self) -> None:
        """By the clock on the wall of the venue."""
        bar = Bar().take(EVENING).play()
        bar.run_for(1800, step_s=1)
        assert bar.control.volume == pytest.approx(55, abs=0.1)
        assert bar.shown[1:] == [50, 51, 52, 53, 54, 55]

    def test_a_program_that_is_louder_comes_softly(self) -> None:
        """At its own speed, in steps that nobody hears."""
        bar = Bar().take({"12:00": 40}).play()
        begin = bar.clock()
        bar.take({"12:00": 60}, slew_per_s=2.0)
        bar.run_until(lambda: bar.control.volume == 60.0)

        assert bar.clock() - begin == pytest.approx(10.0, abs=0.5)
        assert max(abs(after - before) for before, after in pairwise(bar.turned[1:])) <= STEP

    def test_a_fast_one_goes_in_steps_that_nobody_hears_as_well(self) -> None:
        """They come the sooner one after the other."""
        bar = Bar().take({"12:00": 40}).play().take({"12:00": 0}, slew_per_s=40.0)
        bar.run_until(lambda: bar.control.volume == 0.0, within_s=2.0)
        assert max(abs(after - before) for before, after in pairwise(bar.turned[1:])) <= STEP

    def test_a_curve_that_stays_turns_nothing(self) -> None:
        """It is looked at, and nobody is told of it."""
        bar = Bar().take({"12:00": 40}).play()
        bar.run_for(600, step_s=1)
        assert bar.turned == [80.0, 40.0]

    def test_the_limits_of_the_settings_hold(self) -> None:
        """Those of this box, whatever the program says."""
        assert Bar(volume=60, lowest=45, highest=65).take({"12:00": 20}).shown[-1] == 45
        assert Bar(volume=60, lowest=45, highest=65).take({"12:00": 90}).shown[-1] == 65

    def test_a_clock_that_is_set_moves_it_softly(self) -> None:
        """As a step of the wall clock never interrupts what plays."""
        bar = Bar().take(EVENING).play()
        bar.wall.step(3600)
        bar.fire(clock_stepped(Seconds(3600.0)))
        after = bar.control.volume
        bar.run_for(10)
        assert after == pytest.approx(50.5)
        assert bar.control.volume == pytest.approx(60, abs=0.1)

    def test_it_ends_with_its_deadlines(self) -> None:
        """After the end nothing is turned."""
        bar = Bar().take(EVENING).play()
        bar.control.close()
        bar.run_for(60, step_s=1)
        assert bar.turned == [80.0, 50.0]


class TestTrim:
    """A person turns it from the curve, for a while."""

    def test_a_person_is_obeyed_at_once(self) -> None:
        """Whoever turns it down wants to speak now."""
        assert Bar().take(EVENING).play().turn(35).turned[-1] == 35.0

    def test_what_a_person_turned_goes_by_itself(self) -> None:
        """Half of it in the program's time."""
        bar = Bar().take({"12:00": 50}, trim_minutes=30).play().turn(66)
        levels = []
        for _ in range(3):
            bar.run_for(1800, step_s=1)
            levels.append(bar.control.volume)
        assert levels == pytest.approx([58, 54, 52], abs=0.1)

    def test_it_goes_along_with_the_curve(self) -> None:
        """Ten below it stays ten below, but for what has gone by then."""
        bar = Bar().take(EVENING, trim_minutes=1440).play().turn(40)
        bar.run_for(1800, step_s=1)
        assert bar.control.volume == pytest.approx(55 - 10, abs=0.3)

    def test_a_person_goes_as_far_as_the_program_allows(self) -> None:
        """And hears that."""
        bar = Bar().take({"12:00": 50}, trim_most=Percent(10)).play()
        assert [bar.turn(wanted).shown[-1] for wanted in (0, 100)] == [40, 60]

    def test_it_survives_a_clock_that_is_set(self) -> None:
        """It was turned as long ago as before."""
        bar = Bar().take({"12:00": 50}, trim_minutes=30).play().turn(66)
        for by_s in (-86_400.0, 7 * 86_400.0):
            bar.wall.step(by_s)
            bar.fire(clock_stepped(Seconds(by_s)))
            bar.run_for(60, step_s=1)
        assert bar.control.volume == pytest.approx(50 + 16 * 0.5 ** (2 / 30), abs=0.1)

    def test_it_is_still_what_was_wanted_when_the_curve_goes(self) -> None:
        """A program without a curve leaves the volume to a person."""
        bar = Bar().take({"12:00": 50}).play().turn(42)
        bar.take()
        assert bar.control.volume == 42.0


class TestUnknownTime:
    """Nobody knows what time it is."""

    def test_there_is_no_curve_until_somebody_does(self) -> None:
        """What is meant for the night must not come at noon: the settings have the word."""
        bar = Bar(volume=70)
        bar.fire(clock_judged(ClockTrust.UNKNOWN))
        bar.take(EVENING).play()
        blind = bar.control.volume
        bar.fire(clock_judged(ClockTrust.TRUSTED))
        bar.run_for(30)
        assert blind == 70.0
        assert bar.control.volume == pytest.approx(50, abs=0.2)
