"""The machine's power, and who starts the box anew when it ends."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from easyplayer.drivers.system_hands import HANDS, ask, has_hands
from easyplayer.errors import EasyplayerError

SYSTEMD = Path("/run/systemd/system")
"""Where this is, systemd runs the machine."""
ANSWER_MAY_TAKE_S = 30.0
GUARDIANS = ("circusd", "systemd")


class Deed(StrEnum):
    """What can be done with the machine's power; named as ``systemctl`` names it."""

    REBOOT = "reboot"
    POWER_OFF = "poweroff"


class Power(Protocol):
    """The machine's power."""

    def why_not(self) -> str:
        """Tell why this machine cannot be told at all; empty where it can.  It does not block."""

    def do(self, deed: Deed) -> None:
        """Tell the machine; blocks until it has agreed.

        :raises EasyplayerError: it does not.
        """


Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command of the machine to its end."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=ANSWER_MAY_TAKE_S,
    )


class SystemdPower:
    """The contract :class:`Power`, kept by systemd.

    :param mark: where systemd shows that it runs the machine.
    :param hands: where a box that is not root asks for it.
    """

    def __init__(self, run: Run = run, mark: Path = SYSTEMD, hands: Path = HANDS) -> None:
        self._run = run
        self._mark = mark
        self._hands = hands

    def why_not(self) -> str:
        """Tell why this machine cannot be told at all."""
        if not self._mark.exists():
            return "systemd does not run this machine"
        return "" if shutil.which("systemctl") else "systemctl is missing"

    def do(self, deed: Deed) -> None:
        """Tell systemd, or have it told; it asks nobody for a password."""
        if has_hands(self._hands):
            ask(deed, within_s=ANSWER_MAY_TAKE_S, hands=self._hands)
            return
        try:
            answer = self._run(("systemctl", "--no-ask-password", deed))
        except (OSError, subprocess.SubprocessError) as error:
            message = f"systemctl {deed} does not answer ({error})"
            raise EasyplayerError(message) from error
        if answer.returncode != 0:
            words = answer.stderr.strip() or f"exit code {answer.returncode}"
            message = f"systemctl {deed} is refused ({words}): allow it to this user"
            raise EasyplayerError(message)


def guardian(processes: Path = Path("/proc"), parent: Callable[[], int] = os.getppid) -> str:
    """Name who has started this process, and starts it anew when it ends; empty where nobody does."""
    number = parent()
    if number == 0:
        return "the container"
    try:
        words = (processes / str(number) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        words.append((processes / str(number) / "comm").read_text(encoding="utf-8").strip())
    except OSError:
        return ""
    names = {Path(word).name for word in words}
    return next((one for one in GUARDIANS if one in names), "")
