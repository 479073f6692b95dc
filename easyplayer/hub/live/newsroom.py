"""Tells operators what has happened to the boxes that they may see.

What has happened comes from all workers; how the box is now, and who may know it, is read from the database
when it is told.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from logging import getLogger
from typing import Any

import msgspec
from msgspec import UNSET, Struct
from sqlalchemy import Row

from easyplayer.errors import EasyplayerError
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.news import NewsDesk, Pending
from easyplayer.hub.live.portions import portions
from easyplayer.hub.live_views import MOST_NEWS, BoxNews, News, Playing
from easyplayer.hub.services import boxes, places
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.facts import Fact, Unpaired
from easyplayer.units import Instant, Monotonic, Seconds

log = getLogger(__name__)

GATHER_S = Seconds(0.1)
"""How long at least lies between two looks into the database: what happens meanwhile is told together."""
MOST_AT_ONCE = 1000
"""How many boxes are looked up at once."""


class Piece(Struct, frozen=True):
    """News of one box.

    :ivar groups: those of its venue: who sees one of them may read it.
    """

    news: BoxNews
    groups: tuple[str, ...]


class Newsroom:
    """Gathers facts, and tells them.

    :param thread: in which the database is asked.
    :param clock: monotonic.
    :param readers: gives the operators that are there, by the id of their line.
    :param tell: sends one of them a message; gives whether it went out.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        thread: Executor,
        clock: Callable[[], Monotonic],
        readers: Callable[[], Mapping[str, Caller]],
        tell: Callable[[str, str], bool],
    ) -> None:
        self._hub = hub
        self._thread = thread
        self._clock = clock
        self._readers = readers
        self._tell = tell
        self._desk = NewsDesk()
        self._some = asyncio.Event()

    def take(self, facts: Iterable[Fact]) -> None:
        """Hear of facts."""
        self._desk.take(facts)
        self._some.set()

    def close(self) -> None:
        """Forget all facts: no operator is there any more."""
        self._desk.clear()

    async def run(self) -> None:
        """Tell what comes, until this is cancelled."""
        while True:
            await self._some.wait()
            wait_s = self._desk.wait_s(self._clock())
            if wait_s is None:
                self._some.clear()
                continue
            if wait_s:
                await asyncio.sleep(wait_s)
            await self._tell_all(self._desk.due(self._clock()))
            await asyncio.sleep(GATHER_S)

    async def _tell_all(self, pending: Sequence[Pending]) -> None:
        loop = asyncio.get_running_loop()
        for part in portions(pending, MOST_AT_ONCE):
            try:
                pieces = await loop.run_in_executor(self._thread, written, self._hub, part)
            except EasyplayerError as error:
                log.warning("news of %d boxes are not told: %s", len(part), error)
                continue
            self._hand_out(pieces)

    def _hand_out(self, pieces: Sequence[Piece]) -> None:
        texts: dict[tuple[int, ...], str] = {}
        for line, reader in list(self._readers().items()):
            mine = [place for place, piece in enumerate(pieces) if reader.sees(piece.groups)]
            for part in portions(mine, MOST_NEWS):
                if part not in texts:
                    told = News(boxes=tuple(pieces[place].news for place in part))
                    texts[part] = msgspec.json.encode(told).decode()
                if self._tell(line, texts[part]):
                    self._hub.metrics.live_news.inc(len(part))


def written(hub: Hub, pending: Sequence[Pending]) -> list[Piece]:
    """Write news, with how the boxes are now.  Blocks.

    :raises DatabaseError: the database does not answer.
    """
    with hub.database.read() as connection:
        rows = {row.id: row for row in boxes.some(connection, [one.box for one in pending])}
        held = places.groups_of(connection, {row.venue for row in rows.values()})
    now = hub.now()
    pieces = []
    for one in pending:
        row = rows.get(one.box)
        if row is not None:
            news = _news(one, row, boxes.state_of(row.seen, now, hub.settings.heartbeat_s))
            pieces.append(Piece(news, tuple(held[row.venue])))
        elif one.gone is not None:
            pieces.append(_farewell(one, one.gone))
    return pieces


def away(hub: Hub) -> dict[str, str]:
    """Tell the states of all boxes that are not online.  Blocks.

    :raises DatabaseError: the database does not answer.
    """
    with hub.database.read() as connection:
        return boxes.not_online(connection, hub.now(), hub.settings.heartbeat_s)


def _news(one: Pending, row: Row[Any], state: boxes.State) -> BoxNews:
    return BoxNews(
        box=row.id,
        name=row.name,
        venue=row.venue,
        zone=row.zone,
        happened=tuple(one.happened),
        live=UNSET if one.live is None else one.live,
        state=state.value,
        seen=Instant(row.seen),
        blocked=row.blocked or row.venue_blocked,
        revision=row.revision,
        playing=msgspec.json.decode(row.status, type=Playing) if row.status else None,
        commands=tuple(one.commands),
    )


def _farewell(one: Pending, gone: Unpaired) -> Piece:
    news = BoxNews(
        box=gone.box, name=gone.name, venue=gone.venue, zone=gone.zone, happened=tuple(one.happened)
    )
    return Piece(news, gone.groups)
