"""What can be played: items, and items made ready for a deck."""

import re
from enum import StrEnum
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from easyplayer.units import Decibels, Milliseconds, Seconds


class ItemKind(StrEnum):
    """What sort of thing an item is."""

    FILE = "file"
    """A file of the program's own; a location that is not absolute lies below the program's media."""

    LOCAL = "local"
    """A file that is on this machine already, and is never downloaded."""

    STREAM = "stream"
    """A stream's URL: a radio."""

    LIVE_SESSION = "live-session"
    """A studio that speaks to this venue, as a stream's URL."""

    LIVE_CAST = "live-cast"
    """A broadcast for many venues at once, as a stream's URL."""

    STILL = "still"
    """An image for the screen; a file of the program's own, too."""

    CLIP = "clip"
    """A video for the screen, with its own sound; a file of the program's own, too."""

    SKIP = "skip"
    """Nothing: its place in a playlist is passed over."""


_PASSWORD = re.compile(r"\b(\w+://[^/\s:]*:)[^/\s]+@")
"""With the user before it, and the sign behind it.

A URL begins only where a word does: else a long text without one is searched anew from each of its letters.
"""

_ENDLESS = frozenset({ItemKind.STREAM, ItemKind.LIVE_SESSION, ItemKind.LIVE_CAST})


_SOUNDING = _ENDLESS | {ItemKind.FILE, ItemKind.LOCAL}


_SHOWING = _ENDLESS | {ItemKind.STILL, ItemKind.CLIP}


_OWNED = frozenset({ItemKind.FILE, ItemKind.STILL, ItemKind.CLIP})


class ClipSound(StrEnum):
    """What becomes of the own sound of what a screen shows."""

    MUTE = "mute"
    """Nobody hears it."""

    MIX = "mix"
    """It is heard beside the music."""

    REPLACE = "replace"
    """The music fades out, is held meanwhile, and comes back where it was, by the same fades."""


class Media(Struct, frozen=True, kw_only=True):
    """What a file of the program's own must be, to the byte.

    :ivar sha256: its digest, in 64 lower-case hexadecimal digits.
    :ivar size: how long it is, in bytes.
    """

    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Meta(ge=1)]


Length: TypeAlias = Annotated[Milliseconds, Meta(ge=0)]
"""A length or position that a person wrote down."""


class Item(Struct, frozen=True, kw_only=True):
    """One thing to play, as a person wrote it down.

    What is ``None`` was left open: analysis, the playlist or the house rules fill it in.

    :ivar id: names the item for ever; the same medium has the same id.
    :ivar location: a path on this machine, or a stream's URL.
    :ivar media: digest and size, where it comes from a hub.
    :ivar duration_ms: how long the medium is, where that is known; of a still, how long it is shown.
    :ivar isrc: the recording's International Standard Recording Code (ISO 3901), for the rights office.
    :ivar cue_in_ms: where to start, from the medium's start.
    :ivar cue_out_ms: where to be over, from the medium's start.
    :ivar fade_in_ms: how long to fade in; 0 is not at all.
    :ivar fade_out_ms: how long to fade out; 0 is not at all.
    :ivar gain_db: gain to play at, in place of the one that loudness gives.
    :ivar clip_sound: what becomes of the own sound of a clip, or of a stream on the screen.
    """

    id: Annotated[str, Meta(min_length=1)]
    location: str
    kind: ItemKind = ItemKind.FILE
    title: str = ""
    artist: str = ""
    album: str = ""
    composer: str = ""
    label: str = ""
    isrc: str = ""
    media: Media | None = None
    duration_ms: Length | None = None
    cue_in_ms: Length | None = None
    cue_out_ms: Length | None = None
    fade_in_ms: Length | None = None
    fade_out_ms: Length | None = None
    gain_db: Annotated[Decibels, Meta(ge=-60, le=20)] | None = None
    clip_sound: ClipSound = ClipSound.MUTE

    @property
    def endless(self) -> bool:
        """Whether it goes on until something else is wanted, as a stream does."""
        return self.kind in _ENDLESS

    @property
    def sounding(self) -> bool:
        """Whether it is for the ear, and for a deck."""
        return self.kind in _SOUNDING

    @property
    def showing(self) -> bool:
        """Whether it is for the eye, and may be on a screen."""
        return self.kind in _SHOWING

    @property
    def still(self) -> bool:
        """Whether it is an image, which lasts as long as somebody says."""
        return self.kind is ItemKind.STILL

    @property
    def owned(self) -> bool:
        """Whether it is a file of the program's own, for the ear or for the screen."""
        return self.kind in _OWNED

    @property
    def caption(self) -> str:
        """What a person calls it: artist and title, else the name of the file or the stream.

        >>> Item(id="1", location="/music/a.flac", title="Dawn", artist="Harbour").caption
        'Harbour - Dawn'
        """
        if self.title:
            return f"{self.artist} - {self.title}" if self.artist else self.title
        return masked(self.location) if self.endless else self.location.rstrip("/").rpartition("/")[2]


class Sense(StrEnum):
    """What a timeline is played for: the same law holds for both, but not the same items do."""

    EAR = "ear"
    """Decks: where nothing else can be played, whatever is there is better than silence."""

    EYE = "eye"
    """Screens: where nothing is planned for them, they show nothing."""

    def takes(self, item: Item) -> bool:
        """Tell whether an item is anything to it."""
        return item.sounding if self is Sense.EAR else item.showing


class Layer(StrEnum):
    """The layers of the timeline, the highest first: at each instant exactly one has the word."""

    EMERGENCY = "emergency"
    """A command: this now, everywhere."""

    SHARP_SPOT = "sharp-spot"
    """A spot that comes on the second, over the music."""

    SOFT_SPOT = "soft-spot"
    """A spot between two songs."""

    SHOW = "show"
    DAYPART = "daypart"

    FALLBACK = "fallback"
    """The program's playlist for all other times."""

    STORAGE = "storage"
    """Whatever of the program's items can be played."""

    FIRMWARE = "firmware"
    """What the box brings along, so that a blank one, too, makes a sound it can be heard by."""


class Origin(Struct, frozen=True, kw_only=True):
    """Where an item that plays comes from.

    :ivar source: id of the show, daypart or spot; empty for the layers that have none.
    :ivar playlist: id of the playlist; empty for spots and for the layers that have none.
    :ivar blind: whether it was chosen while nobody could trust the clock.
    """

    layer: Layer
    source: str = ""
    playlist: str = ""
    blind: bool = False


class PreparedItem(Struct, frozen=True, kw_only=True):
    """An item with everything a deck needs to play it well.

    :ivar cue_in_s: first audible position in the medium.
    :ivar cue_out_s: position at which it is over; ``None`` where there is no end (a stream), or
        where it is not known yet.
    :ivar fade_in_s: wished length of the fade in; ``None`` leaves it to the rules.
    :ivar fade_out_s: wished length of the fade out; ``None`` leaves it to the rules.
    :ivar gain_db: gain to play at.
    :ivar follows: id of the item that this one continues without a gap (the track before it on
        the same album), or the empty string.
    :ivar origin: where it comes from; ``None`` where nobody asked for it but a person.
    """

    item: Item
    cue_in_s: Seconds = Seconds(0.0)
    cue_out_s: Seconds | None = None
    fade_in_s: Seconds | None = None
    fade_out_s: Seconds | None = None
    gain_db: Decibels = Decibels(0.0)
    follows: str = ""
    origin: Origin | None = None


def masked(text: str) -> str:
    """Hide the password of every URL in a text, also where it holds an ``@`` that should be escaped.

    >>> masked("https://dj:secret@radio.example/live")
    'https://dj:***@radio.example/live'
    """
    return _PASSWORD.sub(r"\1***@", text)
