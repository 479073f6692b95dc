"""What can be played: items, and items made ready for a deck."""

import re
from enum import StrEnum

from msgspec import Struct

from easyplayer.units import Decibels, Milliseconds, Seconds


class ItemKind(StrEnum):
    """What sort of thing an item is."""

    FILE = "file"
    STREAM = "stream"


class Item(Struct, frozen=True, kw_only=True):
    """One thing to play, as a person wrote it down.

    What is ``None`` was left open: analysis or the house rules fill it in.

    :ivar id: names the item for ever; the same medium has the same id.
    :ivar location: a path on this machine, or a stream's URL.
    :ivar cue_in_ms: where to start, from the medium's start.
    :ivar cue_out_ms: where to be over, from the medium's start.
    :ivar fade_in_ms: how long to fade in; 0 is not at all.
    :ivar fade_out_ms: how long to fade out; 0 is not at all.
    :ivar gain_db: gain to play at, in place of the one that loudness gives.
    """

    id: str
    location: str
    kind: ItemKind = ItemKind.FILE
    title: str = ""
    artist: str = ""
    cue_in_ms: Milliseconds | None = None
    cue_out_ms: Milliseconds | None = None
    fade_in_ms: Milliseconds | None = None
    fade_out_ms: Milliseconds | None = None
    gain_db: Decibels | None = None

    @property
    def caption(self) -> str:
        """What a person calls it: artist and title, else the name of the file or the stream.

        >>> Item(id="1", location="/music/a.flac", title="Dawn", artist="Harbour").caption
        'Harbour - Dawn'
        """
        if self.title:
            return f"{self.artist} - {self.title}" if self.artist else self.title
        is_file = self.kind is ItemKind.FILE
        return self.location.rstrip("/").rpartition("/")[2] if is_file else masked(self.location)


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
    """

    item: Item
    cue_in_s: Seconds = Seconds(0.0)
    cue_out_s: Seconds | None = None
    fade_in_s: Seconds | None = None
    fade_out_s: Seconds | None = None
    gain_db: Decibels = Decibels(0.0)
    follows: str = ""


def masked(text: str) -> str:
    """Hide the password of every URL in a text, also where it holds an ``@`` that should be escaped.

    >>> masked("https://dj:secret@radio.example/live")
    'https://dj:***@radio.example/live'
    """
    return re.sub(r"(\w+://[^/\s:]*:)[^/\s]+@", r"\1***@", text)
