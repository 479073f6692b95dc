"""Brings media, checks them and throws them away, for ever, in a process that is killed."""

import sys
from itertools import cycle
from pathlib import Path

from easyplayer.drivers.media_library import Arrival, MediaLibrary
from easyplayer.units import Instant
from tests.drivers.media import DATA, LENGTH, bring

BEGINS = "begins"


def main(folder: str) -> None:
    """Change all that a library holds, again and again."""
    library = MediaLibrary(Path(folder))
    library.disks()
    sys.stdout.write(f"{BEGINS}\n")
    sys.stdout.flush()
    for number, sha256 in enumerate(cycle(DATA)):
        if library.has(sha256, LENGTH):
            library.note_right(sha256, Instant(float(number)))
            library.remove(sha256)
        elif bring(library, sha256, LENGTH // 2) is Arrival.SHORT:
            bring(library, sha256)
        if number % 20 == 0:
            library.tidy()
        if number % 50 == 0:
            assert library.rebuild().media == sum(library.has(one, LENGTH) for one in DATA)


if __name__ == "__main__":
    main(*sys.argv[1:])
