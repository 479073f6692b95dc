"""How a player is started for the benchmark; our own two, the peers stand in :mod:`bench.peers`.

Every player plays the same tracks in a loop, with the same crossfade, on the same sink.  All run as
they come from their package: nothing is tuned but what the task needs.
"""

import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import easyplayer
from bench.stack import Stack

REPOSITORY = Path(__file__).parent.parent
WARM_UP_S = 15.0


@dataclass(frozen=True)
class Stage:
    """Where a player performs: a directory of its own, the music, and the sound server."""

    home: Path
    tracks: tuple[Path, ...]
    track_s: float
    crossfade_s: float
    sink: str
    sound: dict[str, str]
    """The variables that lead to the sound server."""


class Player(ABC):
    """One of the players that are compared."""

    name: str
    executable: str
    package: str
    """What to install when the executable is not there (names of Debian)."""
    note: str
    """What a fair reader must know of how it is run."""

    @abstractmethod
    def version(self) -> str:
        """Tell which version is measured."""

    @abstractmethod
    def command(self, stage: Stage) -> list[str]:
        """Return the command line that plays until it is ended."""

    def environment(self, stage: Stage) -> dict[str, str]:
        """Return the player's whole environment: ours, the sound server's, and an empty home."""
        return os.environ | stage.sound | {"HOME": str(stage.home)}

    def prepare(self, stage: Stage) -> None:  # noqa: B027 - most keep nothing
        """Do what is done once in the life of an installation and not at each start."""

    def is_there(self) -> bool:
        """Tell whether it is installed on this machine."""
        return shutil.which(self.executable) is not None


class EasyPlayer(Player):
    """Our box, as a technician starts it by hand."""

    name = "easyplayer"
    executable = sys.executable
    package = "python3"
    note = "the whole box; it has analysed the tracks before the measured start, and begins with the first"

    def version(self) -> str:
        """Tell the package's version."""
        return easyplayer.__version__

    def environment(self, stage: Stage) -> dict[str, str]:
        """Override the one setting that the comparison needs."""
        crossfade_ms = round(stage.crossfade_s * 1000)
        return super().environment(stage) | {"EASYPLAYER_RULES__CROSSFADE_MS": str(crossfade_ms)}

    def prepare(self, stage: Stage) -> None:
        """Let it play for a while, so that it knows its tracks; then let it begin anew with the first."""
        with Stack(self.command(stage), self.environment(stage), stage.home) as stack:
            stack.watch(WARM_UP_S)
        (stage.home / "state" / "bookmark.json").unlink(missing_ok=True)

    def command(self, stage: Stage) -> list[str]:
        """Run what a technician runs."""
        tracks = [str(track) for track in stage.tracks]
        options = ["--music", *tracks, "--state", str(stage.home / "state"), "--sink", stage.sink]
        return [sys.executable, str(REPOSITORY / "run.py"), *options]


class TwoMpv(Player):
    """Two bare mpv players in one Python process."""

    name = "two mpv, bare script"
    executable = "mpv"
    package = "mpv libmpv2"
    note = "an engine only: no queue, database, schedule, log or control"

    def version(self) -> str:
        """Tell mpv's version."""
        return first_line("mpv", "--version").split()[1]

    def command(self, stage: Stage) -> list[str]:
        """Run the script with the lengths it cannot find out itself."""
        tracks = [str(track) for track in stage.tracks]
        lengths = [str(stage.track_s), str(stage.crossfade_s)]
        return [sys.executable, "-m", "bench.two_mpv", stage.sink, *lengths, *tracks]


def first_line(*command: str) -> str:
    """Return the first line that a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
