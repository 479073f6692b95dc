"""The contract of a wall clock, kept by the machine's own and by the one that a test holds."""

import ctypes
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from easyplayer.drivers import wall_clock
from easyplayer.drivers.wall_clock import STA_UNSYNC, TIME_ERROR, SystemClock, WallClock, boot_id, read_both
from easyplayer.ticker import monotonic
from easyplayer.units import Instant, Monotonic
from tests.fakes.clock import HeldClock, HeldWall

NOW = 1_800_000_000.0
DAY_S = 86_400.0


class Room:
    """A wall clock, and the monotonic one beside it.

    :ivar wait: lets some seconds pass.
    """

    def __init__(
        self, wall: WallClock, clock: Callable[[], Monotonic], wait: Callable[[float], object]
    ) -> None:
        self.wall = wall
        self.clock = clock
        self.wait = wait


@pytest.fixture(name="room", params=["fake", "real", "rehearsal"])
def _room(request: pytest.FixtureRequest) -> Room:
    """Give a clock; the machine's own may be a day ahead for a rehearsal."""
    if request.param == "fake":
        clock = HeldClock()
        return Room(HeldWall(clock, NOW), clock, clock.advance)
    return Room(SystemClock(DAY_S if request.param == "rehearsal" else 0.0), monotonic, time.sleep)


def test_it_goes_with_the_monotonic_clock(room: Room) -> None:
    """As long as nobody sets it, both count the same seconds."""
    before = read_both(room.clock, room.wall)
    room.wait(0.05)
    after = read_both(room.clock, room.wall)

    assert after.wall - before.wall >= 0.04
    assert after.wall - before.wall == pytest.approx(after.at - before.at, abs=0.01)


def test_it_is_kept_right_or_not(room: Room) -> None:
    """There is an answer, and the question changes nothing."""
    answers = {room.wall.synchronised() for _ in range(3)}
    assert answers in ({True}, {False})


def test_it_can_be_corrected_again_and_again(room: Room) -> None:
    """By so much as it is wrong; whether it is kept right is another question."""
    kept_right, before = room.wall.synchronised(), read_both(room.clock, room.wall)
    room.wall.correct(3600.0)
    room.wall.correct(-600.0)
    after = read_both(room.clock, room.wall)

    assert after.wall - before.wall == pytest.approx(after.at - before.at + 3000.0, abs=0.01)
    assert room.wall.synchronised() is kept_right


class TestSystemClock:
    """The machine's own clock."""

    def test_it_shows_what_the_machine_shows(self) -> None:
        """Not another zone's time."""
        before = time.time()
        assert before <= SystemClock().now() <= time.time()

    def test_a_rehearsal_is_ahead_and_nobody_keeps_it_right(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing that is played at a time of its own is ever taken for what was played then."""
        monkeypatch.setattr(wall_clock, "_kernel_is_synchronised", lambda: True)
        rehearsal = SystemClock(DAY_S)

        assert rehearsal.now() == pytest.approx(time.time() + DAY_S, abs=1.0)
        assert (rehearsal.synchronised(), SystemClock().synchronised()) == (False, True)

    @pytest.mark.parametrize(
        ("state", "status", "answer"),
        [(0, 0x1, True), (0, 0x1 | STA_UNSYNC, False), (TIME_ERROR, 0x1, False), (-1, 0, False)],
    )
    def test_the_kernel_has_the_say(
        self, state: int, status: int, answer: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It keeps the clock right only where it says so twice; where it may not be asked, it does not."""

        class Library:
            def adjtimex(self, asked: object) -> int:
                asked._obj.status = status  # type: ignore[attr-defined]
                return state

        monkeypatch.setattr(wall_clock, "_library", Library)
        assert SystemClock().synchronised() is answer

    def test_where_there_is_no_such_kernel_nobody_keeps_it_right(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A system that is no Linux has no such call."""
        monkeypatch.setattr(wall_clock, "_library", object)
        assert SystemClock().synchronised() is False

    def test_the_question_fits_the_kernels_answer(self) -> None:
        """The structure has room for more than any kernel writes."""
        assert ctypes.sizeof(wall_clock._Timex) > 400


class TestHeldWall:
    """What a test can do to its clock."""

    def test_it_is_set_ahead_and_back_and_drifts(self) -> None:
        """As a story asks for."""
        clock = HeldClock()
        wall = HeldWall(clock, 0.0, in_sync=True)
        wall.set_to(NOW)
        clock.advance(10)
        wall.step(-3600)
        wall.drift(0.5)
        clock.advance(10)

        assert wall.now() == NOW + 10 - 3600 + 15

    def test_one_that_is_set_is_not_kept_right_any_more(self) -> None:
        """So it is with the kernel's, unless who keeps it right has set it."""
        wall = HeldWall(HeldClock(), NOW, in_sync=True)
        wall.step(1.0)
        by_hand = wall.synchronised()
        wall.step(1.0, in_sync=True)

        assert (by_hand, wall.synchronised()) == (False, True)


class TestBothAtOnce:
    """Reading the two clocks."""

    def test_a_reading_during_which_the_process_stood_still_is_taken_again(self) -> None:
        """A clock that was read half a second later than the other was not set."""
        clock = HeldClock()
        pauses = [0.5, 0.3, 0.0]

        class Slow(HeldWall):
            def now(self) -> Instant:
                shown = super().now()
                clock.advance(pauses.pop(0) if pauses else 0.0)
                return shown

        reading = read_both(clock, Slow(clock, NOW))

        assert reading.wall - reading.at == NOW - 1000.0

    def test_the_tightest_of_slow_readings_counts(self) -> None:
        """On a machine that is too busy for all of them."""
        clock = HeldClock()
        pauses = [0.5, 0.01, 0.3, 0.4, 0.5]

        class Slow(HeldWall):
            def now(self) -> Instant:
                shown = super().now()
                clock.advance(pauses.pop(0))
                return shown

        reading = read_both(clock, Slow(clock, NOW))

        assert reading.wall - reading.at == pytest.approx(NOW - 1000.0, abs=0.01)


class TestBootId:
    """The name of a run of the machine."""

    def test_it_is_the_kernels(self, tmp_path: Path) -> None:
        """All that runs on the machine knows it by the same name."""
        (tmp_path / "boot_id").write_text("1234-abcd\n")
        assert boot_id(tmp_path / "boot_id") == "1234-abcd"

    def test_where_there_is_none_each_process_has_its_own(self, tmp_path: Path) -> None:
        """Then no two runs are taken for one."""
        missing = tmp_path / "boot_id"
        assert boot_id(missing) != boot_id(missing)
