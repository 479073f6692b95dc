"""Commands whose result is a file, which is sent beside it."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from easyplayer.crafts.craft import Args, Bench, Craft
from easyplayer.crafts.ending import Ending, done, failed
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES
from easyplayer.units import Seconds

SENDING_MAY_TAKE_S = Seconds(300.0)


class Attaching(Craft[Args]):
    """Makes a file, sends it beside the result, and takes it away.

    :ivar left: set once nobody waits for it any more.
    """

    def __init__(self, bench: Bench, *rest: Any) -> None:
        super().__init__(bench, *rest)
        self.left = threading.Event()

    def stop(self) -> None:
        """Send nothing that is not on its way yet."""
        self.left.set()

    def place(self, name: str) -> Path:
        """Give the place of a file of this name, in a folder that is there; for a thread."""
        scratch = self.bench.tools.scratch
        scratch.mkdir(parents=True, exist_ok=True)
        return scratch / name

    def send(self, name: str, media_type: str, make: Callable[[Path], str]) -> Ending | None:
        """Make a file and send it; runs on a thread.

        :param make: writes it, and says in words what it is.
        """
        path = self.place(name)
        try:
            text = make(path)
            if self.left.is_set():
                return None
            size = path.stat().st_size
            if size > MOST_ATTACHED_BYTES:
                return failed(f"{size} bytes, and {MOST_ATTACHED_BYTES} are the most: ask for less")
            self.bench.tools.attach(self.command, path, media_type)
        finally:
            path.unlink(missing_ok=True)
        return done(text, attached=size)
