"""Shared libraries by the names that they have on every Linux, so that nobody has to search for them.

``ctypes.util.find_library`` starts ldconfig, and where that does not know a name, a compiler and a linker.
The libraries of Python that play, and see sound cards and sticks, ask it while they are loaded.

The player stands on two hundred shared libraries, and to put them together takes half as long as to load
all of the box's own modules.  So it is done beside that, on a second processor.
"""

import ctypes
import ctypes.util
import os
import threading
from collections.abc import Callable

KNOWN = {"mpv": "libmpv.so.2", "libpulse": "libpulse.so.0", "udev": "libudev.so.1"}
"""File name of each library, by the name that is asked for."""

Find = Callable[[str], str | None]


def know_them() -> None:
    """Have this process know them; a library that is not known, or not there, is searched for as ever."""
    ctypes.util.find_library = finder(ctypes.util.find_library)  # type: ignore[assignment]


def load_player_ahead() -> None:
    """Load the player's library on a thread of its own; where it is missing, whoever needs it will tell."""
    threading.Thread(target=_load_lazily, args=(KNOWN["mpv"],), name="load-ahead", daemon=True).start()


def _load_lazily(file: str) -> None:
    """Load it as ctypes cannot: without Python's lock, and with RTLD_LAZY."""
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    dlopen(file.encode(), os.RTLD_LAZY)


def finder(search: Find) -> Find:
    """Give what finds a library, and searches only for what is not known."""

    def find(name: str) -> str | None:
        known = KNOWN.get(name, "")
        return known if known and _opens(known) else search(name)

    return find


def _opens(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True
