"""Files that come in: hashed while they are written to a disk, and never longer than they may be."""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from anyio import to_thread
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from easyplayer.errors import BadRequestError, TooLargeError, UnavailableError
from easyplayer.hub.web.incoming import GoneError

WRITTEN_AT_ONCE_BYTES = 1024 * 1024
TRY_AGAIN_S = 60.0
SEND_LESS = "send less"


class Upload(Struct, frozen=True, kw_only=True):
    """A file that has come in.

    :ivar path: where it lies for as long as it is worked on.
    """

    path: Path
    sha256: str
    size: int


@asynccontextmanager
async def received(
    request: Request, folder: Path, most_bytes: int, too_long: str = SEND_LESS
) -> AsyncIterator[Upload]:
    """Take the body of a request as a file, which is gone afterwards.

    :param too_long: what to do about one that is longer, in words.
    :raises BadRequestError: it is empty.
    :raises TooLargeError: it is too long; told as early as can be.
    :raises UnavailableError: the disk does not take it.
    :raises GoneError: the line broke.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said) > most_bytes:
        raise _too_large(most_bytes, too_long)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        upload = await _Intake(file, most_bytes, too_long).take(request)
        yield upload


class _Intake:
    """Takes what comes, piece by piece; whatever touches the disk runs in a thread."""

    def __init__(self, file: "tempfile._TemporaryFileWrapper[bytes]", most_bytes: int, too_long: str) -> None:
        self._file: IO[bytes] = file.file
        self._path = Path(file.name)
        self._most_bytes = most_bytes
        self._too_long = too_long
        self._hash = hashlib.sha256()
        self._size = 0
        self._pieces = bytearray()

    async def take(self, request: Request) -> Upload:
        try:
            async for piece in request.stream():
                self._pieces += piece
                if self._size + len(self._pieces) > self._most_bytes:
                    raise _too_large(self._most_bytes, self._too_long)
                if len(self._pieces) >= WRITTEN_AT_ONCE_BYTES:
                    await to_thread.run_sync(self._write)
        except ClientDisconnect as error:
            raise GoneError from error
        await to_thread.run_sync(self._write)
        if not self._size:
            message = "the file is empty: send its content as the body"
            raise BadRequestError(message)
        return Upload(path=self._path, sha256=self._hash.hexdigest(), size=self._size)

    def _write(self) -> None:
        pieces, self._pieces = self._pieces, bytearray()
        self._hash.update(pieces)
        self._size += len(pieces)
        try:
            self._file.write(pieces)
            self._file.flush()
        except OSError as error:
            message = f"the hub's disk does not take it ({error.strerror}): make room there"
            raise UnavailableError(message, TRY_AGAIN_S) from error


def _too_large(most_bytes: int, too_long: str) -> TooLargeError:
    return TooLargeError(f"the file may have {most_bytes} bytes at the most: {too_long}")
