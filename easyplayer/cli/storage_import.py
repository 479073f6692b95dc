"""Taking media from a folder into a box, for a technician who has them where the network does not reach."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.cli.box_store import BoxStore, find
from easyplayer.cli.progress import progress
from easyplayer.cli.storage_words import size
from easyplayer.cli.telling import tell_json, tell_pairs, warn
from easyplayer.cli.testing import member
from easyplayer.cli.times import wall
from easyplayer.consignment import consigned
from easyplayer.drivers.bundle_folder import BundleFolder
from easyplayer.drivers.media_library import Arrival, MediaLibrary, is_digest
from easyplayer.drivers.quiet_reading import QuietReading
from easyplayer.errors import BundleError, DeviceError, MediumBusyError
from easyplayer.playout.demand import media_of
from easyplayer.unloading import Unloading, etag_of

SOME_MISSING = 1
CHUNK_BYTES = 1024 * 1024


class Imported(Struct, kw_only=True):
    """What has come of it.

    :ivar program: what the box plays by next, where the folder is a stick's that brings that; else empty.
    :ivar media: how many media came, of ``bytes`` in all.
    :ivar bad: files that could not be taken, and why.
    :ivar missing: how many media the programs of the box still lack.
    """

    program: str = ""
    media: int = 0
    bytes: int = 0
    bad: dict[str, str] = {}
    missing: int = 0


def take(arguments: argparse.Namespace) -> int:
    """Take from a folder what the box lacks; 1 if it lacks something all the same."""
    top = Path(arguments.folder).expanduser()
    if not top.is_dir():
        message = f"{top} is no folder: name the one where the media are"
        raise DeviceError(message)
    box = find(arguments)
    imported = Imported()
    try:
        imported.program = stage_program(box, top)
    except BundleError as error:
        imported.bad[str(top)] = str(error)
    take_media(box, top, imported)
    imported.missing = len(_lacking(box))
    if arguments.json:
        tell_json(msgspec.to_builtins(imported))
    else:
        tell_pairs(_words(imported))
        warn(f"{path}: {why}" for path, why in imported.bad.items())
    return SOME_MISSING if imported.missing else 0


def stage_program(box: BoxStore, top: Path) -> str:
    """Stage the program that a stick brings for this box; give what people call it, empty if it is no news.

    :raises BundleError: it cannot be used.
    """
    folder = BundleFolder(top)
    data = folder.bundle()
    if data is None:
        return ""
    if box.runs:
        message = "the box runs, and takes the program from the stick itself: plug it in there"
        raise BundleError(message)
    head = consigned(data, member(box.settings)).head
    if head is None:
        return ""
    Unloading(box.store, folder, wall, lambda: False).take_program(head)
    staged = box.store.programs.staged
    is_news = staged is not None and staged.head.digest == head.digest
    return f"{head.name}, version {head.version}" if is_news else ""


def take_media(box: BoxStore, top: Path, imported: Imported) -> None:
    """Take all files below a folder that are media which the box lacks, whatever they are called."""
    wanted = _lacking(box)
    lengths = set(wanted.values())
    files = [(path, length) for path, length in _files(top) if length in lengths]
    with progress("Importing", sum(length for _, length in files)) as advance:
        for path, length in files:
            try:
                sha256 = _digest_of(path, wanted)
                if wanted.get(sha256) == length:
                    _copy(box.store.media, sha256, path, length)
                    del wanted[sha256]
                    imported.media, imported.bytes = imported.media + 1, imported.bytes + length
            except (OSError, DeviceError, MediumBusyError) as error:
                imported.bad[str(path)] = str(error)
            advance(length)


def _lacking(box: BoxStore) -> dict[str, int]:
    """Give all that the programs lack, whether or not it fits on the disks: size by digest."""
    programs, library = box.store.programs, box.store.media
    kept = [one.program for one in (programs.current, programs.staged) if one is not None]
    wanted = {sha256: size for one in kept for sha256, size in media_of(one).items()}
    return {sha256: size for sha256, size in wanted.items() if not library.has(sha256, size)}


def _files(top: Path) -> Iterator[tuple[Path, int]]:
    """Give all ordinary files below a folder, and their lengths; no link is followed."""
    for folder, folders, names in os.walk(top):
        folders.sort()
        for path in (Path(folder, name) for name in sorted(names)):
            if path.is_file() and not path.is_symlink():
                yield path, path.stat().st_size


def _digest_of(path: Path, wanted: dict[str, int]) -> str:
    """Give a file's digest: that which its name says, or else by reading it."""
    if is_digest(path.name) and path.name in wanted:
        return path.name
    with QuietReading(path) as reading:
        while reading.read_on():
            pass
    return reading.digest()


def _copy(library: MediaLibrary, sha256: str, path: Path, length: int) -> None:
    """Take a file in.

    :raises DeviceError: it is not what its name says.
    :raises StateError: the disks do not take it; ``DiskFullError`` where there is no room for it.
    """
    with library.draft(sha256, length) as draft, path.open("rb") as file:
        draft.begin(0, etag_of(sha256))
        while chunk := file.read(CHUNK_BYTES):
            draft.write(chunk)
        if draft.finish() is not Arrival.COMPLETE:
            message = "it is not what its name says: copy it anew"
            raise DeviceError(message)


def _words(imported: Imported) -> Iterator[tuple[str, str]]:
    if imported.program:
        yield "program", f"{imported.program}: played as soon as it is complete"
    yield "taken", f"{imported.media} media, {size(imported.bytes)}"
    yield "missing", f"{imported.missing} media" if imported.missing else "nothing"
