"""The as-run log on its way to the hub: entries in a chain, each holding the hash of the one before it.

An entry's body is the very text that the box has written down and hashed.  What time of day it was
follows from the clock's readings, which are entries of the same chain: the hub works it out by the same
functions as the box.
"""

from hashlib import sha256
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from easyplayer.units import Decibels, Instant, Milliseconds, Monotonic, Seconds

GENESIS = "0" * 64
"""What stands in the place of the hash before the first entry."""
MOST_ENTRIES = 500
"""How many entries go at once."""
MOST_BATCH_BYTES = 1024 * 1024
LONGEST_BODY = 16_384
LONGEST_REASON = 1000
MOST_OUTPUTS = 16
"""How many screens a row names."""

Hash: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
LogId: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$", max_length=32)]
"""Names one log of one box: a box whose log was damaged begins another one."""
BootId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]


class Snapshot(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was played, with all that a rights report needs; as it was then, whatever becomes of the track.

    :ivar clip_sound: what became of a clip's own sound: ``mute``, ``mix`` or ``replace``; empty is no clip.
    """

    id: str
    kind: str = "file"
    title: str = ""
    artist: str = ""
    album: str = ""
    composer: str = ""
    label: str = ""
    isrc: str = ""
    duration_ms: Milliseconds | None = None
    clip_sound: str = ""
    location: str = ""
    sha256: str = ""


class Played(Struct, frozen=True, kw_only=True, tag="played", tag_field="kind"):
    """Something that sounded, from its first sound to its last, or a picture, for as long as it was shown.

    :ivar sequence: counts what sounded and was shown on this box, in the order in which it began.
    :ivar boot: names the run of the machine, whose monotonic clock the two instants are of.
    :ivar wall: the wall clock's time at the start, as well as it was known when the entry was written.
    :ivar trust: how far that could be trusted: ``unknown``, ``estimated`` or ``trusted``.
    :ivar layer: why it played: the layer of the timeline, and ``source`` and ``playlist`` there.
    :ivar ended: why it sounds no more.
    :ivar heard_s: for how long it was heard; of a picture, for how long its own sound was.
    :ivar level_db: the mean level that the output carried meanwhile; ``None`` where nobody has listened.
    :ivar shown_s: for how long it was on a screen; ``None`` is no picture.
    :ivar outputs: the screens that were up meanwhile.
    """

    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    boot: BootId
    started: Monotonic
    over: Monotonic
    wall: Instant
    trust: str
    heard_s: Annotated[Seconds, Meta(ge=0)]
    level_db: Decibels | None = None
    zone: str = ""
    layer: str = ""
    source: str = ""
    playlist: str = ""
    blind: bool = False
    ended: str
    item: Snapshot
    shown_s: Annotated[Seconds, Meta(ge=0)] | None = None
    outputs: Annotated[tuple[str, ...], Meta(max_length=MOST_OUTPUTS)] = ()


class ClockRead(Struct, frozen=True, kw_only=True, tag="clock", tag_field="kind"):
    """What both clocks of the box showed at once."""

    boot: BootId
    at: Monotonic
    wall: Instant
    trust: str


class SetAside(Struct, frozen=True, kw_only=True, tag="set-aside", tag_field="kind"):
    """In place of an entry that could not be delivered, so that those after it can.

    :ivar digest: SHA-256 of the body that stays at the box; by it the chain is still whole.
    """

    digest: Hash
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)]


SET_ASIDE_BEGINS = '{"kind":"set-aside",'
"""How the text of such a body begins, and of no other."""

Body: TypeAlias = Played | ClockRead | SetAside


class Entry(Struct, frozen=True, kw_only=True):
    """One entry.

    :ivar number: counts the entries of a log from 1, without a gap.
    :ivar hash: of this entry; see :func:`link`.
    :ivar body: one of :data:`Body`, as JSON text.
    """

    number: Annotated[int, Meta(ge=1, le=2**53)]
    hash: Hash
    body: Annotated[str, Meta(max_length=4 * LONGEST_BODY)]


class Batch(Struct, frozen=True, kw_only=True):
    """Entries on their way, in order and without a gap.

    :ivar previous: the hash before the first of them.
    """

    log: LogId
    previous: Hash
    entries: Annotated[tuple[Entry, ...], Meta(max_length=MOST_ENTRIES)]


class Refusal(Struct, frozen=True, kw_only=True):
    """An entry that the hub cannot read; it has set it aside and counts it as received."""

    number: int
    reason: str


class Receipt(Struct, frozen=True, kw_only=True):
    """What the hub has of a log.

    :ivar acknowledged: it has every entry up to this number, on its disk.
    :ivar refused: those of the batch that it has set aside.
    :ivar forked: whether another box writes a log of this name: begin one of another name.
    """

    log: LogId
    acknowledged: Annotated[int, Meta(ge=0)]
    refused: tuple[Refusal, ...] = ()
    forked: bool = False


def link(previous: str, number: int, body: str) -> str:
    """Give the hash of an entry: SHA-256 over the hash before it, its number and the digest of its body.

    The body counts by its digest alone, which stays in place of a body that is set aside: such an entry
    keeps its hash, and so do all entries after it.

    >>> link(GENESIS, 1, "{}")[:8]
    '14dca268'
    """
    return sha256(f"{previous}\n{number}\n{digest_of(body)}".encode()).hexdigest()


def digest_of(body: str) -> str:
    """Give the SHA-256 of a body; in place of one that is set aside, of the one that was there before.

    >>> digest_of(set_aside("{}", "too long")) == digest_of("{}")
    True
    """
    if body.startswith(SET_ASIDE_BEGINS):
        try:
            return msgspec.json.decode(body, type=SetAside).digest
        except (msgspec.MsgspecError, RecursionError):
            pass  # it only begins like one, and counts as it is
    return sha256(body.encode()).hexdigest()


def set_aside(body: str, reason: str) -> str:
    """Give the body that stands in place of one that cannot be delivered.

    :param reason: why not, in words; what is too long is cut off.
    """
    instead = SetAside(digest=digest_of(body), reason=reason[:LONGEST_REASON])
    return msgspec.json.encode(instead).decode()


def broken_at(previous: str, entries: tuple[Entry, ...]) -> int | None:
    """Tell the number of the first entry that does not continue the chain; ``None`` where all do."""
    expected = entries[0].number if entries else 0
    for entry in entries:
        if entry.number != expected or entry.hash != link(previous, entry.number, entry.body):
            return entry.number
        previous, expected = entry.hash, expected + 1
    return None
