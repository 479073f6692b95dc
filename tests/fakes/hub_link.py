"""A hub that a test holds in its hand, and the box's way to it."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import structs

from easyplayer.drivers.hub_link import Body, Keychain
from easyplayer.drivers.wall_clock import Reading
from easyplayer.errors import (
    BadRequestError,
    ForbiddenError,
    HubError,
    LinkError,
    LinkRefusedError,
    NotFoundError,
    SignatureError,
    TooManyError,
    UnauthenticatedError,
    UnpairedError,
)
from easyplayer.protocol.asrun import GENESIS, MOST_ENTRIES, Batch, Entry, Receipt, broken_at, link
from easyplayer.protocol.commands import Command, CommandResult
from easyplayer.protocol.heartbeat import Heartbeat, LogHead, Reply, Status
from easyplayer.protocol.identity import BoxId, box_id, claim_code
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.pairing import (
    Challenge,
    ChallengeAsked,
    Hello,
    Pairing,
    PairingAsked,
    Session,
    SessionAsked,
    TimeAsked,
    TimeTold,
)
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.signing import Purpose, public_key, sign, verified
from easyplayer.units import Instant, Monotonic, Seconds

HUB_SEED = bytes(range(32))
WALL = 1_800_000_000.0
SESSION_S = Seconds(86_400.0)
NEXT_S = Seconds(30.0)
CHUNK = 1000


class FakeHub:
    """A hub with one box, that does what a test has laid down.

    :param wall: tells what time it is there.
    :ivar seeds: the private keys that it has; it signs with the first.
    :ivar claimed: whether the box is claimed; ``known`` is forgotten for a hub that has lost it.
    :ivar fault: raised by whatever is asked, or by what ``faults`` names.
    :ivar reply: what heartbeats are answered with, beside commands, programs and confirmations.
    :ivar heartbeats: all that came, and ``status`` the last that did.
    :ivar entries: bodies of the as-run log by number, of the log named ``log``.
    :ivar poison: numbers of entries that it cannot take.
    :ivar asked: the names of all questions, in order.
    """

    def __init__(self, wall: Callable[[], float] = lambda: WALL) -> None:
        self.wall = wall
        self.seeds = [HUB_SEED]
        self.claimed = False
        self.boxes: dict[BoxId, PublicKey] = {}
        self.fault: Exception | None = None
        self.faults: dict[str, Exception] = {}
        self.reply = Reply(time=Instant(0.0), next_s=NEXT_S)
        self.asked: list[str] = []
        self.heartbeats: list[Heartbeat] = []
        self.status: Status | None = None
        self.results: dict[str, CommandResult] = {}
        self.commands: list[Signed] = []
        self.head: Signed | None = None
        self.confirms = True
        self.log = ""
        self.entries: dict[int, str] = {}
        self.hashes: dict[int, str] = {0: GENESIS}
        self.poison: set[int] = set()
        self.programs: dict[str, bytes] = {}
        self.media: dict[str, bytes] = {}
        self.attached: dict[str, tuple[str, bytes]] = {}
        self.pairings: list[PairingAsked] = []
        self.tokens: dict[str, BoxId] = {}
        self._challenges: dict[str, BoxId] = {}
        self._count = 0

    # -- what a test does ------------------------------------------------------------------------

    @property
    def key(self) -> PublicKey:
        """The key that it signs with."""
        return public_key(self.seeds[0])

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """All its keys."""
        return tuple(map(public_key, self.seeds))

    @property
    def box(self) -> BoxId:
        """The box that was paired last."""
        return list(self.boxes)[-1]

    def command(self, name: str, *, number: int, seed: bytes = b"", **fields: Any) -> Signed:
        """Sign a command for the box; it waits there until its result has come."""
        given = {
            "id": f"command-{number}", "box": self.box, "issued": self.wall(),
            "expires": self.wall() + 600.0, "args": {}, **fields,
        }  # fmt: skip
        command = Command(name=name, number=number, **given)
        signed = sign(seed or self.seeds[0], Purpose.COMMAND, command)
        self.commands.append(signed)
        return signed

    def publish(self, data: bytes, *, revision: int, **fields: Any) -> ProgramHead:
        """Offer the box a program."""
        digest = hashlib.sha256(data).hexdigest()
        self.programs[digest] = data
        given = {"box": self.box, "name": "bar", "version": revision, **fields}
        head = ProgramHead(revision=revision, digest=digest, size=len(data), **given)
        self.head = sign(self.seeds[0], Purpose.PROGRAM, head)
        return head

    def add_medium(self, data: bytes) -> str:
        """Lay a medium there; give its digest."""
        digest = hashlib.sha256(data).hexdigest()
        self.media[digest] = data
        return digest

    def forget_sessions(self) -> None:
        """Know no token any more, as after a restart with another database."""
        self.tokens.clear()

    def forget_boxes(self) -> None:
        """Know no box any more."""
        self.boxes.clear()
        self.tokens.clear()
        self.claimed = False

    # -- what it is asked ------------------------------------------------------------------------

    def note(self, question: str) -> None:
        """Note a question, and fail where that was laid down."""
        self.asked.append(question)
        fault = self.faults.get(question, self.fault)
        if fault is not None:
            raise fault

    def hello(self) -> Hello:
        """Say who it is."""
        self.note("hello")
        return Hello(version="1", keys=self.keys, time=Instant(self.wall()))

    def time(self, asked: TimeAsked) -> Signed:
        """Tell the time."""
        self.note("time")
        told = TimeTold(nonce=asked.nonce, time=Instant(self.wall()))
        return sign(self.seeds[0], Purpose.TIME, told)

    def pair(self, signed: Signed) -> Pairing:
        """Pair a box, or tell how far that has come."""
        self.note("pair")
        asked = verified(signed, Purpose.PAIRING, PairingAsked, [signed.key])
        self.pairings.append(asked)
        box = box_id(asked.key)
        if self.claimed:
            self.boxes[box] = asked.key
            return Pairing(box=box, claimed=True, hub_keys=self.keys)
        code = claim_code(bytes.fromhex(asked.key)[:5])
        return Pairing(box=box, claimed=False, claim_code=code, expires_s=Seconds(600), next_s=Seconds(5))

    def challenge(self, asked: ChallengeAsked) -> Challenge:
        """Give a box something to sign."""
        self.note("challenge")
        if asked.box not in self.boxes:
            raise NotFoundError("there is no such box")
        self._count += 1
        nonce = f"challenge-number-{self._count}"
        self._challenges[nonce] = asked.box
        return Challenge(box=asked.box, nonce=nonce)

    def session(self, asked: SessionAsked) -> Session:
        """Let a box in."""
        self.note("session")
        challenge = verified(asked.challenge, Purpose.SESSION, Challenge, self.boxes.values())
        if self._challenges.pop(challenge.nonce, None) != box_id(asked.challenge.key):
            raise ForbiddenError("the challenge is an old one, or for another box")
        self._count += 1
        token = f"token-{self._count}"
        self.tokens[token] = challenge.box
        return Session(token=token, expires_s=SESSION_S, hub_keys=self.keys)

    def heartbeat(self, token: str, heartbeat: Heartbeat) -> Reply:
        """Hear how a box is."""
        self.note("heartbeat")
        self._let_in(token)
        self.heartbeats.append(heartbeat)
        self.status = heartbeat.status or self.status
        for result in heartbeat.results:
            self.results.setdefault(result.command, result)
        confirmed = tuple(self.results) if self.confirms else ()
        waiting = tuple(one for one in self.commands if not any(name in one.payload for name in confirmed))
        head = None if heartbeat.digest and self._has(heartbeat.revision) else self.head
        known = heartbeat.log is not None and heartbeat.log.log == self.log
        return structs.replace(
            self.reply,
            time=Instant(self.wall()),
            commands=waiting,
            program=head,
            confirmed=confirmed,
            acknowledged=max(self.entries, default=0) if known else None,
        )

    def deliver(self, token: str, batch: Batch) -> Receipt:
        """Take entries of the log in, each once."""
        self.note("deliver")
        self._let_in(token)
        if self.log != batch.log:
            self.log, self.entries, self.hashes = batch.log, {}, {0: GENESIS}
        if bad := self.poison & {entry.number for entry in batch.entries}:
            raise BadRequestError(f"entry {min(bad)} cannot be read")
        if broken_at(batch.previous, batch.entries) is not None:
            raise BadRequestError("the chain is broken")
        if batch.entries[0].number <= len(self.entries) + 1:
            for entry in batch.entries:
                self.entries[entry.number], self.hashes[entry.number] = entry.body, entry.hash
        return Receipt(log=batch.log, acknowledged=len(self.entries))

    def program(self, token: str, digest: str) -> bytes:
        """Give a program's file."""
        self.note("program")
        self._let_in(token)
        return self._found(self.programs, digest)

    def ticket(self, token: str, sha256: str) -> MediaTicket:
        """Tell where a medium is."""
        self.note("ticket")
        self._let_in(token)
        size = len(self._found(self.media, sha256))
        return MediaTicket(url=f"/media/{sha256}", sha256=sha256, size=size, expires_s=Seconds(600))

    def medium(self, sha256: str) -> bytes:
        """Give a medium."""
        self.note("fetch")
        return self._found(self.media, sha256)

    def attach(self, token: str, command: str, media_type: str, content: bytes) -> None:
        """Take in what belongs to a result."""
        self.note("attach")
        self._let_in(token)
        self.attached[command] = media_type, content

    def _let_in(self, token: str) -> None:
        if token not in self.tokens:
            raise UnauthenticatedError("nobody knows this token")

    def _has(self, revision: int) -> bool:
        return self.head is not None and f'"revision":{revision},' in self.head.payload

    @staticmethod
    def _found(shelf: dict[str, bytes], name: str) -> bytes:
        if name not in shelf:
            raise NotFoundError("there is no such thing")
        return shelf[name]


class FakeHubLink:
    """The contract :class:`~easyplayer.drivers.hub_link.HubLink`, without a network.

    :param url: by which the box calls the hub.
    :param clock: the monotonic clock.
    :ivar closed: whether it was closed.
    """

    def __init__(
        self, hub: FakeHub, keychain: Keychain, clock: Callable[[], Monotonic], url: str = ""
    ) -> None:
        self._hub = hub
        self._keychain = keychain
        self._clock = clock
        self._url = url
        self.closed = False

    def close(self) -> None:
        """Ask nothing any more."""
        self.closed = True

    def hello(self) -> Hello:
        """Ask the hub who it is."""
        return self._ask(self._hub.hello)

    def time(self) -> Reading:
        """Ask what time it is."""
        asked = TimeAsked(nonce="a-question-of-its-own")
        signed = self._ask(lambda: self._hub.time(asked))
        told = verified(signed, Purpose.TIME, TimeTold, self._keychain.hub_keys)
        return Reading(self._clock(), told.time)

    def pair(self, machine: str, name: str, version: str) -> Pairing:
        """Ask to be paired."""
        seed = self._keychain.seed
        asked = PairingAsked(key=public_key(seed), machine=machine, name=name, version=version, hub=self._url)
        return self._ask(lambda: self._hub.pair(sign(seed, Purpose.PAIRING, asked)))

    def token(self, refused: str = "") -> str:
        """Give the token of the session."""
        self._ask(lambda: None)
        if refused and self._keychain.token == refused:
            self._keychain.drop_token()
        return self._keychain.token or self._new_token()

    def heartbeat(self, heartbeat: Heartbeat) -> Reply:
        """Send a heartbeat."""
        return self._in_session(lambda token: self._hub.heartbeat(token, heartbeat))

    def deliver(self, batch: Batch) -> Receipt:
        """Deliver entries of the log."""
        return self._in_session(lambda token: self._hub.deliver(token, batch))

    def program(self, digest: str) -> bytes:
        """Fetch a program's file."""
        data = self._in_session(lambda token: self._hub.program(token, digest))
        if hashlib.sha256(data).hexdigest() != digest:
            raise LinkError("the program came as another one")
        return data

    def ticket(self, sha256: str) -> MediaTicket:
        """Ask where a medium can be fetched."""
        return self._in_session(lambda token: self._hub.ticket(token, sha256))

    @contextmanager
    def fetch(self, ticket: MediaTicket, offset: int, etag: str) -> Iterator[Body]:
        """Fetch a medium from an offset on."""
        data = self._ask(lambda: self._hub.medium(ticket.url.rpartition("/")[2]))
        name = f'"{hashlib.sha256(data).hexdigest()}"'
        begins = offset if etag == name else 0
        parts = (data[at : at + CHUNK] for at in range(begins, len(data), CHUNK))
        yield Body(offset=begins, etag=name, chunks=parts)

    def attach(self, command: str, content: Path, media_type: str) -> None:
        """Send what belongs to a result."""
        self._in_session(lambda token: self._hub.attach(token, command, media_type, content.read_bytes()))

    def _in_session(self, ask: Callable[[str], Any]) -> Any:
        token = self._keychain.token
        if token:
            try:
                return self._ask(lambda: ask(token))
            except LinkRefusedError as error:
                if error.hub_code != UnauthenticatedError.code:
                    raise
                self._keychain.drop_token()
        new = self._new_token()
        return self._ask(lambda: ask(new))

    def _new_token(self) -> str:
        seed = self._keychain.seed
        box = box_id(public_key(seed))
        try:
            challenge = self._ask(lambda: self._hub.challenge(ChallengeAsked(box=box)))
            asked = SessionAsked(challenge=sign(seed, Purpose.SESSION, challenge))
            session: Session = self._ask(lambda: self._hub.session(asked))
        except LinkRefusedError as error:
            if error.status not in {403, 404}:
                raise
            raise UnpairedError(str(error), error.status, error.hub_code) from error
        self._keychain.keep_session(session)
        return session.token

    def _ask(self, question: Callable[[], Any]) -> Any:
        if self.closed:
            raise LinkError("the way to the hub is closed")
        if self._keychain.away:
            raise LinkError(self._keychain.away)
        try:
            return question()
        except TooManyError as error:
            raise LinkError(str(error), error.status, error.retry_after_s) from error
        except HubError as error:
            refuses = 400 <= error.status < 500
            kind: Any = LinkRefusedError if refuses else LinkError
            raise kind(str(error), error.status, *([error.code] if refuses else [])) from error
        except SignatureError as error:
            raise LinkRefusedError(str(error), 403, "hub.forbidden") from error


class HeldKeychain:
    """The contract :class:`~easyplayer.drivers.hub_link.Keychain`, kept nowhere."""

    def __init__(self, seed: bytes = bytes(32), hub_keys: tuple[PublicKey, ...] = ()) -> None:
        self.seed = seed
        self.hub_keys = hub_keys
        self.token = ""
        self.away = ""

    def keep_session(self, session: Session) -> None:
        """Take a new session."""
        if self.hub_keys and not set(self.hub_keys) & set(session.hub_keys):
            raise SignatureError("it is another hub")
        self.token, self.hub_keys = session.token, session.hub_keys

    def drop_token(self) -> None:
        """Forget the token."""
        self.token = ""


class HeldLog:
    """A log that a test writes; see :class:`~easyplayer.delivering.LogSource`.

    :ivar log: its name.
    :ivar entries: all of it.
    """

    def __init__(self, log: str = "a" * 32) -> None:
        self.log = log
        self.entries: list[Entry] = []

    def write(self, count: int) -> LogHead:
        """Write some entries more."""
        for _ in range(count):
            number = len(self.entries) + 1
            body = f'{{"number":{number}}}'
            self.entries.append(
                Entry(number=number, hash=link(self._hash(number - 1), number, body), body=body)
            )
        return LogHead(log=self.log, head=len(self.entries), acknowledged=0)

    def next_batch(self, after: int) -> Batch | None:
        """Give the entries after a number."""
        entries = tuple(self.entries[after : after + MOST_ENTRIES])
        return Batch(log=self.log, previous=self._hash(after), entries=entries) if entries else None

    def _hash(self, number: int) -> str:
        return self.entries[number - 1].hash if number else GENESIS
