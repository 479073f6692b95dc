"""A box that takes what a stick brings, for a test that kills it: its own process, on its own disk.

It says that it begins, and at last what has come of it.  Between two pieces it rests for a moment, as on a
machine that is slower than this one.
"""

import sys
import threading
from pathlib import Path

from easyplayer.drivers.bundle_folder import BundleFolder
from easyplayer.program_store import store_in
from easyplayer.stick_visit import Visit
from easyplayer.ticker import monotonic
from easyplayer.units import Instant
from tests.fakes.stick import FolderStick
from tests.house import WALL_NOON
from tests.test_porter import a_post

PIECE_BYTES = 64 * 1024
REST_S = 0.002
BEGINS = "begins"


def say(word: str) -> None:
    """Tell who has started it."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(state: Path, top: Path) -> None:
    """Take what a stick brings."""
    post = a_post(
        store_in(state),
        state,
        monotonic,
        lambda: Instant(WALL_NOON),
        rest=lambda gone, _seconds: gone.wait(REST_S),
        open_folder=lambda folder: BundleFolder(folder, PIECE_BYTES),
    )
    visit = Visit(
        FolderStick(top).stick, post, lambda _event: None, gone=threading.Event(), closing=lambda: False
    )
    say(BEGINS)
    answer = visit.serve(None)
    assert answer is not None
    say(answer.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
