"""A hub as far as programs and media go, in memory; and what it has."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import time

from msgspec import structs

from easyplayer.drivers.hub_link import Body
from easyplayer.errors import LinkError, LinkRefusedError
from easyplayer.playout.catalogue import Daypart, Entry, Order, Playlist, Program, Slot
from easyplayer.playout.items import Item, Media
from easyplayer.playout.program_file import encode
from easyplayer.protocol.asrun import Batch, Receipt
from easyplayer.protocol.heartbeat import Heartbeat, Reply
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.pairing import Hello, Pairing
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.units import Seconds

BOX = "b" * 16
CHUNK_BYTES = 7
LENGTH = 40
"""How long a medium is, in bytes, where nothing else is said."""
MOST_CHUNKS = 20
TICKET_S = Seconds(600.0)


def digest_of(data: bytes) -> str:
    """Give the digest of a content."""
    return hashlib.sha256(data).hexdigest()


def content(name: str, length: int = LENGTH) -> bytes:
    """Make the content of a medium."""
    return (f"{name} " * length).encode()[:length]


def item(name: str, length: int = LENGTH) -> Item:
    """Make an item whose medium the hub has."""
    data = content(name, length)
    return Item(id=name, location=f"{name}.flac", media=Media(sha256=digest_of(data), size=len(data)))


def playlist(name: str, *items: Item) -> Playlist:
    """Make a playlist that plays items in their order."""
    entries = tuple(Entry(item=one.id) for one in items)
    return Playlist(id=name, entries=entries, order=Order.SEQUENTIAL)


def program_of(name: str, *names: str, evening: tuple[str, ...] = (), length: int = LENGTH) -> Program:
    """Make a program of items that are named, with others from six in the evening to midnight.

    :param length: how long their media are, in bytes.
    """
    days, nights = (tuple(item(one, length) for one in named) for named in (names, evening))
    dayparts = (Daypart(id="evening", slot=Slot(starts=time(18)), playlist="evening"),) if evening else ()
    return Program(
        name=name,
        zone="UTC",
        items=tuple({one.id: one for one in (*days, *nights)}.values()),
        playlists=(playlist("day", *days), *([playlist("evening", *nights)] if evening else [])),
        dayparts=dayparts,
        fallback="day",
    )


def head_of(data: bytes, name: str, revision: int, version: int = 1) -> ProgramHead:
    """Make the head of a program's file."""
    return ProgramHead(
        box=BOX, revision=revision, digest=digest_of(data), size=len(data), name=name, version=version
    )


class FakeMediaHub:
    """The contract :class:`~easyplayer.drivers.hub_link.HubLink`, as far as downloads need it.

    :ivar files: what it has, by digest.
    :ivar sends: what it sends in place of that, by digest.
    :ivar faults: raised in place of an answer, by digest and in turn; a ticket's have ``ticket:`` before it.
    :ivar cuts: after how many bytes the line breaks, by digest and in turn.
    :ivar asked: what it was asked for, in order; a body with the offset that was asked for behind it.
    :ivar away: whether it cannot be reached.
    :ivar sending: called with what is sent, before each chunk of it.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.sends: dict[str, bytes] = {}
        self.faults: dict[str, list[Exception]] = {}
        self.cuts: dict[str, list[int]] = {}
        self.asked: list[str] = []
        self.away = False
        self.sending: Callable[[str], object] = lambda _sha256: None
        self.closed = 0

    def publish(self, program: Program, revision: int, *, with_media: bool = True) -> ProgramHead:
        """Put a program up, and its media with it."""
        data = encode(program)
        self.files[digest_of(data)] = data
        if with_media:
            for one in program.items:
                self.upload(one.id, LENGTH if one.media is None else one.media.size)
        return head_of(data, program.name, revision, program.version)

    def upload(self, name: str, length: int = LENGTH) -> str:
        """Put a medium up; give its digest."""
        data = content(name, length)
        self.files[digest_of(data)] = data
        return digest_of(data)

    # -- the contract --------------------------------------------------------------------------

    def program(self, digest: str) -> bytes:
        """Give a program's file."""
        self._answer(digest)
        self.asked.append(digest)
        return self.sends.get(digest, self.files[digest])

    def ticket(self, sha256: str) -> MediaTicket:
        """Tell where a medium is."""
        self._answer(f"ticket:{sha256}")
        if sha256 not in self.files:
            message = "there is no such medium"
            raise LinkRefusedError(message, 404, "hub.not-found")
        size = len(self.files[sha256])
        return MediaTicket(url=f"media/{sha256}", sha256=sha256, size=size, expires_s=TICKET_S)

    def fetch(self, ticket: MediaTicket, offset: int, etag: str) -> AbstractContextManager[Body]:
        """Send a medium, from its start where it is another one by now."""
        return self._fetch(ticket.sha256, offset, etag)

    @contextmanager
    def _fetch(self, sha256: str, offset: int, etag: str) -> Iterator[Body]:
        self.asked.append(f"{sha256}+{offset}")
        self._answer(sha256)
        data = self.sends.get(sha256, self.files[sha256])
        ours = f'"{digest_of(data)[:8]}"'
        begin = offset if etag == ours else 0
        cuts = self.cuts.get(sha256)
        chunks = _chunks(data[begin:], cuts.pop(0) if cuts else None)
        yield Body(offset=begin, etag=ours, chunks=self._noted(sha256, chunks))

    def _noted(self, sha256: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.sending(sha256)
            yield chunk

    def close(self) -> None:
        """Count it."""
        self.closed += 1

    def _answer(self, about: str) -> None:
        if self.away:
            message = "the hub cannot be reached"
            raise LinkError(message)
        faults = self.faults.get(about)
        if faults:
            raise faults.pop(0)

    # -- what no download needs ----------------------------------------------------------------

    def hello(self) -> Hello:
        """Not here."""
        raise NotImplementedError

    def pair(self, machine: str, name: str, version: str) -> Pairing:
        """Not here."""
        raise NotImplementedError

    def heartbeat(self, heartbeat: Heartbeat) -> Reply:
        """Not here."""
        raise NotImplementedError

    def deliver(self, batch: Batch) -> Receipt:
        """Not here."""
        raise NotImplementedError

    def attach(self, command: str, content: object, media_type: str) -> None:
        """Not here."""
        raise NotImplementedError


def _chunks(data: bytes, cut: int | None) -> Iterator[bytes]:
    end = len(data) if cut is None else cut
    step = max(CHUNK_BYTES, len(data) // MOST_CHUNKS)
    for start in range(0, end, step):
        yield data[start : min(start + step, end)]
    if cut is not None:
        message = "the line broke"
        raise LinkError(message)


def renamed(program: Program, name: str, version: int = 1) -> Program:
    """Give the same program another name."""
    return structs.replace(program, name=name, version=version)
