"""The contract of a deck: one player that is loaded, started on the instant, and faded.

A deck has a thread of its own.  Its methods only leave a note and return at once, whatever the
player or the sound server does; what came of it arrives as a report, from the deck's thread.
Each report carries the ticket of the load it belongs to, so that news of an old medium is told
from news of the present one.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from easyplayer.fade import Fade
from easyplayer.units import Decibels, Linear, Monotonic, Seconds

STARVED_AFTER_S = Seconds(5.0)
"""How long a stream that plays may send nothing before it counts as broken, whatever is buffered."""


class DeckLoad(Struct, frozen=True, kw_only=True):
    """What to put on a deck, and how it is to sound.

    :ivar ticket: the caller's number for this load; reports carry it.
    :ivar location: path or URL.
    :ivar start_s: position to start at.
    :ivar end_s: position to be over at, or ``None`` for the medium's own end.
    :ivar gain_db: gain of the whole item.
    :ivar fade_in: in positions of the medium, or ``None``.
    :ivar sink: name of the sound server's sink to play on.
    :ivar endless: whether this is a stream, whose end is a failure, and so is a lack of data.
    """

    ticket: int
    location: str
    start_s: Seconds = Seconds(0.0)
    end_s: Seconds | None = None
    gain_db: Decibels = Decibels(0.0)
    fade_in: Fade | None = None
    sink: str = ""
    endless: bool = False


class DeckFault(StrEnum):
    """Whose fault it is that a deck could not go on."""

    MEDIUM = "medium"
    """The file or stream: another one will play."""

    OUTPUT = "output"
    """The sound server or its sink: nothing will play until it is back."""


class DeckReady(Struct, frozen=True, tag=True):
    """The medium is loaded and held at its start; it will sound within milliseconds."""

    ticket: int


class DeckAdvanced(Struct, frozen=True, tag=True):
    """Where the medium is: the audio position that was heard at an instant."""

    ticket: int
    position_s: Seconds
    at: Monotonic


class DeckEnded(Struct, frozen=True, tag=True):
    """The medium is decoded to its end; what is buffered (up to a second) is still to be heard."""

    ticket: int


class DeckFailed(Struct, frozen=True, tag=True):
    """The medium could not be loaded, or could not go on."""

    ticket: int
    fault: DeckFault
    detail: str


DeckReport = DeckReady | DeckAdvanced | DeckEnded | DeckFailed
Report = Callable[[DeckReport], object]
"""Takes a deck's reports; called from the deck's thread."""


class Deck(Protocol):
    """One player.  No method blocks or raises; each is carried out in the order of calling."""

    def load(self, load: DeckLoad) -> None:
        """Put a medium on and hold it at its start: :class:`DeckReady` or :class:`DeckFailed`."""

    def play(self) -> None:
        """Let the medium sound from where it is held."""

    def pause(self) -> None:
        """Hold the medium where it is."""

    def set_gain(self, gain: Linear) -> None:
        """Set the gain of what is sounding, at once, at the sound server's stream."""

    def fade_out(self, fade: Fade | None) -> None:
        """Fade the medium out over positions of its own, or not after all; ask at least a second before."""

    def eject(self) -> None:
        """Take the medium off, at once."""

    def release(self) -> None:
        """Take everything down as soon as the player answers, without waiting for it."""

    def close(self) -> None:
        """Take everything down; may take a moment, never more than half a second."""


DeckMaker = Callable[[str, Report], Deck]
"""Makes a deck with a name for the log and a taker of its reports."""
