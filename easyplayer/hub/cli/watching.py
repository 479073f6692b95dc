"""``easyplayer-hub watch``: what happens to boxes, and how they are, as it happens."""

import argparse
import asyncio
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from http import HTTPStatus
from itertools import chain, repeat
from typing import Any

import msgspec

from easyplayer.engineio.client import Client, ConnectError
from easyplayer.errors import EasyplayerError, LinkError, TooManyError, UnauthenticatedError
from easyplayer.hub.cli.boxes import id_of
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where, add_options, find
from easyplayer.hub.cli.telling import add_most, remark
from easyplayer.hub.cli.watch_lines import WatchLines
from easyplayer.hub.live_views import Refused, Report, ToOperator, Watch
from easyplayer.protocol.foreign_text import escaped, tidied
from easyplayer.protocol.live import LIVE_PATH
from easyplayer.units import Instant

NOTHING_LEFT = 1
"""Exit code where the hub tells nothing more of any of the boxes that were named."""
RESTS_S = (1.0, 2.0, 5.0, 10.0)
"""How long a hub that has gone away is left alone, each time; then as long as the last time."""
MOST_BYTES = 4 * 1024 * 1024
"""How long a message of the hub may be."""

_READER = msgspec.json.Decoder(ToOperator)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "boxes", nargs="*", metavar="BOX", help="its id, or its name; if none is named, the news of all boxes"
    )
    add_most(parser, "end after so many messages, not at Ctrl-C")
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Tell what comes, until Ctrl-C."""
    with HubClient(find(arguments)) as hub:
        return tell(hub, arguments)


def tell(hub: HubClient, arguments: argparse.Namespace) -> int:
    """Find the boxes, and tell what comes."""
    names = {id_of(hub, named): named for named in arguments.boxes}
    lines = None if arguments.json else WatchLines(names, "  " if sys.stdout.isatty() else "\t")
    return asyncio.run(Watcher(hub.where, names, lines, arguments.most).watch())


class Watcher:
    """Holds a line to the hub, and tells what comes over it.

    :param boxes: the ids of those to watch; where there is none, the news of all are told.
    :param lines: writes for people; ``None`` for a script, which gets the messages as they are.
    :param most: how many messages are wanted; ``None`` is any number.
    """

    def __init__(
        self, where: Where, boxes: Collection[str], lines: WatchLines | None, most: int | None
    ) -> None:
        self._where = where
        self._wanted = bool(boxes)
        self._boxes = set(boxes)
        self._lines = lines
        self._left = most
        headers = {"Authorization": f"Bearer {where.token}"} if where.token else {}
        self._client = Client(where.url, path=LIVE_PATH, headers=headers, most_bytes=MOST_BYTES)
        self._client.on("message", self._heard)
        self._done: asyncio.Future[int] | None = None

    async def watch(self) -> int:
        """Tell what comes, and come back where the line breaks; gives the exit code.

        :raises LinkError: the hub cannot be reached, or has no live channel.
        :raises UnauthenticatedError: it does not take the token.
        :raises TooManyError: it has no room.
        """
        self._done = asyncio.get_running_loop().create_future()
        await self._connect()
        while not self._done.done():
            over = asyncio.ensure_future(self._client.wait())
            ends: set[asyncio.Future[Any]] = {over, self._done}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not self._done.done():
                await self._come_back()
        await self._client.close()
        return self._done.result()

    async def _connect(self) -> None:
        try:
            await self._client.connect()
        except ConnectError as error:
            raise _told(error, self._where) from error
        for box in sorted(self._boxes):
            await self._client.send(msgspec.json.encode(Watch(box=box)).decode())

    async def _come_back(self) -> None:
        """Try again until the hub is there; what happens meanwhile is not told.

        :raises UnauthenticatedError: it does not take the token any more.
        """
        remark("the hub has ended the line: trying again")
        for rest_s in chain(RESTS_S, repeat(RESTS_S[-1])):
            await asyncio.sleep(rest_s)
            with suppress(LinkError, TooManyError):
                await self._connect()
                remark("the line is there again")
                return

    def _heard(self, data: str | bytes) -> None:
        try:
            self._take(data)
        except OSError as error:  # whoever read the lines is gone
            if self._done is not None and not self._done.done():
                self._done.set_exception(error)

    def _take(self, data: str | bytes) -> None:
        try:
            message = _READER.decode(data)
        except msgspec.MsgspecError:
            return  # a newer hub may say what this software does not know
        if isinstance(message, Refused):
            self._refused(message)
        elif isinstance(message, Report) is self._wanted and not self._ended:
            self._write(message, data)

    def _write(self, message: ToOperator, data: str | bytes) -> None:
        if self._lines is None:
            print(escaped(data if isinstance(data, str) else data.decode()), flush=True)
        elif not isinstance(message, Refused):
            for line in self._lines.of(message, Instant(time.time())):
                print(line, flush=True)
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self._end(0)

    def _refused(self, refused: Refused) -> None:
        remark(refused.detail)
        self._boxes.discard(refused.box)
        if self._wanted and not self._boxes:
            self._end(NOTHING_LEFT)

    @property
    def _ended(self) -> bool:
        return self._done is not None and self._done.done()

    def _end(self, code: int) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(code)


def _told(error: ConnectError, where: Where) -> EasyplayerError:
    """Say why there is no line, as the other commands do."""
    match error.status:
        case HTTPStatus.UNAUTHORIZED:
            return UnauthenticatedError(f"the hub at {where.url} does not take the token: log in anew")
        case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
            return LinkError(f"the hub at {where.url} has no live channel: it is switched off, or older")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return TooManyError(
                f"the hub at {where.url} has no room: {tidied(str(error))}",
                error.retry_after_s or RESTS_S[-1],
            )
        case _:
            why = tidied(str(error))
            return LinkError(f"the hub at {where.url}, named by {where.known_from}, gives no line: {why}")
