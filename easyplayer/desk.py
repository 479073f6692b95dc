"""The mixing desk: two channel strips, which of them is on air, and how they change over."""

from collections.abc import Callable
from functools import partial

from easyplayer.drivers.deck import DeckMaker, DeckReport
from easyplayer.fade import Fade
from easyplayer.playout.catalogue import ItemKind, PreparedItem
from easyplayer.playout.machine import DeckPhase
from easyplayer.playout.transition import Rules, Transition, plan
from easyplayer.strip import Strip
from easyplayer.ticker import Action, Deadline, Ticker
from easyplayer.units import Linear, Percent, Seconds, volume_to_linear

SOFT_START_S = Seconds(0.05)
RESUMED_START_S = Seconds(0.5)
LOADING_MAY_TAKE_S = Seconds(2.0)
STREAM_LOADING_MAY_TAKE_S = Seconds(10.0)
STUCK_AFTER_S = Seconds(1.0)
STREAM_STUCK_AFTER_S = Seconds(6.0)


class Desk:
    """Two decks that take turns.

    :ivar air: the strip that is on air, or was last.
    :ivar free: the other one: empty, held for what is next, or leaving.
    :ivar sink: name of the output, or the empty string while there is none.
    :ivar transition: how what is on air gives way to what is held, once that is planned.
    """

    def __init__(
        self, make_deck: DeckMaker, report: Callable[[str, DeckReport], object], rules: Rules, ticker: Ticker
    ) -> None:
        self.air, self.free = (Strip(name, make_deck, partial(report, name), ticker) for name in ("A", "B"))
        self.strips = {strip.name: strip for strip in (self.air, self.free)}
        self.sink = ""
        self.transition: Transition | None = None
        self._rules = rules
        self._ticker = ticker
        self._change: Deadline | None = None

    @property
    def held(self) -> bool:
        """Whether the next item is loaded and can start within milliseconds."""
        return self.free.phase is DeckPhase.READY

    @property
    def leaving(self) -> bool:
        """Whether the item before the one on air is still on its deck."""
        return self.free.phase is DeckPhase.LEAVING

    @property
    def coming(self) -> PreparedItem | None:
        """The item that is held for what is next, or is about to be."""
        return None if self.leaving else self.free.prepared

    def load(self, prepared: PreparedItem, start_s: Seconds | None, *, fade_s: Seconds | None = None) -> None:
        """Hold an item on the free strip.

        :param start_s: position to start at; ``None`` is the item's cue in.
        :param fade_s: length of its fade in; ``None`` leaves it to the transition from what is on
            air, or to a soft start where nothing is.
        """
        at_s = prepared.cue_in_s if start_s is None else start_s
        if fade_s is not None:
            fade_in: Fade | None = Fade(at_s, fade_s)
        elif self.air.prepared is None:
            fade_in = Fade(at_s, SOFT_START_S if start_s is None else RESUMED_START_S)
        else:
            fade_in = plan(self.air.prepared, prepared, self._rules).fade_in
        self.free.load(prepared, at_s, fade_in, self.sink)

    def reload(self, position_s: Seconds) -> None:
        """Load what is on air anew, to go on at a position."""
        if self.air.prepared is not None:
            self.cancel_change()
            self.air.load(self.air.prepared, position_s, Fade(position_s, SOFT_START_S), self.sink)

    def plan_change(self, start: Action) -> None:
        """Plan how the held item follows the one on air, and set the instant.

        :param start: what to do at the instant.
        """
        outgoing, incoming = self.air.prepared, self.free.prepared
        if not self.held or outgoing is None or incoming is None:
            return
        transition = plan(outgoing, incoming, self._rules)
        if transition != self.transition:
            self.transition = transition
            if transition.fade_out is not None:
                self.air.fade_out(transition.fade_out)
        self.set_instant(start)

    def set_instant(self, start: Action) -> None:
        """Set the instant of the change after the newest reading of the deck's clock."""
        mix_at_s = self.transition.mix_at_s if self.transition else None
        when = None if mix_at_s is None else self.air.when(mix_at_s)
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
        self.transition = None

    def change_over(self) -> Strip:
        """Start what is held and let what is on air leave; tell which strip leaves."""
        self.cancel_change()
        leaving, self.air, self.free = self.air, self.free, self.air
        self.air.play()
        if leaving.phase is DeckPhase.ON_AIR:
            leaving.leave()
        else:
            leaving.eject()
        return leaving

    def clear(self) -> None:
        """Take everything off."""
        self.cancel_change()
        for strip in self.strips.values():
            strip.eject()

    def turn(self, volume: Percent) -> None:
        """Turn the volume of all strips."""
        for strip in self.strips.values():
            strip.set_master(volume_to_linear(volume))

    def fade_all(self, seconds: Seconds) -> None:
        """Fade all that sounds to silence."""
        self.cancel_change()
        for strip in self.strips.values():
            if strip.phase in {DeckPhase.ON_AIR, DeckPhase.LEAVING}:
                strip.ramp(Linear(0.0), seconds)

    def stuck(self) -> bool:
        """Tell whether what is on air should go on and does not."""
        on_air = self.air.phase is DeckPhase.ON_AIR and not self.air.ended
        return on_air and self._still_for(self.air, STUCK_AFTER_S, STREAM_STUCK_AFTER_S)

    def unanswered(self) -> Strip | None:
        """Find a strip whose deck was told to load and has not answered in time."""
        for strip in self.strips.values():
            if strip.phase is DeckPhase.LOADING and self._still_for(
                strip, LOADING_MAY_TAKE_S, STREAM_LOADING_MAY_TAKE_S
            ):
                return strip
        return None

    def _still_for(self, strip: Strip, file_s: Seconds, stream_s: Seconds) -> bool:
        endless = strip.prepared is not None and strip.prepared.item.kind is ItemKind.STREAM
        return self._ticker.clock() - strip.moved_at > (stream_s if endless else file_s)
