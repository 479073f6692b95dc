"""Running ffmpeg's tools: at low priority, within a time limit, and to be stopped at any moment.

Where memory is short the kernel ends them first, and not the box that has started them.

Everything a tool says goes to this module's logger, ``easyplayer.analysis.ffmpeg``, at debug level.
"""

import logging
import os
import selectors
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from msgspec import Struct

from easyplayer.analysis.leash import Leash
from easyplayer.analysis.naming import shown
from easyplayer.errors import AnalysisError

logger = logging.getLogger(__name__)

TOOLS = ("ffmpeg", "ffprobe")
_NICENESS = "10"
_EXPENDABLE = "500"
"""What it has in ``oom_score_adj``, from -1000 to 1000: the highest is the first to go."""
_POLL_S = 0.2
_CHUNK_BYTES = 65_536
_INTERRUPTED = 255
_NOT_STARTED = frozenset({125, 126, 127})
_CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})


class Finished(Struct, frozen=True):
    """A run that ended by itself.

    :ivar output: what it wrote to its standard output.
    :ivar lines: the lines of its error output that were to be kept.
    :ivar crashed: whether a fault in the tool ended it, such as a segmentation fault.
    """

    output: bytes
    lines: list[str]
    crashed: bool


def require_tools() -> None:
    """Make sure that ffmpeg is installed.

    :raises AnalysisError: it is not.
    """
    for tool in TOOLS:
        _find(tool)


def run(
    tool: str,
    arguments: list[str],
    leash: Leash,
    keep: Callable[[str], bool] = lambda _: False,
    hear: Callable[[bytes], object] | None = None,
) -> Finished:
    """Run one of :data:`TOOLS` to its end.

    :param leash: asked several times a second.
    :param keep: tells which lines of the tool's error output matter.
    :param hear: takes its standard output as it comes, in place of :attr:`Finished.output`.
    :raises AnalysisError: the tool is missing, does not start, or was ended from outside; or the
        leash says so.
    """
    command = ["nice", "-n", _NICENESS, _find(tool), *arguments]
    output, chatter = bytearray(), _Chatter(keep)
    with _start(command) as process:
        try:
            _listen(process, {"stdout": hear or output.extend, "stderr": chatter.hear}, leash)
            returncode = process.wait()
        finally:
            process.kill()
    chatter.hear(b"\n")
    _check(tool, leash.path, returncode)
    return Finished(bytes(output), chatter.kept, crashed=-returncode in _CRASHES)


class _Chatter:
    """What a tool says on its error output: all of it is logged, some of it kept."""

    def __init__(self, keep: Callable[[str], bool]) -> None:
        self.kept: list[str] = []
        self._keep = keep
        self._rest = b""

    def hear(self, chunk: bytes) -> None:
        """Take the next bytes, which may end amid a line."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        for line in (raw.decode("utf-8", "replace") for raw in whole):
            logger.debug("%s", line)
            if self._keep(line):
                self.kept.append(line)


def _listen(
    process: subprocess.Popen[bytes], ears: dict[str, Callable[[bytes], object]], leash: Leash
) -> None:
    """Hand on what the process writes until it closes its outputs."""
    with selectors.DefaultSelector() as selector:
        for name, hear in ears.items():
            selector.register(cast("IO[bytes]", getattr(process, name)), selectors.EVENT_READ, hear)
        while selector.get_map():
            leash.check()
            for key, _ in selector.select(_POLL_S):
                if chunk := os.read(key.fd, _CHUNK_BYTES):
                    key.data(chunk)
                else:
                    selector.unregister(key.fileobj)


def _find(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise AnalysisError(
            f"{tool} was not found on the PATH; install ffmpeg (on Debian: apt install ffmpeg)"
        )
    return found


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start in a process group of its own: a Ctrl-C at the terminal must not cut a measurement short."""
    plain = {**os.environ, "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"}
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, stdin=nothing, stdout=pipe, stderr=pipe, env=plain, process_group=0
        )
    except OSError as error:
        raise AnalysisError(f"{command[0]} could not be started ({error.strerror}); try again") from error
    with suppress(OSError):  # it has ended already, or the machine has no such file
        Path(f"/proc/{process.pid}/oom_score_adj").write_text(_EXPENDABLE, encoding="ascii")
    return process


def _check(tool: str, path: Path, returncode: int) -> None:
    """Refuse a run whose end says nothing about the file."""
    if returncode in _NOT_STARTED:
        raise AnalysisError(f"{tool} does not start (exit code {returncode}); install ffmpeg again")
    if returncode == _INTERRUPTED or (returncode < 0 and -returncode not in _CRASHES):
        raise AnalysisError(f"{tool} was ended from outside while it read {shown(path)}; start it again")
