"""Between workers by the database that they share: PostgreSQL's ``NOTIFY``.

There is one channel, and every worker hears all of it: enough for a handful of workers.  A notification may
have 8000 bytes, so what is longer goes in pieces, all of them in one transaction: they arrive together.
"""

import base64
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import asyncpg

from easyplayer.hub.live.bus import MOST_CONTENT_BYTES, Hear
from easyplayer.hub.live.bus_remote import CarrierAwayError, Message

CHANNEL = "easyplayer_live"
PIECE_BYTES = 5700
"""So long is a piece at the most, that it fits into a notification as Base64 with what stands before it."""
PATIENCE_S = 10.0
SENDER_BYTES = 6
MOST_BEGUN = 32
"""Of how many senders a message that is not whole is kept."""
NOTIFY = "SELECT pg_notify($1, piece) FROM unnest($2::text[]) AS piece"
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgresCarrier:
    """Carries messages over one connection to a PostgreSQL database.

    :param url: as libpq writes it.
    :param name: what the log calls it.
    """

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._url = url
        self._sender = secrets.token_hex(SENDER_BYTES)
        self._connection: Any = None
        self._pieces = Pieces()
        self._hear: Hear | None = None

    async def open(self, hear: Hear, gone: Callable[[], None]) -> None:
        """Connect, and listen."""
        try:
            self._connection = await asyncpg.connect(
                self._url, timeout=PATIENCE_S, command_timeout=PATIENCE_S
            )
            self._hear, self._pieces = hear, Pieces()
            self._connection.add_termination_listener(lambda _connection: gone())
            await self._connection.add_listener(CHANNEL, self._notified)
        except AWAY as error:
            raise CarrierAwayError(str(error)) from error

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages in one transaction."""
        pieces = [piece for message in messages for piece in pieces_of(self._sender, *message)]
        try:
            await self._connection.execute(NOTIFY, CHANNEL, pieces)
        except AWAY as error:
            raise CarrierAwayError(str(error)) from error

    async def close(self) -> None:
        """Let the connection go, without waiting for the other end."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _notified(self, _connection: object, _pid: int, _channel: str, piece: str) -> None:
        if self._hear is None or piece.startswith(self._sender):
            return
        message = self._pieces.add(piece)
        if message is not None:
            self._hear(*message)


def pieces_of(sender: str, topic: str, content: bytes) -> Iterator[str]:
    """Cut a message into pieces, each with its sender, how many come after it, the topic, and its part."""
    starts = range(0, len(content), PIECE_BYTES) or range(1)
    for left, start in zip(reversed(range(len(starts))), starts, strict=True):
        part = base64.b64encode(content[start : start + PIECE_BYTES]).decode()
        yield f"{sender} {left} {topic} {part}"


class Pieces:
    """Puts messages together again.

    Whoever may use the database may notify; what is none of ours neither harms what is, nor is it kept.
    """

    def __init__(self) -> None:
        self._begun: dict[str, tuple[tuple[int, str], bytes]] = {}

    def add(self, piece: str) -> Message | None:
        """Take a piece; gives the message that it completes.

        Those of one sender come in order, and one transaction's together; one that does not fit to the piece
        before it begins a message anew.
        """
        try:
            sender, left, topic, part = piece.split(" ")
            content = base64.b64decode(part, validate=True)
            more = int(left)
        except ValueError:
            return None
        expected, before = self._begun.pop(sender, (None, b""))
        whole = before + content if expected == (more, topic) else content
        if len(whole) > MOST_CONTENT_BYTES:
            return None
        if more:
            while len(self._begun) >= MOST_BEGUN:
                del self._begun[next(iter(self._begun))]
            self._begun[sender] = (more - 1, topic), whole
            return None
        return topic, whole
