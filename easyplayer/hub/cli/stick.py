"""A stick, or any folder, that a bundle goes on: what is there, what fits, and files that are whole.

Each file gets its name only when all of it is on the disk itself; the bundle, which makes a folder of files
one that boxes take, is the last of them.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from errno import EACCES, EINVAL, EPERM, EROFS
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from msgspec import Struct

from easyplayer.errors import DeviceError
from easyplayer.hub.cli.telling import size as told_size
from easyplayer.hub.cli.uploading import Bar
from easyplayer.protocol.bundle import BUNDLE_FILE, FOLDER, MEDIA, PROGRAMS, REPORTS

PART = ".part"
CLUSTER_BYTES = 32 * 1024
"""So much may be lost at the end of each file."""
FAT = frozenset({"vfat", "msdos"})
MOST_ON_FAT = 2**32 - 1
MOUNTS = Path("/proc/self/mountinfo")

_NOT_WRITABLE = {EACCES, EPERM, EROFS}


class StickFile(Struct, frozen=True, kw_only=True):
    """A file that is to be on a stick.

    :ivar path: below the stick's top folder.
    :ivar source: where the hub has it, below ``/api/v1``.
    """

    path: PurePosixPath
    sha256: str
    size: int
    source: str


class Stick:
    """The folder that a bundle goes on.

    :raises DeviceError: it is none.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            message = f"{folder} is no folder: plug the stick in, mount it, and name where it is mounted"
            raise DeviceError(message)
        self.folder = folder

    def path(self, file: StickFile) -> Path:
        """Tell where a file is to be."""
        return self.folder / file.path

    def part(self, file: StickFile) -> Path:
        """Tell where as much of it lies as has come."""
        path = self.path(file)
        return path.with_name(f"{path.name}{PART}")

    def lacking(self, files: Sequence[StickFile], bar: Bar) -> list[StickFile]:
        """Give the files that are not there, or are other than they should be; each is read for that."""
        there = {file.path for file in files if _length(self.path(file)) == file.size}
        bar.begin("looking at what is there", sum(file.size for file in files if file.path in there))
        lacking = []
        for file in files:
            if file.path not in there or not self._is_right(file):
                lacking.append(file)
            bar.advance(file.size if file.path in there else 0)
        return lacking

    def _is_right(self, file: StickFile) -> bool:
        try:
            with self.path(file).open("rb") as content:
                return file_digest(content, "sha256").hexdigest() == file.sha256
        except OSError:
            return False

    def strangers(self, files: Iterable[StickFile]) -> list[Path]:
        """Give what lies beside programs and media, and belongs to none of some files."""
        ours = {path for file in files for path in (self.path(file), self.part(file))}
        below = (self.folder / MEDIA, self.folder / PROGRAMS)
        return sorted(
            path for top in below for path in top.rglob("*") if not path.is_dir() and path not in ours
        )

    def reports(self) -> list[Path]:
        """Give the reports that boxes have left."""
        return reports_in(self.folder)

    def take_away(self, paths: Iterable[Path]) -> None:
        """Delete files; the bundle goes first, so that what is left is no stick until it is whole again."""
        with self.told():
            bundle = self.folder / BUNDLE_FILE
            if bundle.exists():
                bundle.unlink()
                sync(bundle.parent)
            for path in paths:
                path.unlink(missing_ok=True)

    def require_room(self, lacking: Sequence[StickFile], prunable: int) -> None:
        """Go on only where all fits.

        :param prunable: how many bytes lie there that nothing needs.
        :raises DeviceError: it does not; names the bytes.
        """
        self._require_short(lacking)
        needed = sum(file.size - _length(self.part(file)) + CLUSTER_BYTES for file in lacking)
        with self.told():
            free = shutil.disk_usage(self.folder).free
        if needed <= free:
            return
        message = (
            f"{self.folder}: {_bytes(needed)} are to be written, and {_bytes(free)} are free:"
            f" free {_bytes(needed - free)} more, or take a larger stick"
        )
        if prunable:
            message += f"; --prune takes away {_bytes(prunable)} that no program needs any more"
        raise DeviceError(message)

    def _require_short(self, lacking: Iterable[StickFile]) -> None:
        long = [file for file in lacking if file.size > MOST_ON_FAT]
        if long and file_system(self.folder) in FAT:
            message = (
                f"{self.folder} is formatted as FAT, where no file can be longer than {_bytes(MOST_ON_FAT)};"
                f" {len(long)} are, the first {long[0].sha256[:12]}…: format the stick as exFAT or ext4"
            )
            raise DeviceError(message)

    def finish(self, part: Path, path: Path) -> None:
        """Give a file its name; it is on the disk itself afterwards."""
        sync(part)
        part.replace(path)
        sync(path.parent)

    def seal(self, bundle: bytes) -> None:
        """Write the bundle, in the place of the one that was there."""
        path = self.folder / BUNDLE_FILE
        part = path.with_name(f"{path.name}{PART}")
        with self.told():
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(bundle)
            for folder in (self.folder / MEDIA, self.folder / PROGRAMS, path.parent, self.folder):
                sync(folder)
            self.finish(part, path)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell what goes wrong at the disk meanwhile.

        :raises DeviceError: it does not do it.
        """
        try:
            yield
        except OSError as error:
            message = f"{self.folder}: {error.strerror}: {_way_out(error)}"
            raise DeviceError(message) from error


def reports_in(folder: Path) -> list[Path]:
    """Give the reports in a folder: a stick's, or one that they were copied to."""
    below = folder / REPORTS if (folder / FOLDER).is_dir() else folder
    return sorted(below.glob("*.age"))


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """Tell how the disk is formatted that a folder is on; empty where nobody knows."""
    device = folder.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    return next((words[words.index("-") + 1] for words in lines if words[2] == number), "")


def sync(path: Path) -> None:
    """See to it that a file, or the names in a folder, are on the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != EINVAL:  # some file systems have nothing to do for a folder
            raise
    finally:
        os.close(handle)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _way_out(error: OSError) -> str:
    if error.errno in _NOT_WRITABLE:
        return "take off its write protection, or name a folder that you may write to"
    return "what is there stays, and the next run goes on there"


def _bytes(count: int) -> str:
    return f"{count:,} bytes ({told_size(count)})"
