"""What the hub is told of the box, gathered from what the parts tell."""

from collections.abc import Callable

import msgspec
from circuits import handler
from msgspec import Struct

from easyplayer import __version__
from easyplayer.component import BoxComponent
from easyplayer.drivers.wall_clock import WallClock
from easyplayer.guard import GuardView
from easyplayer.playout.clock import ClockTrust
from easyplayer.protocol.heartbeat import (
    MOST_SCREENS,
    Autonomy,
    Now,
    OnAir,
    Screen,
    ScreenOutput,
    Status,
    Storage,
    Supervision,
    Support,
)
from easyplayer.screen_view import ScreenView
from easyplayer.ticker import Ticker
from easyplayer.units import SILENCE, Decibels, Monotonic, Percent, Seconds

LONGEST_TEXT = 1000
"""How long a text of the status may be."""
MOST_PROBLEMS = 20
MOST_DISKS = 20


class _Item(Struct, frozen=True):
    """What is taken of an item as the box's own status shows it."""

    id: str
    title: str
    artist: str
    length_s: Seconds | None
    why: str


class _Problem(Struct, frozen=True):
    text: str


class Seen(Struct, frozen=True, kw_only=True):
    """What is taken of the box's own status, field by field of the same name."""

    uptime_s: Seconds = Seconds(0.0)
    program: str = ""
    state: str = "stopped"
    reason: str = "starting"
    allowed: bool = True
    verdict: str = ""
    item: _Item | None = None
    position_s: Seconds = Seconds(0.0)
    next: _Item | None = None
    volume: Percent = Percent(0)
    sink: str = ""
    silent_sink: bool = False
    level_db: Decibels = SILENCE
    audible_ago_s: Seconds | None = None
    failures: int = 0
    problems: tuple[_Problem, ...] = ()
    screen: ScreenView = ScreenView()
    screen_wanted: bool = False


Report = Callable[[], tuple[Now, Status]]
"""Tells how the box is at the moment."""


class Reporter(BoxComponent):
    """Knows how the box is, in the hub's terms."""

    def __init__(self, wall: WallClock, ticker: Ticker) -> None:
        super().__init__()
        self._wall = wall
        self._ticker = ticker
        self._published: object = None
        self._clock = ""
        self._storage = Storage()
        self._autonomy = Autonomy()
        self._support: tuple[str, Monotonic] | None = None
        self._live = ""
        self._supervision = Supervision()

    def report(self) -> tuple[Now, Status]:
        """Tell how the box is: what changes all the time, and the rest but for machine and link."""
        seen = Seen() if self._published is None else understood(self._published)
        now = Now(
            uptime_s=seen.uptime_s,
            time=self._wall.now(),
            position_s=seen.position_s,
            level_db=seen.level_db,
            audible_ago_s=seen.audible_ago_s,
            picture=short(seen.screen.item),
        )
        status = Status(
            version=__version__,
            clock=self._clock,
            program=short(seen.program),
            state=seen.state,
            reason=short(seen.reason),
            allowed=seen.allowed,
            verdict=short(seen.verdict),
            item=_on_air(seen.item),
            next=_on_air(seen.next),
            volume=seen.volume,
            sink=short(seen.sink),
            silent_sink=seen.silent_sink,
            failures=seen.failures,
            problems=tuple(short(one.text) for one in seen.problems[-MOST_PROBLEMS:]),
            autonomy=self._autonomy,
            storage=self._storage,
            support=self._support_left(),
            live=self._live,
            supervision=self._supervision,
            screen=on_screens(seen.screen, wanted=seen.screen_wanted),
        )
        return now, status

    def _support_left(self) -> Support | None:
        if self._support is None:
            return None
        why, until = self._support
        return Support(why=short(why), left_s=Seconds(max(until - self._ticker.clock(), 0.0)))

    @handler("status_published")
    def _on_status(self, status: object) -> None:
        self._published = status

    @handler("clock_judged")
    def _on_clock(self, trust: ClockTrust) -> None:
        self._clock = str(trust)

    @handler("storage_told")
    def _on_storage(self, storage: Storage, autonomy: Autonomy | None) -> None:
        self._storage = bounded(storage)
        if autonomy is not None:
            uncovered = tuple(map(short, autonomy.uncovered))
            self._autonomy = msgspec.structs.replace(autonomy, uncovered=uncovered)

    @handler("guard_told")
    def _on_guard(self, view: GuardView) -> None:
        self._supervision = Supervision(
            safe=view.safe,
            kills=view.kills,
            crashes=view.crashes,
            kills_ever=view.kills_ever,
            crashes_ever=view.crashes_ever,
            last=short(view.last),
            unguarded=short(view.unguarded),
        )

    @handler("support_opened")
    def _on_support(self, why: str, seconds: Seconds) -> None:
        self._support = why, Monotonic(self._ticker.clock() + seconds)

    @handler("support_closed")
    def _on_support_over(self, _reason: str) -> None:
        self._support = None

    @handler("live_opened")
    def _on_live(self, transport: str, _heartbeat_s: Seconds) -> None:
        self._live = transport

    @handler("live_closed")
    def _on_live_over(self, _reason: str) -> None:
        self._live = ""


def understood(status: object) -> Seen:
    """Take what the hub is told from the box's own status."""
    return msgspec.convert(status, Seen, from_attributes=True)


def short(text: str) -> str:
    """Cut a text to what a status may carry."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def bounded(storage: Storage) -> Storage:
    """Cut what is told of the storage to what a status may carry."""
    disks = (
        msgspec.structs.replace(disk, name=short(disk.name), trouble=short(disk.trouble))
        for disk in storage.disks[:MOST_DISKS]
    )
    held_up = short(storage.download.held_up)
    return msgspec.structs.replace(
        storage,
        staged=short(storage.staged),
        previous=short(storage.previous),
        trouble=short(storage.trouble),
        disks=tuple(disks),
        download=msgspec.structs.replace(storage.download, held_up=held_up),
    )


def on_screens(view: ScreenView, *, wanted: bool) -> Screen:
    """Put how the screen is into the hub's terms, cut to what a status may carry."""
    outputs = (
        ScreenOutput(
            name=short(output.name),
            up=output.up,
            width=output.width,
            height=output.height,
            driver=short(output.driver),
            trouble=short(output.trouble),
        )
        for output in view.outputs[:MOST_SCREENS]
    )
    return Screen(
        outputs=tuple(outputs),
        wanted=wanted,
        on=view.on,
        reason=short(view.reason),
        restarts=view.restarts,
        stuck=view.stuck,
    )


def _on_air(item: _Item | None) -> OnAir | None:
    if item is None:
        return None
    texts = {name: short(getattr(item, name)) for name in ("id", "title", "artist", "why")}
    return OnAir(length_s=item.length_s, **texts)
