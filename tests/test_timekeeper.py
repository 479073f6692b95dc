"""How far the clock can be trusted is told at once, and again whenever that changes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.wall_clock import Reading
from easyplayer.errors import StateError
from easyplayer.events import time_told
from easyplayer.playout.clock import ClockTrust
from easyplayer.timekeeper import KEEP_EVERY_S, WORD_HOLDS_S, KeptTime, Timekeeper
from easyplayer.units import Instant, Monotonic
from tests.fakes.clock import HeldWall
from tests.fakes.work import HeldWorker
from tests.house import Stage

NOW = Instant(datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp())
HOUR = 3600.0
YEAR = 365 * 24 * HOUR
UNKNOWN, ESTIMATED, TRUSTED = ClockTrust


class Memory(StateFile[KeptTime]):
    """A kept time on a disk that a test watches.

    :ivar kept: every time that was written.
    :ivar full: whether the disk takes nothing.
    """

    def __init__(self, kept: float | None) -> None:
        super().__init__(Path("/state/clock.json"), KeptTime)
        self.kept: list[float] = []
        self.full = False
        self._there = None if kept is None else KeptTime(wall=Instant(kept))

    def load(self) -> KeptTime | None:
        return self._there

    def save(self, content: KeptTime) -> None:
        if self.full:
            raise StateError("/state/clock.json cannot be written (No space left on device): free space")
        self.kept.append(content.wall)


class Tower(Stage):
    """A timekeeper, and the clock that it watches.

    :param shows: what the clock shows when the box starts.
    :param kept: what was kept before; ``None`` is a fresh box.
    """

    def __init__(self, shows: float, *, kept: float | None = None, in_sync: bool = False) -> None:
        super().__init__()
        self.wall = HeldWall(self.clock, shows, in_sync=in_sync)
        self.memory = Memory(kept)
        self.disk = HeldWorker(self.root.fire)
        self.surround(self.disk.pump)
        self.part = Timekeeper(self.wall, self.memory, self.ticker, self.disk)
        self.open(self.part)

    def wait(self, seconds: float) -> None:
        """Let time pass, in steps that are good enough for a clock."""
        self.run_for(seconds, step_s=0.25)

    @property
    def trust(self) -> list[ClockTrust]:
        """All that was told of the clock, in order."""
        return [judged for (judged,) in self.told("clock_judged")]

    @property
    def steps(self) -> list[float]:
        """By how much it was set, each time."""
        return [by_s for (by_s,) in self.told("clock_stepped")]


@pytest.mark.parametrize(
    ("shows", "in_sync", "trust"),
    [
        (0.0, False, UNKNOWN),
        (0.0, True, UNKNOWN),
        (NOW, False, ESTIMATED),
        (NOW, True, TRUSTED),
    ],
)
def test_the_clock_is_judged_when_the_box_opens(shows: float, in_sync: bool, trust: ClockTrust) -> None:
    """Before any other part has to ask."""
    assert Tower(shows, in_sync=in_sync).trust == [trust]


def test_nothing_is_told_twice() -> None:
    """A clock that goes on as it was is no news."""
    tower = Tower(NOW, in_sync=True)
    tower.wait(120)

    assert (tower.trust, tower.steps) == ([TRUSTED], [])


def test_the_machines_network_comes_up_after_the_box() -> None:
    """A clock that starts in 1970, is set by NTP and kept right from then on."""
    tower = Tower(100.0)
    tower.wait(20)
    tower.wall.set_to(NOW, in_sync=True)
    tower.wait(1)

    assert tower.trust == [UNKNOWN, TRUSTED]
    assert tower.steps == [pytest.approx(NOW - 120, abs=1)]
    told = [seen.name for seen in tower.witness.seen if seen.name.startswith("clock")]
    assert told == ["clock_judged", "clock_stepped", "clock_judged"]


def test_a_clock_that_is_set_by_hand_is_noticed_within_a_second() -> None:
    """Forth and back; each time it is told by how much, and the clock is no longer trusted."""
    tower = Tower(NOW, in_sync=True)
    tower.wait(5)
    tower.wall.step(-HOUR)
    tower.wait(1)
    tower.wall.step(2 * HOUR)
    tower.wait(1)

    assert tower.steps == pytest.approx([-HOUR, 2 * HOUR])
    assert tower.trust == [TRUSTED, ESTIMATED]


def test_a_clock_that_is_slewed_is_followed() -> None:
    """Ten minutes of a clock that NTP hurries along are no step, and it stays what it was."""
    tower = Tower(NOW, in_sync=True)
    tower.wall.drift(0.1)
    tower.wait(600)

    assert (tower.trust, tower.steps) == ([TRUSTED], [])


def test_a_network_that_goes_takes_the_trust_along() -> None:
    """Only the trust: the time it shows goes on."""
    tower = Tower(NOW, in_sync=True)
    tower.wait(5)
    tower.wall.in_sync = False
    tower.wait(5)

    assert (tower.trust, tower.steps) == ([TRUSTED, ESTIMATED], [])


class TestBattery:
    """A clock that is measured by what was kept."""

    def test_one_that_has_lost_months_is_not_believed(self) -> None:
        """It says what was possible once, and is not now; that stays so, however long the box runs."""
        tower = Tower(NOW - 2 * 24 * HOUR, kept=NOW)
        tower.wait(60)
        tower.run_for(3 * 24 * HOUR, step_s=HOUR)

        assert tower.trust == [UNKNOWN]

    def test_one_that_has_lost_an_hour_is(self) -> None:
        """Summer time has ended, or the box was carried to another country."""
        assert Tower(NOW - HOUR, kept=NOW).trust == [ESTIMATED]

    def test_whoever_sets_it_knows_better(self) -> None:
        """A box that once stood in the year 2036 is put right by a person, too."""
        tower = Tower(NOW, kept=NOW + 9 * YEAR)
        tower.wait(10)
        tower.wall.step(60)
        tower.wait(KEEP_EVERY_S + 10)

        assert tower.trust == [UNKNOWN, ESTIMATED]
        assert max(tower.memory.kept) < NOW + HOUR

    def test_ntp_knows_better(self) -> None:
        """What was kept of a wrong year is forgotten."""
        tower = Tower(NOW, kept=NOW + 9 * YEAR, in_sync=True)

        assert tower.trust == [TRUSTED]
        assert tower.memory.kept == [NOW]


class TestKeeping:
    """The time that is on the disk."""

    def test_it_is_kept_at_once_and_then_now_and_then(self) -> None:
        """A box that is switched off every evening has a memory; a disk is not worn."""
        tower = Tower(NOW)
        tower.wait(2 * KEEP_EVERY_S + 5)

        assert tower.memory.kept == pytest.approx([NOW, NOW + KEEP_EVERY_S, NOW + 2 * KEEP_EVERY_S], abs=1)

    def test_a_time_that_cannot_be_is_not_kept(self) -> None:
        """Nor does it take the place of a better one."""
        tower = Tower(0.0, kept=NOW)
        tower.wait(2 * KEEP_EVERY_S)

        assert tower.memory.kept == []

    def test_the_latest_is_kept(self) -> None:
        """A clock that may be an hour late does not make the box forget what time it was."""
        tower = Tower(NOW - HOUR, kept=NOW)
        tower.wait(KEEP_EVERY_S + 5)

        assert tower.memory.kept == pytest.approx([NOW, NOW + KEEP_EVERY_S], abs=1)

    def test_a_disk_that_is_full_is_told(self) -> None:
        """And the clock is judged all the same."""
        tower = Tower(0.0)
        tower.memory.full = True
        tower.wall.set_to(NOW)
        tower.wait(5)

        assert "No space left" in tower.told("state_refused")[0][0]
        assert tower.trust == [UNKNOWN, ESTIMATED]

    def test_a_disk_that_hangs_holds_nothing_up(self) -> None:
        """What is to be kept waits there, aside."""
        tower = Tower(NOW)
        tower.disk.busy = True
        tower.wait(KEEP_EVERY_S)
        tower.wall.step(HOUR)
        tower.wait(1)

        assert tower.steps == [HOUR]

    def test_what_was_kept_is_read_by_the_next_run(self, tmp_path: Path) -> None:
        """On a real disk."""
        stage = Stage()
        file, disk = StateFile(tmp_path / "clock.json", KeptTime), HeldWorker(stage.root.fire)
        stage.surround(disk.pump)
        stage.open(Timekeeper(HeldWall(stage.clock, NOW), file, stage.ticker, disk))

        assert file.load() == KeptTime(wall=NOW)


class TestHub:
    """A clock that nobody keeps right but the hub."""

    def tell(self, tower: Tower, wall: float) -> None:
        """Let the hub say what time it is."""
        tower.fire(time_told(Reading(tower.clock(), Instant(wall))))

    def test_its_word_sets_the_clock_and_makes_it_trusted(self) -> None:
        """Music plays by the program, and the log has the right time."""
        tower = Tower(100.0)
        tower.wait(10)
        self.tell(tower, NOW)
        tower.wait(60)

        assert tower.trust == [UNKNOWN, TRUSTED]
        assert tower.steps == [pytest.approx(NOW - 110)]
        assert tower.wall.now() == pytest.approx(NOW + 60)

    def test_a_clock_that_shows_the_same_is_left_alone(self) -> None:
        """It was right; now somebody has said so."""
        tower = Tower(NOW)
        self.tell(tower, NOW + 1.5)
        tower.wait(10)

        assert (tower.trust, tower.steps) == ([ESTIMATED, TRUSTED], [])
        assert tower.wall.now() == pytest.approx(NOW + 10)

    def test_an_answer_that_took_its_time_is_not_late(self) -> None:
        """It tells the time of the instant between question and answer."""
        tower = Tower(NOW)
        asked = tower.clock()
        tower.wait(8)
        tower.fire(time_told(Reading(Monotonic(asked + 4), Instant(NOW + 4))))
        assert tower.steps == []

    def test_its_word_holds_for_a_day(self) -> None:
        """The clock goes on as it was, but nobody keeps it right any more."""
        tower = Tower(NOW)
        self.tell(tower, NOW)
        tower.run_for(WORD_HOLDS_S - 10, step_s=5)
        before = tower.trust[:]
        tower.run_for(20, step_s=5)

        assert (before, tower.trust) == ([ESTIMATED, TRUSTED], [ESTIMATED, TRUSTED, ESTIMATED])

    def test_whoever_keeps_the_machines_clock_right_knows_better(self) -> None:
        """NTP does so by itself; the hub is not listened to."""
        tower = Tower(NOW, in_sync=True)
        self.tell(tower, NOW + HOUR)
        tower.wait(10)
        assert (tower.trust, tower.steps) == ([TRUSTED], [])

    def test_when_ntp_comes_the_correction_goes(self) -> None:
        """The machine's clock is right then; with both, it would be wrong twice."""
        tower = Tower(NOW - HOUR)
        self.tell(tower, NOW)
        tower.wait(10)
        tower.wall.step(HOUR, in_sync=True)
        tower.wait(10)

        assert tower.wall.now() == pytest.approx(NOW + 20)
        assert tower.trust == [ESTIMATED, TRUSTED]

    def test_when_a_person_sets_it_the_correction_goes_too(self) -> None:
        """The machine's clock is not what it was when the hub was heard; the next word will tell."""
        tower = Tower(NOW - HOUR)
        self.tell(tower, NOW)
        tower.wait(10)
        tower.wall.step(HOUR - 100)
        tower.wait(10)

        assert tower.wall.now() == pytest.approx(NOW + 20 - 100)
        assert tower.trust == [ESTIMATED, TRUSTED, ESTIMATED]

    def test_a_time_that_cannot_be_makes_nothing_trusted(self) -> None:
        """A hub may be wrong, too: no time before this software was made."""
        tower = Tower(NOW)
        self.tell(tower, 100.0)
        tower.wait(10)
        assert tower.trust == [ESTIMATED, UNKNOWN]


def test_a_box_that_keeps_nothing_judges_by_what_it_sees() -> None:
    """There is no file, and none is made."""
    stage = Stage()
    disk = HeldWorker(stage.root.fire)
    stage.open(Timekeeper(HeldWall(stage.clock, NOW), None, stage.ticker, disk))

    assert stage.told("clock_judged") == [[ESTIMATED]]
    assert not disk.pump()


def test_a_closed_timekeeper_looks_no_more() -> None:
    """Whatever is done to the clock then."""
    tower = Tower(NOW)
    tower.part.close()
    tower.wall.step(HOUR)
    tower.wait(5)

    assert tower.steps == []
