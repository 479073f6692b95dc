"""A process that fetches media is killed at any instant: what is under its digest is right all the same."""

import hashlib
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from easyplayer.drivers.media_library import MediaLibrary
from tests.fakes.hub_link import FakeHub
from tests.fakes.hub_server import HubServer
from tests.process.media_fetcher import BEGINS, DONE

ROOT = Path(__file__).parents[2]
SEED = 7
MEDIA, MEDIUM_BYTES = 12, 3_000_000
MOST_KILLS = 150
LONGEST_S = 0.25
"""Within this after it begins the process is killed."""


def run(state: Path, url: str, digests: list[str], kill_after_s: float) -> bool:
    """Let a process fetch, and kill it; tell whether it was done before."""
    command = [sys.executable, "-m", "tests.process.media_fetcher", str(state), url, *digests]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == BEGINS
        time.sleep(kill_after_s)
        process.kill()
        return process.stdout.read().strip() == DONE


@pytest.mark.slow
@pytest.mark.process
def test_what_lies_under_its_digest_is_right_whenever_the_process_is_killed(tmp_path: Path) -> None:
    """After each kill; and no more is sent than what was on its way when it came."""
    chance = Random(SEED)
    hub = FakeHub()
    hub.claimed = True
    digests = [hub.add_medium(chance.randbytes(MEDIUM_BYTES)) for _ in range(MEDIA)]
    library = MediaLibrary(tmp_path / "media")
    kills = 0
    with HubServer(hub) as server:
        while not run(tmp_path, server.url, digests, chance.uniform(0, LONGEST_S)):
            kills += 1
            assert kills < MOST_KILLS
            there = [sha256 for sha256 in digests if library.path(sha256).exists()]
            for sha256 in there:
                assert hashlib.sha256(library.path(sha256).read_bytes()).hexdigest() == sha256
        resumed = [headers["range"] for headers in server.headers if "range" in headers]

    assert kills > 0
    assert resumed
    assert all(library.is_right(sha256, lambda: False) for sha256 in digests)
    library.tidy()
    assert sorted(path.name for path in library.folder.glob("??/*")) == sorted(digests)
