"""Saved states that are kept from run to run: made once for an image and its hardware, for all."""

import fcntl
import hashlib
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .accelerator import Accelerator, default
from .errors import LaunchError
from .machine import Machine
from .saved import Saved, hardware
from .spec import Spec

SETTING = "EASYPLAYER_VENUE_CACHE"
_VERSION_MAY_TAKE_S = 30

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """:return: where states and verdicts are kept: ``EASYPLAYER_VENUE_CACHE``, or ``build/venue``."""
    return Path(os.environ.get(SETTING, "build/venue")).absolute()


def kept(
    name: str,
    spec: Spec,
    prepare: Callable[[Machine], object],
    *,
    accelerator: Accelerator | None = None,
    cache: Path | None = None,
) -> Saved:
    """Give the saved state of a machine that was prepared: the one that is kept, or else a new one.

    It is made anew when the image, the hardware, QEMU or the accelerator is another; the one before is then
    removed.  Whoever wants the same one meanwhile, in this process or in another, waits for it.

    :param name: what it is a state of, such as ``booted``; two kinds of preparation need two names.
    :param prepare: is given the machine that was just launched, and returns when its state is to be saved.
    """
    folder = cache or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    accelerator = accelerator or default()
    family = f"{name}-{_digest(hardware(spec), accelerator.name)}"
    place = folder / f"{family}-{_digest(_files(spec), qemu_version(spec.binary))}"
    with only_one(folder / f"{family}.lock"):
        if Saved(place).is_whole:
            return Saved(place)
        for old in folder.glob(f"{family}-*"):
            shutil.rmtree(old)
        log.info("no state is kept as %s: it is made now", place.name)
        new = folder / f"{family}-new"
        with Machine(spec, folder=new / "boot", accelerator=accelerator) as machine:
            machine.launch()
            prepare(machine)
            machine.save(new)
        new.rename(place)
        return Saved(place)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Wait until nobody else is within; the file is only for that."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def qemu_version(binary: str) -> str:
    """:return: what QEMU says it is.

    :raises LaunchError: there is none.
    """
    command = [binary, "--version"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_VERSION_MAY_TAKE_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        line = " ".join(command)
        raise LaunchError(str(error), command_line=line, exit_code=None, output="", console="") from error
    return done.stdout.splitlines()[0]


def _files(spec: Spec) -> list[object]:
    """:return: what tells whether an image is still the same: a copy or a new build is another one."""
    paths = [spec.kernel, spec.initrd, spec.firmware, spec.firmware_vars, *(disk.path for disk in spec.disks)]
    stats = [(str(path), path.stat()) for path in paths if path]
    return [(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()[:12]
