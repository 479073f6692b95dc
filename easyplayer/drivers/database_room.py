"""Room for what SQLite maps into memory beside a database.

In WAL mode it shares 32 KiB and more with others by a mapped file.  Where a file system with blocks of 1 KiB
has no room for all of that, nobody tells SQLite: the kernel ends the process that writes there, with SIGBUS.
So a database is not opened on a disk that is as full as that.
"""

import os
import sqlite3
from pathlib import Path

MAPPED_BYTES = 128 * 1024
"""So many bytes must be free: twice what is mapped of two databases."""


def look_for_room(folder: Path) -> None:
    """Hold that a database in a folder can be opened without harm.

    :raises sqlite3.OperationalError: its disk is full.
    """
    try:
        there = os.statvfs(folder)
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror) from error
    free = there.f_bavail * there.f_frsize
    if free < MAPPED_BYTES:
        message = f"the disk is full: {free} bytes are free, and a database needs {MAPPED_BYTES}"
        raise sqlite3.OperationalError(message)
