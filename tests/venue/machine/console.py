"""A serial line of the machine: all that came by it, when it came, and what goes the other way."""

import asyncio
import re
import socket
import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from .background import Background
from .errors import ConsoleTimeoutError, GoneError, NotRunningError

TAIL_LINES = 20
_SOON_S = 5.0
_REST_WITHIN_S = 1.0
"""How long what is left on the line may take, once nobody writes to it any more."""
_CHUNK = 65536


@dataclass(frozen=True)
class Found:
    """What a wait has found.

    :ivar text: what matched.
    :ivar groups: the pattern's groups; one that took no part is empty.
    :ivar at: when its last byte came, as of :func:`time.monotonic`.
    :ivar end: the place behind it; give it to the next wait as ``since``.
    """

    text: str
    groups: tuple[str, ...]
    at: float
    end: int


class Console:
    """A serial line.  It remembers everything, over all launches of its machine.

    :param name: what it is called in messages.
    :param log: the file in which it is kept as well.
    :param how_ended: tells why the machine has ended, and its exit code.
    :param factor: what all time limits are multiplied with.
    """

    def __init__(
        self, name: str, log: Path, how_ended: Callable[[], tuple[str, int | None]], factor: float = 1.0
    ) -> None:
        self.name = name
        self._log_path = log
        self._how_ended = how_ended
        self._factor = factor
        self._more = threading.Condition()
        self._bytes = bytearray()
        self._starts: list[int] = []
        self._stamps: list[float] = []
        self._begun = 0
        self._ended = True
        self._background: Background | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def text(self) -> str:
        """All that came since the launch."""
        return self.text_since(self._begun)

    @property
    def begun(self) -> int:
        """Where the last launch began."""
        return self._begun

    @property
    def data(self) -> bytes:
        """All that ever came, as it came."""
        with self._more:
            return bytes(self._bytes)

    def text_since(self, mark: int) -> str:
        """:return: all that came behind a mark."""
        with self._more:
            return self._bytes[mark:].decode(errors="replace").replace("\r\n", "\n")

    def tail(self, lines: int = TAIL_LINES) -> str:
        """:return: the last lines."""
        return "\n".join(self.text.splitlines()[-lines:])

    def mark(self) -> int:
        """:return: this place, to be given to a later wait as ``since``."""
        with self._more:
            return len(self._bytes)

    def stamp(self, place: int) -> float:
        """:return: when the byte before a place came, as of :func:`time.monotonic`."""
        with self._more:
            return self._stamps[max(0, bisect_left(self._starts, place) - 1)]

    def wait(self, pattern: str, timeout_s: float, *, since: int | None = None) -> Found:
        """Wait until a regular expression matches; one that has matched before is found at once.

        :param pattern: ``^`` and ``$`` match at each line.
        :param timeout_s: on a fast machine; multiplied by the accelerator's factor.
        :param since: where to look from; the launch, if not given.
        :raises ConsoleTimeoutError: it did not come.
        :raises GoneError: the machine has ended, and it had not come.
        """
        wanted = re.compile(pattern.encode(), re.MULTILINE)
        limit_s = timeout_s * self._factor
        until = monotonic() + limit_s
        with self._more:
            start = self._begun if since is None else since
            while True:
                if match := wanted.search(self._bytes, start):
                    return self._found(match)
                left_s = until - monotonic()
                if self._ended or left_s <= 0:
                    break
                self._more.wait(left_s)
            ended = self._ended
        sought = f"{pattern!r} on the {self.name}"
        if ended:
            ending, code = self._how_ended()
            raise GoneError(f"waiting for {sought}", ending=ending, exit_code=code, tail=self.tail())
        raise ConsoleTimeoutError(sought, limit_s, self.tail())

    def send(self, text: str | bytes) -> None:
        """Type something.

        :raises NotRunningError: nobody is there who could read it.
        """
        background, writer = self._background, self._writer
        if self._ended or not background or not writer:
            raise NotRunningError(f"nothing can be typed at the {self.name}: the machine does not run")
        data = text.encode() if isinstance(text, str) else text
        background.call(_write(writer, data), _SOON_S * self._factor)

    def _found(self, match: re.Match[bytes]) -> Found:
        groups = tuple((group or b"").decode(errors="replace") for group in match.groups())
        at = self._stamps[max(0, bisect_left(self._starts, match.end()) - 1)]
        return Found(match.group().decode(errors="replace"), groups, at, match.end())

    def attach(self, background: Background, line: socket.socket) -> None:
        """Serve a line, from now on.  The machine does this at each launch."""
        self._background = background
        with self._more:
            self._begun = len(self._bytes)
            self._ended = False
        background.call(self._open(line))

    def detach(self) -> None:
        """Take what is left on the line, and let go of it.  The machine does this at each end."""
        background, self._background = self._background, None
        if background:
            background.call(self._close())

    async def _open(self, line: socket.socket) -> None:
        reader, self._writer = await asyncio.open_unix_connection(sock=line)
        self._task = asyncio.get_running_loop().create_task(self._pump(reader))

    async def _close(self) -> None:
        try:
            await asyncio.wait_for(self._task, _REST_WITHIN_S)
        except TimeoutError:
            self._end()
        writer, self._writer = self._writer, None
        if writer:
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:
                return  # the other side was killed with bytes on their way to it

    async def _pump(self, reader: asyncio.StreamReader) -> None:
        with self._log_path.open("ab", buffering=0) as log:
            try:
                while data := await reader.read(_CHUNK):
                    self._take(data, log)
            except OSError:
                return  # killed with bytes on their way to it
            finally:
                self._end()

    def _take(self, data: bytes, log: BinaryIO) -> None:
        with self._more:
            self._starts.append(len(self._bytes))
            self._stamps.append(monotonic())
            self._bytes += data
            self._more.notify_all()
        log.write(data)

    def _end(self) -> None:
        with self._more:
            self._ended = True
            self._more.notify_all()


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    try:
        writer.write(data)
        await writer.drain()
    except OSError as error:
        raise NotRunningError(f"nothing can be typed any more: {error}") from error
