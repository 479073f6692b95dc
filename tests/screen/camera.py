"""A camera at a display: what was seen, frame by frame, each with its instant on the monotonic clock."""

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tests.screen.xvfb import Xvfb

RATE = 50
GRID = 8
STARTING_MAY_TAKE_S = 10.0
STOPPING_MAY_TAKE_S = 10.0
SEEN_AT = re.compile(r" pts: *(?P<at>\d+) ")
PER_SECOND = 1_000_000
"""How finely ``x11grab`` tells the time of day."""
MIDDLE = slice(GRID // 2, None)
"""The rows that a colour is read from: test pictures have their counter in the upper half."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Seen:
    """One frame.

    :ivar at: its instant on the monotonic clock, in seconds.
    :ivar pixels: a grid of :data:`GRID` x :data:`GRID` averages, of red, green and blue.
    """

    at: float
    pixels: Pixels

    @property
    def colour(self) -> str:
        """The colour of the lower half: red, green, blue, white, black, or ``mixed``."""
        red, green, blue = (round(float(one) / 255) for one in np.median(self.pixels[MIDDLE], axis=(0, 1)))
        names = {
            (1, 0, 0): "red",
            (0, 1, 0): "green",
            (0, 0, 1): "blue",
            (1, 1, 1): "white",
            (0, 0, 0): "black",
        }
        return names.get((red, green, blue), "mixed")


@dataclass(frozen=True)
class Film:
    """All frames of a recording, in their order."""

    frames: list[Seen]

    @property
    def colours(self) -> list[tuple[str, float]]:
        """Each colour that was seen, and since when; one after the other."""
        changes: list[tuple[str, float]] = []
        for frame in self.frames:
            if not changes or changes[-1][0] != frame.colour:
                changes.append((frame.colour, frame.at))
        return changes

    def first(self, colour: str) -> float:
        """Tell when a colour was first seen."""
        return next(at for seen, at in self.colours if seen == colour)


class Camera:
    """Records a display from the beginning of its context until :meth:`film` is asked for.

    The instants are those at which ``x11grab`` read the frame.

    :param part: width, height and the upper left corner of what it looks at; ``None`` is everything, which
        costs more than playing does where the display is a large one.
    """

    def __init__(
        self,
        display: Xvfb,
        directory: Path,
        rate: int = RATE,
        part: tuple[int, int, int, int] | None = None,
    ) -> None:
        self._display = display
        self._part = part or (display.width, display.height, 0, 0)
        self._raw, self._log = directory / "film.raw", directory / "film.log"
        self._rate = rate
        self._process: subprocess.Popen[bytes] | None = None
        self._wall_ahead_s = time.time() - time.monotonic()

    def __enter__(self) -> Self:
        width, height, left, top = self._part
        where = f"{self._display.number}+{left},{top}"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *("ffmpeg", "-hide_banner", "-nostats", "-loglevel", "info", "-y"),
                    *("-f", "x11grab", "-draw_mouse", "0", "-video_size", f"{width}x{height}"),
                    *("-framerate", str(self._rate), "-i", where, "-copyts"),
                    *(
                        "-vf",
                        f"scale={GRID}:{GRID}:flags=area,showinfo=checksum=0",
                        "-fps_mode",
                        "passthrough",
                    ),
                    *("-f", "rawvideo", "-pix_fmt", "rgb24", str(self._raw)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        deadline = time.monotonic() + STARTING_MAY_TAKE_S
        while not SEEN_AT.search(self._said()):
            assert time.monotonic() < deadline, self._said()
            assert self._process.poll() is None, self._said()
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def film(self) -> Film:
        """End the recording, and give it."""
        self._end()
        wall = [int(one["at"]) / PER_SECOND for one in SEEN_AT.finditer(self._said())]
        instants = [at - self._wall_ahead_s for at in wall]
        pixels = np.frombuffer(self._raw.read_bytes(), np.uint8).reshape(-1, GRID, GRID, 3)
        return Film([Seen(at, one) for at, one in zip(instants, pixels, strict=False)])

    def _said(self) -> str:
        return self._log.read_text(errors="replace")

    def _end(self) -> None:
        if self._process is not None:
            self._process.communicate(b"q", timeout=STOPPING_MAY_TAKE_S)
            self._process = None


def look(display: Xvfb) -> Pixels:
    """Give what is seen now, in full: height x width x 3."""
    size = f"{display.width}x{display.height}"
    done = subprocess.run(
        [
            *("ffmpeg", "-loglevel", "error", "-nostdin", "-f", "x11grab", "-draw_mouse", "0"),
            *("-video_size", size, "-i", display.number, "-frames:v", "1"),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-"),
        ],
        capture_output=True,
        check=True,
        timeout=STARTING_MAY_TAKE_S,
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(display.height, display.width, 3)
