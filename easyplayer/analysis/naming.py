"""File names as people can read them: any bytes but ``/`` and NUL may stand in one."""

import os
from pathlib import Path


def shown(path: Path) -> str:
    r"""Write a path on one line of printable text, with everything else escaped.

    >>> shown(Path("caf\u00e9\n.mp3"))
    'café\\n.mp3'
    >>> shown(Path(os.fsdecode(b"caf\xe9.mp3")))
    'caf\\xe9.mp3'
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
