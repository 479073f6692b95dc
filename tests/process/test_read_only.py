"""The disk of a box has become read-only, as a worn card does: what is on it is played all the same."""

import signal
import subprocess
from pathlib import Path
from random import Random

import pytest

from bench.storage_kills import SETTINGS, Box, Course, Hub, await_so, is_current, looked_at, small_disk
from tests.fakes.hub_server import HubServer
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]
MEDIA = 12


def test_box_on_a_disk_that_takes_nothing_plays_its_program_and_answers(
    tmp_path: Path, signals: Signals, sound_server: SoundServer
) -> None:
    """From its start on; nobody can be told by a log, but the status says how it is."""
    media = [signals.sine(300.0 + 20 * one, 2.0).read_bytes() for one in range(MEDIA)]
    with small_disk(tmp_path) as disk:
        state = disk / "box"
        state.mkdir()
        hub = Hub(media, state)
        with HubServer(hub) as server:
            env = {**sound_server.env, **SETTINGS, "EASYPLAYER_HUB__URL": server.url}
            box = Box(state, tmp_path / "log", env)
            box.start()
            try:
                await_so(lambda: bool(hub.boxes), "the box is not paired")
                hub.offer(Random(1))
                await_so(lambda: is_current(state, hub), "the program is not switched to")
                await_so(lambda: not any(looked_at(state, Course())), "the program is not whole")
                box.end(signal.SIGTERM)
                if subprocess.run(["mount", "-o", "remount,ro", disk], check=False).returncode:
                    pytest.skip("no file system can be made read-only here")
                box.start()
                box.await_music()
                status = box.status()
            finally:
                box.end()

    assert status is not None
    assert status.program.startswith("program 1")
    assert status.failures == 0
