"""What operators write and read over the live channel: one JSON text a message, with its ``kind`` in it.

The operator's page and the command line read the same.  A message of a kind that is not known is left alone:
a newer hub may say more.
"""

from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

from easyplayer.protocol.codec import decode, kind_of
from easyplayer.protocol.heartbeat import Now, OnAir, Screen, Status, Text
from easyplayer.protocol.identity import BoxId
from easyplayer.units import Instant

MOST_WORDS_BYTES = 4096
"""How long a message of an operator may be."""
MOST_NEWS = 200
"""How many boxes stand in one message."""


# -- what operators write --------------------------------------------------------------------------


class Watch(Struct, frozen=True, kw_only=True, tag_field="kind", tag="watch"):
    """Tell from now on how a box is, twice a second."""

    box: BoxId


class Unwatch(Struct, frozen=True, kw_only=True, tag_field="kind", tag="unwatch"):
    """Tell it no longer."""

    box: BoxId


FromOperator: TypeAlias = Watch | Unwatch

_OF_AN_OPERATOR: dict[str, type[FromOperator]] = {"watch": Watch, "unwatch": Unwatch}


def read_from_operator(data: str | bytes) -> FromOperator | None:
    """Read what an operator writes; ``None`` for what only a newer hub knows.

    :raises ProtocolError: it is nonsense, or too long.
    """
    kind = _OF_AN_OPERATOR.get(kind_of(data, MOST_WORDS_BYTES))
    return None if kind is None else decode(data, kind, MOST_WORDS_BYTES)


# -- what they read --------------------------------------------------------------------------------


class Report(Struct, frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """How a box is that the operator watches.

    :ivar at: when the hub has heard it.
    :ivar live: whether the box has said it just now, over its live channel; otherwise it is what its last
        heartbeat said, and there may be no more to come.
    :ivar now: ``None`` where the box has never said anything.
    :ivar status: ``None`` where it is the one that was told last.
    """

    box: str
    at: Instant
    live: bool
    now: Now | None = None
    status: Status | None = None


class CommandNews(Struct, frozen=True, kw_only=True):
    """A command that has got its result.

    :ivar state: the outcome.
    :ivar by: who has given it.
    """

    id: str
    name: str
    state: str
    by: str


class Playing(Struct, frozen=True, kw_only=True):
    """What a box plays, and what is wrong with it, as its last status says.

    :ivar state: what the player is doing; ``reason`` says why.
    :ivar allowed: whether it may play; ``verdict`` says why.
    :ivar problems: what went wrong lately, the newest last.
    """

    state: Text = ""
    reason: Text = ""
    allowed: bool = True
    verdict: Text = ""
    item: OnAir | None = None
    next: OnAir | None = None
    silent_sink: bool = False
    problems: tuple[Text, ...] = ()
    trouble: tuple[Text, ...] = ()
    screen: Screen = Screen()


class BoxNews(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is new of a box, and how it is now.

    :ivar happened: in this order: ``live`` (its live channel was opened), ``away`` (it has ended), ``state``
        (``state`` is another), ``status`` (``playing`` is another), ``command`` (``commands`` have got their
        results), ``paired`` or ``unpaired``; of a box that is unpaired only its name and place are told.
    :ivar live: whether its live channel is open; left out where that was not what has happened.
    :ivar state: ``online``, ``late``, ``silent`` or ``never``.
    :ivar seen: when it was last heard of; 0 is never.
    :ivar blocked: why it may not play, or its whole venue; empty where it may.
    """

    box: str
    name: str
    venue: str
    zone: str
    happened: tuple[str, ...]
    live: bool | UnsetType = UNSET
    state: str = ""
    seen: Instant = Instant(0.0)
    blocked: str = ""
    revision: int = 0
    playing: Playing | None = None
    commands: tuple[CommandNews, ...] = ()


class News(Struct, frozen=True, kw_only=True, tag_field="kind", tag="news"):
    """What has happened to boxes that the operator may see; of each at most once a second."""

    boxes: tuple[BoxNews, ...]


class Refused(Struct, frozen=True, kw_only=True, tag_field="kind", tag="refused"):
    """The hub does not do what was asked, or no longer.

    :ivar box: which box it is about; empty where it is none.
    :ivar code: of the error; see the list of errors.
    :ivar detail: why, in words.
    """

    box: str
    code: str
    detail: str


ToOperator: TypeAlias = Report | News | Refused
