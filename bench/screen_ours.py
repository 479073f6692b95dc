"""Our screen as a process of its own, for the benchmark: the driver and its threads, and nothing else.

``python -m bench.screen_ours DRIVER LENGTH_S CLIP...``; a length of 0 is one that nobody knows.  The driver
``idle`` is the interpreter alone, with all that our screen imports.
"""

import signal
import sys
from pathlib import Path

from easyplayer.drivers.screen import Output, OutputDriver
from tests.screen.projector import Projector

IDLE = "idle"


def main() -> None:
    driver, length_s, *clips = sys.argv[1:]
    if driver == IDLE:
        signal.pause()
    output = Output(driver=OutputDriver(driver))
    with Projector(output, [Path(clip) for clip in clips], float(length_s) or None):
        signal.pause()


if __name__ == "__main__":
    main()
