"""Boxes that run in no time: real parts, fake drivers, and a clock that a test holds.

:class:`Stage` is any part alone; :class:`Booth` is the audio player, handed its items by the test;
:class:`FakeBox` is the whole tree.  After every step of the clock they hold what must always hold: no
handler has failed, and no two decks are heard unless one gives way to the other.
"""

import os
import signal
import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from circuits import handler
from circuits.core.events import Event, generate_events, started
from circuits.core.events import signal as signalled
from circuits.core.pollers import EPoll

from easyplayer import settings
from easyplayer.app import App
from easyplayer.audio import AudioPlayer
from easyplayer.backstage import Music
from easyplayer.component import BoxComponent
from easyplayer.core import Drivers, build
from easyplayer.drivers.screen import Output
from easyplayer.drivers.screens_found import Found
from easyplayer.events import shut_down, sound_found, sound_lost
from easyplayer.guard import Level
from easyplayer.hub_parts import HubDrivers, hub_parts
from easyplayer.player import Handling
from easyplayer.player_events import cue_item, cue_spot, start_playing
from easyplayer.playout.catalogue import Ducking, Over, Program
from easyplayer.playout.items import Item, ItemKind, PreparedItem
from easyplayer.playout.listing import listed
from easyplayer.playout.machine import DeckPhase, PlayerState
from easyplayer.playout.transition import Rules
from easyplayer.screen_parts import ScreenDrivers, screen_parts
from easyplayer.settings import Settings
from easyplayer.sources import Gathered
from easyplayer.ticker import Ticker
from easyplayer.units import Linear, Monotonic, Percent, Seconds, to_decibels
from tests.fakes.clock import HeldClock, HeldWall
from tests.fakes.deck import FakeDeck, FakeDecks, Medium
from tests.fakes.fake_screen import FakeScreens, Footage
from tests.fakes.monitor import FakeMonitor
from tests.fakes.sound_server import FakeOwnServer, FakeSoundServer
from tests.fakes.work import FakeFacts, HeldWorker, facts
from tests.witness import Seen, Witness

STEP_S = 0.02
MOST_TURNS = 500
SINK = "venue"
CHATTER = {"item_advanced", "deck_reported", "level_heard", "status_published"}
NOON = datetime.fromisoformat("2027-03-01T12:00")
WALL_NOON = NOON.replace(tzinfo=UTC).timestamp()
CROSSFADE_S = Seconds(2.0)
DUCKING = Ducking()

Part = TypeVar("Part", bound=BoxComponent)


def pump(root: BoxComponent, *world: Callable[[], bool]) -> None:
    """Turn a tree's loop, and the world it stands in, until nothing is left to do."""
    for _ in range(MOST_TURNS):
        root.fire(generate_events(threading.RLock(), 0.0), "*")
        root.tick()
        moved = [source() for source in world]
        if not any(moved) and not len(root):
            return
    message = f"the tree has not come to rest after {MOST_TURNS} turns"
    raise AssertionError(message)


def song(name: str, length_s: float | None = 30.0, **fields: Any) -> PreparedItem:
    """Make an item that sounds from start to end, at the level it has."""
    item = Item(id=name, location=f"/music/{name}.flac")
    return PreparedItem(item=item, **{"cue_out_s": length_s, **fields})


def stream(name: str) -> PreparedItem:
    """Make an item that has no end."""
    return PreparedItem(item=Item(id=name, location=f"http://radio/{name}", kind=ItemKind.STREAM))


class Tree:
    """Parts in a held world.

    :ivar clock: the held clock.
    :ivar root: the root of the tree.
    :ivar witness: has seen every event, at the held clock's instants.
    """

    root: BoxComponent

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.witness = Witness()
        self._stamped = 0
        self._expected: list[str] = []

    # -- time ----------------------------------------------------------------------------------

    def run_for(self, seconds: float, step_s: float = STEP_S) -> None:
        """Let some seconds pass, in small steps."""
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            self.settle()

    def run_until(self, condition: Callable[[], bool], within_s: float = 60.0) -> None:
        """Let time pass until something holds; fail where it does not in time."""
        for _ in range(round(within_s / STEP_S)):
            if condition():
                return
            self.clock.advance(STEP_S)
            self.settle()
        telling = [seen for seen in self.witness.seen if seen.name not in CHATTER]
        last = "\n".join(map(repr, telling[-15:]))
        message = f"it did not come in {within_s} s; the last events:\n{last}"
        raise AssertionError(message)

    def settle(self) -> None:
        """Let everything happen that happens at this instant, and look whether all is well."""
        pump(self.root, *self.world())
        for seen in self.witness.seen[self._stamped :]:
            seen.at = self.clock()
        self._stamped = len(self.witness.seen)
        self.look()

    @abstractmethod
    def world(self) -> tuple[Callable[[], bool], ...]:
        """Give what is pumped besides the tree."""

    def look(self) -> None:
        """Hold what must hold at every instant."""
        unexpected = [
            failure
            for failure in self.witness.failures
            if not any(expected in failure for expected in self._expected)
        ]
        assert unexpected == []

    # -- what a test does, and asks ------------------------------------------------------------

    def fire(self, event: Event) -> None:
        """Fire an event into the tree, and let come of it what comes at once."""
        self.root.fire(event)
        self.settle()

    def expect_failure(self, text: str) -> None:
        """Be content with a handler that fails with a text."""
        self._expected.append(text)

    def last(self, event: str) -> Seen:
        """Give the last event of a kind."""
        return self.witness.all(event)[-1]

    def told(self, event: str) -> list[list[Any]]:
        """Give the arguments of all events of a kind."""
        return [seen.args for seen in self.witness.all(event)]


class Stage(Tree):
    """One part, or a few, alone with the clock; the test is the rest of the box.

    :ivar ticker: what they take their deadlines from.
    """

    def __init__(self) -> None:
        super().__init__()
        self.root = BoxComponent()
        self.ticker = Ticker(self.clock)
        for part in (self.ticker, self.witness):
            part.register(self.root)
        self._world: tuple[Callable[[], bool], ...] = ()

    def surround(self, *world: Callable[[], bool]) -> None:
        """Give what is to be pumped besides the parts."""
        self._world = (*self._world, *world)

    def open(self, *parts: BoxComponent) -> None:
        """Put parts on the stage, and open them."""
        for part in parts:
            part.register(self.root)
            part.open()
        self.settle()

    def world(self) -> tuple[Callable[[], bool], ...]:
        """Give what surrounds the parts."""
        return self._world


class House(Tree):
    """A tree with an audio player, and what it plays from and to.

    :ivar server: the fake sound server; it has one sink, ``venue``.
    :ivar decks: the fake decks.
    :ivar player: the audio player.
    """

    player: AudioPlayer

    def __init__(self, media: Mapping[str, Medium]) -> None:
        super().__init__()
        self.server = FakeSoundServer(self.clock, SINK)
        self.decks = FakeDecks(self.clock, self.server, dict(media))

    def world(self) -> tuple[Callable[[], bool], ...]:
        """Give the decks."""
        return (self.decks.pump,)

    def look(self) -> None:
        """Hold what must hold at every instant."""
        super().look()
        phases = [strip.phase for strip in self.player._desk.strips.values()]
        assert phases.count(DeckPhase.ON_AIR) <= 1, phases
        if len([deck for deck in self.decks.audible if deck.name in self.player._desk.strips]) > 1:
            assert DeckPhase.LEAVING in phases, f"{phases}: {[deck.loaded for deck in self.decks.audible]}"

    @property
    def state(self) -> PlayerState:
        """What the player is doing."""
        return self.player.state

    @property
    def heard(self) -> list[str]:
        """The names of the items that are heard now."""
        return [name_of(deck) for deck in self.decks.audible]

    @property
    def music_db(self) -> float:
        """The level of the music that is heard now, without what is said over it."""
        levels = [deck.level for deck in self.decks.audible if deck.name in self.player._desk.strips]
        return to_decibels(Linear(sum(level**2 for level in levels) ** 0.5))

    def names(self, event: str) -> list[str]:
        """Give the names of the items that all events of a kind were about."""
        return [seen.args[0].item.id for seen in self.witness.all(event)]

    def started(self, name: str) -> Seen:
        """Give the last start of an item."""
        return [seen for seen in self.witness.all("item_started") if seen.args[0].item.id == name][-1]

    def run_until_heard(self, name: str, within_s: float = 60.0) -> None:
        """Let time pass until an item is heard, and no other."""
        self.run_until(lambda: self.heard == [name], within_s)

    def deck_with(self, name: str) -> FakeDeck:
        """Give the deck that an item is on."""
        return next(deck for deck in self.decks.made if deck.loaded is not None and name_of(deck) == name)


def name_of(deck: FakeDeck) -> str:
    """Give the name of the item on a deck."""
    return Path(deck.loaded.location).stem if deck.loaded else ""


class Supplier(BoxComponent):
    """Answers the player's wishes with what the test has laid out, one after the other.

    :ivar late: whether it answers nothing at the moment.
    """

    def __init__(self, items: Iterable[PreparedItem]) -> None:
        super().__init__()
        self.items = deque(items)
        self.late = False
        self.owes = False

    @handler("item_wanted")
    def _on_wanted(self, urgent: bool) -> None:
        self.owes = True
        self.answer()

    def answer(self) -> None:
        """Answer, if that is owed and there is something to answer with."""
        if self.owes and self.items and not self.late:
            self.owes = False
            self.fire(cue_item(self.items.popleft()))


class Booth(House):
    """The audio player, with items handed to it in order; the test is the rest of the box.

    :param items: what it is handed; each has a medium as long as it says, unless the test lays another.
    :param media: other media, by the item's name.
    """

    def __init__(
        self,
        *items: PreparedItem,
        media: Mapping[str, Medium] | None = None,
        crossfade_s: float = CROSSFADE_S,
        handling: Handling | None = None,
    ) -> None:
        shelf = {one.item.location: Medium(length_s=one.cue_out_s) for one in items}
        named = {one.item.id: one.item.location for one in items}
        super().__init__({**shelf, **{named[name]: medium for name, medium in (media or {}).items()}})
        self.root = BoxComponent()
        ticker = Ticker(self.clock)
        rules = Rules(crossfade_s=Seconds(crossfade_s))
        self.player = AudioPlayer(self.decks, rules, handling or Handling(volume=Percent(100)), ticker)
        self.supplier = Supplier(items)
        for part in (ticker, self.player, self.supplier, self.witness):
            part.register(self.root)
        self.player.open()
        self.settle()

    def play(self) -> Self:
        """Give it an output, and start it."""
        self.fire(sound_found(SINK, private=False))
        self.fire(start_playing())
        return self

    def play_until_heard(self, name: str) -> Self:
        """Start it, and let time pass until an item is heard."""
        self.play()
        self.run_until_heard(name)
        return self

    def call(
        self, spot: PreparedItem, in_s: float, over: Over = Over.DUCK, ducking: Ducking = DUCKING
    ) -> Monotonic:
        """Cue a spot, with a medium as long as it says; give its instant."""
        at = Monotonic(self.clock() + in_s)
        self.decks.media.setdefault(spot.item.location, Medium(length_s=spot.cue_out_s))
        self.fire(cue_spot(spot, at, over, ducking))
        return at

    def pull_output(self) -> None:
        """Take the output away; the decks notice, and so does the rest of the box."""
        self.server.unplug(SINK)
        self.settle()
        self.fire(sound_lost("the output is gone"))

    def plug_output(self, name: str = SINK) -> None:
        """Bring an output."""
        self.server.plug(name)
        self.fire(sound_found(name, private=False))

    def medium(self, name: str) -> Medium:
        """Give the medium of an item, to change it."""
        return self.decks.media[f"/music/{name}.flac"]


class FakeBox(House):
    """A whole box, from its start in a ``with`` block to its end.

    :param songs: media by name, in the order of the list; an analysis finds each to be what it is.
    :param state: where it keeps its place, and answers; ``None`` keeps and answers nothing.
    :param fallback: media by name that the firmware brings along.
    :param program: what to play by, in place of the list.
    :param from_hub: whether its program is to come from a hub; the test tells it, in place of the storage.
    :param wall: what the wall clock shows at the start, in seconds since 1970.
    :param hub_drivers: what a box with a hub has beside it; the hub's URL is in the section of that name.
    :param level: how much of the box there is; ``heeds`` is whether it ends where that is to change.
    :param adapt: gives what is played in place of a program that comes.
    :param outputs: where it shows pictures; none builds no screen.
    :param footage: pictures, by location.
    :param sections: settings that are not the house's own, by section.
    :ivar wall: the wall clock.
    :ivar now: the local time; it goes with the held clock.
    :ivar screens: the fake screens.
    """

    def __init__(
        self,
        songs: Mapping[str, Medium],
        *,
        state: Path | None = None,
        fallback: Mapping[str, Medium] | None = None,
        repeat: bool = True,
        program: Program | None = None,
        from_hub: bool = False,
        wall: float = WALL_NOON,
        hub_drivers: HubDrivers | None = None,
        level: Level = Level.FULL,
        heeds: bool = False,
        adapt: Callable[[Program], Program] | None = None,
        outputs: tuple[Output, ...] = (),
        footage: Mapping[str, Footage] | None = None,
        **sections: Mapping[str, Any],
    ) -> None:
        media = {**songs, **(fallback or {})}
        super().__init__({location_of(name): medium for name, medium in media.items()})
        self.facts = FakeFacts()
        for name, medium in media.items():
            self.facts.to_find[Path(location_of(name))] = facts(medium.length_s or 0.0)
        self.monitor = FakeMonitor(self.clock, self.decks.sound)
        self.own_server = FakeOwnServer(self.server)
        self.workers: dict[str, HeldWorker] = {}
        self._noon, self._noon_at = NOON, self.clock()
        music = Music(
            places=tuple(songs),
            gather=() if from_hub else (lambda: gathered(songs),),
            fallback=lambda: gathered(fallback or {}),
            repeat=repeat,
            compose=(lambda _items: program) if program is not None else listed,
            planned=from_hub or program is not None,
            from_hub=from_hub,
            adapt=adapt,
        )
        self.wall = HeldWall(self.clock, wall)
        self.outputs = outputs
        self.screens = FakeScreens(self.clock, dict(footage or {}))
        screen = ScreenDrivers(
            make_screen=self.screens,
            look=lambda _wish, _shown: Found(outputs=self.outputs),
            find_panels=lambda _outputs: (),
        )
        drivers = Drivers(
            make_deck=self.decks,
            make_server=self.server.connect,
            own_server=self.own_server,
            make_monitor=self.monitor.connect,
            local_time=lambda: self.now,
            wall=self.wall,
            clock=self.clock,
            make_worker=self._make_worker,
            make_facts=lambda _directory: self.facts,
            screen=partial(screen_parts, screen) if outputs else None,
            hub=partial(hub_parts, hub_drivers) if hub_drivers is not None else None,
        )
        wanted = settings_of(sections, state or Path("/nowhere"))
        self.app = self.root = build(
            wanted, music, drivers, keeps_place=state is not None, level=level, heeds=heeds
        )
        self.player = self.part(AudioPlayer)
        self.app.furnish(self.witness)

    def _make_worker(self, fire: Callable[[Event], object], name: str) -> HeldWorker:
        return self.workers.setdefault(name, HeldWorker(fire, name))

    def __enter__(self) -> Self:
        self.fire(started(self.root))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.app.fire(shut_down(0))
        if kind is None:
            self.run_until(lambda: self.ended, within_s=3.0)
        else:
            self.app._close_all()
        close_poller(self.app)

    @property
    def now(self) -> datetime:
        """The local time."""
        return self._noon + timedelta(seconds=self.clock() - self._noon_at)

    @now.setter
    def now(self, wanted: datetime) -> None:
        self._noon, self._noon_at = wanted, self.clock()

    @property
    def ended(self) -> bool:
        """Whether all its drivers have been let go."""
        return self.server.closed and all(self.decks.newest(name).closed for name in "AB")

    def world(self) -> tuple[Callable[[], bool], ...]:
        """Give the drivers and the workers."""
        workers = [worker.pump for worker in self.workers.values()]
        return (self.server.pump, self.decks.pump, self.monitor.pump, self.screens.pump, *workers)

    def part(self, kind: type[Part]) -> Part:
        """Give the part of a kind."""
        return next(one for one in self.app.components if isinstance(one, kind))

    def terminate(self) -> None:
        """Let the process be told to end."""
        self.fire(signalled(signal.SIGTERM, None))


def settings_of(given: Mapping[str, Mapping[str, Any]], state: Path) -> Settings:
    """Make the settings of a box that tells no WatchDog, at full volume, unless they say otherwise."""
    sections: dict[str, dict[str, Any]] = {
        "box": {"state": str(state)},
        "sound": {"sink": SINK, "volume": 100},
        "rules": {"crossfade_ms": round(1000 * CROSSFADE_S)},
        "watchdog": {"port": 0},
    }
    for name, values in given.items():
        sections[name] = {**sections.get(name, {}), **values}
    return settings.load(Path(os.devnull), environment={}, command_line=sections)


def gathered(songs: Iterable[str]) -> Gathered:
    """Find songs."""
    return Gathered(tuple(item_of(name) for name in songs), ())


def item_of(name: str) -> Item:
    """Make the item of a song, or of a stream where the name is a URL."""
    location = location_of(name)
    kind = ItemKind.STREAM if "://" in name else ItemKind.FILE
    return Item(id=name, location=location, kind=kind)


def location_of(name: str) -> str:
    """Tell where a song is."""
    return name if "://" in name else f"/music/{name}.flac"


def close_poller(app: App) -> None:
    """Give back what circuits leaves open: its poller lives as long as a process does."""
    pollers: list[Any] = [one for one in app.components if isinstance(one, EPoll)]
    for poller in pollers:
        os.close(poller._ctrl_recv)
        os.close(poller._ctrl_send)
        poller._poller.close()
