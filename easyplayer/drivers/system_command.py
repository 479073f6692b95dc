"""Commands of the system that have to do with devices, each with a limit of time.

A command that waits for a broken device cannot even be killed; it is left behind, and nobody waits for it.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from easyplayer.errors import DeviceError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SYS_ADMIN = 1 << 21
"""The capability that mounting needs, as a bit; see capabilities(7)."""


def run(
    *command: str,
    within_s: float,
    late: Callable[[], object] = lambda: None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command to its end, and give what it says.

    :param environment: variables that it is given beside those that all have.
    :param late: called on another thread where the command ends after all, and nobody waits any more.
    :raises DeviceError: it fails, in its own words, or takes too long.
    """
    try:
        process = subprocess.Popen(
            command,
            env={"PATH": PATH, "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        message = f"{command[0]} cannot be run ({error.strerror})"
        raise DeviceError(message) from error
    try:
        said, complained = process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        threading.Thread(target=_outlive, args=(process, late), name="left behind", daemon=True).start()
        message = f"{command[0]} has not ended in {within_s:g} s"
        raise DeviceError(message) from None
    if process.returncode != 0:
        words = next(iter(complained.strip().splitlines()), f"{command[0]} ended with {process.returncode}")
        raise DeviceError(words.removeprefix(f"{command[0]}: ").rstrip("."))
    return said


def may_mount(status: Path = Path("/proc/self/status")) -> bool:
    """Tell whether this process may mount: it is root, and nobody has taken that right from it."""
    lines = status.read_text(encoding="ascii").splitlines()
    rights = next((line.split()[1] for line in lines if line.startswith("CapEff:")), "0")
    return os.geteuid() == 0 and bool(int(rights, 16) & SYS_ADMIN)


def _outlive(process: "subprocess.Popen[str]", late: Callable[[], object]) -> None:
    process.communicate()
    late()
