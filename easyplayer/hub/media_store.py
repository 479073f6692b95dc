"""Where the hub keeps media, and what boxes attach: a folder, or any store that speaks S3."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from logging import getLogger
from pathlib import Path
from typing import TypeAlias

from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError as NoSuchContentError
from obstore.store import LocalStore, S3Store

from easyplayer.errors import NotFoundError, SettingsError, UnavailableError

log = getLogger(__name__)

S3_SCHEME = "s3://"
PIECE_BYTES = 1024 * 1024
"""How much is read at once."""
PARTS_AT_ONCE = 2
"""How many parts of a long file are under way to the store at once, each of 5 MiB."""
TRY_AGAIN_S = 10.0
S3_ANSWERS_S = 300.0
"""How long one request to an S3 store may take, with all that it brings."""

Store: TypeAlias = LocalStore | S3Store


class MediaStore:
    """Contents by key, such as ``media/<sha256>``.  Its methods block, and may be called from any thread.

    Where S3 is, and the keys to it, is told by the environment: ``AWS_ENDPOINT_URL``, ``AWS_REGION``,
    ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``.

    :param place: a folder, which is made where it is missing, or ``s3://BUCKET/PREFIX``.
    :raises SettingsError: the place is none.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._folder = None if place.startswith(S3_SCHEME) else Path(place).expanduser().absolute()
        self._store = _s3(place) if self._folder is None else _local(self._folder)

    def put(self, key: str, file: Path) -> None:
        """Store a file's content; it is there whole, or not at all.

        :raises UnavailableError: the store does not do it.
        """
        with self._told(key):
            self._store.put(key, file, max_concurrency=PARTS_AT_ONCE)
            if self._folder is not None:
                _sync(self._folder / key)

    def size(self, key: str) -> int | None:
        """Tell how long a content is, in bytes; ``None`` where there is none.

        :raises UnavailableError: the store does not do it.
        """
        try:
            with self._told(key):
                return self._store.head(key)["size"]
        except NotFoundError:
            return None

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes from one place to the one before another, piece by piece.

        :raises NotFoundError: there is no such content.
        :raises UnavailableError: the store does not do it.
        """
        if end <= start:
            return
        with self._told(key):
            if self._folder is not None:
                yield from _pieces(self._folder / key, start, end)
            else:
                yield from self._store.get(key, options={"range": (start, end)}).stream(PIECE_BYTES)

    def path(self, key: str) -> Path | None:
        """Name the file that holds a content, where it is one of this machine."""
        return None if self._folder is None else self._folder / key

    def delete(self, key: str) -> None:
        """Throw a content away, if it is there.

        :raises UnavailableError: the store does not do it.
        """
        try:
            with self._told(key):
                self._store.delete(key)
        except NotFoundError:
            return

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        try:
            yield
        except (NoSuchContentError, FileNotFoundError) as error:
            message = f"the media store has no {key}: bring it again"
            raise NotFoundError(message) from error
        except (BaseError, OSError) as error:
            what = str(error).partition("\n")[0]
            log.error("the media store %s does not do it: %s", self.place, what)
            message = "the hub's media store cannot be used at the moment: try again"
            raise UnavailableError(message, TRY_AGAIN_S) from error


def _local(folder: Path) -> LocalStore:
    try:
        return LocalStore(folder, mkdir=True)
    except (BaseError, OSError) as error:
        what = str(error).partition("\n")[0]
        raise SettingsError([f"media: {folder} cannot be used ({what}): name another folder"]) from error


def _s3(place: str) -> S3Store:
    bucket, _, prefix = place.removeprefix(S3_SCHEME).partition("/")
    if not bucket:
        raise SettingsError([f"media: {place!r} names no bucket: write s3://BUCKET/PREFIX"])
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "timeout": timedelta(seconds=S3_ANSWERS_S),
            },
        )
    except BaseError as error:
        what = str(error).partition("\n")[0]
        raise SettingsError(
            [f"media: {place} cannot be used ({what}): look at AWS_* in its surroundings"]
        ) from error


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    """Read a file of this machine, which costs a fifth of what it does by way of the store."""
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece


def _sync(file: Path) -> None:
    """See to it that a file and its name are on the disk itself."""
    for path in (file, file.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
