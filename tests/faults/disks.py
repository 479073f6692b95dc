"""Disks that a test fills, tears off, makes read-only, or has fail."""

import fcntl
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.faults.faulty_fs import Failing

SMALL_BYTES = 24 * 1024 * 1024
FILLING = "filling"
SHUT_DOWN = 0x8004587D
"""The request to a file system to stop at once, of ``linux/fs.h``; it is not told to anybody before."""
NOTHING_WRITTEN_BACK = struct.pack("I", 2)
GAVE_UP_S = 20.0


class NoSuchDiskError(Exception):
    """This machine cannot make such a disk."""


class FaultyDisk:
    """A folder whose file system fails as it is told to.

    :ivar folder: the folder.
    :ivar below: where its files really are; nothing fails there.
    """

    def __init__(self, folder: Path, below: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.below = below
        self._process = process

    def fail(self, *failings: Failing) -> list[str]:
        """Fail so from now on, and no more as before; give the calls that have changed something since."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(msgspec.to_builtins(list(failings))) + "\n")
        self._process.stdin.flush()
        return list(json.loads(self._process.stdout.readline()))

    def folder_of(self, name: str) -> "FaultyDisk":
        """Give a folder of its own on the same disk."""
        (self.below / name).mkdir()
        return FaultyDisk(self.folder / name, self.below / name, self._process)

    def be_well(self) -> list[str]:
        """Fail no more; give the calls that have changed something since."""
        return self.fail()


@contextmanager
def faulty_disk(place: Path) -> Iterator[FaultyDisk]:
    """Mount one.

    :raises NoSuchDiskError: the machine has no FUSE.
    """
    if not os.access("/dev/fuse", os.W_OK) or shutil.which("fusermount3") is None:
        message = "FUSE is not here: install fuse3, and run where there is /dev/fuse"
        raise NoSuchDiskError(message)
    below, folder = place / "below", place / "faulty"
    for one in (below, folder):
        one.mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.faulty_fs", str(below), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        disk = FaultyDisk(folder, below, process)
        disk.be_well()
        while not os.path.ismount(folder):
            assert process.poll() is None, "the file system has ended"
        yield disk
    finally:
        subprocess.run(["fusermount3", "-u", "-z", folder], check=False, capture_output=True)
        process.terminate()
        process.communicate(timeout=GAVE_UP_S)


class SmallDisk:
    """A real file system on a disk of a few megabytes.

    :ivar folder: where it is mounted.
    :ivar lasting: whether it can be shut down, and mounted again.
    """

    def __init__(self, folder: Path, image: Path | None) -> None:
        self.folder = folder
        self._image = image
        self.lasting = image is not None

    def mount(self) -> None:
        """Mount it."""
        if self._image is None:
            _mount("-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "none", self.folder)
        else:
            _mount("-o", "loop,errors=remount-ro", self._image, self.folder)

    def unmount(self) -> None:
        """Take it off, whatever is still open there."""
        subprocess.run(["umount", "-l", self.folder], check=False, capture_output=True)

    def fill(self, leaving: int = 0) -> None:
        """Fill it up but for some bytes."""
        with (self.folder / FILLING).open("wb", buffering=0) as file:
            free = os.statvfs(self.folder)
            size = free.f_bavail * free.f_frsize - leaving
            try:
                os.posix_fallocate(file.fileno(), 0, max(size, 1))
                while not leaving:
                    file.write(bytes(4096))
            except OSError:
                return

    def make_room(self) -> None:
        """Take away what fills it."""
        (self.folder / FILLING).unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Have it take nothing any more, as the system does where it finds it damaged."""
        _mount("-o", "remount,abort" if self.lasting else "remount,ro", self.folder)

    def shut_down(self) -> None:
        """Have it fail at once and for good; on it is what was waited for, as after a power cut."""
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(handle, SHUT_DOWN, NOTHING_WRITTEN_BACK)
        finally:
            os.close(handle)


def _mount(*words: str | Path) -> None:
    done = subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise NoSuchDiskError(done.stderr.strip())


@contextmanager
def small_disk(place: Path) -> Iterator[SmallDisk]:
    """Make one on a loop device, or in memory where there are none, and mount it.

    :raises NoSuchDiskError: the machine allows neither.
    """
    image, folder = place / "disk.img", place / "small"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(SMALL_BYTES)
    made = shutil.which("mkfs.ext4", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    disk = SmallDisk(folder, None)
    try:
        if made is not None:
            subprocess.run([made, "-q", "-F", "-m", "0", image], check=True)
            disk = SmallDisk(folder, image)
        try:
            disk.mount()
        except NoSuchDiskError:
            disk = SmallDisk(folder, None)
            disk.mount()
        yield disk
    finally:
        disk.unmount()
        image.unlink()
