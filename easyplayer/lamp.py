"""Which outputs there are for pictures, and whether the displays at them are awake.

Displays come and go; a venue that has closed needs none, and a lamp that burns all night burns out.
Nothing of this is ever waited for: without any display the music goes on.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from circuits import handler
from msgspec import Struct

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.device_watch import Display
from easyplayer.drivers.panel import Panel
from easyplayer.drivers.screen import Output
from easyplayer.drivers.screens_found import Found
from easyplayer.errors import DeviceError
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.standing import OpeningHours, Verdict
from easyplayer.screen_events import outputs_found, outputs_seen, turn_screen
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(30.0)
"""How often is looked for displays, and at the hours, whoever says that something has changed or not."""
MUSIC_MAY_TAKE_S = Seconds(8.0)
"""The music comes first: a player of pictures that starts takes a processor from it.  So long is waited."""
SETTLES_S = Seconds(0.5)
"""How long a display that was plugged in needs until all is known of it."""
CLOSED_SHINES_S = Seconds(60.0)
"""How long displays stay awake after the venue has closed."""
LETS_GO_S = Seconds(2.0)
"""How long the players may take to let go of the graphics cards, before the displays can sleep."""

LookForOutputs = Callable[[tuple[str, ...]], Found]
"""Looks which outputs there are now, told the names of those that are used; may take a moment."""
FindPanels = Callable[[Sequence[Output]], Sequence[Panel]]
"""Gives all ways to have the displays at some outputs sleep."""
EMERGENCY = Verdict(True, "an emergency was declared")


class Hours(Struct, frozen=True):
    """When displays may be awake.

    :ivar span: daily, in local time; ``None`` is whenever the box may play.
    :ivar local_time: tells the local time of the machine.
    """

    span: OpeningHours | None
    local_time: Callable[[], datetime]

    def judge(self, *, knows_time: bool) -> Verdict:
        """Judge whether they may now; an unknown time closes nothing."""
        if self.span is None or not knows_time or self.span.contain(self.local_time()):
            return Verdict(True, "")
        return Verdict(False, f"off by its hours until {self.span.opens:%H:%M}")


class Switch:
    """Has displays wake and sleep; used on one thread only.

    Each trouble is told once, until the display has done what it was told.
    """

    def __init__(self, find: FindPanels) -> None:
        self._find = find
        self._refused: dict[str, set[str]] = {}

    def turn(self, outputs: Sequence[Output], *, on: bool) -> None:
        """Turn the displays at some outputs."""
        for panel in self._find(outputs):
            self._turn(panel, on=on)

    def insist(self, outputs: Sequence[Output], *, on: bool) -> None:
        """Turn one of those once more that have not done what they were told; each may take seconds."""
        there = {panel.name: panel for panel in self._find(outputs)} if self._refused else {}
        name = next((one for one in self._refused if one in there), "")
        if name:
            self._refused[name] = self._refused.pop(name)  # its turn comes again behind the others
            self._turn(there[name], on=on)

    def _turn(self, panel: Panel, *, on: bool) -> None:
        try:
            if on:
                panel.wake()
            else:
                panel.rest()
        except DeviceError as error:
            told = self._refused.setdefault(panel.name, set())
            if str(error) not in told:
                told.add(str(error))
                log.warning("%s cannot %s: %s", panel.name, {True: "wake", False: "rest"}[on], error)
        else:
            self._refused.pop(panel.name, None)


class Lamp(BoxComponent):
    """Tells which outputs there are, and has the displays wake and sleep.

    :param look: looks for outputs.
    :param panels: finds the displays at them.
    :param worker: a thread of its own: a television takes seconds to answer.
    :ivar on: whether displays are to be awake; ``None`` before that is known.
    """

    def __init__(
        self,
        look: LookForOutputs,
        panels: FindPanels,
        hours: Hours,
        ticker: Ticker,
        worker: Background,
    ) -> None:
        super().__init__()
        self._look = look
        self._switch = Switch(panels)
        self._hours = hours
        self._ticker = ticker
        self._worker = worker
        self._found: Found | None = None
        self._allowed: Verdict | None = None
        self._knows_time = True
        self._emergency = False
        self._told: Verdict | None = None
        self._beginning: Deadline | None = None
        self._closing: Deadline | None = None
        self._sleeping: Deadline | None = None
        self.on: bool | None = None

    def open(self) -> None:
        """Look what is there as soon as there is music, or it takes long, and go on looking."""
        self._beginning = self._ticker.after(MUSIC_MAY_TAKE_S, self._begin)

    def _begin(self) -> None:
        self._look_again()
        self._ticker.every(LOOK_EVERY_S, self._look_again)

    # -- which outputs there are ---------------------------------------------------------------

    @handler("item_started")
    def _on_item(self, _prepared: PreparedItem, _position_s: Seconds) -> None:
        if self._beginning is not None and self._beginning.pending:
            self._beginning.strike()

    def _look_again(self) -> None:
        shown = tuple(one.name for one in self._outputs)
        self._worker.do(lambda: outputs_seen(self._look(shown)))
        self._judge()
        self._insist()

    @handler("display_changed")
    def _on_display(self, display: Display, present: bool) -> None:
        if not present and self._found is not None:
            self._take(without(self._found, display.id))
        if self._found is not None:
            self._ticker.after(SETTLES_S, self._look_again)

    @handler("outputs_seen")
    def _on_seen(self, found: Found) -> None:
        self._take(found)

    def _take(self, found: Found) -> None:
        before, self._found = self._found, found
        if before == found:
            return
        for note in found.notes if found.outputs else ():  # where there is none, VideoPlayer tells why
            if before is None or note not in before.notes:
                log.info("screen: %s", note)
        if before is None or (before.outputs, before.displays) != (found.outputs, found.displays):
            for swapped in swaps(before, found) if before is not None else ():
                self.fire(outputs_found(without(found, swapped).outputs, f"display {swapped} is another one"))
            self.fire(outputs_found(found.outputs, "; ".join(found.notes)))
            if self.on is not None:
                self._turn_displays()

    # -- whether they are awake ----------------------------------------------------------------

    @handler("allowance_changed")
    def _on_allowance(self, allowed: bool, reason: str) -> None:
        self._allowed = Verdict(allowed, reason)
        self._judge()

    @handler("clock_judged")
    def _on_clock(self, trust: ClockTrust) -> None:
        self._knows_time = trust is not ClockTrust.UNKNOWN
        self._judge()

    @handler("clock_stepped")
    def _on_step(self, _by_s: Seconds) -> None:
        self._judge()

    @handler("play_emergency")
    def _on_emergency(self, _item: Item) -> None:
        self._emergency = True
        self._judge()

    @handler("end_emergency")
    def _on_emergency_over(self) -> None:
        self._emergency = False
        self._judge()

    def _judge(self) -> None:
        """Turn the displays as it is right now; a venue that has just closed has them awake for a while."""
        if self._allowed is None:
            return
        by_hours = EMERGENCY if self._emergency else self._hours.judge(knows_time=self._knows_time)
        if not by_hours.allowed:
            self._turn(by_hours)
        elif self._allowed.allowed:
            self._turn(EMERGENCY if self._emergency else self._allowed)
        elif self.on is False:
            self._turn(self._allowed)
        elif self._closing is None:
            self._closing = self._ticker.after(CLOSED_SHINES_S, self._close_down)

    def _close_down(self) -> None:
        if self._allowed is not None:
            self._turn(self._allowed)

    def _turn(self, verdict: Verdict) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if verdict == self._told:
            return
        self._told = verdict
        turned, self.on = self.on is not verdict.allowed, verdict.allowed
        if turned:
            log.info("screen on: %s" if self.on else "screen off: %s", verdict.reason)
            self._turn_displays()
        self.fire(turn_screen(on=verdict.allowed, reason=verdict.reason))

    def _turn_displays(self) -> None:
        """Wake the displays at once; have them sleep when the players have let go of the graphics cards."""
        if self._sleeping is not None:
            self._sleeping.cancel()
        outputs = self._outputs
        if self.on:
            self._worker.do(lambda: self._switch.turn(outputs, on=True))
        else:
            self._sleeping = self._ticker.after(
                LETS_GO_S, lambda: self._worker.do(lambda: self._switch.turn(outputs, on=False))
            )

    def _insist(self) -> None:
        """Tell those displays again that did not obey: a television without power has heard nothing."""
        outputs, on = self._outputs, self.on
        about_to_sleep = self._sleeping is not None and self._sleeping.pending
        if on is not None and not about_to_sleep:
            self._worker.do(lambda: self._switch.insist(outputs, on=on))

    @property
    def _outputs(self) -> tuple[Output, ...]:
        return self._found.outputs if self._found is not None else ()


def swaps(before: Found, found: Found) -> tuple[str, ...]:
    """Name the displays in whose place there is another one, which can show something else."""
    old = before.displays
    return tuple(name for name, one in found.displays.items() if name in old and old[name] != one)


def without(found: Found, display: str) -> Found:
    """Give what is found without a display that is gone."""
    return Found(
        outputs=tuple(one for one in found.outputs if one.name != display),
        displays={name: one for name, one in found.displays.items() if name != display},
        notes=(*found.notes, f"display {display} is gone"),
    )
