"""A fleet for benchmarks: boxes that the hub knows, and the requests that they send."""

import random
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import insert

from easyplayer.hub.db.schema import boxes, instances, pulses, venues, zones
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import box_tokens
from easyplayer.protocol.commands import CommandResult
from easyplayer.protocol.heartbeat import Heartbeat, LogHead, Machine, Now, OnAir, Status
from easyplayer.protocol.identity import box_id
from easyplayer.units import Instant, Percent, Seconds

VENUE = "bench"
DAY_S = 86_400.0
ROWS_AT_ONCE = 1000
MACHINE = "0" * 64
ADDRESS = "127.0.0.1"


class Sender:
    """One box's heartbeats, as requests.

    :param full: whether each has the whole status.
    :ivar revision: of the program that the box has.
    """

    def __init__(self, box: str, token: str, *, full: bool) -> None:
        self._head = (
            f"POST /api/v1/heartbeat HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.revision = 0
        self._box = box
        self._full = full
        self._sequence = 0

    def request(self, results: Sequence[CommandResult] = ()) -> bytes:
        """Give the next one.

        :param results: what came of commands.
        """
        self._sequence += 1
        full = self._full or self._sequence == 1
        heartbeat = _heartbeat(
            self._box, self._sequence, self.revision, full=full, shows=self._sequence if self._full else 0
        )
        if results:
            heartbeat = msgspec.structs.replace(heartbeat, results=tuple(results))
        body = msgspec.json.encode(heartbeat)
        return self._head + str(len(body)).encode() + b"\r\n\r\n" + body


def settle(hub: Hub, count: int, chance: Callable[[int], bytes]) -> list[tuple[str, str]]:
    """Make the hub know boxes; gives each one's id and a token."""
    now = hub.now()
    names = [box_id(chance(32).hex()) for _ in range(count)]
    with hub.database.write() as connection:
        connection.execute(insert(venues).values(id=VENUE, name=VENUE, time_zone="UTC", created=now))
        connection.execute(insert(zones).values(venue=VENUE, id="main", name="main"))
        for start in range(0, count, ROWS_AT_ONCE):
            some = names[start : start + ROWS_AT_ONCE]
            connection.execute(
                insert(boxes),
                [{"id": one, "key": "0" * 64, "name": one, "venue": VENUE, "created": now} for one in some],
            )
            connection.execute(
                insert(pulses), [{"box": one, "seen": 0.0, "attention": 0, "run": _run(one)} for one in some]
            )
            seen = {"machine": MACHINE, "address": ADDRESS, "first_seen": now, "last_seen": now}
            connection.execute(
                insert(instances),
                [{"box": one, "run": _run(one), "sequence": 1, "turn": 1, **seen} for one in some],
            )
    expires = Instant(now + DAY_S)
    return [(one, box_tokens.make(hub.keys, one, 1, expires)) for one in names]


def _run(box: str) -> str:
    return f"{random.Random(box).getrandbits(64):016x}"


def _heartbeat(box: str, sequence: int, revision: int, *, full: bool, shows: int) -> Heartbeat:
    """Make one; what it ``shows`` is the status, whether that is in it or not."""
    chance = random.Random(f"{box}/{shows}")
    return Heartbeat(
        boot="6f1c2a9e-5d0b-4d3c-9a55-0f6f5f1f9a11",
        run=_run(box),
        sequence=sequence,
        revision=revision,
        machine=MACHINE,
        digest=f"{chance.getrandbits(256):064x}",
        now=Now(
            uptime_s=Seconds(sequence * 30.0),
            time=Instant(1.8e9 + sequence * 30),
            position_s=Seconds(chance.random() * 200),
            audible_ago_s=Seconds(0.1),
        ),
        status=_status(chance) if full else None,
        log=LogHead(log="0" * 32, head=sequence, acknowledged=sequence),
    )


def _status(chance: random.Random) -> Status:
    items = [
        OnAir(
            id=f"{chance.getrandbits(80):020x}",
            title=f"Song number {chance.randrange(10_000)}",
            artist="An artist of some fame",
            length_s=Seconds(180.0 + chance.random() * 60),
            why="daypart evening, playlist after work",
        )
        for _ in range(2)
    ]
    return Status(
        version="2.0.0",
        clock="trusted",
        program="bar, version 3",
        revision=17,
        digest="ab" * 32,
        state="playing",
        reason="the program wants it",
        verdict="open until 02:00",
        item=items[0],
        next=items[1],
        volume=Percent(70),
        sink="alsa_output.platform-soc_sound.stereo-fallback",
        problems=tuple(f"the file {chance.getrandbits(64):x}.mp3 could not be read" for _ in range(5)),
        machine=Machine(
            name="bar-1",
            system="Debian GNU/Linux 12 (bookworm), Linux 6.1.0, aarch64",
            cpu_percent=chance.random() * 20,
            load=chance.random(),
            memory_bytes=90_000_000 + chance.randrange(1_000_000),
            memory_free_bytes=1_500_000_000,
            memory_total_bytes=2_000_000_000,
            temperature_c=45.0 + chance.random() * 10,
            addresses=("192.168.1.23", "fe80::1"),
        ),
    )
