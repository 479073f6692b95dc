"""The contract of the way to the hub: what a box can ask of it.

Every method blocks until the hub has answered, or for as long as the link is patient, and is called from
a thread of its caller's; several threads may use one link.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from easyplayer.drivers.wall_clock import Reading
from easyplayer.protocol.asrun import Batch, Receipt
from easyplayer.protocol.heartbeat import Heartbeat, Reply
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.pairing import Hello, Pairing, Session
from easyplayer.protocol.signed import PublicKey


class Body(Struct, frozen=True, kw_only=True):
    """The body of a medium as it comes in.

    :ivar offset: where in the medium it begins; 0 where the hub sends it from its start after all.
    :ivar etag: names this very content; to be handed in where the fetch is resumed.
    :ivar chunks: the bytes.
    """

    offset: int
    etag: str
    chunks: Iterator[bytes]


class Way(Struct, frozen=True, kw_only=True):
    """How to get to the hub.

    :ivar url: its base URL.
    :ivar proxy: URL of an HTTP proxy; empty goes by the environment.
    :ivar ca: file of CA certificates to trust in place of the machine's own; empty for those.
    """

    url: str
    proxy: str = ""
    ca: str = ""


class Keychain(Protocol):
    """What a link needs to be let in, and to know the hub; asked and told from any thread."""

    @property
    def seed(self) -> bytes:
        """The box's private key."""

    @property
    def hub_keys(self) -> tuple[PublicKey, ...]:
        """The keys by which the hub is known; none before the box is paired."""

    @property
    def token(self) -> str:
        """The token of the session; empty where there is none that holds."""

    @property
    def away(self) -> str:
        """Why the hub must not be asked now, in words; empty where it may."""

    def keep_session(self, session: Session) -> None:
        """Take a new session.

        :raises SignatureError: it comes from another hub than the one that the box knows.
        """

    def drop_token(self) -> None:
        """Forget a token that the hub does not take any more."""


class HubLink(Protocol):
    """The way to one hub.

    Every method but :meth:`close` raises ``LinkRefusedError`` where the hub will not do it,
    ``UnpairedError`` where it does not know the box, ``CertificateError`` where its certificate cannot be
    trusted, ``SignatureError`` where it is another hub than the one that the box was paired with, and
    ``LinkError`` for all else: away, slow, or no hub at all.
    """

    def hello(self) -> Hello:
        """Ask the hub who it is."""

    def time(self) -> Reading:
        """Ask what time it is, signed by the hub, and halfway between question and answer."""

    def pair(self, machine: str, name: str, version: str) -> Pairing:
        """Ask to be paired, or how far that has come."""

    def token(self, refused: str = "") -> str:
        """Give the token of the session, for a line of one's own; one is opened where there is none.

        :param refused: a token that the hub does not take; where it is that of the session, there is none.
        """

    def heartbeat(self, heartbeat: Heartbeat) -> Reply:
        """Send a heartbeat; a session is opened, or renewed, where there is none."""

    def deliver(self, batch: Batch) -> Receipt:
        """Deliver entries of the as-run log."""

    def program(self, digest: str) -> bytes:
        """Fetch a program's file; its digest has been checked."""

    def ticket(self, sha256: str) -> MediaTicket:
        """Ask where a medium can be fetched."""

    def fetch(self, ticket: MediaTicket, offset: int, etag: str) -> AbstractContextManager[Body]:
        """Fetch a medium from an offset on; the chunks raise ``LinkError`` where the line breaks."""

    def attach(self, command: str, content: Path, media_type: str) -> None:
        """Send what belongs to the result of a command."""

    def close(self) -> None:
        """Break off whatever is under way, from any thread, and ask nothing any more."""


LinkMaker = Callable[[], HubLink]
