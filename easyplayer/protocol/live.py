"""What goes over the live channel: it wakes, and shows how it is; the heartbeat decides.

Each message is one text message of the line, as JSON, with its ``kind`` in it.  What must not be lost
(results, programs, blocks, the as-run log) goes by the heartbeat as ever, so that a line that breaks in the
middle costs nothing but time.  A command may come both ways; it is known by its id.
"""

from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.protocol.codec import KIB, decode, kind_of
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.versions import Versions
from easyplayer.units import Seconds

MOST_LIVE_BYTES = 512 * KIB
"""How long a message of the hub may be; more commands go in another one."""
MOST_REPORT_BYTES = 64 * KIB
"""How long a message of a box may be."""
REPORT_EVERY_S = Seconds(0.5)
"""What lies between two reports at least."""
LIVE_PATH = "/live/"
"""Where the hub has it, below its base URL."""

Wait = Annotated[Seconds, Meta(ge=0)]


class Welcome(Struct, frozen=True, kw_only=True, tag_field="kind", tag="welcome"):
    """The first message of the hub: the box is known, and the channel is live from now on.

    :ivar versions: which versions of the protocol the hub speaks.
    :ivar heartbeat_s: how often a heartbeat is wanted while the channel is live.
    """

    versions: Versions = Versions()
    heartbeat_s: Wait


class Orders(Struct, frozen=True, kw_only=True, tag_field="kind", tag="orders"):
    """Commands, early; those that no heartbeat has confirmed come with its answer as well.

    :ivar commands: each a :class:`~easyplayer.protocol.commands.Command`.
    """

    commands: tuple[Signed, ...]


class Wake(Struct, frozen=True, kw_only=True, tag_field="kind", tag="wake"):
    """The hub has something for the box: a heartbeat is wanted.

    :ivar within_s: within so long, at an instant that the box draws, for many boxes may be woken at once.
    """

    within_s: Wait = Seconds(0.0)


class Watch(Struct, frozen=True, kw_only=True, tag_field="kind", tag="watch"):
    """Somebody watches the box: reports are wanted; it ends by itself where it is not said again.

    :ivar seconds: for so long from now on; 0 is no longer.
    """

    seconds: Wait


class Report(Struct, frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """How the box is, for those who watch it; twice a second at the most.

    :ivar status: null where it is the one that the last report of this watch has brought; without the
        machine, which only the heartbeat measures.
    """

    now: Now
    status: Status | None = None


FromHub = Welcome | Orders | Wake | Watch
FromBox = Report

_OF_THE_HUB: dict[str, type[FromHub]] = {"welcome": Welcome, "orders": Orders, "wake": Wake, "watch": Watch}
_OF_A_BOX: dict[str, type[FromBox]] = {"report": Report}


def read_from_hub(data: str | bytes) -> FromHub | None:
    """Read a message of the hub; ``None`` for one of a kind that only a newer hub knows.

    :raises ProtocolError: it is nonsense, or too long.
    """
    kind = _OF_THE_HUB.get(kind_of(data, MOST_LIVE_BYTES))
    return None if kind is None else decode(data, kind, MOST_LIVE_BYTES)


def read_from_box(data: str | bytes) -> FromBox | None:
    """Read a message of a box; ``None`` for one of a kind that only a newer box knows.

    :raises ProtocolError: it is nonsense, or too long.
    """
    kind = _OF_A_BOX.get(kind_of(data, MOST_REPORT_BYTES))
    return None if kind is None else decode(data, kind, MOST_REPORT_BYTES)
