"""A display without hardware: an X server of one's own that draws into memory.

It can be killed and frozen, as happens to the real one in a venue.
"""

import os
import select
import shutil
import signal
import subprocess
import time
from typing import Self

WIDTH, HEIGHT = 640, 360
READY_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 3.0
TOOLS = {"Xvfb": "xvfb", "mpv": "mpv", "ffmpeg": "ffmpeg"}
"""What tests of the screen need, and the packages that bring it."""


def why_not() -> str:
    """Tell why this machine cannot show anything for a test; empty where it can."""
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool)]
    return f"the tests of the screen need the packages {', '.join(missing)}" if missing else ""


class XvfbError(Exception):
    """The display did not do what was asked."""


class Xvfb:
    """An X server of one's own at a free number, gone when the context ends.

    >>> with Xvfb() as display:                                 # doctest: +SKIP
    ...     subprocess.run(["xdpyinfo"], env=os.environ | display.env)
    """

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.width, self.height = width, height
        self.number = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The variables by which a client finds this display and no other."""
        return {"DISPLAY": self.number}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server at a number that is free, or again at the one it had, and wait for it."""
        says, hears = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *("Xvfb", *([self.number] if self.number else []), "-displayfd", str(hears)),
                    *("-screen", "0", f"{self.width}x{self.height}x24", "-nolisten", "tcp", "-noreset"),
                ],
                pass_fds=[hears],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            os.close(hears)
            self.number = f":{self._number_from(says)}"
        finally:
            os.close(says)

    def stop(self) -> None:
        """End the server, politely and then by force."""
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._reap()

    def kill(self) -> None:
        """End the server as a crash would."""
        self._signal(signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        """Hold the server still, as a driver that hangs does; clients stay connected."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def _number_from(self, says: int) -> str:
        deadline, said = time.monotonic() + READY_TIMEOUT_S, b""
        while not said.endswith(b"\n"):
            ready, _, _ = select.select([says], [], [], max(deadline - time.monotonic(), 0))
            piece = os.read(says, 16) if ready else b""
            if not piece:
                self.stop()
                message = "the display did not come up"
                raise XvfbError(message)
            said += piece
        return said.decode().strip()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            message = f"no display runs that could be sent {number.name}"
            raise XvfbError(message)
        self._process.send_signal(number)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None
