"""Commands: what the hub wants a box to do, and what came of it.

A command is signed for one box.  It is repeated until its result has reached the hub, and it is done at most
once.
"""

from enum import StrEnum
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from easyplayer.protocol.identity import BoxId
from easyplayer.units import Instant

LONGEST_TEXT = 16_384
MOST_ATTACHED_BYTES = 16 * 1024 * 1024
"""How much a box may attach to a result: a recording, or its logs."""


class Name(StrEnum):
    """Every command there is."""

    PLAYER_INFO = "player_info"
    PROGRAM_DATA = "program_data"
    STATUS = "status"
    PLAY = "play"
    PAUSE = "pause"
    RESUME = "resume"
    SKIP = "skip"
    FADE_OUT = "fade_out"
    SET_VOLUME = "set_volume"
    ANNOUNCE = "announce"
    EMERGENCY = "emergency"
    SWITCH_PROGRAM = "switch_program"
    SYNC_NOW = "sync_now"
    RESCAN_STORAGE = "rescan_storage"
    VERIFY_STORAGE = "verify_storage"
    RESTART_PLAYER = "restart_player"
    REBOOT = "reboot"
    POWER_OFF = "power_off"
    SET_LOG_LEVEL = "set_log_level"
    COLLECT_LOGS = "collect_logs"
    SCREENSHOT = "screenshot"
    SHOW_MESSAGE = "show_message"
    LISTEN = "listen"
    REHEARSE_OFFLINE = "rehearse_offline"
    OPEN_SUPPORT = "open_support"
    CLOSE_SUPPORT = "close_support"
    UPDATE = "update"
    ROLLBACK = "rollback"
    FORGET = "forget"
    UNKNOWN = "unknown"
    """One that only a newer software knows."""

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls("unknown")


WEB_COMMANDS = frozenset({Name.PLAYER_INFO, Name.PROGRAM_DATA, Name.STATUS})
"""Those that are answered at once, without the Workshop."""


class Command(Struct, frozen=True, kw_only=True):
    """One command; travels signed.

    :ivar id: names it for ever.
    :ivar box: for whom it is.
    :ivar number: greater than that of every command of that box before it, by any amount; so none can be sent
        once more under another id.
    :ivar name: one of :class:`Name`; kept as text, so that a newer one can be refused by its name.
    :ivar args: by name; each command's own structure in :mod:`easyplayer.protocol.arguments`.
    :ivar issued: when it was given, by the hub's clock.
    :ivar expires: from when on it must not be begun any more, by the hub's clock.
    """

    id: Annotated[str, Meta(min_length=8, max_length=64)]
    box: BoxId
    number: Annotated[int, Meta(ge=1)]
    name: Annotated[str, Meta(max_length=40)]
    args: dict[str, Any] = {}
    issued: Instant
    expires: Instant


class Outcome(StrEnum):
    """What came of a command."""

    DONE = "done"
    FAILED = "failed"
    """It was begun, and could not be done."""
    REFUSED = "refused"
    """It was not begun: the reason says why."""
    UNAVAILABLE = "unavailable"
    """This box cannot do that at all."""
    INTERRUPTED = "interrupted"
    """The box ended while it was being done; it is not done once more."""
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls("unknown")


class Reason(StrEnum):
    """Why a command was refused."""

    NONE = ""
    EXPIRED = "expired"
    REPLAYED = "replayed"
    NOT_KNOWN = "not-known"
    FOREIGN = "foreign"
    """It is for another box."""
    BAD_SIGNATURE = "bad-signature"
    BAD_ARGUMENTS = "bad-arguments"
    BUSY = "busy"
    """Another one of its kind is being done."""
    NOT_NOW = "not-now"
    """The state of the box does not allow it."""
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls("unknown")


class CommandResult(Struct, frozen=True, kw_only=True):
    """What came of a command; repeated until the hub has it.

    :ivar command: the command's id; empty where it could not even be read.
    :ivar outcome: in a word; ``reason`` says why it was refused, and ``text`` says it to people.
    :ivar data: what was asked for, or measured.
    :ivar attached: how many bytes have been sent beside it.
    :ivar took_s: how long it took.
    """

    command: Annotated[str, Meta(max_length=64)]
    outcome: Outcome
    reason: Reason = Reason.NONE
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""
    data: dict[str, Any] = {}
    attached: Annotated[int, Meta(ge=0)] = 0
    took_s: Annotated[float, Meta(ge=0)] = 0.0
