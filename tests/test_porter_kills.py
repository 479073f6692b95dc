"""A box that dies while it takes what a stick brings: at any instant, and again and again."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest
from msgspec import structs

from easyplayer.playout.items import Item, Media
from easyplayer.program_store import store_in
from easyplayer.protocol.bundle import medium_path
from tests.drivers.killing import ROOT
from tests.fakes.hub_media import digest_of, playlist, program_of
from tests.fakes.stick import FolderStick
from tests.porter_process import BEGINS

KILLS = int(os.environ.get("KILLS", "20"))
"""How often the box is killed; a long run may ask for thousands."""
MEDIA, BYTES = 12, 1_000_000
LIVES_S = 0.2
MOST_LIVES_S = 60.0


def stick_of(top: Path, seed: int) -> FolderStick:
    """Make a stick whose copying takes a while."""
    stick, random, items = FolderStick(top), Random(seed), []
    for number in range(MEDIA):
        data = random.randbytes(BYTES)
        stick.put(medium_path(digest_of(data)), data)
        media = Media(sha256=digest_of(data), size=BYTES)
        items.append(Item(id=f"song {number}", location="song.flac", media=media))
    program = structs.replace(
        program_of("one"), items=tuple(items), playlists=(playlist("day", *items),), fallback="day"
    )
    stick.put_bundle(stick.put_program(program, 1))
    return stick


def live(state: Path, stick: FolderStick, lives_s: float) -> str:
    """Let the box take from the stick, for so long after it has begun at most; give what it said at last."""
    command = [sys.executable, "-m", "tests.porter_process", str(state), str(stick.top)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as box:
        assert box.stdout is not None
        assert box.stdout.readline().strip() == BEGINS
        deadline = threading.Timer(lives_s, box.kill)
        deadline.start()
        said = box.stdout.read().strip()
        deadline.cancel()
    return said


def there(state: Path) -> dict[str, tuple[int, int]]:
    """Give the media that are there, each with what tells whether it was written again; all are right."""
    library = store_in(state).media
    found = {}
    for sha256 in library.digests():
        if library.size_of(sha256) is not None:
            assert library.is_right(sha256, lambda: False), sha256
            about = library.path(sha256).stat()
            found[sha256] = about.st_ino, about.st_mtime_ns
    return found


@pytest.mark.slow
def test_box_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """What has come is right, and is never copied twice; in the end all is there, and nothing besides."""
    random, lives, box = Random(5), 0, 0
    while lives < KILLS:
        state, before, said = tmp_path / f"box{box}", dict[str, tuple[int, int]](), ""
        state.mkdir()
        stick = stick_of(tmp_path / f"stick{box}", box)
        while not said:
            said = live(state, stick, random.uniform(0.0, LIVES_S))
            now = there(state)
            assert before.items() <= now.items()
            before, lives = now, lives + 1
        assert said == "bundle_taken"
        assert len(before) == MEDIA
        store_in(state).media.tidy()  # as the box does from time to time
        names = {path.name for path in (state / "media").rglob("*") if path.is_file()}
        assert names == before.keys()
        box += 1


@pytest.mark.slow
def test_stick_is_taken_in_one_life_where_nobody_kills(tmp_path: Path) -> None:
    """The test above would pass on a box that does nothing."""
    (tmp_path / "box").mkdir()
    assert live(tmp_path / "box", stick_of(tmp_path / "stick", 0), MOST_LIVES_S) == "bundle_taken"
    assert len(there(tmp_path / "box")) == MEDIA
