"""A process that changes a library is killed at any instant: media are whole, and the index finds back."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.units import Instant
from tests.drivers.media import DATA, DAWN, LENGTH, bring, files
from tests.drivers.media_changer import BEGINS

ROOT = Path(__file__).parents[2]
SEED, KILLS = 7, 25
LONGEST_S = 0.15


def run_and_kill(folder: Path, after_s: float) -> None:
    """Let a process change a library, and kill it."""
    command = [sys.executable, "-m", "tests.drivers.media_changer", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == BEGINS
        time.sleep(after_s)
        assert process.poll() is None
        process.kill()


@pytest.mark.slow
@pytest.mark.process
def test_library_is_whole_whenever_its_process_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is there is right and counted; nothing holds it, and nothing is left beside it."""
    chance = Random(SEED)
    for _ in range(KILLS):
        run_and_kill(tmp_path / "media", chance.uniform(0.0, LONGEST_S))
        library = MediaLibrary(tmp_path / "media")
        there = [sha256 for sha256 in DATA if library.has(sha256, LENGTH)]
        assert all(library.is_right(sha256, lambda: False) for sha256 in there)
        assert library.disks()[0].media == len(there)
        library.tidy()
        parts = {path.stem for path in library.folder.rglob("*.part")}
        assert {path.stem for path in library.folder.rglob("*.etag")} <= parts
        assert not parts & {*there}
        library.close()
    assert not caplog.text
    for sha256 in DATA:
        if not library.has(sha256, LENGTH):
            bring(library, sha256)
    library.note_right(DAWN, Instant(1e9))
    assert library.checked_since(Instant(1e9)) == 1
    assert files(library.folder) == sorted(DATA)
    library.close()
