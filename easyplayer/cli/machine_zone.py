"""The time zone that this machine is set to, by its IANA name."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from easyplayer.playout.calendar import zone_of

UNKNOWN = "UTC"
NAMED = Path("/etc/timezone")
LINKED = Path("/etc/localtime")
DATABASE = "zoneinfo/"


def machine_zone() -> str:
    """Give the zone: of the environment's TZ, /etc/localtime or /etc/timezone; ``UTC`` where none tells.

    The machine's clocks go by the second; the third is a note of Debian's, which may be older.
    """
    for name in _told():
        with suppress(KeyError, ValueError, OSError):
            return zone_of(name).key
    return UNKNOWN


def _told() -> Iterator[str]:
    yield os.environ.get("TZ", "").removeprefix(":")
    with suppress(OSError):
        yield str(LINKED.resolve()).rpartition(DATABASE)[2]
    with suppress(OSError, UnicodeDecodeError):
        yield NAMED.read_text(encoding="utf-8").strip()
