"""``easyplayer-hub serve``, which tells on SIGUSR1 what its live channel keeps: for the soak.

Whatever is in a dict, a set or a list of an object of the live channel is counted by the object's class and
the attribute's name; so a register that is new is counted too.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from easyplayer.hub.main import main

PLACE = "LIVE_CENSUS"
"""The variable of the environment that names the file."""
CLOSELY = ("easyplayer.hub.live.", "easyplayer.engineio.", "easyplayer.hub.web.")
HOLDERS = (dict, set, list, deque)


class Census(Struct, frozen=True):
    """What there is.

    :ivar number: of the census; they count from 1.
    :ivar kept: how many things are in all registers of a kind.
    :ivar there: how many objects of a class there are.
    """

    number: int
    tasks: int
    threads: int
    sockets: int
    objects: int
    kept: dict[str, int]
    there: dict[str, int]


def taken(number: int) -> Census:
    """Count everything; called in the event loop's thread."""
    gc.collect()
    kept: Counter[str] = Counter()
    there: Counter[str] = Counter()
    everything = gc.get_objects()
    for one in everything:
        kind = type(one)
        if str(kind.__module__).startswith(CLOSELY):
            there[kind.__qualname__] += 1
            for name, value in _attributes(one):
                if isinstance(value, HOLDERS):
                    kept[f"{kind.__qualname__}.{name}"] += len(value)
    return Census(
        number=number,
        tasks=len(asyncio.all_tasks()),
        threads=threading.active_count(),
        sockets=sum(map(_is_socket, Path("/proc/self/fd").iterdir())),
        objects=len(everything),
        kept=kept,
        there=there,
    )


def _is_socket(descriptor: Path) -> bool:
    with suppress(FileNotFoundError):  # the one by which they are listed
        return str(descriptor.readlink()).startswith("socket:")
    return False


def _attributes(one: object) -> Iterator[tuple[str, Any]]:
    yield from getattr(one, "__dict__", {}).items()
    for kind in type(one).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(one, name):
                yield name, getattr(one, name)


def listen(place: Path) -> None:
    """Write a census to a file, each time that SIGUSR1 comes."""
    number = 0

    def tell(_number: int, _frame: object) -> None:
        nonlocal number
        number += 1
        new = place.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(taken(number)))
        new.replace(place)

    signal.signal(signal.SIGUSR1, tell)


if __name__ == "__main__":
    listen(Path(os.environ[PLACE]))
    sys.exit(main())
