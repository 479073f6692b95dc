"""How a box is, as it tells it: the structure, and the few words in it."""

from msgspec import Struct

from easyplayer.guard import GuardView
from easyplayer.playout.items import Layer, Origin, PreparedItem, masked
from easyplayer.playout.listing import LIST
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_view import ScreenView
from easyplayer.storage_view import StorageView
from easyplayer.units import Decibels, Percent, Seconds


class Playing(Struct, frozen=True, kw_only=True):
    """One item as the status shows it.

    :ivar length_s: how long it sounds; ``None`` where that has no answer, or none yet.
    :ivar why: where it comes from, such as ``daypart evening``; empty where a person asked for it.
    """

    id: str
    title: str
    artist: str
    location: str
    length_s: Seconds | None
    why: str = ""


class Problem(Struct, frozen=True):
    """Something that went wrong, and the wall clock when it did (seconds since 1970)."""

    at: float
    text: str


class HubView(Struct, frozen=True, kw_only=True):
    """How it stands between the box and its hub, as the status shows it.

    :ivar url: the hub that answers, or answered last; empty where none has.
    :ivar trouble: why it does not answer; empty where it does.
    :ivar claim_code: what an operator types at the hub; empty where nobody waits for that.
    :ivar place: where the box is, such as ``Bar Lumière, main``.
    :ivar support: why there is a way in for support; empty where there is none.
    :ivar fetching: what is on its way, such as ``bar, version 3 (12 of 80 MB)``.
    :ivar live: how the live channel goes, ``websocket`` or ``polling``; empty where it is not up.
    :ivar not_live: why it is not up; empty where it is, or has not been tried.
    """

    url: str = ""
    trouble: str = ""
    claim_code: str = ""
    place: str = ""
    support: str = ""
    fetching: str = ""
    live: str = ""
    not_live: str = ""


class Status(Struct, frozen=True, kw_only=True):
    """How the box is.

    :ivar at: wall clock of this status, in seconds since 1970.
    :ivar uptime_s: for how long the box has been running.
    :ivar program: name and version of what it plays by; empty until there is one.
    :ivar state: what the player is doing; ``reason`` says why.
    :ivar allowed: whether the box may play; ``verdict`` says why.
    :ivar position_s: how far the item on air has sounded.
    :ivar silent_sink: whether the output is one that nobody hears.
    :ivar level_db: mean level of the output, in dB relative to full scale.
    :ivar audible_ago_s: how long ago the output carried sound; ``None`` if it never did.
    :ivar failures: how many handlers have failed since the start; anything but 0 is a defect.
    :ivar storage: how it stands with the hub's programs and media; ``None`` where the box keeps none.
    :ivar clock: how far the wall clock can be trusted; empty until that is known.
    :ivar guard: how often it has ended badly, and whether it is in safe mode.
    :ivar screen: what is to be seen, and on which outputs.
    :ivar screen_wanted: whether the program has pictures, and the box is to show them.
    """

    version: str
    pid: int
    at: float
    uptime_s: Seconds
    program: str
    state: PlayerState
    reason: str
    allowed: bool
    verdict: str
    item: Playing | None
    position_s: Seconds
    next: Playing | None
    volume: Percent
    sink: str
    silent_sink: bool
    level_db: Decibels
    peak_db: Decibels
    audible_ago_s: Seconds | None
    failures: int
    problems: tuple[Problem, ...]
    hub: HubView = HubView()
    storage: StorageView | None = None
    clock: str = ""
    guard: GuardView = GuardView()
    screen: ScreenView = ScreenView()
    screen_wanted: bool = False


def shown(prepared: PreparedItem) -> Playing:
    """Show an item as the status does: without what must stay secret."""
    item = prepared.item
    end_s = None if item.endless else prepared.cue_out_s
    return Playing(
        id=masked(item.id),
        title=item.title,
        artist=item.artist,
        location=masked(item.location),
        length_s=None if end_s is None else Seconds(end_s - prepared.cue_in_s),
        why="" if prepared.origin is None else whence(prepared.origin),
    )


def whence(origin: Origin) -> str:
    """Say in a few words where an item comes from.

    >>> whence(Origin(layer=Layer.DAYPART, source="evening", playlist="aperitif"))
    'daypart evening'
    """
    match origin.layer:
        case Layer.SOFT_SPOT | Layer.SHARP_SPOT:
            words = f"spot {origin.source}"
        case Layer.SHOW | Layer.DAYPART:
            words = f"{origin.layer} {origin.source}"
        case Layer.FALLBACK:
            words = f"fallback {origin.playlist}" if origin.playlist != LIST else "the list"
        case _:
            words = _WHENCE[origin.layer]
    return f"{words} (the clock is not trusted)" if origin.blind else words


_WHENCE = {
    Layer.EMERGENCY: "emergency",
    Layer.STORAGE: "whatever is there",
    Layer.FIRMWARE: "what the box brings along",
}
