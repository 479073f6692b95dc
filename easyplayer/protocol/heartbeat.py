"""The heartbeat: how the box is, and what the hub wants of it.

What changes all the time (:class:`Now`) is in every heartbeat; the rest (:class:`Status`) only when it has
changed, or when the hub asks for it.
"""

from enum import StrEnum
from typing import Annotated, Self

from msgspec import Meta, Struct

from easyplayer.protocol.asrun import LogId
from easyplayer.protocol.commands import CommandResult
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.versions import Versions
from easyplayer.units import Decibels, Instant, Percent, Seconds

MOST_HEARTBEAT_BYTES = 256 * 1024
MOST_RESULTS = 50
"""How many results go in one heartbeat."""
MOST_SCREENS = 16
"""How many outputs of the screen a status names."""

Text = Annotated[str, Meta(max_length=1000)]


class OnAir(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item as the hub shows it.

    :ivar why: where it comes from, such as ``daypart evening``.
    """

    id: Text
    title: Text = ""
    artist: Text = ""
    length_s: Seconds | None = None
    why: Text = ""


class Now(Struct, frozen=True, kw_only=True):
    """What is another at every heartbeat.

    :ivar position_s: how far the item on air has sounded.
    :ivar audible_ago_s: how long ago the output carried sound; ``None`` if it never did.
    :ivar time: what the box's wall clock shows.
    :ivar picture: what people call the picture on the screen; empty where none is shown.
    """

    uptime_s: Seconds
    time: Instant
    position_s: Seconds = Seconds(0.0)
    level_db: Decibels = Decibels(-120.0)
    audible_ago_s: Seconds | None = None
    picture: Text = ""


class Autonomy(Struct, frozen=True, kw_only=True):
    """For how long the box plays on by itself.

    :ivar until: up to when all that is planned is on its disk; ``None`` is as far as it looks ahead.
    :ivar uncovered: what is planned in the days to come and cannot be played, in words.
    """

    until: Instant | None = None
    uncovered: tuple[Text, ...] = ()


class Health(StrEnum):
    """How a disk is."""

    WELL = "well"
    FULL = "full"
    """Nothing more fits on it."""
    READ_ONLY = "read-only"
    """It takes nothing; what is there can be played."""
    FAILING = "failing"
    """It gives errors."""
    MISSING = "missing"
    """It is not there: pulled out, or not mounted."""
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls("unknown")


class Disk(Struct, frozen=True, kw_only=True):
    """One disk that media are on.

    :ivar name: the folder that the media are in.
    :ivar media: how many media are there.
    :ivar trouble: what is wrong with it, in words; empty where it is well.
    """

    name: Text
    health: Health = Health.WELL
    free_bytes: int = 0
    total_bytes: int = 0
    media: int = 0
    trouble: Text = ""


class Download(Struct, frozen=True, kw_only=True):
    """How far the downloads are.

    :ivar files_left: how many media are still to come; ``bytes_left`` of them.
    :ivar bytes_per_s: how fast they come at the moment.
    :ivar held_up: why nothing comes, in words; empty where something does, or nothing is to come.
    """

    files_left: int = 0
    bytes_left: int = 0
    bytes_per_s: int = 0
    held_up: Text = ""


class Storage(Struct, frozen=True, kw_only=True):
    """What is on the box's disk.

    :ivar items: how many media the current program wants; ``missing`` of them are not there.
    :ivar staged: the program that is being fetched, such as ``bar, version 3``; empty where there is none.
    :ivar fetched_bytes: how much of it has come, of ``to_fetch_bytes``.
    :ivar free_bytes: what is free on the disks together.
    :ivar previous: the program before the current one, to which ``rollback`` goes back; empty where there is
        none.
    :ivar disks: those that media are on.
    :ivar scrubbed: how many media have been read and hashed again within the last 30 days.
    :ivar spoiled: how many of them were found to be wrong since the box started, and were fetched anew.
    :ivar trouble: what is wrong with it, in words; empty where it is well.
    """

    items: int = 0
    missing: int = 0
    staged: Text = ""
    fetched_bytes: int = 0
    to_fetch_bytes: int = 0
    free_bytes: int = 0
    total_bytes: int = 0
    trouble: Text = ""
    previous: Text = ""
    disks: Annotated[tuple[Disk, ...], Meta(max_length=20)] = ()
    download: Download = Download()
    scrubbed: int = 0
    spoiled: int = 0


class Machine(Struct, frozen=True, kw_only=True):
    """How the machine is.

    :ivar cpu_percent: how busy it was since the heartbeat before, of all cores together.
    :ivar memory_bytes: what the box itself has of the memory.
    :ivar temperature_c: of its hottest sensor; ``None`` where it has none.
    :ivar addresses: its own network addresses.
    """

    name: Text = ""
    system: Text = ""
    cpu_percent: float = 0.0
    load: float = 0.0
    memory_bytes: int = 0
    memory_free_bytes: int = 0
    memory_total_bytes: int = 0
    temperature_c: float | None = None
    addresses: tuple[Text, ...] = ()


class Support(Struct, frozen=True, kw_only=True):
    """A way in for support that is open.

    :ivar left_s: for how much longer.
    """

    why: Text
    left_s: Seconds


class Supervision(Struct, frozen=True, kw_only=True):
    """What the box's WatchDog has seen of it.

    :ivar safe: whether it is in safe mode: 0 is no, 1 careful; a bare box, 2, sends no heartbeat.
    :ivar kills: how often it was silent since the machine started, and was killed.
    :ivar crashes: how often it ended badly by itself since the machine started.
    :ivar kills_ever: the same, since its state directory was new.
    :ivar crashes_ever: the same, since its state directory was new.
    :ivar last: the last time, in words.
    :ivar unguarded: why its WatchDog would not notice if it hung; empty where all is well.
    """

    safe: int = 0
    kills: int = 0
    crashes: int = 0
    kills_ever: int = 0
    crashes_ever: int = 0
    last: Text = ""
    unguarded: Text = ""


class ScreenState(StrEnum):
    """What there is to see, in a word."""

    NONE = "none"
    """There is no screen, and nothing for one."""
    UP = "up"
    OFF = "off"
    """The displays sleep, as they are meant to."""
    DOWN = "down"
    """It should be on, and one of its outputs shows nothing; or there is none for the pictures."""


class ScreenOutput(Struct, frozen=True, kw_only=True):
    """One output of the screen.

    :ivar name: its connector, such as ``card0-HDMI-A-1``, or ``window``.
    :ivar up: whether it can show pictures.
    :ivar width: of its picture, in pixels; 0 where nobody knows.
    :ivar height: the same, from top to bottom.
    :ivar driver: what shows the pictures: ``drm``, ``gpu`` or ``window``.
    :ivar trouble: why it shows none, in words; empty where all is well.
    """

    name: Text
    up: bool = False
    width: int = 0
    height: int = 0
    driver: Text = ""
    trouble: Text = ""


class Screen(Struct, frozen=True, kw_only=True):
    """What is to be seen; all outputs show the same.

    :ivar outputs: every output; none where the box has no screen.
    :ivar wanted: whether the program has pictures.
    :ivar on: whether the displays are to be awake; ``reason`` says why, and why nothing is shown.
    :ivar restarts: how often an output was started anew since the box started.
    :ivar stuck: how often a picture was seen to stand still.
    """

    outputs: Annotated[tuple[ScreenOutput, ...], Meta(max_length=MOST_SCREENS)] = ()
    wanted: bool = False
    on: bool = True
    reason: Text = ""
    restarts: int = 0
    stuck: int = 0

    @property
    def state(self) -> ScreenState:
        """What there is to see, in a word."""
        if not (self.outputs or self.wanted):
            return ScreenState.NONE
        if not self.on:
            return ScreenState.OFF
        well = bool(self.outputs) and all(output.up for output in self.outputs)
        return ScreenState.UP if well else ScreenState.DOWN


class Status(Struct, frozen=True, kw_only=True):
    """How the box is, as far as that lasts.

    :ivar clock: how far its clock can be trusted: ``unknown``, ``estimated`` or ``trusted``.
    :ivar program: the program it plays by, such as ``bar, version 3``; ``revision`` and ``digest`` name the
        hub's; 0 and empty where it comes from elsewhere.
    :ivar state: what the player is doing; ``reason`` says why.
    :ivar allowed: whether it may play; ``verdict`` says why.
    :ivar problems: what went wrong lately, the newest last.
    :ivar trouble: what is wrong with the hub's link, in words, such as a program that was refused.
    :ivar live: how the live channel goes, `websocket` or `polling`; empty where it is not up.
    :ivar supervision: how often it has ended badly, and whether it is in safe mode.
    :ivar screen: what is to be seen, and on which outputs.
    """

    version: Text
    protocol: Versions = Versions()
    clock: Text = ""
    program: Text = ""
    revision: int = 0
    digest: Text = ""
    state: Text = ""
    reason: Text = ""
    allowed: bool = True
    verdict: Text = ""
    item: OnAir | None = None
    next: OnAir | None = None
    volume: Percent = Percent(0)
    sink: Text = ""
    silent_sink: bool = False
    failures: int = 0
    problems: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    trouble: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    autonomy: Autonomy = Autonomy()
    storage: Storage = Storage()
    machine: Machine = Machine()
    support: Support | None = None
    live: Text = ""
    supervision: Supervision = Supervision()
    screen: Screen = Screen()


class LogHead(Struct, frozen=True, kw_only=True):
    """How far the as-run log has come.

    :ivar head: the number of the last entry that is ready to go, 0 where there is none.
    :ivar acknowledged: up to which number the hub has acknowledged them, as far as the box knows.
    """

    log: LogId
    head: Annotated[int, Meta(ge=0, le=2**53)]
    acknowledged: Annotated[int, Meta(ge=0, le=2**53)]
    set_aside: Annotated[int, Meta(ge=0)] = 0


class Heartbeat(Struct, frozen=True, kw_only=True):
    """What a box sends.

    :ivar boot: names the run of the machine.
    :ivar run: names the run of the software: drawn at random at each start.
    :ivar sequence: counts the heartbeats of the run from 1.
    :ivar machine: tells one machine from another, also where one is a copy: the digest of what its hardware
        says of itself.
    :ivar digest: of the status; where the hub has that status already, ``status`` is left out.
    :ivar results: those that the hub has not confirmed.
    """

    boot: Annotated[str, Meta(min_length=1, max_length=64)]
    run: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$", max_length=16)]
    sequence: Annotated[int, Meta(ge=1, le=2**53)]
    machine: Annotated[str, Meta(max_length=64)] = ""
    revision: Annotated[int, Meta(ge=0, le=2**53)] = 0
    digest: Annotated[str, Meta(max_length=64)] = ""
    now: Now
    status: Status | None = None
    results: Annotated[tuple[CommandResult, ...], Meta(max_length=MOST_RESULTS)] = ()
    log: LogHead | None = None


class Identity(StrEnum):
    """Whether the box is who it says it is."""

    FINE = "fine"
    CLONED = "cloned"
    """Another machine has the same key, and had it before: make a new key, and be paired anew."""
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls("unknown")


class Place(Struct, frozen=True, kw_only=True):
    """Where the box is, as the hub has it."""

    name: str = ""
    venue: str = ""
    venue_name: str = ""
    zone: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    """What the hub answers.

    :ivar time: what time it is at the hub.
    :ivar next_s: when the next heartbeat is wanted, counted from now.
    :ivar commands: those that wait for the box, each a :class:`~easyplayer.protocol.commands.Command`.
    :ivar program: the program it is to play, a :class:`~easyplayer.protocol.program_head.ProgramHead`, where
        that is another one than the box has said.
    :ivar confirmed: ids of the commands whose results have arrived.
    :ivar acknowledged: up to which number the hub has the log that the box has named.
    :ivar blocked: why the box may not play; empty where it may.
    :ivar wants_status: whether the next heartbeat is to bring the whole status.
    """

    time: Instant
    next_s: Seconds
    protocol: Versions = Versions()
    commands: tuple[Signed, ...] = ()
    program: Signed | None = None
    confirmed: tuple[str, ...] = ()
    acknowledged: int | None = None
    blocked: Text = ""
    wants_status: bool = False
    identity: Identity = Identity.FINE
    place: Place | None = None
