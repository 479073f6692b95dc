"""The contract :class:`~easyplayer.drivers.hub_link.HubLink`, over HTTP."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from easyplayer.drivers.breakable import OpenSockets
from easyplayer.drivers.hub_link import Body, Keychain, Way
from easyplayer.drivers.hub_route import Clocks, Route
from easyplayer.drivers.hub_tls import Trust
from easyplayer.drivers.media_body import body_of, range_headers, whole_of
from easyplayer.drivers.wall_clock import Reading
from easyplayer.drivers.web_transport import Content, Request, Transport, host_of, portal
from easyplayer.errors import CertificateError, LinkError, LinkRefusedError, ProtocolError, UnpairedError
from easyplayer.protocol.asrun import Batch, Receipt
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import Heartbeat, Reply
from easyplayer.protocol.identity import box_id
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
from easyplayer.protocol.program_head import MOST_PROGRAM_BYTES
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, public_key, sign, verified
from easyplayer.protocol.versions import CURRENT
from easyplayer.units import Instant, Monotonic

MOST_ANSWER_BYTES = 4 * 1024 * 1024
"""How long a message of the hub's may be: a box that was away for weeks is told many commands."""
MEDIA_CHUNK_BYTES = 1024 * 1024
"""So much of a medium is taken from the line at once, at the most; what has come does not wait for more."""
ANSWERED = 200
AT_THE_STORE = "and does not send the medium: look at the hub's store of media, and at the proxy"
NONCE_BYTES = 24
LONGEST_ASKING_S = 10.0
"""What time it is says nothing, where the answer takes longer."""
NOBODY_KNOWN = {403, 404}
UNAUTHENTICATED = "hub.unauthenticated"

Message = TypeVar("Message", bound=Struct)
Answer = TypeVar("Answer")


class WebLink:
    """The way to one hub.

    :raises CertificateError: the file of CA certificates cannot be used.
    """

    def __init__(self, way: Way, keychain: Keychain, clocks: Clocks | None = None) -> None:
        self._way = way
        self._keychain = keychain
        self._clocks = clocks or Clocks()
        self._sockets = OpenSockets()
        self._closed = False
        self._route = self._routed(Trust(way.ca, machine=not way.ca))
        self._abroad = self._routed(Trust(way.ca, machine=True))

    def close(self) -> None:
        """Break off whatever is under way, and ask nothing any more."""
        self._closed = True
        self._sockets.break_off()
        for route in (self._route, self._abroad):
            route.close()

    # -- who is there ----------------------------------------------------------------------------

    def hello(self) -> Hello:
        """Ask the hub who it is."""
        return self._understood(self._route.ask(self._request("GET", "/api/v1/hello")), Hello)

    def time(self) -> Reading:
        """Ask what time it is, signed by the hub, and halfway between question and answer."""
        self._look()
        return self._time(self._route)

    def pair(self, machine: str, name: str, version: str) -> Pairing:
        """Ask to be paired, or how far that has come."""
        seed = self._keychain.seed
        asked = PairingAsked(
            key=public_key(seed), machine=machine, name=name, version=version, hub=self._way.url
        )
        return self._tell("/api/v1/pairing", sign(seed, Purpose.PAIRING, asked), Pairing)

    # -- what a box that is known may do ---------------------------------------------------------

    def token(self, refused: str = "") -> str:
        """Give the token of the session; one is opened where there is none, or none but a refused one."""
        self._look()
        if refused and self._keychain.token == refused:
            self._keychain.drop_token()
        return self._keychain.token or self._new_token()

    def heartbeat(self, heartbeat: Heartbeat) -> Reply:
        """Send a heartbeat; a session is opened, or renewed, where there is none."""
        return self._in_session(lambda token: self._tell("/api/v1/heartbeat", heartbeat, Reply, token))

    def deliver(self, batch: Batch) -> Receipt:
        """Deliver entries of the as-run log."""
        return self._in_session(lambda token: self._tell("/api/v1/as-run", batch, Receipt, token))

    def program(self, digest: str) -> bytes:
        """Fetch a program's file; its digest has been checked."""
        path = f"/api/v1/box/programs/{digest}"

        def ask(token: str) -> bytes:
            with self._route.open(self._request("GET", path, token)) as response:
                return whole_of(response, MOST_PROGRAM_BYTES)

        data = self._in_session(ask)
        if sha256(data).hexdigest() != digest:
            self._look_for_a_page(data)
            message = f"the hub's program {digest[:8]}… came as another one: it was changed on the way"
            raise LinkError(message)
        return data

    def ticket(self, sha256: str) -> MediaTicket:
        """Ask where a medium can be fetched."""
        path = f"/api/v1/box/media/{sha256}"
        answer = self._in_session(lambda token: self._route.ask(self._request("POST", path, token)))
        return self._understood(answer, MediaTicket)

    @contextmanager
    def fetch(self, ticket: MediaTicket, offset: int, etag: str) -> Iterator[Body]:
        """Fetch a medium from an offset on; the chunks raise ``LinkError`` where the line breaks."""
        self._look()
        url = self._way.url.rstrip("/") + ticket.url if ticket.url.startswith("/") else ticket.url
        headers = {"Accept-Encoding": "identity", **range_headers(offset, etag)}
        route = self._route if host_of(url) == host_of(self._way.url) else self._abroad
        with route.open(Request(method="GET", url=url, headers=headers, advice=AT_THE_STORE)) as response:
            yield body_of(response, ticket.size, MEDIA_CHUNK_BYTES)

    def attach(self, command: str, content: Path, media_type: str) -> None:
        """Send what belongs to the result of a command."""
        path = f"/api/v1/box/commands/{command}/attachment"

        def send(token: str) -> bytes:
            with content.open("rb") as file:
                request = self._request("PUT", path, token, content=file, media_type=media_type)
                return self._route.ask(request)

        self._in_session(send)

    # -- the session -----------------------------------------------------------------------------

    def _in_session(self, ask: Callable[[str], Answer]) -> Answer:
        """Ask with the token of the session; where the hub does not take it any more, with a new one."""
        self._look()
        token = self._keychain.token
        if token:
            try:
                return ask(token)
            except LinkRefusedError as error:
                if error.hub_code != UNAUTHENTICATED:
                    raise
        return ask(self.token(refused=token))

    def _new_token(self) -> str:
        seed = self._keychain.seed
        box = box_id(public_key(seed))
        try:
            challenge = self._tell("/api/v1/session/challenge", ChallengeAsked(box=box), Challenge)
            if challenge.box != box:
                message = "the hub's challenge is for another box: it is not answered"
                raise LinkError(message)
            asked = SessionAsked(challenge=sign(seed, Purpose.SESSION, challenge))
            session = self._tell("/api/v1/session", asked, Session)
        except LinkRefusedError as error:
            if error.status not in NOBODY_KNOWN:
                raise
            raise UnpairedError(str(error), error.status, error.hub_code) from error
        self._keychain.keep_session(session)
        return session.token

    # -- messages --------------------------------------------------------------------------------

    def _tell(self, path: str, message: Struct, kind: type[Message], token: str = "") -> Message:
        self._look()
        request = self._request("POST", path, token, content=encode(message))
        return self._understood(self._route.ask(request), kind)

    def _look(self) -> None:
        """Look whether anything may be asked at all."""
        if self._closed:
            message = "the way to the hub is closed"
            raise LinkError(message)
        if self._keychain.away:
            raise LinkError(self._keychain.away)

    def _request(
        self,
        method: str,
        path: str,
        token: str = "",
        *,
        content: Content = b"",
        media_type: str = "application/json",
    ) -> Request:
        headers = {"Easyplayer-Protocol": str(CURRENT), "Accept": "application/json"}
        if content:
            headers["Content-Type"] = media_type
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = self._way.url.rstrip("/") + path
        return Request(method=method, url=url, headers=headers, content=content, most_bytes=MOST_ANSWER_BYTES)

    def _understood(self, data: bytes, kind: type[Message]) -> Message:
        try:
            return decode(data, kind, MOST_ANSWER_BYTES)
        except ProtocolError as error:
            self._look_for_a_page(data)
            message = f"{host_of(self._way.url)} does not answer as a hub does ({error}): look at [hub] url"
            raise LinkError(message) from error

    def _look_for_a_page(self, data: bytes) -> None:
        """Say so where a page for people has come, whatever it called itself."""
        if data.lstrip().startswith(b"<"):
            raise portal(host_of(self._way.url), ANSWERED)

    # -- the time --------------------------------------------------------------------------------

    def _routed(self, trust: Trust) -> Route:
        return Route(trust, self._way.proxy, self._sockets, self._clocks, self._time_by)

    def _time_by(self, transport: Transport) -> Reading:
        """Ask for the time on a way on which no certificate is judged by it."""
        if not self._keychain.hub_keys:
            message = (
                "the hub's certificate does not hold at the time that this machine's clock shows, and as long"
                " as the box is not paired, nobody can tell it the time: set the clock, or set [hub] key"
            )
            raise CertificateError(message)
        return self._time(transport)

    def _time(self, way: Route | Transport) -> Reading:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        asked_at = self._clocks.monotonic()
        request = self._request("POST", "/api/v1/time", content=encode(TimeAsked(nonce=nonce)))
        answer = self._understood(way.ask(request), Signed)
        took_s = self._clocks.monotonic() - asked_at
        told = verified(answer, Purpose.TIME, TimeTold, self._keychain.hub_keys)
        if told.nonce != nonce or took_s > LONGEST_ASKING_S:
            message = "the hub told the time to another question, or too slowly: it is asked again"
            raise LinkError(message)
        return Reading(Monotonic(asked_at + took_s / 2), Instant(told.time))
