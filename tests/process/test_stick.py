"""A real box takes a real stick of a real hub's, while the room listens; all of it happens apart."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from typing import Any

import pytest

from easyplayer.status_view import Status
from tests.drivers.apart import APART, real, run_apart, succeeds
from tests.drivers.sticks import LoopStick, Udev, do, image, mounted, plug, wait_until
from tests.process.paired import VENUE, Paired
from tests.sound.ear import WINDOW_S, gaps, heard, sounding
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound, pytest.mark.slow]
apart = pytest.mark.skipif(not APART, reason="runs apart")

STICK_BYTES = 96 << 20
SHORT_S = 6.0
NEARLY_ALL_S = 4.5
"""So much of a short song is heard, at the least, by an ear that was opened at its beginning."""
LONG_S = 400.0
"""So long is a song of which a stick can be pulled in the middle: 70 MB."""
BEGUN_BYTES, BLOCK_BYTES = 1 << 20, 4096
COPYING_MAY_TAKE_S = 60.0
ALL_MAY_TAKE_S = 300.0


@real
@pytest.mark.skipif(APART, reason="is there already")
def test_real_box_takes_a_real_stick() -> None:
    """With a udev daemon, mounts and a network of their own."""
    run_apart(__file__, may_take_s=ALL_MAY_TAKE_S)


@pytest.fixture(name="paired")
def _paired(sound_server: SoundServer, tmp_path: Path) -> Iterator[Paired]:
    """Give a box that is paired with a hub, and takes no sticks but the test's."""
    program = ("-m", "tests.process.stick_box", str(tmp_path))
    with Udev(), Paired(tmp_path, "", sound_server.env, program) as pair:
        yield pair


@contextmanager
def plugged(path: Path) -> Iterator[LoopStick]:
    """Plug a stick in, and pull it at the end; the box has to let go of it by itself."""
    stick = plug(path)
    try:
        yield stick
    except BaseException:
        succeeds("umount", "--lazy", stick.node)
        raise
    finally:
        stick.pull()


def leave_for_sea(paired: Paired, before: Sequence[Path], after: Path) -> Path:
    """Have the box play by one program, and give a stick with the next; then the hub is out of reach."""
    paired.publish(*before, name="first")
    paired.until_program("first")
    paired.end_box()
    paired.publish(after, name="second")
    path = image(paired.home, size_bytes=STICK_BYTES)
    place = paired.home / "mounted"
    with plugged(path) as stick, mounted(stick.node, place):
        paired.hub.tell("program", "bundle", "--to", place, "--venue", VENUE, "--collect")
        do("umount", str(place))
    paired.hub.end()
    paired.start_box()
    for song in before:
        paired.until_on_air(song)
    return path


def brought_home(paired: Paired, path: Path) -> list[dict[str, Any]]:
    """Take the reports on a stick in at the hub, which is there again; give what it has of the log then."""
    paired.hub.start()
    paired.hub.await_health()
    place, file = paired.home / "mounted", paired.home / "log.jsonl"
    with plugged(path) as stick, mounted(stick.node, place, "-o", "ro"):
        paired.hub.tell("log", "import", place)
        do("umount", str(place))
    paired.hub.tell("log", "export", "--venue", VENUE, "-o", file)
    return [json.loads(line) for line in file.read_text().splitlines()]


def says(status: Status, words: str) -> bool:
    """Tell whether the status says something of the stick."""
    return status.storage is not None and words in status.storage.stick


@apart
def test_program_comes_by_stick_and_the_log_goes_back_by_it(
    paired: Paired, signals: Signals, ear: Recorder
) -> None:
    """The song that plays is heard to its end, the new one follows at once, and the hub learns of it."""
    first, then, new = (signals.sine(hertz, SHORT_S, "flac") for hertz in (700, 900, 1100))
    path = leave_for_sea(paired, (first, then), new)
    ear.start()

    with plugged(path):
        taken = paired.box.until(lambda status: says(status, "may be pulled"), COPYING_MAY_TAKE_S)
        paired.until_on_air(new)
    recording = ear.stop()
    paired.end_box()
    rows = brought_home(paired, path)

    assert taken.storage is not None
    assert taken.storage.report.endswith(".age is on MUSIC")
    assert gaps(sounding(recording), min_s=0.05) == []
    assert heard(recording, 900).sum() * WINDOW_S > NEARLY_ALL_S
    assert heard(recording, 1100).any()
    assert first.stem in {row["title"] for row in rows if row["ended"] == "played"}


@apart
def test_stick_that_is_pulled_in_the_middle_goes_on_when_it_is_plugged_again(
    paired: Paired, signals: Signals, ear: Recorder
) -> None:
    """What had come of a song is not copied once more: it is wrong there by then.  Nobody hears any of it."""
    short, long = signals.sine(700, SHORT_S, "flac"), signals.noise(1, LONG_S, "wav")
    path = leave_for_sea(paired, (short,), long)
    worn = Path(shutil.copy(path, paired.home / f"{path.name}-worn"))
    spoil_beginning(path, long)
    ear.start()

    with plugged(worn):
        wait_until(lambda: part_bytes(paired) > BEGUN_BYTES, "the beginning of the song")
        os.truncate(worn, 0)
    pulled = paired.box.until(lambda status: says(status, "pulled too soon"))
    here = part_bytes(paired)
    with plugged(path):
        paired.box.until(lambda status: says(status, "may be pulled"), COPYING_MAY_TAKE_S)
        paired.until_on_air(long)
    recording = ear.stop()

    assert says(pulled, "0 of 1 files are here; plug it in again, it goes on there")
    assert BEGUN_BYTES < here < long.stat().st_size
    assert gaps(sounding(recording), min_s=0.05) == []


def spoil_beginning(path: Path, song: Path) -> None:
    """Make the first bytes of a song on a stick wrong."""
    beginning = song.read_bytes()[:BLOCK_BYTES]
    with path.open("r+b") as file, mmap(file.fileno(), 0) as content:
        at = content.find(beginning)
        content[at : at + len(beginning)] = bytes(len(beginning))


def part_bytes(paired: Paired) -> int:
    """Tell how much has come of the medium that is on its way."""
    return sum(part.stat().st_size for part in (paired.home / "box/media").glob("*/*.part"))
