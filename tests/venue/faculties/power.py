"""The power of a venue: it goes at any instant, and takes with it what a disk had not yet written.

A QEMU that is killed leaves all writes to the host, as if the disk had a battery. So for lost writes the
disk's log is replayed: up to an instant, with chance for what was not flushed (decision 0063).
"""

import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.venue.faculties.write_log import WriteLog, read_log

COPY_TIMEOUT_S = 300.0


class Plugged(Protocol):
    """A machine whose plug can be pulled."""

    def cut_power(self) -> None:
        """End it in no time, as it is."""


@dataclass(frozen=True)
class LoggedDisk:
    """A disk all of whose writes are kept.

    :ivar before: its image (raw) as it was when the log began; nobody writes to it.
    :ivar log: the log.
    :ivar begins_at: the byte of the whole disk at which that image begins, where it is one of a part.
    """

    before: Path
    log: Path
    begins_at: int = 0

    def read(self) -> WriteLog:
        """Read the log as it is now."""
        return read_log(self.log)

    def crash_image(self, to: Path, cut: int, seed: int | None = None) -> Path:
        """Make the image (raw) of a disk whose power went after so many requests.

        :param seed: chance for what was not flushed; None loses nothing.
        """
        return self._crash(self.read(), to, cut, seed)

    def crashes(self, folder: Path, count: int, seed: int, since: int = 0) -> Iterator["Crash"]:
        """Cut the power at so many random instants, one after the other, each with its own losses.

        Each crash has its image in the folder only as long as its turn lasts.

        :param since: cuts lie behind so many requests, such as those of the start.
        """
        chance = random.Random(seed)
        log = self.read()
        total = len(log.requests)
        for number in range(count):
            crash = Crash(
                folder / "crash.img", cut=chance.randint(min(since, total), total), seed=seed + number
            )
            self._crash(log, crash.image, crash.cut, crash.seed)
            yield crash
            crash.image.unlink(missing_ok=True)

    def _crash(self, log: WriteLog, to: Path, cut: int, seed: int | None) -> Path:
        copy_sparse(self.before, to)
        log.replay(to, cut, None if seed is None else random.Random(seed), self.begins_at)
        return to


@dataclass(frozen=True)
class Crash:
    """One cut of the power, and how to have it again.

    :ivar image: the disk's image after it.
    :ivar cut: how many requests were begun before it.
    :ivar seed: the chance of what was lost.
    """

    image: Path
    cut: int
    seed: int


def cut_at_random(machine: Plugged, within_s: float, seed: int) -> float:
    """Pull the plug at a random instant within some seconds; give the seconds it took until then."""
    wait_s = random.Random(seed).uniform(0.0, within_s)
    time.sleep(wait_s)
    machine.cut_power()
    return wait_s


def copy_sparse(image: Path, to: Path) -> None:
    """Copy a disk's image; its holes stay holes."""
    command = ["cp", "--sparse=always", "--reflink=auto", str(image), str(to)]
    subprocess.run(command, check=True, timeout=COPY_TIMEOUT_S)


def as_raw(image: Path, to: Path) -> Path:
    """Make a raw image of one in any format that QEMU knows, such as an overlay."""
    command = ["qemu-img", "convert", "-O", "raw", str(image), str(to)]
    subprocess.run(command, check=True, timeout=COPY_TIMEOUT_S)
    return to
