"""The contract of the line that stays open to the hub: messages both ways, for as long as it lasts.

One line at a time: it is opened, it reports, it ends; whoever wants another one opens it again.  It has a
thread of its own, in which it asks to be let in as the heartbeat is: by the token of a session.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from easyplayer.drivers.hub_link import LinkMaker, Way
from easyplayer.units import Seconds

WEBSOCKET, POLLING = "websocket", "polling"


class LineOpened(Struct, frozen=True):
    """The hub has let the box in.

    :ivar transport: ``websocket`` or ``polling``.
    """

    transport: str


class LineUpgraded(Struct, frozen=True):
    """The line goes another way from now on, without having been down.

    :ivar transport: ``websocket``.
    """

    transport: str


class LineHeard(Struct, frozen=True):
    """A message of the hub has come."""

    content: str


class LineEnded(Struct, frozen=True, kw_only=True):
    """There is no line any more, or none came about.

    :ivar reason: in words, with the way out.
    :ivar status: of the answer where HTTP has refused it; 0 where none has.
    :ivar rest_s: for how long the hub wants to be left alone, where it has said so.
    :ivar refused: whether the hub will not have this box, also with a new token.
    :ivar by_hub: whether the hub has ended a line that was up, and said so.
    """

    reason: str
    status: int = 0
    rest_s: Seconds | None = None
    refused: bool = False
    by_hub: bool = False


LineReport = LineOpened | LineUpgraded | LineHeard | LineEnded
Report = Callable[[LineReport], object]
"""Takes reports, in the order in which it all happened; called from the line's thread."""


class LiveLine(Protocol):
    """The line.  No method blocks or raises, and each is called from the loop's thread."""

    def open(self) -> None:
        """Open it; a report says what comes of that.  One that is open or being opened stays as it is."""

    def send(self, content: str) -> bool:
        """Send a message; tell whether it was taken, which it is not where the line is closed or clogged."""

    def close(self) -> None:
        """Close it, and tell the hub if that takes no time; nothing more is reported of it.

        It may be opened again.  What hangs is left behind.
        """


class LineSpec(Struct, frozen=True, kw_only=True):
    """What line is wanted.

    :ivar way: how to get to the hub.
    :ivar transports: the first is tried first.  After ``websocket`` comes ``polling``, where no WebSocket
        gets through; after ``polling`` the line is upgraded where that can be.
    :ivar make_link: makes a way to the hub, to be closed by the line.  Its ``token`` lets the box in; where
        the hub does not take that (401), it is asked for another one, once.
    """

    way: Way
    transports: tuple[str, ...]
    make_link: LinkMaker


LineMaker = Callable[[LineSpec, Report], LiveLine]
