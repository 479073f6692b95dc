"""Reads HTTP/1.1 requests from bytes, within bounds."""

from collections import deque

import httptools
from msgspec import Struct
from msgspec.structs import replace

from easyplayer.engineio.core.http import Request, request_of

MOST_HEAD_BYTES = 16_384
MOST_COMPLETE = 64
"""So many requests may come at once; nobody who means well sends more before the first is answered."""

BAD_REQUEST, TOO_LARGE, HEAD_TOO_LARGE = 400, 413, 431


class Asked(Struct, frozen=True):
    """A request, and how its connection goes on.

    :ivar keeps: whether the connection stays open behind the answer.
    :ivar is_old: whether it speaks HTTP/1.0.
    :ivar expects: whether the client wants to be told that its body is welcome.
    :ivar body_bytes: as the head has it; -1 where it does not say, or cannot be read.
    """

    request: Request
    keeps: bool = True
    is_old: bool = False
    expects: bool = False
    body_bytes: int = 0


class RequestReader:
    """Reads requests. Whatever it is fed it raises nothing.

    :param most_bytes: of a body.
    :ivar complete: requests that are there with their bodies, in their order; to be taken away.
    :ivar begun: one whose body is to come.
    :ivar upgrade: a request for another protocol, and the bytes behind it; there is nothing more to be read.
    :ivar fault: status of the answer to something that cannot be read, or is too much; likewise.
    :ivar is_in_head: whether a head has begun, and not come to its end.
    """

    __slots__ = (
        "_body",
        "_body_bytes",
        "_head_bytes",
        "_headers",
        "_most_bytes",
        "_parsed_bytes",
        "_parser",
        "_upgrading",
        "_url",
        "begun",
        "complete",
        "fault",
        "is_in_head",
        "upgrade",
    )

    def __init__(self, most_bytes: int) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._most_bytes = most_bytes
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        """Of chunks that hold nothing else."""
        self._parsed_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._upgrading: Asked | None = None
        self.complete: deque[Asked] = deque()
        self.begun: Asked | None = None
        self.upgrade: tuple[Asked, bytes] | None = None
        self.fault = 0
        self.is_in_head = False

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self.fault or self.upgrade is not None:
            return
        was_in_head = self.is_in_head
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as pause:
            if self._upgrading is not None:
                self.upgrade = self._upgrading, data[pause.args[0] :]
        except httptools.HttpParserError:
            is_behind_last = bool(self.complete) and not self.complete[-1].keeps
            self.fault = self.fault or (0 if is_behind_last else BAD_REQUEST)
        if was_in_head and self.is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.fault = HEAD_TOO_LARGE

    # What the parser tells.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._url = b""
        self._headers = []
        self._body = []
        self._head_bytes = self._parsed_bytes = self._body_bytes = 0
        self.is_in_head = True

    def on_url(self, url: bytes) -> None:
        """Take a part of its target."""
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._headers.append((name, value))
        self._count(len(name) + len(value))

    def _count(self, size: int) -> None:
        self._parsed_bytes += size
        if self._parsed_bytes > MOST_HEAD_BYTES:
            self.fault = HEAD_TOO_LARGE

    def on_headers_complete(self) -> None:
        """Take note that its head is there."""
        self.is_in_head = False
        parser = self._parser
        request = request_of(parser.get_method().decode("latin-1"), self._url, self._headers)
        said = request.header("content-length")
        is_old = parser.get_http_version() == "1.0"
        self.begun = Asked(
            request,
            keeps=parser.should_keep_alive(),
            is_old=is_old,
            expects=request.header("expect").lower() == "100-continue" and not is_old,
            body_bytes=int(said) if said.isascii() and said.isdigit() else -1,
        )

    def on_body(self, piece: bytes) -> None:
        """Take a piece of its body."""
        self._body_bytes += len(piece)
        if self._body_bytes > self._most_bytes:
            self.fault = TOO_LARGE
        elif not self.fault:
            self._body.append(piece)

    def on_message_complete(self) -> None:
        """Take note that all of it is there."""
        asked, self.begun = self.begun, None
        if asked is None or self.fault:
            self.begun = asked
            return
        if self._body:
            asked = replace(asked, request=replace(asked.request, body=b"".join(self._body)))
            self._body = []
        if self._parser.should_upgrade():
            self._upgrading = asked
        elif len(self.complete) < MOST_COMPLETE:
            self.complete.append(asked)
        else:
            self.fault = BAD_REQUEST
