"""Where a process cannot be killed, the machine is started anew, or circusd replaced; and not too often."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.circus import rescue
from easyplayer.circus.records import Records
from easyplayer.circus.rescue import GOING_DOWN_MAY_TAKE_S, Hands, Rescuer
from easyplayer.circus.service import Service
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.guard import FIRST_PAUSE_S, LONGEST_PAUSE_S, Guard, Tries
from tests.circus.hands import FakeHands
from tests.fakes.clock import HeldClock

STUCK = ("easyplayer (process 7)",)
ROUND_S = 10.0
GUARDED = {"NOTIFY_SOCKET": "notify", "WATCHDOG_USEC": "60000000"}


class Ward:
    """A machine on which a process cannot be killed.

    :ivar known: what is known of bad ends.
    """

    def __init__(self, state: Path, hands: FakeHands, environment: dict[str, str]) -> None:
        self.clock = HeldClock(0.0)
        self.service = Service(environment)
        self.file = GuardFile(state, {})
        self.records = Records(self.file)
        self.rescuer = Rescuer(self.service, self.clock, lambda: 1.8e9, hands)
        self.known = Guard(boot=boot_id())

    def rounds(self, seconds: float, *stuck: str) -> None:
        """End rounds for some seconds; what is asked aside is waited for."""
        for _ in range(round(seconds / ROUND_S)):
            self.clock.advance(ROUND_S)
            self.known = self.rescuer.look(stuck, self.known, self.records)
            for thread in threading.enumerate():
                if thread.name == "rescue":
                    thread.join(10)

    def runs_for(self, seconds: float) -> None:
        """Have the machine run for so long, and all be well."""
        self.clock.advance(seconds)

    def close(self) -> None:
        """End everything."""
        self.service.close()
        self.records.close()


@pytest.fixture(autouse=True)
def _systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        yield


@pytest.fixture(name="hands")
def _hands() -> FakeHands:
    return FakeHands()


@pytest.fixture(name="ward")
def _ward(tmp_path: Path, hands: FakeHands) -> Iterator[Ward]:
    ward = Ward(tmp_path, hands, GUARDED)
    ward.runs_for(FIRST_PAUSE_S)
    yield ward
    ward.close()


def test_the_machine_is_started_anew_and_that_is_written_down_before(ward: Ward, hands: FakeHands) -> None:
    """Else the next run would not know how often it has been tried."""
    written: list[int] = []
    reboot = hands.reboot
    hands.reboot = lambda: (written.append(ward.file.load().reboots.count), reboot())[1]  # type: ignore[method-assign]

    ward.rounds(ROUND_S, *STUCK)

    assert (hands.reboots, written) == (1, [1])
    assert ward.file.load().last[-1].text.endswith("cannot be killed: the machine is started anew")
    assert not ward.service.is_silent


def test_a_disk_that_takes_nothing_does_not_keep_it_from_that(
    ward: Ward, hands: FakeHands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be just the disk that hangs."""
    monkeypatch.setattr(rescue, "WRITING_MAY_TAKE_S", 0.1)
    released = threading.Event()
    monkeypatch.setattr(GuardFile, "save", lambda _self, _guard: released.wait(60))

    ward.rounds(ROUND_S, *STUCK)

    assert hands.reboots == 1
    released.set()


def test_what_is_well_is_left_alone(ward: Ward, hands: FakeHands) -> None:
    """However long it runs."""
    ward.rounds(LONGEST_PAUSE_S)

    assert (hands.reboots, ward.service.is_silent, ward.known.last) == (0, False, ())


def test_where_the_machine_agrees_and_still_runs_circusd_is_replaced(ward: Ward, hands: FakeHands) -> None:
    """Going down takes some time, and what hangs may hang that, too."""
    ward.rounds(GOING_DOWN_MAY_TAKE_S, *STUCK)
    assert not ward.service.is_silent

    ward.rounds(3 * ROUND_S, *STUCK)

    assert ward.service.is_silent
    assert hands.reboots == 1


def test_where_it_is_refused_circusd_is_replaced(
    ward: Ward, hands: FakeHands, caplog: pytest.LogCaptureFixture
) -> None:
    """By systemd, which is told nothing any more."""
    hands.refusal = "access denied"

    ward.rounds(2 * ROUND_S, *STUCK)

    assert ward.service.is_silent
    assert "the machine is not started anew: access denied" in caplog.text
    assert "easyplayer (process 7) cannot be killed: systemd is to replace circusd" in caplog.text


def test_where_asking_fails_in_another_way_circusd_is_replaced(
    ward: Ward, hands: FakeHands, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as where no file can be opened any more; it is not waited for an answer for ever."""
    hands.failure = OSError("Too many open files")

    ward.rounds(2 * ROUND_S, *STUCK)

    assert ward.service.is_silent
    assert "the machine is not started anew: Too many open files" in caplog.text


def test_where_there_is_no_thread_to_be_had_circusd_is_replaced(
    ward: Ward, hands: FakeHands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that is out of memory is just one that needs it."""

    def start(_thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", start)

    ward.rounds(2 * ROUND_S, *STUCK)

    assert (ward.service.is_silent, hands.reboots) == (True, 0)


def test_where_there_are_no_hands_circusd_is_replaced(ward: Ward, hands: FakeHands) -> None:
    """A plain Debian with a service of its own."""
    hands.there = False

    ward.rounds(ROUND_S, *STUCK)

    assert (ward.service.is_silent, ward.known.replacements.count, hands.reboots) == (True, 1, 0)


def test_on_a_machine_that_has_only_just_started_circusd_is_replaced(
    tmp_path: Path, hands: FakeHands
) -> None:
    """It must not become a loop of new starts, nor stay silent until one is allowed."""
    ward = Ward(tmp_path, hands, GUARDED)

    ward.rounds(120.0, *STUCK)

    ward.close()
    assert (ward.service.is_silent, hands.reboots) == (True, 0)


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "notify"}])
def test_on_a_laptop_nothing_is_done(environment: dict[str, str], tmp_path: Path) -> None:
    """Nobody would replace anything: the log has told it already."""
    ward = Ward(tmp_path, FakeHands(there=False), environment)

    ward.rounds(LONGEST_PAUSE_S, *STUCK)

    ward.close()
    assert (ward.service.is_silent, ward.known.last) == (False, ())


def test_one_that_goes_after_all_has_systemd_told_again(ward: Ward, hands: FakeHands) -> None:
    """By then, there is another box."""
    hands.there = False
    ward.rounds(ROUND_S, *STUCK)

    ward.rounds(ROUND_S)

    assert not ward.service.is_silent


def test_a_stuck_process_is_no_reason_to_try_it_all_the_time(ward: Ward, hands: FakeHands) -> None:
    """In a day in which nothing helps, it is asked for some times."""
    hands.refusal = "no"
    ward.known = Guard(boot=boot_id(), replacements=Tries(99, ward.clock()))

    ward.rounds(24 * 3600.0, *STUCK)

    assert 5 <= hands.reboots <= 10


def test_the_real_hands_are_those_of_the_appliance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked by the word that the system's own script knows."""
    asked: list[str] = []
    monkeypatch.setattr(
        rescue, "ask", lambda request, *, within_s: asked.append(request) if within_s else None
    )
    monkeypatch.setattr(rescue, "has_hands", lambda: True)

    Hands().reboot()

    assert Hands().are_there()
    assert asked == ["reboot"]
