"""What shows clips in the benchmark of the screen: our driver, bare mpv, and VLC.

Each shows the same clips in a loop, without sound, over the whole display.  What draws is the same for ours
and for bare mpv, or the comparison would be one of what draws.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.players import first_line
from bench.screen_ours import IDLE
from easyplayer.drivers.mpv_process import NICENESS, ON_A_DESKTOP
from easyplayer.drivers.screen import OutputDriver

OURS, BARE, PYTHON = "easyplayer's screen", "bare mpv", "Python alone"
NOBODY = 65534
"""Who VLC runs as where root measures: it refuses to be run by root."""


class Reel(NamedTuple):
    """What is shown.

    :ivar length_s: of each clip.
    """

    clips: tuple[Path, ...]
    length_s: float


class ScreenPlayer(NamedTuple):
    """Something that shows clips.

    :ivar note: what a fair reader must know of how it is run.
    """

    name: str
    executable: str
    note: str
    command: Callable[[Reel], list[str]]

    @property
    def is_there(self) -> bool:
        """Whether it is installed on this machine."""
        return shutil.which(self.executable) is not None


def ours(driver: OutputDriver, *, planned: bool = True) -> ScreenPlayer:
    """Give our driver.

    :param planned: whether it knows how long each clip is, as it does in a box.
    """

    def command(reel: Reel) -> list[str]:
        length_s = reel.length_s if planned else 0.0
        clips = map(str, reel.clips)
        return [sys.executable, "-m", "bench.screen_ours", driver.value, str(length_s), *clips]

    how = (
        "each cut on the instant, as in a box"
        if planned
        else "each cut when mpv has told that a clip is over"
    )
    name = OURS if planned else f"{OURS}, lengths unknown"
    return ScreenPlayer(name, "mpv", f"`MpvScreen`, and nothing else of the box; {how}", command)


def interpreter() -> ScreenPlayer:
    """Give the interpreter that waits, with everything imported: a box has that anyway."""

    def command(_: Reel) -> list[str]:
        return [sys.executable, "-m", "bench.screen_ours", IDLE, "0"]

    return ScreenPlayer(PYTHON, sys.executable, "our screen's modules are loaded, nothing is shown", command)


def bare_mpv(driver: OutputDriver) -> ScreenPlayer:
    """Give mpv as it comes, on the same output and with the same niceness."""

    def command(reel: Reel) -> list[str]:
        options = ["--no-config", "--fullscreen", "--no-audio", "--loop-playlist=inf", "--really-quiet"]
        drawn_by = f"--vo={ON_A_DESKTOP[driver]}"
        return ["nice", "-n", str(NICENESS), "mpv", *options, drawn_by, *map(str, reel.clips)]

    return ScreenPlayer(BARE, "mpv", "its own list, played in a loop; no other options", command)


def cvlc() -> ScreenPlayer:
    """Give VLC without its own window."""

    def command(reel: Reel) -> list[str]:
        options = ["--fullscreen", "--no-audio", "--loop", "--no-osd", "--no-video-title-show", "--quiet"]
        return [*_as_somebody(), "nice", "-n", str(NICENESS), "cvlc", *options, *map(str, reel.clips)]

    return ScreenPlayer("cvlc", "cvlc", "with the drawing that it chooses itself", command)


def versions() -> str:
    """Tell which versions are measured."""
    mpv = f"mpv {first_line('mpv', '--version').split()[1]}"
    if not shutil.which("vlc"):
        return mpv
    vlc = first_line(*_as_somebody(), "vlc", "--version").split(" (")[0]
    return f"{mpv}, {vlc}"


def _as_somebody() -> list[str]:
    """Write what leads away from root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
