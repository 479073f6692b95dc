"""circusd with our own circus.ini: it starts the box, and starts it anew when it hangs or falls."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.state_directory import StateDirectory
from easyplayer.fallback import gather_first
from easyplayer.guard import Level
from easyplayer.status_view import Status
from tests.process.box_process import ROOT, BoxProcess, plays
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]

SAFE_S = 20.0
LOOK_EVERY_S = 0.1


CLOCK_OF_CIRCUSD = """
import os, sys, time
if any(word.endswith("/circusd") for word in sys.orig_argv):
    real, told = time.time, []
    def shown():
        if not os.path.exists(os.environ["BACK"]):
            return real()
        if not told:
            told.append(print("the clock is set back", flush=True))
        return real() - 7200.0
    time.time = shown
"""
"""What Python loads before circusd, and before whatever that starts."""


def free_ports(kind: socket.SocketKind, count: int) -> list[int]:
    """Find ports on loopback that nobody uses."""
    lines = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for line in lines:
            line.bind(("127.0.0.1", 0))
        return [line.getsockname()[1] for line in lines]
    finally:
        for line in lines:
            line.close()


class Venue:
    """The repository's circus.ini, with quick rounds and ports of its own, and a box that plays a tone.

    :ivar box: asks the box how it is.
    :ivar watchdog: where the WatchDog listens.
    """

    def __init__(self, folder: Path, tone: Path, ini: dict[str, str] | None = None, **env: str) -> None:
        self._folder = folder
        self.state = folder / "state"
        self.endpoint, pubsub = free_ports(socket.SOCK_STREAM, 2)
        (self.watchdog,) = free_ports(socket.SOCK_DGRAM, 1)
        text = (ROOT / "circus.ini").read_text()
        changes = {
            "tcp://127.0.0.1:5555": f"tcp://127.0.0.1:{self.endpoint}",
            "tcp://127.0.0.1:5556": f"tcp://127.0.0.1:{pubsub}",
            "1664": str(self.watchdog),
            "EVERY_S = 5": "EVERY_S = 1",
            "loop_rate = 10": "loop_rate = 2",
            "start_count = 6": "start_count = 20",
            "safe_minutes = 10": f"safe_minutes = {SAFE_S / 60}",
            ".venv/bin/python": sys.executable,
            **(ini or {}),
        }
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        (folder / "circus.ini").write_text(text)
        self._env = os.environ | {
            "EASYPLAYER_BOX__STATE": str(self.state),
            "EASYPLAYER_MUSIC__PLACES": str(tone),
            **env,
        }
        self.box = BoxProcess(self.state)

    def bring_along(self) -> None:
        """Have the firmware's music made, as it is on an appliance."""
        assert gather_first(self.state / "demo").items

    def __enter__(self) -> "Venue":
        with (self._folder / "circus.log").open("w") as log:
            self.daemon = subprocess.Popen(
                [str(Path(sys.executable).parent / "circusd"), str(self._folder / "circus.ini")],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.box._process = self.daemon
        return self

    def __exit__(self, *_error: object) -> None:
        if self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGCONT)
            self.daemon.terminate()
            self.daemon.wait(20)

    @property
    def log(self) -> str:
        """What circusd, the WatchDog and the box have said."""
        return (self._folder / "circus.log").read_text()

    def until(self, what: Callable[[], bool], timeout_s: float) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + timeout_s
        while not what():
            assert time.monotonic() < deadline, self.log[-3000:]
            time.sleep(LOOK_EVERY_S)

    def plays_anew(self, before: Status, timeout_s: float = 40) -> Status:
        """Wait until another box plays."""
        return self.box.until(lambda status: plays(status) and status.pid != before.pid, timeout_s)


@pytest.fixture
def venue(sound_server: SoundServer, signals: Signals, tmp_path: Path) -> Iterator[Venue]:
    """Run a venue."""
    with Venue(tmp_path, signals.sine(440, 60, "flac")) as running:
        yield running


def test_circusd_runs_the_box_and_replaces_one_that_hangs(venue: Venue) -> None:
    """A box that hangs is killed by the WatchDog, started anew, and the music goes on; that is counted."""
    first = venue.box.until(plays, timeout_s=20)
    os.kill(first.pid, signal.SIGSTOP)
    second = venue.plays_anew(first)

    assert second.item is not None
    assert re.search("sine", second.item.location)
    venue.until(lambda: GuardFile(venue.state).load().kills == 1, timeout_s=5)
    assert f"easyplayer (process {first.pid}) was silent for" in venue.log
    assert venue.box.until(lambda status: status.guard.kills == 1, timeout_s=10).guard.safe == 0


def test_circusd_does_its_work_though_its_clock_is_set_back(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """By two hours, in circusd alone; what ends is started anew, and nobody has to ask for it."""
    (tmp_path / "sitecustomize.py").write_text(CLOCK_OF_CIRCUSD)
    back = tmp_path / "back"
    ways = os.pathsep.join(map(str, (tmp_path, ROOT)))
    with Venue(tmp_path, signals.sine(440, 60, "flac"), PYTHONPATH=ways, BACK=str(back)) as venue:
        now = venue.box.until(plays, timeout_s=20)
        back.touch()
        for _ in range(2):  # the first one may be replaced by a look that was due before
            os.kill(now.pid, signal.SIGKILL)
            now = venue.plays_anew(now)

        assert "the clock is set back" in venue.log
        assert "it is asked to restart it" not in venue.log


def test_nonsense_at_the_watchdogs_port_harms_nobody(venue: Venue) -> None:
    """A flood of datagrams, and some that speak for the box while it hangs under another number."""
    first = venue.box.until(plays, timeout_s=20)
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for nonsense in (b"", b"\xff" * 900, b"1;", b"99999999999;1", b"-1;1", b"(((((", b"1;1"):
            line.sendto(nonsense, ("127.0.0.1", venue.watchdog))
        time.sleep(0.001)
    line.close()

    assert venue.box.until(plays, timeout_s=5).pid == first.pid
    assert venue.log.count("cannot be used: ") == 1


def test_three_crashes_bring_safe_mode_and_it_goes_by_itself(venue: Venue) -> None:
    """The box falls three times, plays the firmware's own music for a while, and comes back whole."""
    venue.bring_along()
    now = venue.box.until(plays, timeout_s=20)
    for _ in range(2):
        os.kill(now.pid, signal.SIGKILL)
        now = venue.plays_anew(now)
        assert now.guard.safe == Level.FULL
    os.kill(now.pid, signal.SIGKILL)
    careful = venue.plays_anew(now)

    assert "demo" in careful.item.location  # type: ignore[union-attr]
    assert "too many bad ends: safe mode (careful)" in venue.log
    assert venue.box.until(lambda status: status.guard.crashes == 3, timeout_s=10).guard.safe == Level.CAREFUL

    whole = venue.plays_anew(careful, timeout_s=SAFE_S + 30)

    assert whole.guard.safe == Level.FULL
    assert "sine" in whole.item.location  # type: ignore[union-attr]
    assert "safe mode is to be full" in venue.log
    assert GuardFile(venue.state).load().crashes == 3


def test_a_box_that_cannot_start_plays_all_the_same(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """Settings that cannot be used end it at once: after three tries it goes on without them."""
    with Venue(tmp_path, signals.sine(440, 60, "flac"), EASYPLAYER_SOUND__VOLUME="loud") as venue:
        venue.bring_along()
        careful = venue.box.until(plays, timeout_s=40)

    assert careful.pid
    assert "'loud' cannot be used" in venue.log
    assert "ended with exit code 78" in venue.log


def test_a_box_that_does_not_exist_is_tried_for_ever_with_pauses(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    """Circus gives up after some tries, and is told to try again; it answers all the while."""
    program = tmp_path / "box"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} run.py\n")
    program.chmod(0o755)
    aside = tmp_path / "aside"
    with Venue(tmp_path, tmp_path, {f"{sys.executable} run.py": str(program)}) as venue:
        first = venue.box.until(lambda status: status.pid > 0, timeout_s=20)
        program.rename(aside)
        os.kill(first.pid, signal.SIGKILL)
        venue.until(lambda: "circusd has given up easyplayer" in venue.log, timeout_s=20)
        aside.rename(program)
        second = venue.box.until(lambda status: status.pid != first.pid, timeout_s=30)

    assert second.pid != first.pid


def test_a_box_that_could_never_be_started_is_tried_for_ever(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    """Circus gives up before there is a WatchDog that could hear of it."""
    program = tmp_path / "box"
    with Venue(tmp_path, tmp_path, {f"{sys.executable} run.py": str(program)}) as venue:
        venue.until(lambda: "circusd has given up easyplayer" in venue.log, timeout_s=20)
        draft = tmp_path / "draft"
        draft.write_text(f"#!/bin/sh\nexec {sys.executable} run.py\n")
        draft.chmod(0o755)
        draft.rename(program)

        assert venue.box.until(lambda status: status.pid > 0, timeout_s=30).pid


@pytest.fixture(name="memory")
def _memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a place in memory, as systemd does; its path is short, for a socket's name may not be long."""
    with TemporaryDirectory(prefix="run-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def test_a_state_directory_that_cannot_be_used_does_not_silence_the_room(
    sound_server: SoundServer, signals: Signals, tmp_path: Path, memory: Path
) -> None:
    """The box plays at once, carefully, from memory; it says so, and answers where it is looked for."""
    (tmp_path / "state").write_text("no directory")
    assert gather_first(memory / "easyplayer-state/demo").items
    (memory / "easyplayer-state").chmod(0o700)
    with Venue(tmp_path, signals.sine(440, 60, "flac")) as venue:
        careful = venue.box.until(plays, timeout_s=20)
        assert "too many bad ends" not in venue.log

    assert careful.guard.safe == Level.CAREFUL
    assert any("state cannot be used (File exists)" in problem.text for problem in careful.problems)
    assert f"before the start: {tmp_path / 'state'} cannot be used" in venue.log


def test_a_state_directory_that_a_stuck_box_holds_does_not_silence_the_room(
    sound_server: SoundServer, signals: Signals, tmp_path: Path, memory: Path
) -> None:
    """Each new box ends badly, and that counts, until a bare one plays from elsewhere."""
    assert gather_first(memory / "easyplayer-state/demo").items
    (memory / "easyplayer-state").chmod(0o700)
    stuck = StateDirectory(tmp_path / "state")
    stuck.hold()
    with Venue(tmp_path, signals.sine(440, 60, "flac")) as venue:
        bare = venue.box.until(plays, timeout_s=50)
        stuck.release()

    assert bare.guard.safe == Level.BARE
    assert "ended with exit code 73" in venue.log
    assert "too many bad ends: safe mode (bare)" in venue.log


class TestSystemd:
    """systemd's end of the line is a real datagram socket."""

    @pytest.fixture(name="line")
    def _line(self, tmp_path: Path) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(str(tmp_path / "notify"))
            line.settimeout(0.2)
            yield line

    def heard(self, line: socket.socket, seconds: float) -> list[str]:
        """Listen for some seconds."""
        words, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                words += line.recv(1000).decode().splitlines()
            except TimeoutError:
                continue
        return words

    def test_it_hears_of_circusd_and_not_of_the_box(
        self, line: socket.socket, sound_server: SoundServer, signals: Signals, tmp_path: Path
    ) -> None:
        """While circusd answers, all is well, though the box hangs; where it does not, nothing is said."""
        env = {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "4000000",
            "WATCHDOG_PID": "1",
            "SYSTEMD_EXEC_PID": "1",
        }
        with Venue(tmp_path, signals.sine(440, 60, "flac"), **env) as venue:
            first = venue.box.until(plays, timeout_s=20)
            at_first = self.heard(line, 3)
            os.kill(first.pid, signal.SIGSTOP)
            box_hangs = self.heard(line, 4)
            venue.plays_anew(first)
            venue.daemon.send_signal(signal.SIGSTOP)
            self.heard(line, 1)
            circusd_hangs = self.heard(line, 4)
            venue.daemon.send_signal(signal.SIGCONT)
            again = self.heard(line, 4)

        assert "READY=1" in at_first
        assert at_first.count("WATCHDOG=1") >= 2
        assert box_hangs.count("WATCHDOG=1") >= 3
        assert "WATCHDOG=1" not in circusd_hangs
        assert "WATCHDOG=1" in again
        assert "STOPPING=1" not in [*at_first, *box_hangs, *circusd_hangs, *again]


def test_a_watchdog_whose_disk_hangs_can_be_replaced(venue: Venue) -> None:
    """What waits for the disk is a child without its port: the next one listens there, and guards."""
    first = venue.box.until(plays, timeout_s=20)
    (dog,) = (
        one for one in psutil.Process(venue.daemon.pid).children() if "plugins" in " ".join(one.cmdline())
    )
    (child,) = dog.children()
    child.suspend()
    try:
        dog.kill()
        venue.until(lambda: venue.log.count("the WatchDog listens at") > 1, timeout_s=20)
        os.kill(first.pid, signal.SIGSTOP)
        venue.plays_anew(first, timeout_s=80)  # it may not have heard the box yet, which then has more time
    finally:
        child.kill()


def test_the_watchdog_ends_with_circusd(venue: Venue) -> None:
    """Where circusd is killed nothing is left that holds its port; what else runs, systemd ends."""
    box = venue.box.until(plays, timeout_s=20)
    venue.daemon.kill()
    venue.daemon.wait()

    venue.until(lambda: "circusd is gone: the WatchDog ends" in venue.log, timeout_s=10)

    os.kill(box.pid, signal.SIGTERM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", venue.watchdog))
