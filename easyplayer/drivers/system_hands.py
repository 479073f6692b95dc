"""What the system does for a box that has no rights of its own.

On the appliance the box is not root.  What needs root it asks for at a socket: a line such as ``mount sdb1
vfat`` is answered by ``ok``, or by ``error`` and words.  Who answers judges what may be asked for; see
``systemd/lib/hands``.
"""

import socket
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from easyplayer.errors import DeviceError

HANDS = Path("/run/easyplayer-hands")
"""The socket; it is there on the appliance only."""
GOOD, BAD = "ok", "error "
MOST_BYTES = 4096
ENDING_MAY_TAKE_S = 10.0


def has_hands(hands: Path = HANDS) -> bool:
    """Tell whether there is somebody to ask."""
    try:
        return stat.S_ISSOCK(hands.stat().st_mode)
    except OSError:
        return False


def end_sound_server(hands: Path = HANDS) -> None:
    """Have the sound server ended that hangs; its service starts another one.

    :raises DeviceError: that is refused, or takes too long.
    """
    ask("sound", within_s=ENDING_MAY_TAKE_S, hands=hands)


def ask(
    request: str, *, within_s: float, hands: Path = HANDS, late: Callable[[], object] = lambda: None
) -> None:
    """Ask for one thing, and wait until it is done.

    :param late: called on another thread where it is done after all, and nobody waits any more.
    :raises DeviceError: it is refused, in words, or takes too long.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(within_s)
        line.connect(str(hands))
        line.sendall(f"{request}\n".encode())
        answer = _answer(line, time.monotonic() + within_s)
    except TimeoutError:
        threading.Thread(target=_outlive, args=(line, late), name="asked", daemon=True).start()
        message = f"the system has not done it in {within_s:g} s"
        raise DeviceError(message) from None
    except OSError as error:
        line.close()
        message = f"the system does not answer ({error.strerror or error})"
        raise DeviceError(message) from error
    line.close()
    if answer != GOOD:
        raise DeviceError(answer.removeprefix(BAD).rstrip(".") or "the system has not said how it went")


def _answer(line: socket.socket, until: float) -> str:
    """Read the answer to its end.

    :raises TimeoutError: that is not there in time.
    """
    heard = b""
    while len(heard) < MOST_BYTES:
        line.settimeout(max(0.001, until - time.monotonic()))
        piece = line.recv(MOST_BYTES)
        if not piece:
            break
        heard += piece
    return heard.decode(errors="replace").strip()


def _outlive(line: socket.socket, late: Callable[[], object]) -> None:
    with line, suppress(OSError):
        line.settimeout(None)
        while line.recv(MOST_BYTES):
            pass
    late()
