"""A file's content: what it hashes to, and how to tell that it is still the same."""

import hashlib
import os
import stat
from pathlib import Path
from threading import Event

from msgspec import Struct

from easyplayer.analysis.leash import Leash
from easyplayer.analysis.naming import shown
from easyplayer.errors import MediaError

_CHUNK_BYTES = 1 << 20


class Stamp(Struct, frozen=True):
    """What a file system says about a file; any change to its content changes this too.

    The change time betrays a tag editor that rewrites padding and puts the old modification time
    back.  The inode is left out: a USB stick numbers its files anew at each mount.
    """

    size_bytes: int
    mtime_ns: int
    ctime_ns: int


class Content(Struct, frozen=True):
    """What is in a file, and the stamp that it bore while that was read.

    :ivar sha256: in hexadecimal.
    """

    sha256: str
    stamp: Stamp


def observe(path: Path) -> Stamp:
    """Read a file's stamp, without opening it.

    :raises MediaError: there is no file that could be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise MediaError(f"{shown(path)} is a folder; name the files in it")
    if not stat.S_ISREG(status.st_mode):
        raise MediaError(
            f"{shown(path)} is no regular file (a device or a pipe, perhaps); copy it to a disk first"
        )
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def identify(path: Path, stop: Event) -> Content:
    """Hash a file.

    :raises MediaError: it cannot be read, or changed meanwhile.
    :raises AnalysisError: `stop` was set.
    """
    stamp = observe(path)
    digest, leash = hashlib.sha256(), Leash(path, stop)
    try:
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK_BYTES):
                leash.check()
                digest.update(chunk)
    except OSError as error:
        raise unreadable(path, error) from error
    ensure_unchanged(path, stamp)
    return Content(digest.hexdigest(), stamp)


def ensure_unchanged(path: Path, stamp: Stamp) -> None:
    """Make sure that a file still is what it was: one that is being copied grows under our hands.

    :raises MediaError: it is not, or it is gone.
    """
    if observe(path) != stamp:
        raise MediaError(f"{shown(path)} changed while it was read; try again once it is copied")


def unreadable(path: Path, error: OSError) -> MediaError:
    """Say why a file cannot be read, and what to do."""
    match error:
        case FileNotFoundError():
            return MediaError(f"{shown(path)} does not exist; check its name, and that its disk is there")
        case PermissionError():
            return MediaError(f"{shown(path)} may not be read by {_user()}; change its permissions")
        case _:
            return MediaError(
                f"{shown(path)} cannot be read ({error.strerror}); check the disk that it is on"
            )


def _user() -> str:
    return f"user {os.geteuid()}"
