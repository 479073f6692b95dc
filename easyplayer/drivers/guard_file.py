"""``guard.json``: what the WatchDog tells the box across its starts."""

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from easyplayer.drivers.state_file import write_in_one_step
from easyplayer.errors import StateError
from easyplayer.guard import Guard

log = logging.getLogger(__name__)

NAME = "guard.json"
MOST_BYTES = 64 * 1024
"""Larger than this it is not ours."""
PRIVATE = ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR")
"""What names a directory in memory that is nobody else's; the first that is set counts."""


class Spare:
    """A second place for it, in memory: a disk that takes nothing, or hangs, does not keep it from the box.

    :ivar path: the file; ``None`` where no place in memory is named.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        private = next((environment[name] for name in PRIVATE if environment.get(name)), "")
        self.path = Path(private.partition(":")[0]) / f"easyplayer-{NAME}" if private else None

    def keep(self, guard: Guard) -> bool:
        """Write it there; tell whether that could be done.  It waits for no disk."""
        if self.path is None:
            return False
        try:
            write_in_one_step(self.path, msgspec.json.encode(guard))
        except StateError:
            return False
        return True

    def drop(self) -> None:
        """Forget it: the disk has it."""
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


class GuardFile:
    """The file on the disk; where there is a spare one in memory, that is newer.

    :param state: the state directory.
    """

    def __init__(self, state: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.path = state / NAME
        self.spare = Spare(environment)

    def load(self) -> Guard:
        """Read it; where there is none, or none that can be read, nothing is known.  Never raises."""
        for path in filter(None, (self.spare.path, self.path)):
            guard = _read(path)
            if guard is not None:
                return guard
        return Guard()

    def save(self, guard: Guard) -> None:
        """Write it and wait until it is on the disk; blocks for as long as the disk takes.

        :raises StateError: the disk does not take it.
        """
        _make_room(self.path.parent)
        write_in_one_step(self.path, msgspec.json.encode(guard))


def _make_room(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{directory} cannot be made ({error.strerror}): name another state directory"
        raise StateError(message) from error


def _read(path: Path) -> Guard | None:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            log.warning("%s is larger than it can be, and is left aside", path)
            return None
        return msgspec.json.decode(data, type=Guard)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s cannot be used and is left aside: %s", path, error)
        return None
