"""Lines to a hub, as boxes and operators hold them; by a client of a test that runs in no loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import msgspec
from sqlalchemy import update
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from easyplayer.hub.db.schema import pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import box_tokens, pairing, places
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.protocol.codec import encode
from easyplayer.protocol.commands import Command
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.protocol.live import FromHub, Orders, Welcome, read_from_hub
from easyplayer.protocol.signing import Purpose, public_key, verified
from easyplayer.units import Instant, Seconds
from tests.hub.boxes import API, ABox

PATH = "/live/?EIO=4&transport=websocket"
OPEN, CLOSE, PING, PONG, MESSAGE = "01234"
MOST_S = 20.0
"""So long something is waited for that should come at once."""
NOW = Now(uptime_s=Seconds(10.0), time=Instant(0.0))


def box_of(hub: Hub, client: TestClient, number: int = 1, venue: str = "bar", group: str = "bars") -> ABox:
    """Give a box to which nothing more is to be said, in a venue that is made where it is not there yet.

    It is written into the database as if it had asked for all of it: a tenth of the work.
    """
    box, now = ABox(client, number), hub.now()
    place = {"name": "bar box", "venue": venue, "zone": "main", "machine": "m1"}
    everything = Caller(grants={ALL: Role.VIEWER})
    with hub.database.write() as connection:
        if not any(row.id == group for row in places.group_list(connection, everything)):
            places.add_group(connection, group, group)
            places.add_venue(
                connection, venue, title="Bar", time_zone="Europe/Paris", inside=[group], now=now
            )
        pairing._add(connection, box.id, public_key(box.seed), place, now)
        heard = {"seen": now, "now": encode(NOW).decode(), "status": encode(Status(version="1.0")).decode()}
        same = {"boot": "boot-1", "run": box.run, "digest": "d1", "attention": 0}
        connection.execute(update(pulses).where(pulses.c.box == box.id).values(**heard, **same))
    box.token = box_tokens.make(hub.keys, box.id, int(now), Instant(now + 3600))
    return box


class Talk:
    """A session over a websocket."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self._socket = socket
        assert self.raw()[0] == OPEN

    def raw(self) -> str:
        """Give the next packet; pings are answered."""
        while (packet := self._next()) == PING:
            self._socket.send_text(PONG)
        return packet

    def _next(self) -> str:
        message = self._socket.portal.call(self._received)
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code", 1000), message.get("reason", ""))
        return str(message["text"])

    async def _received(self) -> Any:
        with anyio.fail_after(MOST_S):
            return await self._socket._send_rx.receive()

    def hear(self) -> dict[str, Any]:
        """Give the next message."""
        packet = self.raw()
        assert packet[0] == MESSAGE, packet
        return dict(msgspec.json.decode(packet[1:]))

    def say(self, message: object) -> None:
        """Send a message."""
        self.words(msgspec.json.encode(message).decode())

    def words(self, words: str) -> None:
        """Send a message as it is."""
        self._socket.send_text(MESSAGE + words)

    def is_over(self) -> bool:
        """Wait for the end, whatever else comes before it."""
        try:
            while self.raw()[0] != CLOSE:
                pass
        except WebSocketDisconnect:
            return True
        return True


class BoxTalk(Talk):
    """That of a box."""

    def __init__(self, socket: WebSocketTestSession, box: ABox) -> None:
        super().__init__(socket)
        self._box = box
        self.welcome = self.next()
        assert isinstance(self.welcome, Welcome)

    def next(self) -> FromHub | None:
        """Read the next message."""
        packet = self.raw()
        assert packet[0] == MESSAGE, packet
        return read_from_hub(packet[1:])

    def orders(self) -> list[Command]:
        """Read commands, whose signatures must be right."""
        keys = self._box.client.get(f"{API}/hello").json()["keys"]
        orders = self.next()
        assert isinstance(orders, Orders), orders
        return [verified(one, Purpose.COMMAND, Command, keys) for one in orders.commands]


@contextmanager
def line_of(box: ABox) -> Iterator[BoxTalk]:
    """Hold the line of a box."""
    headers = {"Authorization": f"Bearer {box.token}"}
    with box.client.websocket_connect(PATH, headers=headers) as socket:
        yield BoxTalk(socket, box)


@contextmanager
def page_of(client: TestClient, token: str, **headers: str) -> Iterator[Talk]:
    """Hold the line of an operator who shows an API token."""
    with client.websocket_connect(PATH, headers={"Authorization": f"Bearer {token}", **headers}) as socket:
        yield Talk(socket)
