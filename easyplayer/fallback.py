"""The music that the firmware brings along: the demo pieces, made once and kept as files.

They are made in a process of their own, with low priority: seconds of pure computing would delay
every deadline of a box that plays, and leave its memory twice as large.
"""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from easyplayer.demo import DEMO_TRACKS, Track, compose
from easyplayer.errors import StateError
from easyplayer.playout.catalogue import Item
from easyplayer.sources import Gathered, Problem
from easyplayer.synth import wav

log = logging.getLogger(__name__)

VERSION = 1
"""Part of each file's name; counts up when the pieces sound different, so that they are made anew."""

SPARE = Path(tempfile.gettempdir()) / "easyplayer-demo"
"""Where the pieces are made when the state directory does not take them."""


def gather_first(directory: Path) -> Gathered:
    """Give the pieces that are there; make the first one where it is missing (some two seconds)."""
    return _gather(directory, DEMO_TRACKS[:1])


def gather_all(directory: Path) -> Gathered:
    """Give all pieces, and make those that are missing (some eight seconds).

    Never raises: what cannot be made is told as a problem.
    """
    return _gather(directory, DEMO_TRACKS)


def demo_items(directory: Path) -> tuple[Item, ...]:
    """Give the pieces that a directory holds complete, ready to be played."""
    return tuple(
        Item(id=f"demo:{track.name}", location=str(path.absolute()), title=track.title, artist=track.artist)
        for track in DEMO_TRACKS
        if _is_complete(path := _path(track, directory))
    )


def render(track: Track, directory: Path) -> Path:
    """Make the file of one piece, unless it is there; a file is there complete, or not at all.

    Older versions of it are taken away.

    :raises StateError: the directory cannot be written.
    """
    path = _path(track, directory)
    if not _is_complete(path):
        try:
            _write(path, wav(compose(track), track.title, track.artist))
            for old in directory.glob(f"{track.name}-v*.wav"):
                if old != path:
                    old.unlink()
        except OSError as error:
            raise StateError(
                f"{path}: the demo track cannot be written ({error.strerror}); make room, or allow it"
            ) from error
    return path


def main(arguments: Sequence[str]) -> int:
    """Make files: ``python -m easyplayer.fallback DIRECTORY NAME...``; 1 and a line if that fails."""
    directory, *names = arguments
    try:
        for track in DEMO_TRACKS:
            if track.name in names:
                render(track, Path(directory))
    except StateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _gather(directory: Path, tracks: Sequence[Track]) -> Gathered:
    problems: list[Problem] = []
    for place in (directory, SPARE):
        problems += _render_aside(place, tracks)
        if items := demo_items(place):
            return Gathered(items, tuple(problems))
    return Gathered((), tuple(problems))


def _render_aside(directory: Path, tracks: Sequence[Track]) -> list[Problem]:
    names = [track.name for track in tracks if not _is_complete(_path(track, directory))]
    if not names:
        return []
    made = subprocess.run(
        ["nice", sys.executable, "-m", "easyplayer.fallback", str(directory), *names],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return [Problem(str(directory), made.stderr.strip())] if made.returncode else []


def _path(track: Track, directory: Path) -> Path:
    return directory / f"{track.name}-v{VERSION}.wav"


def _is_complete(path: Path) -> bool:
    """Tell whether a file is as long as its RIFF header says."""
    try:
        with path.open("rb") as file:
            name, size = file.read(4), int.from_bytes(file.read(4), "little")
            return name == b"RIFF" and os.fstat(file.fileno()).st_size == size + 8
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
