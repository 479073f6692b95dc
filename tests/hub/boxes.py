"""Boxes as a hub sees them: each has a key, asks, and does what it is told over HTTP."""

from typing import Any

import msgspec
from httpx import Response
from starlette.testclient import TestClient

from easyplayer.protocol.asrun import GENESIS, Batch, Body, ClockRead, Entry, Played, Receipt, Snapshot, link
from easyplayer.protocol.commands import Command, CommandResult, Outcome
from easyplayer.protocol.heartbeat import Heartbeat, LogHead, Now, Reply, Status
from easyplayer.protocol.identity import box_id
from easyplayer.protocol.pairing import (
    Challenge,
    ChallengeAsked,
    Pairing,
    PairingAsked,
    Session,
    SessionAsked,
)
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, public_key, sign, verified
from easyplayer.units import Decibels, Instant, Monotonic, Seconds
from tests.hub.conftest import PUBLIC_URL

API = "/api/v1"
LOG = "ab" * 16
BOOT = "boot-1"
DAY = Instant(1_799_900_000.0)
"""When the boxes of the tests were started."""


class ABox:
    """A box, and one run of its software.

    :param number: tells it from the others.
    :param machine: what it runs on.
    """

    def __init__(self, client: TestClient, number: int = 1, machine: str = "m1", run: int = 1) -> None:
        self.client = client
        self.seed = bytes([number]) * 32
        self.id = box_id(public_key(self.seed))
        self.machine = machine
        self.run = f"{run:016x}"
        self.sequence = 0
        self.revision = 0
        self.token = ""

    def post(self, path: str, message: object) -> Response:
        """Send a message."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.client.post(f"{API}{path}", content=msgspec.json.encode(message), headers=headers)

    def question(self, hub: str = PUBLIC_URL) -> Signed:
        """Give what it says when it asks to be paired."""
        asked = PairingAsked(
            key=public_key(self.seed), machine=self.machine, name="bar box", version="1.0", hub=hub
        )
        return sign(self.seed, Purpose.PAIRING, asked)

    def ask(self, hub: str = PUBLIC_URL) -> Response:
        """Ask to be paired."""
        return self.post("/pairing", self.question(hub))

    def pairing(self) -> Pairing:
        """Ask to be paired, and read how far that has come."""
        return read(self.ask(), Pairing)

    def challenge(self) -> Challenge:
        """Ask for a challenge."""
        return read(self.post("/session/challenge", ChallengeAsked(box=self.id)), Challenge)

    def answer(self, challenge: Challenge, seed: bytes | None = None) -> Response:
        """Answer a challenge."""
        return self.post(
            "/session", SessionAsked(challenge=sign(seed or self.seed, Purpose.SESSION, challenge))
        )

    def log_in(self) -> None:
        """Open a session."""
        self.token = read(self.answer(self.challenge()), Session).token

    def beat(self, **changes: Any) -> Response:
        """Send a heartbeat."""
        self.sequence += 1
        said: dict[str, Any] = {
            "boot": BOOT,
            "run": self.run,
            "sequence": self.sequence,
            "machine": self.machine,
            "revision": self.revision,
            "digest": "d1",
            "now": Now(uptime_s=Seconds(10.0), time=DAY),
            "status": Status(version="1.0"),
        }
        return self.post("/heartbeat", Heartbeat(**{**said, **changes}))

    def reply(self, **changes: Any) -> Reply:
        """Send a heartbeat, and read what the hub says."""
        return read(self.beat(**changes), Reply)

    def commands(self, reply: Reply) -> list[Command]:
        """Read the commands of a reply, whose signatures must be right."""
        keys = self.client.get(f"{API}/hello").json()["keys"]
        return [verified(one, Purpose.COMMAND, Command, keys) for one in reply.commands]

    def settled(self) -> "ABox":
        """Send heartbeats until there is nothing more to say."""
        for _ in range(4):
            self.reply()
        return self

    def deliver(self, batch: Batch) -> Response:
        """Deliver entries of the log."""
        return self.post("/as-run", batch)

    def receipt(self, batch: Batch) -> Receipt:
        """Deliver entries of the log, and read what the hub has of it."""
        return read(self.deliver(batch), Receipt)


def read(response: Response, kind: type[Any]) -> Any:
    """Read an answer, which must be a good one."""
    assert response.is_success, response.text
    return msgspec.json.decode(response.content, type=kind)


def paired(client: TestClient, admin: TestClient, **about: Any) -> ABox:
    """Give a box that is paired with the venue ``bar``, and in a session."""
    place(admin)
    box = ABox(client, **about)
    claimed = admin.post(f"{API}/claims", json={"code": box.pairing().claim_code, "venue": "bar"})
    assert claimed.is_success, claimed.text
    box.log_in()
    return box


def place(admin: TestClient, venue: str = "bar", group: str = "bars") -> None:
    """Have a group and a venue in it, if there is none yet."""
    admin.post(f"{API}/groups", json={"id": group})
    body = {"id": venue, "name": "Bar", "time_zone": "Europe/Paris", "groups": [group]}
    admin.post(f"{API}/venues", json=body)


def done(command: Command | str, **about: Any) -> CommandResult:
    """Give the result of a command that was done."""
    name = command if isinstance(command, str) else command.id
    return CommandResult(**{"command": name, "outcome": Outcome.DONE, **about})


def song(sequence: int, *, started: float | None = None, **changes: Any) -> Played:
    """Give what one song leaves in the log."""
    began = 100.0 * sequence if started is None else started
    said: dict[str, Any] = {
        "sequence": sequence,
        "boot": BOOT,
        "started": Monotonic(began),
        "over": Monotonic(began + 90),
        "wall": Instant(began),
        "trust": "unknown",
        "heard_s": Seconds(90.0),
        "level_db": Decibels(-20.0),
        "ended": "played",
        "item": Snapshot(id=f"s{sequence}", title=f"Song {sequence}", artist="Anna"),
    }
    return Played(**{**said, **changes})


def picture(sequence: int, **changes: Any) -> Played:
    """Give what one picture leaves in the log."""
    said: dict[str, Any] = {
        "heard_s": Seconds(0.0),
        "level_db": None,
        "shown_s": Seconds(10.0),
        "outputs": ("card0-HDMI-A-1", "window"),
        "item": Snapshot(id=f"p{sequence}", kind="still", location="/pictures/menu.png"),
    }
    return song(sequence, **{**said, **changes})


def clock(at: float, wall: float, trust: str = "trusted", boot: str = BOOT) -> ClockRead:
    """Give a reading of both clocks."""
    return ClockRead(boot=boot, at=Monotonic(at), wall=Instant(wall), trust=trust)


def chain(*bodies: Body | str, log: str = LOG) -> Batch:
    """Write a whole log."""
    entries, previous = [], GENESIS
    for number, body in enumerate(bodies, 1):
        text = body if isinstance(body, str) else msgspec.json.encode(body).decode()
        previous = link(previous, number, text)
        entries.append(Entry(number=number, hash=previous, body=text))
    return Batch(log=log, previous=GENESIS, entries=tuple(entries))


def part(batch: Batch, first: int, last: int) -> Batch:
    """Give the entries of a log from one number to another."""
    previous = batch.entries[first - 2].hash if first > 1 else GENESIS
    return Batch(log=batch.log, previous=previous, entries=batch.entries[first - 1 : last])


def log_head(head: int, acknowledged: int = 0, log: str = LOG) -> LogHead:
    """Say how far a log has come."""
    return LogHead(log=log, head=head, acknowledged=acknowledged)
