"""What the API takes and tells of places, boxes, commands and logs; the command line reads the same."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from easyplayer.hub.services.slugs import Slug
from easyplayer.protocol.commands import CommandResult
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.units import Instant

HOUR_S = 3600.0
WEEK_S = 7 * 86_400.0
MOST_GROUPS = 100

Title = Annotated[str, Meta(max_length=200)]
Reason = Annotated[str, Meta(max_length=500)]
ZoneName = Annotated[str, Meta(min_length=1, max_length=100)]
Groups = Annotated[list[Slug], Meta(max_length=MOST_GROUPS)]


class Group(Struct, frozen=True, kw_only=True):
    """A group of venues.

    :ivar venues: how many are in it.
    """

    id: str
    name: str
    venues: int = 0


class NewGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group to add."""

    id: Slug
    name: Title = ""


class GroupChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be another."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class Zone(Struct, frozen=True, kw_only=True):
    """A part of a venue that has music of its own."""

    id: str
    name: str


class NewZone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zone to add."""

    id: Slug
    name: Title = ""


class Venue(Struct, frozen=True, kw_only=True):
    """A place with boxes.

    :ivar blocked: why its boxes may not play; empty where they may.
    """

    id: str
    name: str
    time_zone: str
    blocked: str
    groups: list[str]
    zones: list[Zone]
    created: Instant


class NewVenue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue to add; it gets one zone, called ``main``."""

    id: Slug
    name: Title = ""
    time_zone: ZoneName
    groups: Groups = []


class VenueChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be another; what is left out stays as it is.

    :ivar blocked: why its boxes may not play; empty lets them.
    :ivar groups: all groups that it is in from now on.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    time_zone: ZoneName | UnsetType = UNSET
    blocked: Reason | UnsetType = UNSET
    groups: Groups | UnsetType = UNSET


class Waiting(Struct, frozen=True, kw_only=True):
    """A box that waits to be claimed; its code can be read only at the box."""

    box: str
    name: str
    version: str
    address: str
    created: Instant
    expires: Instant


class Claim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which box is to be one of which venue's.

    :ivar code: what the box shows.
    :ivar name: what it is to be called; empty takes what the machine calls itself.
    """

    code: Annotated[str, Meta(max_length=50)]
    venue: Slug
    zone: Slug = "main"
    name: Title = ""


class Box(Struct, frozen=True, kw_only=True):
    """A box.

    :ivar state: ``online``, ``late``, ``silent`` or ``never``.
    :ivar seen: when it was last heard of; 0 is never.
    :ivar blocked: why it may not play; ``venue_blocked``: why none of its venue may.
    :ivar revision: of the program that it has.
    :ivar screen: ``up``, ``off``, ``down``, or ``none`` where it has none; empty where it has said nothing.
    """

    id: str
    name: str
    venue: str
    venue_name: str
    zone: str
    state: str
    seen: Instant
    address: str
    blocked: str
    venue_blocked: str
    revision: int
    created: Instant
    screen: str = ""


class Run(Struct, frozen=True, kw_only=True):
    """One run of a box's software, as far as it was heard.

    :ivar machine: digest of what the hardware says of itself.
    :ivar last_seen: when it was last seen to begin, to come back, or to have another address.
    :ivar verdict: ``original`` or ``cloned`` where two machines had one key.
    """

    run: str
    machine: str
    address: str
    first_seen: Instant
    last_seen: Instant
    verdict: str


class Screenshot(Struct, frozen=True, kw_only=True):
    """A picture of what a box has shown.

    :ivar command: the command that it came with; its attachment is the picture.
    :ivar taken: when its result came.
    """

    command: str
    taken: Instant


class BoxDetail(Box, frozen=True, kw_only=True):
    """All that is known of a box.

    :ivar now: what its last heartbeat said; ``status``: the last whole status that it sent.
    :ivar runs: the latest first.
    :ivar screenshot: the last one that it has sent; the picture is at ``/boxes/{box}/screenshot``.
    """

    machine: str
    now: Now | None
    status: Status | None
    runs: list[Run]
    screenshot: Screenshot | None = None


class BoxChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be another; what is left out stays as it is.

    :ivar zone: in the new venue, where that is given too; left out, that is ``main``.
    :ivar blocked: why it may not play; empty lets it.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    venue: Slug | UnsetType = UNSET
    zone: Slug | UnsetType = UNSET
    blocked: Reason | UnsetType = UNSET


class Fleet(Struct, frozen=True, kw_only=True):
    """How many boxes there are in each state, how many may not play, and how many screens are down."""

    online: int
    late: int
    silent: int
    never: int
    blocked: int
    screen_down: int = 0


class NewCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command to give.

    :ivar expires_s: for how long a box may begin it.
    :ivar why: goes into the audit log.
    """

    name: Annotated[str, Meta(max_length=40)]
    args: dict[str, Any] = {}
    expires_s: Annotated[float, Meta(ge=10, le=WEEK_S)] = HOUR_S
    why: Reason = ""


class CommandView(Struct, frozen=True, kw_only=True):
    """A command, and what came of it.

    :ivar state: ``waiting``, ``sent``, ``expired``, or the outcome: ``done``, ``failed``, ``refused``,
        ``unavailable`` or ``interrupted``.
    :ivar attachment: SHA-256 of what the box has sent beside its result; empty where that is nothing.
    """

    id: str
    box: str
    number: int
    name: str
    args: dict[str, Any]
    issued: Instant
    expires: Instant
    by: str
    state: str
    sent: Instant | None
    finished: Instant | None
    result: CommandResult | None
    attachment: str
    attachment_type: str
