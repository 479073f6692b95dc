"""The pictures that the firmware brings along: the views and the film, made once and kept as files.

They are made beside the music of :mod:`easyplayer.fallback`, and as that is: in a process of their own, with
low priority.  Where there is no screen nobody asks for them, and none is made.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from easyplayer import fallback
from easyplayer.errors import StateError
from easyplayer.painting import is_whole_png
from easyplayer.playout.items import Item, ItemKind
from easyplayer.sources import Gathered, Problem
from easyplayer.units import Milliseconds, Seconds
from easyplayer.views import BOATS, VIEWS, WIDTH, Boat, Film, View, paper_boat

VERSION = 1
"""Part of each file's name; counts up when the pictures look different, so that they are made anew."""

Picture: TypeAlias = View | Film

PICTURES: tuple[Picture, ...] = (*VIEWS, BOATS)
"""Everything that is made, in the order in which it is."""

FILMING_MAY_TAKE_S = Seconds(300.0)
SWAYS = 6
"""How often a boat goes up and down while it crosses the picture: a whole number, as the film begins anew."""
SWAY_PIXELS = 4
MIRRORED = 0.22
"""How much of a boat is seen in the water below it."""
ENCODED = "-c:v libx264 -preset veryfast -crf 23 -g 50 -pix_fmt yuv420p -an -movflags +faststart -f mp4"
ATOM_BYTES = 8


def gather_pictures(directory: Path) -> Gathered:
    """Make those that are missing (some ten seconds); give the music of the fallback, as ever.

    Never raises: what cannot be made is told as a problem.
    """
    names = [picture.name for picture in PICTURES if not _is_complete(path_of(picture, directory))]
    return Gathered(fallback.demo_items(directory), tuple(_made_aside(directory, names)))


def picture_items(directory: Path) -> tuple[Item, ...]:
    """Give all of them, whether or not a directory holds them yet."""
    return tuple(_item(picture, path_of(picture, directory)) for picture in PICTURES)


def item_id(picture: Picture) -> str:
    """Tell what the item of a picture is called.

    >>> item_id(BOATS)
    'view:paper-boats'
    """
    return f"view:{picture.name}"


def path_of(picture: Picture, directory: Path) -> Path:
    """Tell where one is: where the maker put it, else in a directory, whether or not it is there yet."""
    name = f"{picture.name}-v{VERSION}.{'mp4' if isinstance(picture, Film) else 'png'}"
    brought = fallback.BROUGHT / name
    return brought if _is_complete(brought) else directory / name


def render(picture: Picture, directory: Path) -> Path:
    """Make the file of one, unless it is there; a file is there complete, or not at all.

    :raises StateError: the directory cannot be written, or there is no ffmpeg to make a film with.
    """
    path = path_of(picture, directory)
    if not _is_complete(path):
        content = _filmed(picture) if isinstance(picture, Film) else picture.paint().png()
        try:
            fallback.write_whole(path, content)
            for old in directory.glob(f"{picture.name}-v*{path.suffix}"):
                if old != path:
                    old.unlink(missing_ok=True)
        except OSError as error:
            raise StateError(
                f"{path}: the picture cannot be written ({error.strerror}); make room, or allow it"
            ) from error
    return path


def main(arguments: Sequence[str]) -> int:
    """Make files: ``python -m easyplayer.demo_pictures DIRECTORY [NAME...]``; 1 and a line if that fails."""
    directory, *names = arguments
    try:
        for picture in PICTURES:
            if not names or picture.name in names:
                render(picture, Path(directory))
    except StateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _item(picture: Picture, path: Path) -> Item:
    is_film = isinstance(picture, Film)
    return Item(
        id=item_id(picture),
        location=str(path.absolute()),
        kind=ItemKind.CLIP if is_film else ItemKind.STILL,
        title=picture.title,
        artist="easyplayer",
        duration_ms=Milliseconds(round(1000 * picture.length_s)) if isinstance(picture, Film) else None,
    )


def _made_aside(directory: Path, names: Sequence[str]) -> list[Problem]:
    if not names:
        return []
    command = ["nice", "-n", "19", sys.executable, "-m", "easyplayer.demo_pictures", str(directory), *names]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return [Problem(str(directory), made.stderr.strip())] if made.returncode else []


def _is_complete(path: Path) -> bool:
    """Tell whether nothing is missing of a file."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return is_whole_png(content) if path.suffix == ".png" else _is_whole_mp4(content)


def _is_whole_mp4(content: bytes) -> bool:
    """Tell whether an MP4 file ends where its last atom does (ISO 14496-12, 4.2)."""
    at = 0
    while at + ATOM_BYTES <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size < ATOM_BYTES:
            return False
        at += size
    return at == len(content) > 0


# -- the film --------------------------------------------------------------------------------------


def _filmed(film: Film) -> bytes:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise StateError(f"{film.title} is not made: there is no ffmpeg; install the package ffmpeg")
    with tempfile.TemporaryDirectory(prefix="easyplayer-film-") as home:
        painted = {"water": film.paint(), "boat": paper_boat(), "shape": paper_boat(shape=True)}
        inputs: list[str] = []
        for name, canvas in painted.items():
            file = Path(home) / f"{name}.png"
            file.write_bytes(canvas.png())
            inputs += ["-i", str(file)]
        target = Path(home) / "film.mp4"
        command = [ffmpeg, "-loglevel", "error", "-nostdin", "-y", "-threads", "1", *inputs]
        command += ["-filter_complex", _scene(film), "-map", "[film]", "-t", str(film.length_s)]
        command += [*ENCODED.split(), str(target)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=FILMING_MAY_TAKE_S)
            return target.read_bytes()
        except subprocess.CalledProcessError as error:
            why = error.stderr.decode(errors="replace").strip()
            raise StateError(f"{film.title} cannot be made: {why}") from error
        except subprocess.TimeoutExpired as error:
            raise StateError(f"{film.title} was not made within {FILMING_MAY_TAKE_S:.0f} s") from error


def _scene(film: Film) -> str:
    """Say how the film is made of three pictures: the water, a boat, and the boat's shape."""
    still = f"loop=loop=-1:size=1,setpts=N/{film.rate}/TB,fps={film.rate}"
    count = len(film.boats)
    steps = [
        f"[0]format=rgb24,{still}[under0]",
        "[2]format=gray[shape]",
        f"[1][shape]alphamerge,split={count}" + "".join(f"[cut{number}]" for number in range(count)),
    ]
    for number, boat in enumerate(film.boats):
        wide = 2 * round(boat.size * 100)
        steps += [
            f"[cut{number}]scale={wide}:-2,split[up{number}][down{number}]",
            f"[up{number}]{still}[boat{number}]",
            f"[down{number}]vflip,colorchannelmixer=aa={MIRRORED},{still}[mirror{number}]",
            _laid(film, boat, f"[under{number}][mirror{number}]", "+h*0.94", -1) + f"[half{number}]",
            _laid(film, boat, f"[half{number}][boat{number}]", "", 1) + f"[under{number + 1}]",
        ]
    steps.append(f"[under{count}]format=yuv420p[film]")
    return ";".join(steps)


def _laid(film: Film, boat: Boat, layers: str, lower: str, way: int) -> str:
    """Say where a boat, or what is mirrored of it, is at each instant ``t``."""
    length = film.length_s
    x = f"mod(t+{length - boat.begins_s},{length})/{length}*({WIDTH}+w)-w"
    y = f"{boat.y}{lower}+{way * SWAY_PIXELS * boat.size}*sin(2*PI*(t-{boat.begins_s})*{SWAYS}/{length})"
    return f"{layers}overlay=x='{x}':y='{y}':eval=frame:format=rgb"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
