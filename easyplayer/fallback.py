"""The music that the firmware brings along: the demo pieces and jingles, made once and kept as files.

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
from typing import TypeAlias

from easyplayer import demo, jingles
from easyplayer.demo import DEMO_TRACKS, VARIATIONS, Track
from easyplayer.errors import StateError
from easyplayer.jingles import JINGLES, Jingle
from easyplayer.playout.items import Item, ItemKind
from easyplayer.sources import Gathered, Problem
from easyplayer.synth import Stereo, wav
from easyplayer.units import Milliseconds

log = logging.getLogger(__name__)

VERSION = 1
"""Part of each file's name; counts up when the pieces sound different, so that they are made anew."""

BROUGHT = Path(sys.prefix) / "share" / "easyplayer" / "music"
"""Where an appliance has them from its maker, so that a box just unpacked plays at once."""

Piece: TypeAlias = Track | Jingle

PIECES: tuple[Piece, ...] = (*DEMO_TRACKS, *JINGLES, *VARIATIONS)
"""Everything that is made, in the order in which it is: what the fallback needs comes first."""

SPARE = Path(tempfile.gettempdir()) / "easyplayer-demo"
"""Where the pieces are made when the state directory does not take them."""


def gather_first(directory: Path) -> Gathered:
    """Give the pieces that are there; make the first one where it is missing (some two seconds)."""
    return _gather(directory, DEMO_TRACKS[:1])


def gather_all(directory: Path) -> Gathered:
    """Give the four pieces of the fallback, and make those that are missing (some eight seconds).

    Never raises: what cannot be made is told as a problem.
    """
    return _gather(directory, DEMO_TRACKS)


def gather_sample(directory: Path) -> Gathered:
    """Make what is missing of all that the sample program plays (some eighteen seconds at most).

    :returns: the four pieces of the fallback, as :func:`gather_all` does.
    """
    return _gather(directory, PIECES)


def demo_items(directory: Path) -> tuple[Item, ...]:
    """Give those of the fallback's pieces that a directory holds complete, ready to be played."""
    return tuple(_item(track, path) for track in DEMO_TRACKS if _is_complete(path := _path(track, directory)))


def sample_items(directory: Path) -> tuple[Item, ...]:
    """Give everything that the sample program plays, whether or not a directory holds it yet."""
    return tuple(_item(piece, _path(piece, directory)) for piece in PIECES)


def _item(piece: Piece, path: Path) -> Item:
    """Describe a file; a jingle begins at once and rings out by itself, so that nothing fades it."""
    is_jingle = isinstance(piece, Jingle)
    fade_ms = Milliseconds(0) if is_jingle else None
    return Item(
        id=f"{'jingle' if is_jingle else 'demo'}:{piece.name}",
        location=str(path.absolute()),
        kind=ItemKind.LOCAL,
        title=piece.title,
        artist=piece.artist,
        duration_ms=Milliseconds(round(1000 * piece.length_s)),
        fade_in_ms=fade_ms,
        fade_out_ms=fade_ms,
    )


def render(piece: Piece, directory: Path) -> Path:
    """Make the file of one piece, unless it is there; a file is there complete, or not at all.

    Older versions of it are taken away.

    :raises StateError: the directory cannot be written.
    """
    path = _path(piece, directory)
    if not _is_complete(path):
        try:
            write_whole(path, wav(_composed(piece), piece.title, piece.artist))
            for old in directory.glob(f"{piece.name}-v*.wav"):
                if old != path:
                    old.unlink()
        except OSError as error:
            raise StateError(
                f"{path}: the demo track cannot be written ({error.strerror}); make room, or allow it"
            ) from error
    return path


def main(arguments: Sequence[str]) -> int:
    """Make files: ``python -m easyplayer.fallback DIRECTORY NAME...``; 1 and a line if that fails.

    Where the box that waits for them has been killed, the rest is left to the next one.
    """
    directory, *names = arguments
    box = os.getppid()
    try:
        for piece in PIECES:
            if piece.name in names and os.getppid() == box:
                render(piece, Path(directory))
    except StateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _composed(piece: Piece) -> Stereo:
    return jingles.compose(piece) if isinstance(piece, Jingle) else demo.compose(piece)


def _gather(directory: Path, pieces: Sequence[Piece]) -> Gathered:
    problems: list[Problem] = []
    for place in (directory, SPARE):
        problems += _render_aside(place, pieces)
        if items := demo_items(place):
            return Gathered(items, tuple(problems))
    return Gathered((), tuple(problems))


def _render_aside(directory: Path, pieces: Sequence[Piece]) -> list[Problem]:
    names = [piece.name for piece in pieces if not _is_complete(_path(piece, directory))]
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


def _path(piece: Piece, directory: Path) -> Path:
    """Tell where a piece is: where the maker put it, else in a directory, whether or not it is there yet."""
    name = f"{piece.name}-v{VERSION}.wav"
    brought = BROUGHT / name
    return brought if _is_complete(brought) else directory / name


def _is_complete(path: Path) -> bool:
    """Tell whether a file is as long as its RIFF header says."""
    try:
        with path.open("rb") as file:
            name, size = file.read(4), int.from_bytes(file.read(4), "little")
            return name == b"RIFF" and os.fstat(file.fileno()).st_size == size + 8
    except OSError:
        return False


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there complete or not at all, also where two processes write it at once.

    :raises OSError: the disk does not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.stem}-{os.getpid()}.part")  # two may make the same piece at once
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
