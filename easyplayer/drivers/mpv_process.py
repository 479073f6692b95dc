"""An mpv that shows pictures on one output, as a process of its own.

A picture that takes the player with it, or a driver of a graphics card that hangs, takes no music.  The
process ends with this one however that ends: the kernel kills it, and its line is cut.  Where the machine
runs out of memory, it goes before the box does.
"""

import contextlib
import os
import shutil
import socket
import subprocess
from functools import cache, lru_cache
from pathlib import Path

from easyplayer.drivers.screen import Output, OutputDriver

ENDING_MAY_TAKE_S = 0.2
LISTING_MAY_TAKE_S = 60.0
"""On a machine that is busy, and slow beside: ten seconds were too few for an emulated one."""
NETWORK_TIMEOUT_S = 5
NICENESS = 10
"""Music comes first."""
GOES_FIRST = 500
"""What is added to its badness where memory runs out: it goes before the box, which has none of its own."""

OPTIONS = {
    "aid": "no",
    "ao": "pulse",
    "audio-client-name": "easyplayer-screen",
    "audio-display": "no",
    "autoload-files": "no",
    "border": "no",
    "cache": "auto",
    "config": "no",
    "cursor-autohide": "always",
    "demuxer-max-back-bytes": "0",
    "demuxer-max-bytes": "16MiB",
    "force-window": "immediate",
    "hwdec": "auto-safe",
    "idle": "yes",
    "image-display-duration": "inf",
    "input-builtin-bindings": "no",
    "input-cursor": "no",
    "input-default-bindings": "no",
    "input-vo-keyboard": "no",
    "keep-open": "always",
    "keep-open-pause": "no",
    "load-auto-profiles": "no",
    "load-commands": "no",
    "load-console": "no",
    "load-context-menu": "no",
    "load-osd-console": "no",
    "load-positioning": "no",
    "load-scripts": "no",
    "load-select": "no",
    "load-stats-overlay": "no",
    "network-timeout": str(NETWORK_TIMEOUT_S),
    "osc": "no",
    "osd-bar": "no",
    "osd-level": "0",
    "pulse-buffer": "200",
    "resume-playback": "no",
    "screenshot-jpeg-quality": "80",
    "sid": "no",
    "stop-screensaver": "always",
    "stream-lavf-o": "reconnect=1,reconnect_streamed=1,reconnect_delay_max=4",
    "terminal": "no",
    "title": "easyplayer",
    "ytdl": "no",
}
"""What every output's player is told.  No scripts, nothing for people at a keyboard, small buffers.

Names differ from version to version; those that an mpv does not have are left out.  Nothing is heard
(``aid``) unless a picture's own options say so: what a file leads on to does not inherit those."""
ON_A_DESKTOP = {OutputDriver.GPU: "gpu,x11,wlshm", OutputDriver.WINDOW: "x11,wlshm,gpu"}
"""What draws a window; what cannot is followed by the next."""
NEEDED = frozenset({"config", "idle", "input-ipc-client", "vo"})
"""Options without which no mpv shows anything here; one that does not list them has not listed all it has."""
WITHOUT_A_DESKTOP = ("DISPLAY", "WAYLAND_DISPLAY")
OWN = "EASYPLAYER"


class MpvMissingError(Exception):
    """There is no mpv, or none that runs; in words."""


class MpvProcess:
    """One run of mpv.

    :param output: where it shows.
    :param more: options that go over all others.
    :raises MpvMissingError: it cannot be started.
    :ivar line: our end of the line to it.
    """

    def __init__(self, output: Output, more: dict[str, str]) -> None:
        given = _given(options_for(output) | more)
        self.line, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    _command_line(given, theirs.fileno()),
                    env=_environment(output),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the box
                )
            except OSError as error:
                self.line.close()
                message = f"mpv cannot be started ({error.strerror})"
                raise MpvMissingError(message) from error
        with contextlib.suppress(OSError):  # a kernel without that file kills whom it likes
            Path(f"/proc/{self._process.pid}/oom_score_adj").write_text(str(GOES_FIRST), encoding="ascii")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def end(self, *, soft: bool) -> None:
        """End it; takes not half a second, and leaves one behind that hangs in the kernel.

        :param soft: whether it may end by itself at first, as it does when its line is cut.
        """
        self.line.close()
        if not (soft and self._ends()):
            self._process.kill()
            self._ends()

    def _ends(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING_MAY_TAKE_S)
            return True
        return False


def options_for(output: Output) -> dict[str, str]:
    """Write mpv's options for an output."""
    if output.driver is OutputDriver.NONE:
        return OPTIONS | {"vo": "null"}
    if output.driver is OutputDriver.DRM:
        card, _, connector = output.name.partition("-")
        return OPTIONS | {
            "vo": "gpu,drm",
            "gpu-context": "drm",
            "drm-device": f"/dev/dri/{card}",
            "drm-connector": connector,
            "drm-mode": output.mode or "preferred",
        }
    size = output.mode.partition("@")[0]
    window = {"fullscreen": "yes"} if output.fullscreen else {"geometry": size} if size else {}
    return OPTIONS | {"vo": ON_A_DESKTOP[output.driver]} | window


def known_options() -> frozenset[str]:
    """Tell the options that mpv has: one that it does not have would keep it from starting.

    It is asked once, and again when it was replaced by another version or could not answer.

    :raises MpvMissingError: there is no mpv, or none that runs.
    """
    program = shutil.which("mpv")
    if not program:
        message = "mpv is missing; install the package mpv"
        raise MpvMissingError(message)
    file = Path(program).stat()
    return _options_of(program, (file.st_dev, file.st_ino, file.st_mtime_ns))


@lru_cache(maxsize=1)
def _options_of(program: str, _version: tuple[int, int, int]) -> frozenset[str]:
    """Ask an mpv for its options; what is raised is not remembered."""
    command = ["nice", "-n", str(NICENESS), program, "--no-config", "--list-options"]
    try:
        said = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=LISTING_MAY_TAKE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"mpv cannot be started ({error})"
        raise MpvMissingError(message) from error
    words = (line.split() for line in said.stdout.decode(errors="replace").splitlines())
    found = frozenset(one[0].removeprefix("--") for one in words if one and one[0].startswith("--"))
    if said.returncode != 0 or not found >= NEEDED:
        message = f"mpv does not tell its options (it ended with {said.returncode})"
        raise MpvMissingError(message)
    return found


def on_black(known: frozenset[str]) -> dict[str, str]:
    """Write what lets pictures that one can see through lie on black, and not on a chequered board."""
    return {"alpha": "blend"} if "alpha" in known else {"background": "color"}


def _given(options: dict[str, str]) -> list[str]:
    """Write the options that mpv has as they are given to it."""
    known = known_options()
    options = on_black(known) | options
    return [f"--{name}={value}" for name, value in options.items() if name in known]


def _command_line(given: list[str], line: int) -> list[str]:
    return [*dying_with_us(), "nice", "-n", str(NICENESS), "mpv", f"--input-ipc-client=fd://{line}", *given]


@cache
def dying_with_us() -> tuple[str, ...]:
    """Give what has a player die with the box, where that may be used.

    A service that may change no capabilities may not use it.  There the system ends what is left over, and a
    player whose line is cut ends by itself.
    """
    command = ("setpriv", "--pdeathsig", "KILL")
    try:
        tried = subprocess.run(
            [*command, "true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=LISTING_MAY_TAKE_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return command if tried.returncode == 0 else ()


def _environment(output: Output) -> dict[str, str]:
    """Give what the player may know: all but the box's own settings, and a desktop only where it has one."""
    hidden = WITHOUT_A_DESKTOP if output.driver is OutputDriver.DRM else ()
    known = {name: value for name, value in os.environ.items() if name not in hidden}
    return {name: value for name, value in known.items() if not name.startswith(OWN)}
