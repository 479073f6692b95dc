"""A venue run as fast as the machine can: the same decisions as the box's, with a clock that may be wrong.

It gives the as-run log of any span.  True time goes on by itself; what the program is asked for is
what the venue's wall clock shows, and that may start in 1970, be set, or drift.
"""

from collections import deque
from collections.abc import Callable, Iterator

from msgspec import Struct

from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Over, Sharp
from easyplayer.playout.chronicle import SHORTEST_S, Chronicle, Happening, Missed, Silence, Sounding
from easyplayer.playout.engine import FOR_EVER, Engine, Unavailable, nothing_missing
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from easyplayer.playout.pictures import only_seen
from easyplayer.playout.timeline import SharpEvent
from easyplayer.playout.transition import Rules, alone_s, plan
from easyplayer.playout.virtual_clock import VirtualClock
from easyplayer.units import Instant, Seconds

TRIED_AGAIN_S = Seconds(3600.0)
"""After how long something is looked for again where nothing could be played, if nothing changes before."""
LOOKED_UP_S = Seconds(86_400.0)
"""Whether spots come on the second is looked up at least so often."""
SMALLEST_S = Seconds(0.001)
LONG_AGO = Instant(float("-inf"))


class World(Struct, frozen=True, kw_only=True):
    """What a simulated venue has.

    :ivar prepare: makes an item ready, given the one that is played before it: how long it is, above all.
    :ivar rules: how one item gives way to the next.
    :ivar unavailable: tells why an item cannot be played; empty where it can.
    """

    clock: VirtualClock
    prepare: Callable[[Item, Item | None], PreparedItem]
    rules: Rules = Rules()
    unavailable: Unavailable = nothing_missing


class VirtualVenue:
    """A venue in simulated time.

    :param engine: decides; it remembers what was played, as the box's does.
    :ivar now: the true time.
    :ivar music: what plays.
    :ivar spot: what is said over it.
    """

    def __init__(self, engine: Engine, world: World) -> None:
        self.now = world.clock.starts
        self.music: Sounding | None = None
        self.spot: Sounding | None = None
        self._leaving: Sounding | None = None
        self._engine = engine
        self._world = world
        self._clock = world.clock
        self._open = self._blind = False
        self._look_up_at = LONG_AGO
        self._hushed_until = LONG_AGO
        self._called: deque[SharpEvent] = deque()
        self._silent_since: Instant | None = None
        self._chronicle = Chronicle()

    def go_on_with(self, decision: Decision, position_s: Seconds) -> None:
        """Let something sound already at the start, so far in."""
        prepared = self._world.prepare(decision.item, None)
        began = Instant(self.now - (position_s - prepared.cue_in_s))
        self._blind = not self._clock.believable(self.now)
        self.music = Sounding(decision, prepared, began, began)
        self._look_ahead(self.music)

    def make_way(self, until: Instant) -> Sounding | None:
        """Break off what sounds, and give it: something from elsewhere has the word until an instant."""
        broken_off, self.music = self.music, None
        if broken_off is not None:
            self._chronicle.tell(broken_off.row(self.now, Ended.CUT))
        self._hushed_until = max(self._hushed_until, until)
        return broken_off

    def take_back(self, broken_off: Sounding, after_s: Seconds) -> None:
        """Let go on, where it was, what made way so long ago."""
        started = Instant(broken_off.started + after_s)
        self.music = Sounding(broken_off.decision, broken_off.prepared, self.now, started)
        self._look_ahead(self.music)

    def go_on(self, end: Instant) -> Iterator[Happening]:
        """Let the time go on, and tell what is over by then, in the order in which it began.

        What is due at the end itself does not come yet.
        """
        while self.now < end:
            self._do_what_is_due()
            yield from self._ready()
            self._go_to(min(self._next_turn(), end))
        self._tell_what_is_over()
        yield from self._ready()

    def run(self, end: Instant) -> Iterator[Happening]:
        """Let the time go on, and tell all that happens; what sounds at the end is told as stopped."""
        yield from self.go_on(end)
        self._fall_silent()
        yield from self._ready()

    # -- one turn ------------------------------------------------------------------------------

    def _do_what_is_due(self) -> None:
        self._tell_what_is_over()
        if self.now >= self._look_up_at:
            self._look_up()
        if not self._open:
            self._fall_silent()
            return
        if self._called and self.spot is None:
            self._speak(self._called.popleft())
        if self.now >= self._hushed_until:
            self._see_to_music()

    def _see_to_music(self) -> None:
        if self.music is None:
            self._begin()
        elif self.now >= self.music.next_at:
            self._change_over(self.music)

    def _next_turn(self) -> Instant:
        """Tell when there is something to do next."""
        music_at = Instant(self.now + TRIED_AGAIN_S) if self.music is None else self.music.next_at
        turns = [self._look_up_at]
        if self._open:
            turns.append(max(music_at, self._hushed_until))
        if self.spot is not None:
            turns.append(self.spot.next_at)
        return max(min(turns), Instant(self.now + SMALLEST_S))

    def _go_to(self, instant: Instant) -> None:
        """Let the time go on; where the clock is set at last, what was to follow is decided anew."""
        set_at = self._clock.set_after(self.now)
        self.now = instant
        if set_at is not None and set_at <= instant:
            self._look_up_at = instant
            self._blind = not self._clock.believable(instant)
            if self.music is not None:
                self._look_ahead(self.music)

    # -- the calendar --------------------------------------------------------------------------

    def _look_up(self) -> None:
        """See whether the venue is open, call the spots that are due, and find when to look again."""
        shown, timeline = self._clock.shows(self.now), self._engine.timeline
        self._blind = not self._clock.believable(self.now)
        self._open = self._blind or timeline.is_open(shown)
        changes = [timeline.change_after(shown), Instant(shown + LOOKED_UP_S)]
        if not self._blind and self._engine.emergency is None:
            self._call(shown)
            changes += [at for at in (self._engine.sharp.next_after(shown),) if at is not None]
        turns = [self._clock.true_at(change, self.now) for change in changes]
        self._look_up_at = min(turns + [at for at in (self._clock.set_after(self.now),) if at is not None])
        if self.music is not None and self.music.next_at == FOR_EVER:
            self._look_ahead(self.music)

    def _call(self, shown: Instant) -> None:
        """Claim the spots that are due on the second."""
        look = self._engine.sharp.look(shown)
        for event in look.missed:
            self._chronicle.tell(Missed(self.now, event, "the clock was set past it"))
        for event in look.due:
            self._engine.sharp.claim(event)
            reason = self._limit(event, shown) if self._open else "the venue was closed"
            if reason:
                self._chronicle.tell(Missed(self.now, event, reason))
            else:
                self._called.append(event)

    def _limit(self, event: SharpEvent, shown: Instant) -> str:
        called = [one for one in self._called if one.spot.id == event.spot.id]
        return self._engine.spots.limit(event.spot, shown, [shown for _ in called])

    # -- the music -----------------------------------------------------------------------------

    def _begin(self) -> None:
        shown = self._clock.shows(self.now)
        decision = self._engine.next(shown, self._world.unavailable, blind=self._blind)
        if decision is not None:
            self._sound(decision, self._world.prepare(decision.item, None))
        elif self._silent_since is None and not only_seen(self._engine.program):
            self._silent_since = self.now

    def _sound(self, decision: Decision, prepared: PreparedItem) -> None:
        self._note_sound()
        self._engine.take(decision, self._clock.shows(self.now))
        self.music = Sounding(decision, prepared, self.now, self.now)
        self._look_ahead(self.music)

    def _look_ahead(self, music: Sounding) -> None:
        """Decide what follows, and when, as the box does as soon as an item sounds."""
        lasts_s = alone_s(music.prepared, self._world.rules)
        passed_s, shown = self.now - music.started, self._clock.shows(self.now)
        following = music.following = self._engine.following(
            music.decision,
            Instant(shown - passed_s),
            shown,
            None if lasts_s is None else Seconds(max(lasts_s - passed_s, 0.0)),
            self._world.unavailable,
            blind=self._blind,
        )
        music.incoming = None
        music.next_at = music.over
        if following is None:
            ends_at = self._engine.gives_way_to_nothing_at(music.decision, shown)
            music.next_at = music.over if ends_at is None else self._clock.true_at(ends_at, self.now)
        else:
            music.incoming = self._world.prepare(following.decision.item, music.decision.item)
            music.next_at = self._gives_way_at(music, music.incoming, following.gives_way_at)

    def _gives_way_at(self, music: Sounding, incoming: PreparedItem, at: Instant | None) -> Instant:
        if at is not None:
            return self._clock.true_at(at, self.now)
        mix_at_s = plan(music.prepared, incoming, self._world.rules).mix_at_s or 0.0
        return Instant(music.started + max(mix_at_s - music.prepared.cue_in_s, SHORTEST_S))

    def _change_over(self, music: Sounding) -> None:
        """Let what follows begin; what played is cut, or is heard to its end below it."""
        self._leave()
        if music.is_cut:
            self._chronicle.tell(music.row(self.now, Ended.CUT))
        elif music.following is None and self.now < music.over:
            self._chronicle.tell(music.row(self.now, Ended.PLAYED))
        else:
            self._leaving = music
        self.music = None
        if music.following is None or music.incoming is None:
            self._begin()
        else:
            self._sound(music.following.decision, music.incoming)

    # -- spots on the second -------------------------------------------------------------------

    def _speak(self, event: SharpEvent) -> None:
        """Let a spot begin; the music goes on below it, is held, or is over."""
        spot, item = event.spot, self._engine.spots.item_of(event.spot, self._world.unavailable)
        if item is None or not isinstance(spot.when, Sharp):
            self._chronicle.tell(Missed(self.now, event, "nothing of it can be played"))
            return
        prepared = self._world.prepare(item, None)
        decision = Decision(
            at=event.at,
            item=item,
            origin=Origin(layer=Layer.SHARP_SPOT, source=spot.id),
            title=spot.title or spot.id,
            why=f"at {event.key.rpartition('T')[2]}",
        )
        self.spot = Sounding(decision, prepared, self.now, self.now)
        self.spot.next_at = self.spot.over
        self._engine.spots.spot_started(spot.id, item.id, self._clock.shows(self.now))
        self._make_room(spot.when.over, self.spot)

    def _make_room(self, over: Over, spot: Sounding) -> None:
        if over is not Over.DUCK:
            self._hushed_until = spot.next_at
        if self.music is not None:
            if over is Over.CUT:
                self._chronicle.tell(self.music.row(self.now, Ended.CUT))
                self.music = None
                return
            if over is Over.PAUSE:
                self.music.started = Instant(self.music.started + spot.next_at - self.now)
            self._look_ahead(self.music)

    # -- what is told --------------------------------------------------------------------------

    def _fall_silent(self) -> None:
        """Break off all that sounds, on purpose."""
        self._leave()
        for sounding in (self.music, self.spot):
            if sounding is not None:
                self._break_off(sounding)
        for event in self._called:
            self._chronicle.tell(Missed(self.now, event, "the venue was closed"))
        self._called.clear()
        self.music = self.spot = None
        self._hushed_until = self.now
        self._note_sound()

    def _tell_what_is_over(self) -> None:
        if self._leaving is not None and self.now >= self._leaving.over:
            self._leave()
        if self.spot is not None and self.now >= self.spot.over:
            self._break_off(self.spot)
            self.spot = None

    def _leave(self) -> None:
        """Tell of what has left the air to the next."""
        if self._leaving is not None:
            self._break_off(self._leaving)
            self._leaving = None

    def _break_off(self, sounding: Sounding) -> None:
        """Tell of something, whether or not it is over already."""
        ended = Ended.STOPPED if sounding.over > self.now else Ended.PLAYED
        self._chronicle.tell(sounding.row(min(sounding.over, self.now), ended))

    def _note_sound(self) -> None:
        """Tell the silence that is over now."""
        if self._silent_since is not None:
            self._chronicle.tell(Silence(self._silent_since, self.now))
            self._silent_since = None

    def _ready(self) -> Iterator[Happening]:
        """Give what is over, as far as nothing sounds that began before it."""
        sounding = [one.began for one in (self.music, self._leaving, self.spot) if one is not None]
        silent = [] if self._silent_since is None else [self._silent_since]
        yield from self._chronicle.until(min([*sounding, *silent], default=FOR_EVER))
