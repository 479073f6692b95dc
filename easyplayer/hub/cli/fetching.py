"""Brings files from the hub to a stick: several at once, each whole and true, and none of it twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from hashlib import file_digest, sha256
from http import HTTPStatus
from io import BufferedRandom
from threading import Event

from easyplayer.errors import EasyplayerError, LinkError, LinkRefusedError, TooManyError
from easyplayer.hub.cli.client import MOST_WAIT_S, HubClient
from easyplayer.hub.cli.stick import Stick, StickFile
from easyplayer.hub.cli.uploading import Bar

AT_ONCE = 4
TRIES = 5
FIRST_PAUSE_S = 1.0
"""Each pause is twice as long as the one before."""


class Fetcher:
    """Brings files; what has come stays where it is, and the next run goes on there."""

    def __init__(self, hub: HubClient, stick: Stick, bar: Bar) -> None:
        self._hub = hub
        self._stick = stick
        self._bar = bar
        self._stop = Event()

    def fetch(self, files: Sequence[StickFile]) -> None:
        """Bring all of them.

        :raises LinkError: the hub cannot be reached any more, or sends something else.
        :raises HubError: it does not give one of them.
        :raises DeviceError: the stick does not take it.
        """
        total = sum(file.size for file in files)
        self._bar.begin(f"{len(files)} files", total)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            under_way = [pool.submit(self._fetch, file) for file in files]
            try:
                for one in as_completed(under_way):
                    one.result()
            finally:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def _fetch(self, file: StickFile) -> None:
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(TRIES)):
            try:
                return self._try(file)
            except LinkRefusedError:
                raise
            except (LinkError, TooManyError) as error:
                if not left or self._stop.is_set():
                    raise
                asked_s = error.retry_after_s if isinstance(error, TooManyError) else 0.0
                self._hub.pause(min(max(pause_s, asked_s), MOST_WAIT_S))
                pause_s *= 2
        return None  # pragma: no cover - the last try returns or raises

    def _try(self, file: StickFile) -> None:
        part = self._stick.part(file)
        with self._stick.told():
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("a+b") as out:
                came = _Coming(file, out, self._bar)
                try:
                    self._take(file, came)
                except EasyplayerError:
                    came.count_anew()
                    raise
            if self._stop.is_set():
                return
            if not came.is_right:
                part.unlink()
                came.forget()
                message = (
                    f"{file.source}: what comes is not what it should be: is something on the way to the hub?"
                )
                raise LinkError(message)
            self._stick.finish(part, self._stick.path(file))

    def _take(self, file: StickFile, came: "_Coming") -> None:
        headers = {"Accept-Encoding": "identity"}
        if came.count:
            headers |= {"Range": f"bytes={came.count}-", "If-Range": f'"{file.sha256}"'}
        if came.count == file.size:
            return
        with self._hub.reading(file.source, headers) as response:
            if response.status != HTTPStatus.PARTIAL_CONTENT:
                came.forget()
            for piece in response.pieces():
                if self._stop.is_set() or came.count > file.size:
                    return
                came.add(piece)
        if came.count < file.size:
            message = f"{file.source}: cut off after {came.count} of {file.size} bytes"
            raise LinkError(message)


class _Coming:
    """As much of a file as has come, hashed as it comes.

    :ivar count: how many bytes that is.
    """

    def __init__(self, file: StickFile, out: BufferedRandom, bar: Bar) -> None:
        self._file = file
        self._out = out
        self._bar = bar
        out.seek(0)
        self._hash = file_digest(out, "sha256")
        self.count = out.tell()
        bar.advance(self.count)
        if self.count > file.size:
            self.forget()

    def add(self, piece: bytes) -> None:
        self._out.write(piece)
        self._hash.update(piece)
        self.count += len(piece)
        self._bar.advance(len(piece))

    def count_anew(self) -> None:
        """Have the next try count what is there."""
        self._bar.advance(-self.count)

    def forget(self) -> None:
        """Begin anew."""
        self.count_anew()
        self.count, self._hash = 0, sha256()
        if not self._out.closed:
            self._out.truncate(0)

    @property
    def is_right(self) -> bool:
        return self.count == self._file.size and self._hash.hexdigest() == self._file.sha256
