"""The mixing desk: two channel strips, which of them is on air, and how they change over."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial

from msgspec import Struct, structs

from easyplayer.drivers.deck import DeckMaker, DeckReport
from easyplayer.fade import Curve, Fade
from easyplayer.fader import Fader
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import DeckPhase
from easyplayer.playout.transition import Rules, Transition, plan
from easyplayer.strip import Strip
from easyplayer.ticker import Action, Deadline, Ticker
from easyplayer.units import Linear, Monotonic, Seconds, volume_to_linear

SOFT_START_S = Seconds(0.05)
RESUMED_START_S = Seconds(0.5)
GIVE_WAY_S = Seconds(1.0)
"""How long what is on air takes to go, where something is due before it is over."""


class Speaker(StrEnum):
    """Who may have the floor, so that the music is silent meanwhile."""

    SPOT = "spot"
    CLIP = "clip"


class Cue(Struct, frozen=True):
    """What comes next, and how.

    :ivar start_s: position to start at; ``None`` is the item's cue in.
    :ivar at: instant at which it starts, whatever is on air; ``None`` when that is over.
    """

    prepared: PreparedItem
    start_s: Seconds | None = None
    at: Monotonic | None = None

    def learn(self, prepared: PreparedItem) -> "Cue":
        """Give the same cue with what is known of its item by now."""
        return structs.replace(self, prepared=prepared) if prepared.item.id == self.prepared.item.id else self


class Desk:
    """Two decks that take turns.

    :ivar air: the strip that is on air, or was last.
    :ivar free: the other one: empty, held for what is next, or leaving.
    :ivar sink: name of the output, or the empty string while there is none.
    :ivar transition: how what is on air gives way to what is held, once that is planned.
    :ivar cue: what is held on the free strip, or is about to be; ``None`` where nothing is.
    :ivar music: the fader of all music, which turns it down below what is said over it.
    :ivar floor: who has the floor, so that no music may start: spots, or a clip.
    """

    def __init__(
        self, make_deck: DeckMaker, report: Callable[[str, DeckReport], object], rules: Rules, ticker: Ticker
    ) -> None:
        self.air, self.free = (Strip(name, make_deck, partial(report, name), ticker) for name in ("A", "B"))
        self.strips = {strip.name: strip for strip in (self.air, self.free)}
        self.sink = ""
        self.transition: Transition | None = None
        self.cue: Cue | None = None
        self.music = Fader(ticker, self._turn_music, Curve.LINEAR)
        self.floor: set[Speaker] = set()
        self._rules = rules
        self._ticker = ticker
        self._change: Deadline | None = None

    @property
    def hushed(self) -> bool:
        """Whether no music may start, because somebody has the floor."""
        return bool(self.floor)

    @property
    def held(self) -> bool:
        """Whether the next item is loaded and can start within milliseconds."""
        return self.free.phase is DeckPhase.READY and not self.hushed

    @property
    def leaving(self) -> bool:
        """Whether the item before the one on air is still on its deck."""
        return self.free.phase is DeckPhase.LEAVING

    @property
    def due(self) -> Monotonic | None:
        """Instant at which what is held starts, whatever is on air; ``None`` when that is over."""
        return self.cue.at if self.cue is not None else None

    @property
    def overdue(self) -> bool:
        """Whether the instant of what is held has come."""
        return self.due is not None and self.due <= self._ticker.clock()

    def load(self, cue: Cue, *, fade_s: Seconds | None = None) -> None:
        """Hold an item on the free strip.

        :param fade_s: length of its fade in; ``None`` leaves it to the transition from what is on
            air, or to a soft start where nothing is.
        """
        prepared = cue.prepared
        at_s = prepared.cue_in_s if cue.start_s is None else cue.start_s
        self.cancel_change()
        self.cue = cue
        if fade_s is not None:
            fade_in: Fade | None = Fade(at_s, fade_s)
        elif self.air.prepared is None:
            fade_in = Fade(at_s, SOFT_START_S if cue.start_s is None else RESUMED_START_S)
        elif cue.at is not None:
            fade_in = self._sharp_fade(cue, at_s)
        else:
            fade_in = plan(self.air.prepared, prepared, self._rules).fade_in
        self.free.load(prepared, at_s, fade_in, self.sink)

    def reload(self, position_s: Seconds) -> None:
        """Load what is on air anew, to go on at a position."""
        if self.air.prepared is not None:
            self.cancel_change()
            self.air.load(self.air.prepared, position_s, Fade(position_s, SOFT_START_S), self.sink)

    def drop(self) -> None:
        """Take off what is held, or is about to be."""
        self.cancel_change()
        self.cue = None
        self.free.eject()

    def plan_change(self, start: Action) -> None:
        """Plan how the held item follows the one on air, and set the instant.

        :param start: what to do at the instant.
        """
        outgoing, incoming = self.air.prepared, self.free.prepared
        if not self.held or outgoing is None or incoming is None:
            return
        transition = plan(outgoing, incoming, self._rules) if self.due is None else None
        if transition is None or transition.fade_out is None:
            self.air.stay()
        elif transition != self.transition:
            self.air.fade_out(transition.fade_out)
        self.transition = transition
        self.set_instant(start)

    def set_instant(self, start: Action) -> None:
        """Set the instant of the change after the newest reading of the deck's clock."""
        when = self._instant()
        if when is None or not self.held:
            return
        if self._change is not None:
            self._change.cancel()
        self._change = self._ticker.at(when, start)

    def cancel_change(self) -> None:
        """Forget the planned change; what is on air stays."""
        if self._change is not None:
            self._change.cancel()
            self._change = None
        if self.transition is not None:
            self.transition = None
            self.air.stay()

    def change_over(self) -> Strip:
        """Start what is held and let what is on air leave; tell which strip leaves."""
        overdue, self.cue, self.transition = self.overdue, None, None
        self.cancel_change()
        leaving, self.air, self.free = self.air, self.free, self.air
        self.air.play()
        if leaving.phase is not DeckPhase.ON_AIR:
            leaving.eject()
            return leaving
        leaving.leave()
        if overdue:
            leaving.ramp(Linear(0.0), GIVE_WAY_S)
        return leaving

    def learn(self, prepared: PreparedItem) -> None:
        """Learn more of an item that is on a strip already: where it ends, above all."""
        self.cue = self.cue and self.cue.learn(prepared)
        for strip in self.strips.values():
            if strip.prepared is not None and strip.prepared.item.id == prepared.item.id:
                strip.prepared = prepared

    def clear(self) -> None:
        """Take everything off."""
        self.cancel_change()
        self.cue = None
        for strip in self.strips.values():
            strip.eject()

    def turn(self, volume: float) -> None:
        """Turn the volume of all strips."""
        for strip in self.strips.values():
            strip.set_master(volume_to_linear(volume))

    def fade_all(self, seconds: Seconds) -> None:
        """Fade all that sounds to silence."""
        self.cancel_change()
        for strip in self.strips.values():
            if strip.phase in {DeckPhase.ON_AIR, DeckPhase.LEAVING}:
                strip.ramp(Linear(0.0), seconds)

    def unanswered(self) -> Strip | None:
        """Find a strip whose deck was told to load and has not answered in time."""
        return next((strip for strip in self.strips.values() if strip.unanswered), None)

    def _sharp_fade(self, cue: Cue, at_s: Seconds) -> Fade | None:
        """Fade in what starts at an instant: not at all in time, and as the other gives way when late."""
        length_s = cue.prepared.fade_in_s
        if length_s is None and self.overdue:
            length_s = GIVE_WAY_S
        elif length_s is None and cue.start_s is not None:
            length_s = SOFT_START_S
        return Fade(at_s, length_s) if length_s else None

    def _instant(self) -> Monotonic | None:
        """Tell when what is held is to start: when it is due, or when what is on air runs out before."""
        air = self.air
        if self.due is None:
            mix_at_s = self.transition.mix_at_s if self.transition else None
            return None if mix_at_s is None else air.when(mix_at_s)
        end_s = air.prepared.cue_out_s if air.prepared and not air.endless else None
        ends = None if end_s is None else air.when(end_s)
        return self.due if ends is None else min(self.due, ends)

    def _turn_music(self, gain: Linear) -> None:
        for strip in self.strips.values():
            strip.set_talkover(gain)
