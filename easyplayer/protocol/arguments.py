"""What each command may be told besides its name.

Unlike messages, arguments are strict: one that is not known is a fault, for what it was meant to say would be
lost without a word.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from easyplayer.errors import ProtocolError
from easyplayer.protocol.commands import Name
from easyplayer.units import Percent, Seconds

Digest: TypeAlias = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$(?!\n)")]
"""The SHA-256 of a medium; empty where the item is one of the program."""


class Arguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """None at all; and the base of those that there are."""


class FadeOut(Arguments, frozen=True, kw_only=True):
    """``fade_out``: stop the music softly; silent until ``play``, or until the venue opens the next time."""

    seconds: Annotated[Seconds, Meta(ge=0, le=60)] = Seconds(3.0)


class SetVolume(Arguments, frozen=True, kw_only=True):
    """``set_volume``: as a person would turn it; the program's limits hold."""

    volume: Annotated[Percent, Meta(ge=0, le=100)]


class Announce(Arguments, frozen=True, kw_only=True):
    """``announce``: say something over the music, now.

    :ivar item: id of an item of the program, or a track's that the box fetches first.
    :ivar over: what it does to the music: ``duck``, ``pause`` or ``cut``.
    """

    item: Annotated[str, Meta(min_length=1, max_length=200)]
    media: Digest = ""
    title: Annotated[str, Meta(max_length=200)] = ""
    over: Literal["duck", "pause", "cut"] = "duck"


class Emergency(Arguments, frozen=True, kw_only=True):
    """``emergency``: play one item again and again, whatever is planned, also in closed hours; or end that.

    :ivar item: as with ``announce``; empty ends the emergency.
    """

    item: Annotated[str, Meta(max_length=200)] = ""
    media: Digest = ""
    title: Annotated[str, Meta(max_length=200)] = ""


class SwitchProgram(Arguments, frozen=True, kw_only=True):
    """``switch_program``: play by the newest program that has come, at once: what plays gives way."""


class Rollback(Arguments, frozen=True, kw_only=True):
    """``rollback``: go back to what was there before.

    :ivar what: ``program``, or the box's ``software``.
    """

    what: Literal["program", "software"] = "program"


class SetLogLevel(Arguments, frozen=True, kw_only=True):
    """``set_log_level``: tell more, or less, for a while.

    :ivar logger: which part; empty is all of the box.
    """

    level: Literal["debug", "info", "warning", "error"]
    logger: Annotated[str, Meta(max_length=200)] = ""
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 60


class CollectLogs(Arguments, frozen=True, kw_only=True):
    """``collect_logs``: attach the last lines of the box's log."""

    lines: Annotated[int, Meta(ge=1, le=100_000)] = 2000


class Listen(Arguments, frozen=True, kw_only=True):
    """``listen``: attach a short recording of what really leaves for the loudspeaker."""

    seconds: Annotated[Seconds, Meta(ge=1, le=60)] = Seconds(10.0)


class RehearseOffline(Arguments, frozen=True, kw_only=True):
    """``rehearse_offline``: behave as if the hub were away, and tell how that went."""

    minutes: Annotated[float, Meta(gt=0, le=240)] = 5.0


class ShowMessage(Arguments, frozen=True, kw_only=True):
    """``show_message``: write a line over the pictures, in place of the program's own.

    :ivar text: empty takes it off.
    :ivar seconds: for how long; 0 is until another one comes.
    """

    text: Annotated[str, Meta(max_length=500)] = ""
    seconds: Annotated[Seconds, Meta(ge=0, le=86_400)] = Seconds(60.0)


class OpenSupport(Arguments, frozen=True, kw_only=True):
    """``open_support``: a way in for support, by SSH, for a limited time.

    :ivar minutes: after how long it is closed by itself.
    :ivar why: shown to the venue's staff, and kept.
    """

    minutes: Annotated[int, Meta(ge=1, le=240)] = 30
    why: Annotated[str, Meta(min_length=1, max_length=200)]


ARGUMENTS: dict[Name, type[Arguments]] = {
    Name.FADE_OUT: FadeOut,
    Name.SET_VOLUME: SetVolume,
    Name.ANNOUNCE: Announce,
    Name.EMERGENCY: Emergency,
    Name.SWITCH_PROGRAM: SwitchProgram,
    Name.ROLLBACK: Rollback,
    Name.SET_LOG_LEVEL: SetLogLevel,
    Name.COLLECT_LOGS: CollectLogs,
    Name.SHOW_MESSAGE: ShowMessage,
    Name.LISTEN: Listen,
    Name.REHEARSE_OFFLINE: RehearseOffline,
    Name.OPEN_SUPPORT: OpenSupport,
}
"""The commands that take any; all others take none."""


def arguments_of(name: Name, args: dict[str, Any]) -> Arguments:
    """Read the arguments of a command.

    :raises ProtocolError: one is missing, wrong or not known; says which.
    """
    try:
        return msgspec.convert(args, ARGUMENTS.get(name, Arguments))
    except msgspec.ValidationError as error:
        message = f"{name}: {error}"
        raise ProtocolError(message) from error
