"""The heartbeat's way in: answered ahead of the router, because each box comes twice a minute.

Most heartbeats are written, with many others at once, and answered that all is well.  Where there is more to
say, a thread finds out what, for several boxes at once; see decision 0035.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from easyplayer.errors import BadRequestError, HubError, TooLargeError
from easyplayer.hub.db.beats import Beat, BeatStore, GroupCommit, Standing
from easyplayer.hub.db.beats_postgres import PostgresBeats
from easyplayer.hub.db.beats_sqlite import SqliteBeats
from easyplayer.hub.db.database import BUSY_MAY_TAKE_S, Database
from easyplayer.hub.hub import Hub
from easyplayer.hub.pacing import Pace
from easyplayer.hub.services import box_tokens
from easyplayer.hub.services.replies import Look, More
from easyplayer.hub.web.address import address_of, networks
from easyplayer.hub.web.errors import answer_for, problem
from easyplayer.hub.web.incoming import NUL, GoneError
from easyplayer.hub.web.looks import LOOK_MAY_WAIT_S, Looks
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import MOST_HEARTBEAT_BYTES, Heartbeat, Reply
from easyplayer.units import Instant, Monotonic

PATH = "/api/v1/heartbeat"
STORED, FAILED = "stored", "failed"
HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


def _nobody(_box: str) -> None:
    """Hear nothing."""


class HeartbeatApp:
    """Answers heartbeats: an ASGI application that runs something beside it for as long as the hub runs.

    :param told: is told, in the event loop, which box has sent a status that is another than before.
    """

    def __init__(self, hub: Hub, told: Callable[[str], object] = _nobody) -> None:
        self._hub = hub
        self._told = told
        self._commit = GroupCommit(store_for(hub.database))
        self._looks = GroupCommit(Looks(hub), LOOK_MAY_WAIT_S)
        self._pace = Pace(hub.settings.heartbeat_s)
        self._trusted = networks(hub.settings.trusted_proxies)
        self._stored = hub.metrics.heartbeats.labels(STORED)

    async def start(self) -> None:
        """Begin.

        :raises DatabaseError: if the database does not answer.
        """
        await self._commit.start()
        await self._looks.start()

    async def stop(self) -> None:
        """Write what has come in, and end."""
        await self._commit.close()
        await self._looks.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one heartbeat."""
        try:
            if scope["method"] != "POST":
                await _not_allowed(scope, receive, send)
                return
            content = await self._answer(scope, receive)
        except GoneError:
            return
        except Exception as error:  # noqa: BLE001 - nothing stands around this to answer it
            code = error.code if isinstance(error, HubError) else FAILED
            self._hub.metrics.heartbeats.labels(code).inc()
            await answer_for(error, f"POST {PATH}")(scope, receive, send)
            return
        self._stored.inc()
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": [*HEADERS, length]})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        now = self._hub.now()
        headers = Headers(scope=scope)
        box, epoch = box_tokens.box_of(_token(headers), self._hub.keys, now)
        heartbeat = _read(await _body(headers, receive))
        address = address_of(scope, headers, self._trusted)
        standing = await self._commit.write(_beat(heartbeat, box, epoch, now, address))
        if standing is None:
            raise box_tokens.void()
        if heartbeat.status is not None:
            self._told(box)
        more = None
        if standing.attention or heartbeat.results:
            more = await self._looks.write(Look(box, heartbeat, address))
            if more is None:
                raise box_tokens.void()
        return encode(self._reply(box, heartbeat, standing, more))

    def _reply(self, box: str, heartbeat: Heartbeat, standing: Standing, more: More | None) -> Reply:
        said: dict[str, Any] = msgspec.structs.asdict(more) if more is not None else {}
        return Reply(
            time=self._hub.now(),
            next_s=self._pace.next_s(box, heartbeat.sequence, Monotonic(time.monotonic())),
            acknowledged=None if heartbeat.log is None else standing.acknowledged or 0,
            wants_status=standing.digest != heartbeat.digest,
            **said,
        )


def store_for(database: Database) -> BeatStore:
    """Give what writes heartbeats into a database."""
    if database.is_sqlite:
        return SqliteBeats(database.url.database or "", BUSY_MAY_TAKE_S)
    url = database.url.set(drivername="postgresql")
    return PostgresBeats(url.render_as_string(hide_password=False))


def _token(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(headers: Headers, receive: Receive) -> bytes:
    said = headers.get("content-length", "0")
    if said.isascii() and said.isdigit() and int(said) > MOST_HEARTBEAT_BYTES:
        raise _too_large()
    pieces: list[bytes] = []
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        piece = message.get("body", b"")
        pieces.append(piece)
        length += len(piece)
        if length > MOST_HEARTBEAT_BYTES:
            raise _too_large()
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _read(content: bytes) -> Heartbeat:
    if b"\\u0000" in content and NUL.search(content):
        message = "Heartbeat: has the character \\u0000, which is none: leave it out"
        raise BadRequestError(message)
    return decode(content, Heartbeat, MOST_HEARTBEAT_BYTES)


def _beat(heartbeat: Heartbeat, box: str, epoch: int, now: Instant, address: str) -> Beat:
    return Beat(
        box=box,
        epoch=epoch,
        seen=now,
        address=address,
        boot=heartbeat.boot,
        run=heartbeat.run,
        sequence=heartbeat.sequence,
        now=encode(heartbeat.now).decode(),
        digest=heartbeat.digest,
        status="" if heartbeat.status is None else encode(heartbeat.status).decode(),
        revision=heartbeat.revision,
        log_id="" if heartbeat.log is None else heartbeat.log.log,
        log="" if heartbeat.log is None else encode(heartbeat.log).decode(),
        screen="" if heartbeat.status is None else heartbeat.status.screen.state.value,
    )


async def _not_allowed(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"{scope['method']} makes no sense here; what does: POST"
    answer = problem(HTTPStatus.METHOD_NOT_ALLOWED, "hub.bad-request", detail, headers={"Allow": "POST"})
    await answer(scope, receive, send)


def _too_large() -> TooLargeError:
    return TooLargeError(
        f"a heartbeat may have {MOST_HEARTBEAT_BYTES} bytes at the most: leave something out"
    )
