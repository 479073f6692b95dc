"""What happens to lines in a soak: boxes and operators come and go, lines are cut, and strangers knock."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from random import Random

import httpx2
import msgspec

from bench.heartbeats import VENUE, Sender
from bench.live_box import LiveBox, Seen, Where
from easyplayer.engineio.client import Client, ConnectError
from easyplayer.engineio.client_http import Streams
from easyplayer.lifeline import State
from easyplayer.protocol.live import LIVE_PATH

TRANSPORTS = (("websocket", "polling"), ("polling", "websocket"), ("polling",), ("websocket",))
MOST_OPERATORS = 20
API = "/api/v1"
GARBAGE = (
    b"",
    b"GET /live/ HTTP/1.1\r\n",
    b"GET /live/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /live/?EIO=3&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /live/?EIO=4&transport=polling&sid=w0-nobody HTTP/1.1\r\nHost: h\r\n\r\n",
    b"POST /live/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\nContent-Length: 900000000\r\n\r\nx",
    b"GET /live/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a.b.c.d.e\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)
"""What strangers say before they go, or fall silent."""


class Operator:
    """Somebody who watches boxes."""

    def __init__(self, where: Where, token: str, transports: tuple[str, ...]) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self.heard: Counter[str] = Counter()
        self.client = Client(
            where.live_url,
            path=LIVE_PATH,
            transports=transports,
            headers={"Authorization": f"Bearer {token}"},
            dial=self._dial,
        )
        self.client.on("message", self._hear)

    def say(self, kind: str, box: str) -> None:
        """Say something of a box."""
        self.client.send_nowait(msgspec.json.encode({"kind": kind, "box": box}).decode())

    def cut(self) -> None:
        """Break the line."""
        if self._writer is not None:
            self._writer.transport.abort()

    async def _dial(self, host: str, port: int, _tls: bool) -> Streams:
        reader, self._writer = await asyncio.open_connection(host, port)
        return reader, self._writer

    def _hear(self, content: str | bytes) -> None:
        self.heard[msgspec.json.decode(content)["kind"]] += 1


class Chaos:
    """All that goes on; ends when it is told to.

    :param chance: what happens, and when.
    :ivar done: how often each thing was done.
    :ivar seen: what has happened to the boxes, how often.
    """

    def __init__(self, fleet: Sequence[tuple[str, str]], where: Where, admin: str, chance: Random) -> None:
        self._fleet = fleet
        self._where = where
        self._admin = admin
        self._chance = chance
        self._api = httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{where.port}{API}",
            headers={"Authorization": f"Bearer {admin}"},
            timeout=60.0,
        )
        self.done: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.boxes = [
            LiveBox(
                number,
                Sender(name, token, full=False),
                token,
                where._replace(transports=TRANSPORTS[number % len(TRANSPORTS)]),
                self._see,
            )
            for number, (name, token) in enumerate(fleet)
        ]
        self._away: set[int] = set()
        self._operators: list[Operator] = []
        self._strangers: list[asyncio.StreamWriter] = []
        self._deeds: dict[str, tuple[int, Callable[[], Coroutine[None, None, None]]]] = {
            "a line was cut": (12, self._cut),
            "a line stalled": (1, self._stall),
            "a box went or came": (6, self._go_or_come),
            "a box said nonsense": (1, self._talk_nonsense),
            "a box got a command": (12, self._command),
            "all got a command": (1, self._command_all),
            "an operator came": (3, self._operator_comes),
            "an operator left": (2, self._operator_leaves),
            "an operator chose": (20, self._operator_chooses),
            "a stranger knocked": (4, self._stranger_knocks),
            "a stranger left": (3, self._stranger_leaves),
        }

    def begin(self, over_s: float) -> None:
        """Have all boxes begin within so long."""
        for box in self.boxes:
            box.begin(self._chance.uniform(0.0, over_s))

    async def rage(self, span_s: float, per_s: float) -> None:
        """Do so many things in a second, for so long."""
        weights = [weight for weight, _ in self._deeds.values()]
        end = time.monotonic() + span_s
        async with asyncio.TaskGroup() as tasks:
            while time.monotonic() < end:
                (what,) = self._chance.choices(list(self._deeds), weights)
                self.done[what] += 1
                tasks.create_task(self._deeds[what][1]())
                await asyncio.sleep(self._chance.expovariate(per_s))

    def calm(self) -> None:
        """Have all boxes come back that are away."""
        for number in self._away:
            self.boxes[number].begin(0.0)
        self._away.clear()

    async def leave(self) -> None:
        """Have everybody leave."""
        for box in self.boxes:
            box.end()
        for operator in self._operators:
            await operator.client.close()
        for writer in self._strangers:
            writer.transport.abort()
        await self._api.aclose()

    @property
    def live(self) -> int:
        """How many boxes are live."""
        return sum(box.lifeline.state is State.LIVE for box in self.boxes)

    @property
    def heard(self) -> Counter[str]:
        """What operators have heard that are still there."""
        return sum((operator.heard for operator in self._operators), Counter[str]())

    def _see(self, one: Seen) -> None:
        self.seen[one.what] += 1

    # -- what is done ----------------------------------------------------------------------------

    async def _cut(self) -> None:
        line = self._chance.choice(self.boxes).line
        if line is not None:
            line.cut()

    async def _stall(self) -> None:
        line = self._chance.choice(self.boxes).line
        if line is not None:
            line.stall()

    async def _go_or_come(self) -> None:
        number = self._chance.randrange(len(self.boxes))
        if number in self._away:
            self._away.discard(number)
            self.boxes[number].begin(0.0)
        else:
            self._away.add(number)
            self.boxes[number].end()

    async def _talk_nonsense(self) -> None:
        self._chance.choice(self.boxes).lifeline.send('{"kind":"report","now":7}')

    async def _command(self) -> None:
        name, _ = self._chance.choice(self._fleet)
        await self._give(f"boxes/{name}")

    async def _command_all(self) -> None:
        await self._give(f"venues/{VENUE}")

    async def _give(self, whom: str) -> None:
        answer = await self._api.post(f"/{whom}/commands", json={"name": "skip"})
        self.done[f"API: {answer.status_code}"] += 1

    async def _operator_comes(self) -> None:
        if len(self._operators) < MOST_OPERATORS:
            operator = Operator(self._where, self._admin, self._chance.choice(TRANSPORTS))
            with suppress(ConnectError):
                await operator.client.connect()
                self._operators.append(operator)

    async def _operator_leaves(self) -> None:
        if self._operators:
            operator = self._operators.pop(self._chance.randrange(len(self._operators)))
            if self._chance.random() < 0.5:
                operator.cut()
            await operator.client.close()

    async def _operator_chooses(self) -> None:
        if self._operators:
            kind = self._chance.choice(("watch", "watch", "unwatch"))
            self._chance.choice(self._operators).say(kind, self._chance.choice(self._fleet)[0])

    async def _stranger_knocks(self) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._where.port)
        writer.write(self._chance.choice(GARBAGE))
        self._strangers.append(writer)

    async def _stranger_leaves(self) -> None:
        if self._strangers:
            self._strangers.pop(self._chance.randrange(len(self._strangers))).transport.abort()
