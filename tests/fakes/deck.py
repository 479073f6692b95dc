"""Decks in memory: they play media that never were, as fast as a test lets the clock go.

They behave as libmpv was measured to: a deck needs a moment to load; it tells its position three times
a second; it tells the end of a medium when that is decoded, a second before it has been heard; it
finds out that its output is not there only after it has called itself ready; and one that is told to
play before it is ready never says that it is.
"""

from collections import deque
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from easyplayer.drivers.deck import (
    STARVED_AFTER_S,
    DeckAdvanced,
    DeckEnded,
    DeckFailed,
    DeckFault,
    DeckLoad,
    DeckReady,
    DeckReport,
    Report,
)
from easyplayer.fade import Fade
from easyplayer.units import Linear, Monotonic, Seconds
from tests.fakes.clock import HeldClock
from tests.fakes.sound_server import FakeSoundServer

READING_EVERY_S = Seconds(1 / 3)
DECODED_AHEAD_S = Seconds(1.0)
"""How much of a medium is still to be heard when its end is told."""
INAUDIBLE = Linear(0.001)
EXACT_S = 1e-6


class Medium(Struct, kw_only=True):
    """A medium as a deck finds it; a test may change it at any time.

    :ivar length_s: how much of it there is; ``None`` never ends.
    :ivar loading_s: how long a deck needs to load it; ``None`` never answers.
    :ivar breaks_at_s: where it cannot be read any further, which is told as a fault.
    :ivar stands_at_s: where it goes no further, which is not told at all.
    :ivar starves_at_s: where a stream's data stops, which is told as a fault after a while.
    """

    length_s: float | None = 30.0
    loading_s: float | None = 0.05
    breaks_at_s: float | None = None
    stands_at_s: float | None = None
    starves_at_s: float | None = None


class FakeDeck:
    """The contract :class:`~easyplayer.drivers.deck.Deck`; see :class:`FakeDecks`.

    :ivar loads: every load it was given.
    :ivar fades: every fade out it was told.
    :ivar gains: every gain it was set to, and when.
    :ivar loaded: what is on it.
    :ivar ready: whether that is loaded.
    :ivar sounding: whether it is not held.
    :ivar position_s: where in the medium it is.
    :ivar hanging: whether it carries out nothing, and tells nothing.
    :ivar standing: whether its position stands still although it plays.
    :ivar closed: whether it was ended.
    """

    def __init__(self, name: str, report: Report, world: "FakeDecks") -> None:
        self.name = name
        self.loads: list[DeckLoad] = []
        self.fades: list[Fade | None] = []
        self.gains: list[tuple[Monotonic, Linear]] = []
        self.loaded: DeckLoad | None = None
        self.ready = False
        self.sounding = False
        self.position_s = Seconds(0.0)
        self.hanging = False
        self.standing = False
        self.closed = False
        self._report = report
        self._world = world
        self._notes: deque[Callable[[], None]] = deque()
        self._gain = Linear(1.0)
        self._fade: Fade | None = None
        self._ended = False
        self._seen_at = self._next_reading_at = self._ready_at = self._moved_at = world.clock()

    # -- the contract --------------------------------------------------------------------------

    def load(self, load: DeckLoad) -> None:
        """Put a medium on."""
        self._notes.append(partial(self._load, load))

    def play(self) -> None:
        """Let it sound."""
        self._notes.append(self._play)

    def pause(self) -> None:
        """Hold it."""
        self._notes.append(self._pause)

    def set_gain(self, gain: Linear) -> None:
        """Set the gain."""
        self._notes.append(partial(self._set_gain, gain))

    def fade_out(self, fade: Fade | None) -> None:
        """Plan the fade out, or none."""
        self._notes.append(partial(self._fade_out, fade))

    def eject(self) -> None:
        """Take it off."""
        self._notes.append(self._eject)

    def release(self) -> None:
        """End the deck as soon as it answers."""
        self._notes.append(self.close)

    def close(self) -> None:
        """End the deck; even one that hangs is left behind."""
        self.closed = True
        self._eject()

    # -- what a test does to it, and asks it ---------------------------------------------------

    def fail(self, detail: str = "the medium is gone") -> None:
        """Let what is on it fail, as a held stream does whose server hangs up."""
        if self.loaded is not None:
            self._report(self._fail(self.loaded, DeckFault.MEDIUM, detail))

    def report_late(self, position_s: float) -> None:
        """Tell a position that was read a moment ago, and was under way since."""
        if self.loaded is not None:
            self._report(DeckAdvanced(self.loaded.ticket, Seconds(position_s), self._world.clock()))

    @property
    def level(self) -> Linear:
        """The amplitude at which its medium is heard now, whatever the item's own gain."""
        load = self.loaded
        if load is None or not self.ready or not self.sounding or self.position_s >= self._end_s(load):
            return Linear(0.0)
        rise = load.fade_in.rising(self.position_s) if load.fade_in else 1.0
        fall = self._fade.falling(self.position_s) if self._fade else 1.0
        return Linear(self._gain * rise * fall)

    @property
    def audible(self) -> bool:
        """Whether it is heard now."""
        return self.level > INAUDIBLE and not self.standing and not self.hanging

    # -- how it goes on ------------------------------------------------------------------------

    def pump(self) -> bool:
        """Carry out the notes, and tell what is to be told by now; tell whether there was anything."""
        now = self._world.clock()
        passed_s, self._seen_at = now - self._seen_at, now
        if self.hanging or self.closed:
            return False
        busy = bool(self._notes)
        self._go_on(passed_s)
        while self._notes:
            self._notes.popleft()()
        news = self._news(now)
        if news is not None:
            self._report(news)
        return busy or news is not None

    def _go_on(self, passed_s: float) -> None:
        load, medium = self.loaded, self._medium
        if load is None or medium is None or not self.ready or not self.sounding or self.standing:
            return
        if not self._world.server.plays(load.sink):
            return
        limits = (self._end_s(load), medium.breaks_at_s, medium.stands_at_s, medium.starves_at_s)
        furthest = min(limit for limit in limits if limit is not None)
        position_s = Seconds(max(self.position_s, min(self.position_s + passed_s, furthest)))
        self._moved_at = self._seen_at if position_s > self.position_s else self._moved_at
        self.position_s = position_s

    def _news(self, now: Monotonic) -> DeckReport | None:
        load = self.loaded
        if load is None:
            return None
        if self.ready and not self._world.server.has(load.sink):
            return self._fail(load, DeckFault.OUTPUT, "audio output initialization failed")
        if not self.ready:
            return self._arrive(load) if self._has_arrived(load, now) else None
        if not self.sounding or self._ended:
            return None
        return self._end(load) or self._reading(load, now)

    def _has_arrived(self, load: DeckLoad, now: Monotonic) -> bool:
        medium, server = self._medium, self._world.server
        answers = medium is None or medium.loading_s is not None
        return answers and now >= self._ready_at - EXACT_S and not (server.has(load.sink) and server.hanging)

    def _arrive(self, load: DeckLoad) -> DeckReport | None:
        if self._medium is None:
            return self._fail(load, DeckFault.MEDIUM, "loading failed")
        self.ready = True
        self._next_reading_at = Monotonic(self._world.clock() + READING_EVERY_S)
        return None if self.sounding else DeckReady(load.ticket)

    def _end(self, load: DeckLoad) -> DeckReport | None:
        medium = self._medium
        if medium is not None and medium.breaks_at_s is not None and self.position_s >= medium.breaks_at_s:
            return self._fail(load, DeckFault.MEDIUM, "the medium cannot be read any further")
        if medium is not None and medium.starves_at_s is not None and self.position_s >= medium.starves_at_s:
            starved = self._world.clock() - self._moved_at > STARVED_AFTER_S
            return self._fail(load, DeckFault.MEDIUM, "no data has come") if starved else None
        if self.position_s < self._end_s(load) - DECODED_AHEAD_S - EXACT_S:
            return None
        if load.endless:
            return self._fail(load, DeckFault.MEDIUM, "the stream ended")
        self._ended = True
        return DeckEnded(load.ticket)

    def _reading(self, load: DeckLoad, now: Monotonic) -> DeckReport | None:
        if now < self._next_reading_at - EXACT_S:
            return None
        self._next_reading_at = Monotonic(now + READING_EVERY_S)
        return DeckAdvanced(load.ticket, self.position_s, now)

    def _fail(self, load: DeckLoad, fault: DeckFault, detail: str) -> DeckReport:
        self._eject()
        return DeckFailed(load.ticket, fault, detail)

    def _end_s(self, load: DeckLoad) -> Seconds:
        length_s = self._medium.length_s if self._medium else None
        return Seconds(min(limit for limit in (load.end_s, length_s, float("inf")) if limit is not None))

    @property
    def _medium(self) -> Medium | None:
        return self._world.media.get(self.loaded.location) if self.loaded else None

    # -- the notes -----------------------------------------------------------------------------

    def _load(self, load: DeckLoad) -> None:
        self._eject()
        self.loads.append(load)
        self.loaded = load
        self.position_s = load.start_s
        medium = self._medium
        loading_s = (medium.loading_s or 0.0) if medium else 0.0
        self._ready_at = Monotonic(self._world.clock() + loading_s)

    def _play(self) -> None:
        self.sounding = self.loaded is not None
        self._moved_at = self._world.clock()
        self._next_reading_at = Monotonic(self._moved_at + READING_EVERY_S)

    def _pause(self) -> None:
        self.sounding = False

    def _set_gain(self, gain: Linear) -> None:
        self._gain = gain
        self.gains.append((self._world.clock(), gain))

    def _fade_out(self, fade: Fade | None) -> None:
        self._fade = fade
        self.fades.append(fade)

    def _eject(self) -> None:
        self.loaded = self._fade = None
        self.ready = self.sounding = self._ended = False


class FakeDecks:
    """Makes decks, and is the shelf they play from.

    :param server: where they play to.
    :ivar media: what there is, by location; what is not there cannot be loaded.
    :ivar made: every deck there ever was, in the order of making.
    """

    def __init__(self, clock: HeldClock, server: FakeSoundServer, media: dict[str, Medium]) -> None:
        self.clock = clock
        self.server = server
        self.media = media
        self.made: list[FakeDeck] = []

    def __call__(self, name: str, report: Report) -> FakeDeck:
        """Make a deck."""
        self.made.append(FakeDeck(name, report, self))
        return self.made[-1]

    def newest(self, name: str) -> FakeDeck:
        """Give the deck of a name that is in use."""
        return next(deck for deck in reversed(self.made) if deck.name == name)

    @property
    def audible(self) -> list[FakeDeck]:
        """The decks that are heard now."""
        return [deck for deck in self.made if deck.audible and self._plays(deck)]

    def sound(self, sink: str) -> Linear | None:
        """Tell what a sink carries now; ``None`` where that cannot be told."""
        if not self.server.plays(sink):
            return None
        levels = [deck.level for deck in self.audible if deck.loaded and deck.loaded.sink in {sink, ""}]
        return Linear(sum(level**2 for level in levels) ** 0.5)

    def pump(self) -> bool:
        """Let every deck go on; tell whether any had anything to do."""
        busy = [deck.pump() for deck in self.made]
        return any(busy)

    def _plays(self, deck: FakeDeck) -> bool:
        return deck.loaded is not None and self.server.plays(deck.loaded.sink)
