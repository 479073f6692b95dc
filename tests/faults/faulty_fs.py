"""A file system that hands everything on to a folder, but for what it is told to fail.

It is a process of its own.  Each line on its standard input is a list of failings, in JSON, which take the
place of those before; it answers with the calls that have come since, a JSON list in a line.
"""

import errno
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import mfusepy
from msgspec import Struct

CHANGES = (
    "create", "write", "truncate", "fsync", "fsyncdir", "rename", "unlink", "mkdir", "rmdir", "utimens",
)  # fmt: skip
"""The calls after which a disk is another one."""
MOST_NOTED = 100_000

Answer = TypeVar("Answer")


class Failing(Struct, frozen=True, kw_only=True):
    """Some calls that fail.

    :ivar calls: which; those that change something unless it is said.
    :ivar error: what they fail with, such as ``errno.EIO``.
    :ivar named: a part of the path; all are meant where it is empty.
    :ivar first: the number of the first that fails, from 0 on; ``last`` that of the last.
    :ivar room: how many bytes may still be written before that; then ``first`` does not count.
    """

    calls: tuple[str, ...] = CHANGES
    error: int = errno.EIO
    named: str = ""
    first: int = 0
    last: int = sys.maxsize
    room: int | None = None


class _Plan:
    """What is to fail, and what has come; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.change([])

    def change(self, failings: list[Failing]) -> list[str]:
        """Fail otherwise from now on; give the calls that have come."""
        with self._lock:
            noted, self._noted = getattr(self, "_noted", []), list[str]()
            self._failings = failings
            self._counts = [0] * len(failings)
        return noted

    def note(self, call: str, path: str, size: int = 0) -> int:
        """Note a call, and fail it if that is planned; give how many bytes of it come through."""
        with self._lock:
            if call in CHANGES and len(self._noted) < MOST_NOTED:
                self._noted.append(f"{call} {path}")
            for number, one in enumerate(self._failings):
                if call in one.calls and one.named in path:
                    size = self._judge(number, one, size)
            return size

    def _judge(self, number: int, failing: Failing, size: int) -> int:
        """Count a call, or its bytes; tell how many bytes of it come through."""
        count = self._counts[number]
        fails = failing.first <= count <= failing.last
        if failing.room is not None:
            fails, size = count >= failing.room, min(size, failing.room - count)
        self._counts[number] += 1 if failing.room is None else max(size, 0)
        if fails:
            raise OSError(failing.error, os.strerror(failing.error))
        return size


class FaultyFileSystem(mfusepy.Operations):  # type: ignore[misc]  # it has no types of its own
    """Hands on what it is asked for."""

    use_ns = True

    def __init__(self, root: str, plan: _Plan) -> None:
        self._root = root
        self._plan = plan

    def _at(self, path: str) -> Path:
        return Path(self._root + path)

    def _do(self, call: str, path: str, deed: Callable[[], Answer]) -> Answer:
        try:
            self._plan.note(call, path)
            return deed()
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno) from None

    # -- names -----------------------------------------------------------------------------------

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        """Tell what a file is."""
        found = self._do("getattr", path, lambda: self._at(path).lstat())
        names = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_ino")
        times = {name: getattr(found, f"{name}_ns") for name in ("st_atime", "st_mtime", "st_ctime")}
        return {**{name: getattr(found, name) for name in names}, **times}

    def readdir(self, path: str, fh: int) -> list[str]:
        """Name what is in a folder."""
        return [".", "..", *self._do("readdir", path, lambda: [one.name for one in self._at(path).iterdir()])]

    def mkdir(self, path: str, mode: int) -> int:
        """Make a folder."""
        self._do("mkdir", path, lambda: self._at(path).mkdir(mode))
        return 0

    def rmdir(self, path: str) -> int:
        """Remove a folder."""
        self._do("rmdir", path, lambda: self._at(path).rmdir())
        return 0

    def unlink(self, path: str) -> int:
        """Remove a file."""
        self._do("unlink", path, lambda: self._at(path).unlink())
        return 0

    def rename(self, old: str, new: str) -> int:
        """Give a file another name."""
        self._do("rename", new, lambda: self._at(old).replace(self._at(new)))
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        """Set the times of a file."""
        self._do("utimens", path, lambda: os.utime(self._at(path), ns=times))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        """Set who may use a file."""
        self._do("chmod", path, lambda: self._at(path).chmod(mode))
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        """Tell what room there is."""
        found = self._do("statfs", path, lambda: os.statvfs(self._at(path)))
        return {
            name: getattr(found, name) for name in dir(found) if name.startswith("f_") and name != "f_fsid"
        }

    # -- content ---------------------------------------------------------------------------------

    def create(self, path: str, mode: int, fi: object = None) -> int:
        """Make a file, and open it."""
        return self._do("create", path, lambda: os.open(self._at(path), os.O_RDWR | os.O_CREAT, mode))

    def open(self, path: str, flags: int) -> int:
        """Open a file."""
        kept = flags & ~(os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW)
        return self._do("open", path, lambda: os.open(self._at(path), kept))

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read from a file."""
        return self._do("read", path, lambda: os.pread(fh, size, offset))

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write to a file, perhaps less than was asked for."""
        try:
            return os.pwrite(fh, data[: self._plan.note("write", path, len(data))], offset)
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno) from None

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Set how long a file is."""
        self._do("truncate", path, lambda: os.truncate(self._at(path), length))
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """Wait until a file is on the disk; it is in memory here, and that costs nothing."""
        return self._do("fsync", path, lambda: 0)

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Wait until the names in a folder are on the disk."""
        return self._do("fsyncdir", path, lambda: 0)

    def release(self, path: str, fh: int) -> int:
        """Close a file."""
        os.close(fh)
        return 0


def obey(plan: _Plan) -> None:
    """Take orders until there are no more."""
    for line in sys.stdin:
        failings = [Failing(**{**one, "calls": tuple(one["calls"])}) for one in json.loads(line)]
        sys.stdout.write(json.dumps(plan.change(failings)) + "\n")
        sys.stdout.flush()


def main(root: str, mounted_at: str) -> None:
    """Serve a folder at another place until it is unmounted."""
    plan = _Plan()
    threading.Thread(target=obey, args=(plan,), daemon=True).start()
    mfusepy.FUSE(FaultyFileSystem(root, plan), mounted_at, foreground=True, nothreads=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
