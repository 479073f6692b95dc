"""The plugin: what circusd tells it, what processes say, and what comes of it; the processes are real."""

import json
import logging
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from easyplayer.circus import processes, service, watchdog
from easyplayer.circus.circusd import Circusd
from easyplayer.circus.idleness import IDLE_FOR_S, RESTARTING_MAY_TAKE_S, Idleness
from easyplayer.circus.options import MESSAGE
from easyplayer.circus.records import Records
from easyplayer.circus.rescue import Rescuer
from easyplayer.circus.service import Service
from easyplayer.circus.watchdog import ASK_EVERY_S, STUCK_FOR_GOOD_S, WatchDog
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.guard import FIRST_PAUSE_S, Guard, Level, level_at
from tests.circus.hands import FakeHands
from tests.fakes.clock import HeldClock

BOX = "easyplayer"
RATE_S = 10.0
ROUNDS = 3


class FakeApart:
    """A child process that nobody has started."""

    def close(self) -> None:
        """Let it go."""


class Kennel:
    """A WatchDog that is not run by circusd: the test is circusd, and ends the rounds.

    :ivar asked: what circusd has been asked, command by command.
    :ivar hands: what the system is asked for.
    """

    def __init__(self, state: Path, **config: str) -> None:
        self.clock = HeldClock()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.bind(("127.0.0.1", 0))
            self.address = line.getsockname()
        wanted = {
            "port": str(self.address[1]),
            "loop_rate": str(RATE_S),
            "start_count": str(ROUNDS),
            **config,
        }
        self.dog = WatchDog("tcp://x", "tcp://y", 1.0, None, watchers_regex="^(easyplayer|other)$", **wanted)
        self.asked: list[dict[str, Any]] = []
        self.dog._clock = self.clock
        self.hands = FakeHands()
        self.dog._rescuer = Rescuer(self.dog._service, self.clock, lambda: 1.8e9, self.hands)
        self.dog._circusd = Circusd(lambda data: self.asked.append(json.loads(data)), self.clock)
        self.dog._guard = Guard(boot=boot_id())
        self.file = GuardFile(state, {})
        self.dog._records = Records(self.file)
        self.dog._disk = self.disk = FakeApart()
        self.dog._idleness = Idleness(self.clock)
        self.dog._is_first = True
        self.dog._letters.open()
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._children: list[subprocess.Popen[bytes]] = []

    def spawn(self, watcher: str = BOX) -> int:
        """Start a process, as circusd does, and tell of it."""
        child = subprocess.Popen(["sleep", "600"])
        self._children.append(child)
        self.tell("spawn", child.pid, watcher)
        return child.pid

    def tell(self, action: str, pid: int, watcher: str = BOX, **more: object) -> None:
        """Tell what happened, as circusd does."""
        message = json.dumps({"process_pid": pid, "time": 1.0, **more}).encode()
        self.dog.handle_recv([f"watcher.{watcher}.{action}".encode(), message])

    def say(self, pid: int) -> None:
        """Say that a process is well."""
        self._line.sendto(f"{pid};1.5".encode(), self.address)

    def rounds(self, count: int, *well: int) -> None:
        """End some rounds, in each of which some processes say that they are well."""
        for _ in range(count):
            for pid in well:
                self.say(pid)
            self.clock.advance(RATE_S)
            self.dog.look_after()

    def answer(self, command: str, **content: object) -> None:
        """Answer the last question of a kind."""
        number = next(one["id"] for one in reversed(self.asked) if one["command"] == command)
        self.dog._circusd.take([json.dumps({"id": number, "status": "ok", **content}).encode()])

    def ask_around(self, status: str = "active", *pids: int) -> None:
        """Have circusd asked whom it runs, and let it answer."""
        self.dog._ask_around()
        self.answer("status", statuses={BOX: status, "plugin:watchdog": "active", "web": "active"})
        if status != "stopped":
            self.answer("list", pids=list(pids))

    def ask_for(self, seconds: float, *pids: int) -> None:
        """Have circusd asked that often for some seconds; to it, the box runs all the while."""
        for _ in range(round(seconds / ASK_EVERY_S)):
            self.clock.advance(ASK_EVERY_S)
            self.ask_around("active", *pids)

    def all_asked(self, command: str) -> list[dict[str, Any]]:
        """Give what was asked by a command."""
        return [one["properties"] for one in self.asked if one["command"] == command]

    @property
    def known(self) -> Guard:
        """What is known of bad ends."""
        return self.dog._guard

    @property
    def level(self) -> Level:
        """How much of itself the box may start."""
        return level_at(self.known, boot_id(), self.clock())

    def close(self) -> None:
        """End everything."""
        for child in self._children:
            child.kill()
            child.wait()
        self._line.close()
        self.dog.handle_stop()


def drain(line: socket.socket) -> list[bytes]:
    """Give all that systemd has been told since."""
    told = []
    with suppress(BlockingIOError):
        while True:
            told.append(line.recv(1000))
    return told


@pytest.fixture(name="kennel")
def _kennel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kennel]:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    kennel = Kennel(tmp_path, watchers_stop_signal="9", watchers_graceful_timeout="2")
    yield kennel
    kennel.close()


def test_a_silent_process_is_killed_by_circusd(kennel: Kennel, caplog: pytest.LogCaptureFixture) -> None:
    """With the signal and the patience of the options; that is told, counted and written down."""
    pid = kennel.spawn()

    kennel.rounds(ROUNDS)

    assert kennel.all_asked("kill") == [{"name": BOX, "pid": pid, "signum": 9, "graceful_timeout": 2.0}]
    assert f"easyplayer (process {pid}) was silent for 30 s: SIGKILL" in caplog.text
    kennel.dog._records.close()
    assert (kennel.file.load().kills, kennel.file.load().crashes) == (1, 0)


def test_one_that_speaks_is_let_live(kennel: Kennel) -> None:
    """And one beside it that does not is killed."""
    well, silent = kennel.spawn(), kennel.spawn("other")

    kennel.rounds(20, well)

    assert [asked["pid"] for asked in kennel.all_asked("kill")] == [silent]


def test_a_watchdog_that_was_held_up_blames_nobody(kennel: Kennel) -> None:
    """A machine that sleeps for a night, or a loop that hung: rounds are counted, and no clock."""
    pid = kennel.spawn()
    kennel.rounds(1, pid)
    kennel.clock.advance(8 * 3600.0)

    kennel.rounds(1)

    assert kennel.all_asked("kill") == []


def test_where_circusd_does_not_kill_the_watchdog_does(kennel: Kennel) -> None:
    """A round later, by SIGKILL, and only that very process."""
    pid = kennel.spawn()

    kennel.rounds(ROUNDS + 1)

    assert kennel._children[0].wait(5) == -signal.SIGKILL
    assert pid in kennel.dog._roll
    kennel.rounds(2)
    assert pid not in kennel.dog._roll


def test_one_that_cannot_be_killed_has_the_machine_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It waits in the kernel: after some minutes the system is asked, once, and that is written down."""
    monkeypatch.setattr(processes, "kill", lambda _pid, _born: True)
    kennel = Kennel(tmp_path)
    kennel.clock.advance(FIRST_PAUSE_S)
    pid = kennel.spawn()
    kennel.rounds(ROUNDS + 1 + int(STUCK_FOR_GOOD_S / RATE_S) - 1)
    assert kennel.known.reboots.count == 0

    kennel.rounds(20)

    kennel.hands.were_asked.wait(5)
    kennel.close()
    assert kennel.hands.reboots == 1
    assert f"easyplayer (process {pid}) cannot be killed: the machine is started anew" in caplog.text
    assert kennel.file.load().reboots.count == 1


def test_one_that_goes_after_all_costs_no_new_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk may take its time, and come back."""
    monkeypatch.setattr(processes, "kill", lambda _pid, _born: True)
    kennel = Kennel(tmp_path)
    kennel.clock.advance(FIRST_PAUSE_S)
    pid = kennel.spawn()
    kennel.rounds(ROUNDS + 10)
    kennel._children[0].kill()
    kennel._children[0].wait()

    kennel.rounds(50)

    kennel.close()
    assert pid not in kennel.dog._roll
    assert kennel.known.reboots.count == 0


def test_a_disk_that_hangs_does_not_hold_up_the_watchdog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It begins as if nothing were known, for who else would have the machine started anew."""
    released = threading.Event()
    monkeypatch.setattr(GuardFile, "load", lambda _self: Guard(kills=7 if released.wait(60) else 0))
    records = Records(GuardFile(tmp_path, {}))

    assert records.known(patience_s=0.0) == Guard()
    assert "the disk does not answer" in caplog.text
    released.set()
    assert records.known().kills == 7
    records.close()


def test_the_child_that_waits_for_the_disk_does_not_have_the_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be there for ever, and the next WatchDog is to hear who is well."""
    kennel = Kennel(tmp_path)
    kennel.dog._letters.close()
    made: list[bool] = []

    def make(_find_state: object) -> GuardFile:
        made.append(kennel.dog._letters.is_open)
        kennel.file.close = lambda: None  # type: ignore[attr-defined]
        return kennel.file

    monkeypatch.setattr(watchdog, "GuardApart", make)

    kennel.dog.handle_init()

    assert (made, kennel.dog._letters.is_open) == ([False], True)
    kennel.close()


def test_where_it_cannot_listen_nobody_is_blamed(tmp_path: Path) -> None:
    """Somebody else may have the port for a while."""
    kennel = Kennel(tmp_path)
    kennel.dog._letters.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.bind(kennel.address)
        kennel.spawn()
        kennel.rounds(20)
        during = kennel.known.unguarded
    kennel.rounds(2)
    kennel.close()

    assert kennel.all_asked("kill") == []
    assert (during, kennel.known.unguarded) == (
        f"the WatchDog cannot listen at 127.0.0.1:{kennel.address[1]} (Address already in use)",
        "",
    )
    assert kennel.file.load().unguarded == ""


def test_three_crashes_in_a_row_bring_safe_mode(kennel: Kennel, caplog: pytest.LogCaptureFixture) -> None:
    """Each with its exit code in words."""
    for code in (70, -11, 1):
        pid = kennel.spawn()
        kennel.tell("reap", pid, exit_code=code)
        kennel.clock.advance(20.0)

    assert kennel.level is Level.CAREFUL
    assert kennel.known.crashes == 3
    assert "was ended by SIGSEGV" in caplog.text
    assert "too many bad ends: safe mode (careful) for 10 min" in caplog.text


def test_one_that_is_gone_before_the_news_of_it_comes_has_crashed(kennel: Kennel) -> None:
    """On a machine that is held up, the WatchDog hears of a short life only when it is over."""
    gone = subprocess.Popen(["true"])
    gone.wait()

    kennel.tell("spawn", gone.pid)
    kennel.tell("reap", gone.pid, exit_code=78)

    assert kennel.known.crashes == 1


def test_one_of_whose_end_nothing_is_told_is_struck_off(kennel: Kennel) -> None:
    """Though nobody has seen it alive; nothing is killed that may have its number by now."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    kennel.tell("spawn", gone.pid)

    kennel.rounds(ROUNDS + 2)

    assert gone.pid not in kennel.dog._roll


@pytest.mark.parametrize("code", [0, 75])
def test_an_end_on_purpose_is_no_bad_one(kennel: Kennel, code: int) -> None:
    """A box that was told to end, or that wants to be started anew."""
    kennel.tell("reap", kennel.spawn(), exit_code=code)

    assert (kennel.known.crashes, kennel.known.bad_ends) == (0, ())


def test_one_that_a_person_ends_is_no_bad_end_whatever_its_exit_code(kennel: Kennel) -> None:
    """The command circusctl tells first that it kills."""
    pid = kennel.spawn()

    kennel.tell("kill", pid)
    kennel.tell("reap", pid, exit_code=-9)

    assert kennel.known.crashes == 0


def test_a_kill_counts_once(kennel: Kennel) -> None:
    """The end that follows is the same bad end."""
    pid = kennel.spawn()
    kennel.rounds(ROUNDS)

    kennel.tell("kill", pid)
    kennel.tell("reap", pid, exit_code=-9)

    assert (kennel.known.kills, kennel.known.crashes) == (1, 0)


def test_processes_that_ran_before_the_watchdog_are_found(kennel: Kennel) -> None:
    """It may itself have been started anew."""
    pid = kennel.spawn()
    kennel.dog._roll.strike_off(pid)

    kennel.ask_around("active", pid)
    kennel.rounds(ROUNDS)

    assert [asked["pid"] for asked in kennel.all_asked("kill")] == [pid]


def test_an_end_that_circusd_has_not_told_is_noticed(kennel: Kennel) -> None:
    """It sometimes clears away a process without a word."""
    pid = kennel.spawn()
    kennel._children[0].kill()
    kennel._children[0].wait()

    kennel.ask_around("active")
    assert pid in kennel.dog._roll
    kennel.ask_around("active")

    assert pid not in kennel.dog._roll
    assert kennel.known.crashes == 1


def test_a_list_that_is_older_than_the_news_strikes_nobody_off(kennel: Kennel) -> None:
    """What runs is guarded, whatever a late answer says."""
    pid = kennel.spawn()

    for _ in range(3):
        kennel.ask_around("active")

    assert pid in kennel.dog._roll


def test_a_watcher_that_circusd_has_given_up_is_started_again(kennel: Kennel) -> None:
    """As long as it takes: no room stays silent because of five tries in vain."""
    kennel.tell("reap", kennel.spawn(), exit_code=1)

    kennel.ask_around("stopped")
    kennel.ask_around("stopped")

    assert kennel.all_asked("start") == [{"name": BOX}] * 2


def test_a_watcher_that_a_person_has_stopped_stays_stopped(kennel: Kennel) -> None:
    """Until a person starts it."""
    pid = kennel.spawn()
    kennel.tell("kill", pid)
    kennel.tell("reap", pid, exit_code=0)

    kennel.ask_around("stopped")

    assert kennel.all_asked("start") == []


def test_one_that_was_never_started_is_left_alone(kennel: Kennel) -> None:
    """It may not be meant to run at all."""
    kennel.ask_around("stopped")

    assert kennel.all_asked("start") == []


@pytest.mark.parametrize(("is_first", "starts"), [(True, [{"name": BOX}]), (False, [])])
def test_one_that_is_wanted_is_started_though_it_never_was(
    is_first: bool, starts: list[dict[str, str]], tmp_path: Path
) -> None:
    """The very first tries may be in vain; a WatchDog that was started anew knows of no person's stop."""
    kennel = Kennel(tmp_path, wanted_regex=f"^{BOX}$")
    kennel.dog._is_first = is_first

    kennel.ask_around("stopped")

    kennel.close()
    assert kennel.all_asked("start") == starts


def test_one_that_a_person_has_killed_once_is_started_again_later(kennel: Kennel) -> None:
    """That was no wish for silence: circusd has started another one at once, and may give up any day."""
    pid = kennel.spawn()
    kennel.tell("kill", pid)
    kennel.tell("reap", pid, exit_code=0)
    kennel.tell("reap", kennel.spawn(), exit_code=1)

    kennel.ask_around("stopped")

    assert kennel.all_asked("start") == [{"name": BOX}]


def test_one_that_was_reloaded_is_started_again_later(kennel: Kennel) -> None:
    """The new one is started first, and then the old one is killed."""
    old, new = kennel.spawn(), kennel.spawn()
    kennel.tell("kill", old)
    kennel.tell("reap", old, exit_code=0)
    kennel.tell("reap", new, exit_code=1)

    kennel.ask_around("stopped")

    assert kennel.all_asked("start") == [{"name": BOX}]


def test_circusd_that_starts_nothing_anew_is_asked_to(
    kennel: Kennel, caplog: pytest.LogCaptureFixture
) -> None:
    """It answers, takes the box for running, and names no process; it is asked once a minute."""
    kennel.ask_for(IDLE_FOR_S)
    assert kennel.all_asked("restart") == []

    kennel.ask_for(ASK_EVERY_S)

    assert kennel.all_asked("restart") == [{"name": BOX}]
    assert "circusd runs no easyplayer, though it should: it is asked to restart it" in caplog.text
    kennel.ask_for(RESTARTING_MAY_TAKE_S - ASK_EVERY_S)
    assert len(kennel.all_asked("restart")) == 1


def test_circusd_that_takes_a_moment_is_let_be(kennel: Kennel) -> None:
    """A box that ends again and again is not to be seen in some answers."""
    pid = kennel.spawn()

    for _ in range(20):
        kennel.ask_for(IDLE_FOR_S)
        kennel.ask_for(ASK_EVERY_S, pid)

    assert kennel.all_asked("restart") == []


def test_a_watcher_that_is_stopped_is_not_restarted(kennel: Kennel) -> None:
    """It is not to have a process."""
    for _ in range(20):
        kennel.clock.advance(ASK_EVERY_S)
        kennel.ask_around("stopped")

    assert kennel.all_asked("restart") == []


def test_an_answer_that_does_not_come_is_no_idleness(kennel: Kennel) -> None:
    """Then systemd is told nothing anyway."""
    for _ in range(20):
        kennel.clock.advance(ASK_EVERY_S)
        kennel.dog._ask_around()

    assert kennel.all_asked("restart") == []


def test_it_does_not_guard_itself_nor_whom_it_is_not_to(kennel: Kennel) -> None:
    """Circus' own plugins are watchers, too."""
    kennel.spawn("plugin:watchdog")
    kennel.spawn("web")

    assert len(kennel.dog._roll) == 0


def test_a_pattern_that_fits_no_watcher_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Else nobody would notice that nobody is guarded."""
    kennel = Kennel(tmp_path)
    kennel.dog._ask_around()
    kennel.answer("status", statuses={"bar": "active"})
    kennel.rounds(1)
    known = kennel.known.unguarded
    kennel.ask_around()
    kennel.rounds(1)
    kennel.close()

    assert "it fits none of bar" in caplog.text
    assert (known, kennel.known.unguarded) == ("watchers_regex = ^(easyplayer|other)$ fits nobody", "")


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b"watcher.easyplayer.spawn"],
        [b"watcher.easyplayer.spawn", b"{"],
        [b"watcher.easyplayer.spawn", b"[]"],
        [b"watcher.easyplayer.spawn", b'{"process_pid": "12"}'],
        [b"watcher.easyplayer.reap", b"{}"],
        [b"\xff", b"\xff"],
        [b"", b"", b""],
    ],
)
def test_messages_that_cannot_be_understood_do_no_harm(kennel: Kennel, frames: list[bytes]) -> None:
    """Another version of circus may say something else."""
    kennel.dog.handle_recv(frames)

    assert len(kennel.dog._roll) == 0


def test_options_get_their_backslashes_back(tmp_path: Path) -> None:
    """Before a datagram could have been misunderstood for long."""
    kennel = Kennel(tmp_path, msg_regex="^(?P<pid>d+);.*$")
    kennel.dog._circusd.ask("get", {}, kennel.dog._on_own_options)
    kennel.answer("get", options={"cmd": r"python --config msg_regex:^(?P<pid>\d+);.*$ x"})
    pid = kennel.spawn()
    kennel.rounds(20, pid)
    kennel.close()

    assert kennel.all_asked("kill") == []


def test_a_pattern_that_fits_no_box_does_not_kill_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The default is used, and that is told."""
    kennel = Kennel(tmp_path, msg_regex="^PID=(?P<pid>[0-9]+)$")
    kennel.dog._circusd.ask("get", {}, kennel.dog._on_own_options)
    kennel.answer("get", options={"cmd": ""})
    pid = kennel.spawn()
    kennel.rounds(20, pid)
    kennel.close()

    assert kennel.all_asked("kill") == []
    assert MESSAGE in caplog.text


class TestService:
    """systemd is told through a real socket."""

    @pytest.fixture(name="line")
    def _line(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(str(tmp_path / "notify"))
            line.setblocking(False)
            yield line

    def test_it_is_told_when_circusd_answers_and_not_before(
        self, line: socket.socket, tmp_path: Path
    ) -> None:
        """A question alone proves nothing."""
        kennel = Kennel(tmp_path)
        kennel.dog._ask_around()
        with pytest.raises(BlockingIOError):
            line.recv(100)

        kennel.answer("status", statuses={})

        assert line.recv(100) == b"WATCHDOG=1"
        kennel.close()

    def test_it_is_not_told_where_circusd_does_not_do_its_work(
        self,
        line: socket.socket,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """A minute after it was asked for a process; and it is told again as soon as there is one."""
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        kennel = Kennel(tmp_path)
        kennel.ask_for(IDLE_FOR_S + ASK_EVERY_S + RESTARTING_MAY_TAKE_S)
        drain(line)

        kennel.ask_for(5 * ASK_EVERY_S)

        assert drain(line) == []
        assert caplog.text.count("circusd does not start easyplayer: systemd is to replace circusd") == 1
        kennel.ask_for(2 * ASK_EVERY_S, kennel.spawn())
        assert drain(line)
        kennel.close()

    def test_a_start_may_take_as_long_as_circusd_is_well(self, line: socket.socket) -> None:
        """Where the box is stuck at its start, the rescue takes longer than systemd waits by itself."""
        environment = {"NOTIFY_SOCKET": os.environ["NOTIFY_SOCKET"], "WATCHDOG_USEC": "60000000"}
        told = Service(environment)
        told.well()
        told.is_silent = True
        told.well()
        told.close()

        assert drain(line) == [b"WATCHDOG=1\nEXTEND_TIMEOUT_USEC=60000000"]

    def test_a_service_manager_that_hangs_holds_up_nobody(self, line: socket.socket) -> None:
        """What does not fit into its queue is lost."""
        told = Service()
        for _ in range(10_000):
            told.well()
        told.close()
        assert line.recv(100) == b"WATCHDOG=1"

    def test_it_is_told_often_enough(self, line: socket.socket) -> None:
        """Several times within its patience, as the manual of sd_watchdog_enabled wants it."""
        environment = {"NOTIFY_SOCKET": os.environ["NOTIFY_SOCKET"], "WATCHDOG_USEC": "60000000"}
        told = Service(environment)
        told.close()
        assert told.every_s == 60 / service.SHARE
        assert line.fileno() >= 0

    @pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"WATCHDOG_USEC": "5"}])
    def test_without_it_nobody_is_told(self, environment: dict[str, str]) -> None:
        """On a laptop there is no systemd to tell."""
        told = Service(environment)
        told.well()
        told.close()
        assert told.every_s is None


class TestProcesses:
    """The kernel's own words on processes."""

    def test_a_process_is_known_by_its_birth(self) -> None:
        """It stays the same for as long as it lives, and is gone when it ends."""
        with subprocess.Popen(["sleep", "600"]) as child:
            began = processes.born(child.pid)
            assert began == processes.born(child.pid) > 0
            assert not processes.kill(child.pid, began + 1)
            assert processes.kill(child.pid, began)
            child.wait()
            assert processes.born(child.pid) == 0
            assert not processes.kill(child.pid, began)

    def test_remains_are_no_process(self, tmp_path: Path) -> None:
        """A zombie waits for its parent alone; and a name may look like anything."""
        (tmp_path / "5").mkdir()
        stat = tmp_path / "5" / "stat"
        stat.write_text("5 (a) Z) S " + " ".join(map(str, range(4, 30))))
        assert processes.born(5, tmp_path) == 22
        stat.write_text("5 (a) Z " + " ".join(map(str, range(4, 30))))
        assert processes.born(5, tmp_path) == 0

    @pytest.mark.parametrize(
        ("code", "words"), [(-99, "by signal 99"), ("x", "nobody knows"), (-6, "SIGABRT")]
    )
    def test_every_exit_code_has_words(self, code: object, words: str) -> None:
        """Also those that make no sense."""
        assert words in processes.manner(code)


def test_a_disk_that_takes_nothing_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And again when it has been well in between; the WatchDog never waits for it."""
    (tmp_path / "state").write_text("no directory")
    records = Records(GuardFile(tmp_path / "state", {}))
    with caplog.at_level(logging.ERROR):
        records._write(Guard(kills=1))
        records._write(Guard(kills=2))
    records.close()

    assert caplog.text.count("bad ends are known until the WatchDog ends") == 1
