"""circusd with our own circus.ini: it starts the box, and starts it anew when it hangs."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.box_process import ROOT, BoxProcess, plays
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]


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


@pytest.fixture
def supervised(sound_server: SoundServer, signals: Signals, tmp_path: Path) -> Iterator[BoxProcess]:
    """Run the repository's circus.ini, with quick rounds and ports of its own; hand out its box."""
    endpoint, pubsub = free_ports(socket.SOCK_STREAM, 2)
    (watchdog,) = free_ports(socket.SOCK_DGRAM, 1)
    text = (ROOT / "circus.ini").read_text()
    for before, after in (
        ("tcp://127.0.0.1:5555", f"tcp://127.0.0.1:{endpoint}"),
        ("tcp://127.0.0.1:5556", f"tcp://127.0.0.1:{pubsub}"),
        ("port = 1664", f"port = {watchdog}"),
        ("loop_rate = 10", "loop_rate = 2"),
        (".venv/bin/python", sys.executable),
    ):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "circus.ini").write_text(text)
    state = tmp_path / "state"
    env = os.environ | {
        "EASYPLAYER_BOX__STATE": str(state),
        "EASYPLAYER_MUSIC__PLACES": str(signals.sine(440, 60, "flac")),
        "EASYPLAYER_WATCHDOG__PORT": str(watchdog),
        "EASYPLAYER_WATCHDOG__EVERY_S": "1",
    }
    with (tmp_path / "circus.log").open("w") as log:
        daemon = subprocess.Popen(
            [str(Path(sys.executable).parent / "circusd"), str(tmp_path / "circus.ini")],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        box = BoxProcess(state)
        box._process = daemon
        try:
            yield box
        finally:
            daemon.terminate()
            daemon.wait(20)


def test_circusd_runs_the_box_and_replaces_one_that_hangs(supervised: BoxProcess) -> None:
    """A box that hangs is killed by the WatchDog, started anew, and the music goes on."""
    first = supervised.until(plays, timeout_s=20)
    os.kill(first.pid, signal.SIGSTOP)
    second = supervised.until(lambda status: plays(status) and status.pid != first.pid, timeout_s=40)

    assert second.pid != first.pid
    assert second.item is not None
    assert re.search("sine", second.item.location)
