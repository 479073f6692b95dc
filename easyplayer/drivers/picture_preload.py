"""A look at a picture before it is its turn: whether it is there, and its beginning read into memory.

A slow card or disk is waited for while something else is shown, and not at the cut.
"""

import os
import stat

AHEAD_BYTES = 2 << 20
PIECE_BYTES = 1 << 18
NO_FILE = "the file cannot be read (it is a folder, a pipe or a device)"
EMPTY = "the file is empty"
TEXT = "the file is a text, and no picture"
"""As the login page of a network is, that was saved as a clip."""
SNIFFED_BYTES = 1024
WHITE = frozenset(b"\t\n\r\f")
FIRST_PRINTABLE = 0x20


def preload(location: str) -> str:
    """Read the beginning of a file; may take as long as the disk takes, and waits for nobody else.

    :param location: a path; of a URL nothing is looked at.
    :return: the trouble in words; empty where there is none.
    """
    if "://" in location:
        return ""
    try:
        with open(location, "rb", buffering=0, opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return NO_FILE
            beginning, left = file.read(SNIFFED_BYTES), AHEAD_BYTES
            while left > 0 and (piece := file.read(PIECE_BYTES)):
                left -= len(piece)
    except (OSError, ValueError) as error:
        return f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
    if not beginning:
        return EMPTY
    return TEXT if all(byte >= FIRST_PRINTABLE or byte in WHITE for byte in beginning) else ""


def _without_waiting(location: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to opens at once, too."""
    return os.open(location, flags | os.O_NONBLOCK)
