"""A look at a picture before it is its turn: whether it is there, and its beginning read into memory.

A slow card or disk is waited for while something else is shown, and not at the cut.
"""

from pathlib import Path

AHEAD_BYTES = 2 << 20
PIECE_BYTES = 1 << 18
EMPTY = "the file is empty"
TEXT = "the file is a text, and no picture"
"""As the login page of a network is, that was saved as a clip."""
SNIFFED_BYTES = 1024
WHITE = frozenset(b"\t\n\r\f")
FIRST_PRINTABLE = 0x20


def preload(location: str) -> str:
    """Read the beginning of a file; may take as long as the disk takes.

    :param location: a path; of a URL nothing is looked at.
    :return: the trouble in words; empty where there is none.
    """
    if "://" in location:
        return ""
    try:
        with Path(location).open("rb", buffering=0) as file:
            beginning, left = file.read(SNIFFED_BYTES), AHEAD_BYTES
            while left > 0 and (piece := file.read(PIECE_BYTES)):
                left -= len(piece)
    except (OSError, ValueError) as error:
        return f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
    if not beginning:
        return EMPTY
    return TEXT if all(byte >= FIRST_PRINTABLE or byte in WHITE for byte in beginning) else ""
