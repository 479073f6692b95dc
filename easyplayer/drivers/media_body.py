"""A medium as it comes from its store, which may be slow, or be somebody else; and a program.

What the head of the answer says is held against what the hub has said, before the first byte is taken.
Whether the bytes are right is not known here: their digest tells.
"""

import re
import time
from collections.abc import Iterator

import requests

from easyplayer.drivers.hub_link import Body
from easyplayer.drivers.web_transport import CHUNK_BYTES, chunks_of, host_of
from easyplayer.errors import LinkError

LEAST_BYTES_PER_S = 1000
SLOW_FOR_S = 60.0
"""For so long something may come more slowly than that; then it is asked for anew, a medium from where it
is."""
PARTIAL = 206

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_STRONG = re.compile(r'"[^"]*"')
_PLAIN = {"", "identity"}


def range_headers(offset: int, etag: str) -> dict[str, str]:
    """Ask for a medium from an offset on.

    An ETag that is weak, or is none, must not stand in ``If-Range``; the digest tells in the end.

    >>> range_headers(7, 'W/"a"')
    {'Range': 'bytes=7-'}
    """
    if not offset:
        return {}
    joined_by = {"If-Range": etag} if _STRONG.fullmatch(etag) else {}
    return {"Range": f"bytes={offset}-", **joined_by}


def body_of(response: requests.Response, size: int, chunk_bytes: int) -> Body:
    """Give a medium that is to be of a size, in bytes.

    :raises LinkError: this is not that medium, or not a part of it that can be used.
    """
    begins, whole = _extent(response)
    packed = response.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN
    if packed and begins:
        message = "a part of a medium came packed, and cannot be unpacked: look at the proxy"
        raise LinkError(message)
    if whole not in {None, size} and not packed:
        host = host_of(str(response.url))
        message = (
            f"{host} has {whole} bytes under the address of a medium of {size}: a portal or proxy answers in"
            " its place, or another file lies there"
        )
        raise LinkError(message)
    etag = "" if packed else response.headers.get("ETag", "")
    return Body(offset=begins, etag=etag, chunks=_chunks(response, size - begins, chunk_bytes))


def whole_of(response: requests.Response, most_bytes: int) -> bytes:
    """Give a program's file, which may take as long as it needs.

    :raises LinkError: the line breaks, hardly anything comes, or it is too long.
    """
    parts, length = [], 0
    for chunk in _patiently(response, CHUNK_BYTES, "a program"):
        length += len(chunk)
        if length > most_bytes:
            message = f"the hub's program is longer than the {most_bytes} bytes that it may have"
            raise LinkError(message, response.status_code)
        parts.append(chunk)
    return b"".join(parts)


class Slowness:
    """Notices that hardly anything comes; only the time counts in which something is waited for."""

    def __init__(self) -> None:
        self._waited_s = 0.0
        self._bytes = 0

    def note(self, length: int, waited_s: float) -> bool:
        """Learn how much has come, and how long that took; tell whether it has been too slow for too long."""
        self._waited_s += waited_s
        self._bytes += length
        if self._waited_s < SLOW_FOR_S:
            return False
        slow = self._bytes < LEAST_BYTES_PER_S * self._waited_s
        self._waited_s, self._bytes = 0.0, 0
        return slow


def _extent(response: requests.Response) -> tuple[int, int | None]:
    """Tell where in the medium an answer begins, and how long it says that the whole is."""
    if response.status_code != PARTIAL:
        length: int | None = response.raw.length_remaining
        return 0, length
    found = _RANGE.match(response.headers.get("Content-Range", ""))
    if found is None:
        message = "the hub sends a part of a medium and does not say which: it is asked again"
        raise LinkError(message)
    return int(found[1]), None if found[2] == "*" else int(found[2])


def _chunks(response: requests.Response, most_bytes: int, chunk_bytes: int) -> Iterator[bytes]:
    """Give the bytes as they come.

    :raises LinkError: the line breaks, hardly anything comes, or there are more than there can be.
    """
    for chunk in _patiently(response, chunk_bytes, "a medium"):
        most_bytes -= len(chunk)
        if most_bytes < 0:
            message = "the hub sends more of a medium than it is long: it is fetched again"
            raise LinkError(message)
        yield chunk


def _patiently(response: requests.Response, chunk_bytes: int, what: str) -> Iterator[bytes]:
    """Give the bytes as they come, for as long as more than hardly anything does."""
    slowness, asked_at = Slowness(), time.monotonic()
    for chunk in chunks_of(response, chunk_bytes):
        if slowness.note(len(chunk), time.monotonic() - asked_at):
            message = f"{what} comes at less than {LEAST_BYTES_PER_S} bytes a second: it is asked for anew"
            raise LinkError(message)
        yield chunk
        asked_at = time.monotonic()
