"""What the workers of a hub write to one another over the bus, and under which topics.

A hub of one process writes to itself.  A letter that is lost costs nothing but time: see decision 0052.
"""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from easyplayer.hub.services.facts import Fact, Regranted
from easyplayer.protocol.live import Wait
from easyplayer.units import Instant

WAKE = "wake"
"""Topic: whom to wake."""
LINES = "lines"
"""Topic: which box has a new line, and which has lost the right to one."""
WATCH = "watch"
"""Topic: who wants to be told what, and who may want less than before."""
NEWS = "news"
"""Topic: what has happened to boxes; only workers with operators hear it."""


def report_topic(box: str) -> str:
    """Name the topic of a watched box; what goes there is told to operators as it is."""
    return f"report/{box}"


class Woken(Struct, frozen=True, tag_field="kind", tag="woken"):
    """There is something new for boxes.

    :ivar within_s: within so long they are to ask, where it is nothing that can be sent at once.
    """

    boxes: tuple[str, ...]
    within_s: Wait


class Opened(Struct, frozen=True, tag_field="kind", tag="opened"):
    """A box has a new line; an older one, wherever it is, is over.

    :ivar worker: the one that the line ends at.  The session's id stays there: who knows it has the line.
    :ivar at: when it was opened, by the clock of its worker.
    """

    box: str
    worker: str
    at: Instant


class Voided(Struct, frozen=True, tag_field="kind", tag="voided"):
    """Boxes are not paired any more, or anew: lines of the time before are over."""

    boxes: tuple[str, ...]


class Wanted(Struct, frozen=True, tag_field="kind", tag="wanted"):
    """Somebody at a worker watches a box, and will for so long.

    :ivar seconds: 0 is no longer.
    """

    box: str
    worker: str
    seconds: Wait


class Listening(Struct, frozen=True, tag_field="kind", tag="listening"):
    """Somebody at a worker wants news, and will for so long.

    :ivar seconds: 0 is no longer.
    """

    worker: str
    seconds: Wait


class Happened(Struct, frozen=True, tag_field="kind", tag="happened"):
    """News, as they have happened."""

    facts: tuple[Fact, ...]


Letter: TypeAlias = Woken | Opened | Voided | Wanted | Listening | Happened | Regranted

_READER = msgspec.json.Decoder(Letter)


def write(letter: Letter) -> bytes:
    """Write a letter."""
    return msgspec.json.encode(letter)


def read(content: bytes) -> Letter | None:
    """Read a letter; ``None`` where it is none: a worker of another version may write such."""
    try:
        letter: Letter = _READER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return letter
