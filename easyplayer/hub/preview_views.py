"""What the hub tells of what will be heard: the structures of its answers.

The operator's commands read the same ones.  Instants are seconds since 1970.
"""

from msgspec import Struct

from easyplayer.playout.explain import Rival
from easyplayer.playout.items import Layer
from easyplayer.units import Instant


class Effective(Struct, frozen=True, kw_only=True):
    """The program that is in force somewhere."""

    id: str
    name: str
    version: int
    revision: int
    digest: str


class Sound(Struct, frozen=True, kw_only=True):
    """What is heard, and why.

    :ivar began: when it began; ``local`` is that in the venue's time zone.
    :ivar over: when it is over; ``None`` is not before something else is wanted.
    :ivar words: the decision in words: each a heading, and what stands beside it.
    """

    id: str
    caption: str
    layer: Layer
    source: str
    playlist: str
    began: Instant
    local: str
    over: Instant | None
    words: tuple[tuple[str, str], ...]
    beaten: tuple[Rival, ...]
    otherwise: tuple[Rival, ...]


class Moment(Struct, frozen=True, kw_only=True):
    """What is heard in a zone of a venue at an instant.

    Who has the word is certain.  Which song of a playlist it is depends on what the box has played before;
    here it is the one of a box that began at midnight.

    :ivar plays: the music, and the spot over it, each if there is one.
    :ivar silence: why nothing is heard; empty where something is.
    """

    venue: str
    zone: str
    at: Instant
    local: str
    time_zone: str
    program: Effective | None
    plays: tuple[Sound, ...] = ()
    silence: str = ""


class Heard(Struct, frozen=True, kw_only=True):
    """One item of a day."""

    id: str
    caption: str
    layer: Layer
    source: str
    playlist: str
    began: Instant
    over: Instant
    local: str
    ended: str


class Gap(Struct, frozen=True, kw_only=True):
    """A span without sound in open hours, or a spot that does not come."""

    began: Instant
    local: str
    over: Instant | None = None
    reason: str


class Day(Struct, frozen=True, kw_only=True):
    """What is heard in a zone of a venue on a day, from midnight on.

    :ivar gaps: what is missing.
    :ivar until: up to when it was worked out; before the day's end where there was more than could be told.
    """

    venue: str
    zone: str
    date: str
    time_zone: str
    program: Effective | None
    items: tuple[Heard, ...] = ()
    gaps: tuple[Gap, ...] = ()
    until: Instant
