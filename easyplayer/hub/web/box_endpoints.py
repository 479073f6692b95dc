"""What boxes call: pairing, sessions, and the as-run log; the heartbeat has a way of its own."""

import re
from typing import Any

from anyio import to_thread

from easyplayer.errors import UnavailableError
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import command_desk, pairing, played, sessions
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.web.endpoint import KIB, Call, Endpoint, Needs, Nothing
from easyplayer.hub.web.uploads import Upload, received
from easyplayer.protocol.asrun import MOST_BATCH_BYTES, Batch, Receipt
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES
from easyplayer.protocol.heartbeat import MOST_HEARTBEAT_BYTES, Heartbeat, Reply
from easyplayer.protocol.pairing import Challenge, ChallengeAsked, Pairing, Session, SessionAsked
from easyplayer.protocol.signed import Signed

SUBJECT = "box"
MINUTE_S, HOUR_S = 60.0, 3600.0
SMALL_BYTES = 16 * KIB
BATCH_BYTES = 2 * MOST_BATCH_BYTES
"""What is text within text has its quotation marks written twice."""
MEDIA_TYPE = re.compile(r"[a-z]+/[a-zA-Z0-9.+-]{1,60}(; ?charset=[a-zA-Z0-9-]{1,20})?")
UNTYPED = "application/octet-stream"
AGAIN_S = 5.0


def pair(call: Call[Nothing, Signed]) -> Pairing:
    """Tell a box how far its pairing has come."""
    hub = call.hub
    request = pairing.asked(call.body, hub.settings.public_url or str(call.request.base_url))
    with hub.database.write() as connection:
        return pairing.pair(
            connection,
            request,
            call.caller.address,
            hub.now(),
            holds_s=hub.settings.claim_minutes * MINUTE_S,
            chance=hub.chance,
            hub_keys=hub.keys.public,
        )


def challenge(call: Call[Nothing, ChallengeAsked]) -> Challenge:
    """Give a box a challenge to sign."""
    with call.hub.database.write() as connection:
        return sessions.challenge(connection, call.body.box, call.hub.now(), call.hub.chance)


def session(call: Call[Nothing, SessionAsked]) -> Session:
    """Give a box a token for a signed challenge."""
    hub = call.hub
    with hub.database.write() as connection:
        holds_s = hub.settings.token_hours * HOUR_S
        return sessions.open_session(connection, call.body.challenge, hub.keys, hub.now(), holds_s)


def beat(_call: Call[Nothing, Heartbeat]) -> Reply:
    """Say that heartbeats are not answered: their way lies ahead of all others."""
    message = "heartbeats are not answered at the moment: come back in a while"
    raise UnavailableError(message, AGAIN_S)


def deliver(call: Call[Nothing, Batch]) -> Receipt:
    """Store entries of a box's as-run log."""
    with call.hub.database.write() as connection:
        taken = played.take(connection, call.caller.box, call.body, call.hub.now())
    call.hub.metrics.rows.inc(taken.stored)
    return taken.receipt


async def attach(call: Call[Nothing, None]) -> None:
    """Keep what belongs to the result of a command."""
    hub, box, name = call.hub, call.caller.box, call.path["command"]
    await to_thread.run_sync(_see_own, hub, box, name)
    folder = await to_thread.run_sync(incoming, hub)
    said = call.request.headers.get("content-type", "")
    media_type = said if MEDIA_TYPE.fullmatch(said) else UNTYPED
    async with received(call.request, folder, MOST_ATTACHED_BYTES) as file:
        await to_thread.run_sync(_keep, hub, box, name, file, media_type)


def _see_own(hub: Hub, box: str, name: str) -> None:
    with hub.database.read() as connection:
        command_desk.own_command(connection, box, name)


def _keep(hub: Hub, box: str, name: str, file: Upload, media_type: str) -> None:
    hub.media.put(command_desk.attachment_key(name), file.path)
    with hub.database.write() as connection:
        command_desk.keep_attachment(connection, box, name, file.sha256, media_type)


def _endpoint(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method, path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint(
        "POST",
        "/pairing",
        "Tell a box how far its pairing has come",
        pair,
        needs=Needs.NOTHING,
        body=Signed,
        answers=Pairing,
        most_bytes=SMALL_BYTES,
    ),
    _endpoint(
        "POST",
        "/session/challenge",
        "Give a box a challenge to sign",
        challenge,
        needs=Needs.NOTHING,
        body=ChallengeAsked,
        answers=Challenge,
        most_bytes=SMALL_BYTES,
    ),
    _endpoint(
        "POST",
        "/session",
        "Give a box a token for a signed challenge",
        session,
        needs=Needs.NOTHING,
        body=SessionAsked,
        answers=Session,
        most_bytes=SMALL_BYTES,
    ),
    _endpoint(
        "POST",
        "/heartbeat",
        "Take a box's heartbeat, and tell it what is wanted of it",
        beat,
        needs=Needs.BOX,
        body=Heartbeat,
        answers=Reply,
        most_bytes=MOST_HEARTBEAT_BYTES,
    ),
    _endpoint(
        "POST",
        "/as-run",
        "Store entries of a box's as-run log",
        deliver,
        needs=Needs.BOX,
        body=Batch,
        answers=Receipt,
        most_bytes=BATCH_BYTES,
    ),
    _endpoint(
        "PUT",
        "/box/commands/{command}/attachment",
        "Keep what belongs to the result of a command",
        attach,
        needs=Needs.BOX,
        streams=True,
        status=204,
    ),
)
