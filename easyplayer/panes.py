"""The outputs of the screen, as VideoPlayer sees them: many panes, and the same picture behind all of them.

What is to be seen, and what comes next, is told to all panes at once; each is brought there one by one, as
its driver answers.  One that comes late, or was started anew, joins the others where they are.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.component import Clock
from easyplayer.drivers.screen import (
    Output,
    OutputDown,
    OutputUp,
    Picture,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    Screen,
    ScreenMaker,
    ScreenReport,
)
from easyplayer.screen_view import OutputView
from easyplayer.units import Linear, Monotonic, Seconds

log = logging.getLogger(__name__)

LOADING_MAY_TAKE_S = Seconds(20.0)
SHOWING_MAY_TAKE_S = Seconds(10.0)
"""Drivers give up sooner, and say so; one that does neither hangs itself."""
LOADED_ANEW_AFTER_S = Seconds(1.0)
"""When an output that could not take a picture is given it once more."""

OnReport = Callable[[str, ScreenReport], object]


class Wanted(Struct, frozen=True):
    """What every pane is to show, or to hold behind what it shows.

    :ivar audible: whether it is heard, on the first of them.
    :ivar passed_s: for how long a still has been shown already.
    """

    picture: Picture
    audible: bool = False
    passed_s: Seconds = Seconds(0.0)

    @property
    def ticket(self) -> int:
        """The number of its load."""
        return self.picture.ticket


class Pane:
    """One output.

    :ivar view: how it is.
    :ivar shown: ticket of what is seen on it; 0 is nothing.
    :ivar held: ticket of what it was given to hold; 0 is nothing.
    :ivar ready: whether that can be shown.
    :ivar told: whether it was told to show that.
    :ivar passed_s: for how long others had shown a still when this one joined them.
    """

    def __init__(self, output: Output, screen: Screen, clock: Clock) -> None:
        self.output = output
        self.screen = screen
        self.passed_s = Seconds(0.0)
        self.view = OutputView(name=output.name, driver=str(output.driver))
        self.shown = self.held = 0
        self.ready = self.told = False
        self._clock = clock
        self._loads_since: Monotonic | None = None
        self._shows_since: Monotonic | None = None
        self._refused_at = Monotonic(float("-inf"))

    @property
    def up(self) -> bool:
        """Whether it can show something."""
        return self.view.up

    @property
    def unanswered(self) -> bool:
        """Whether it was told to hold or to show something, and has not answered in time."""
        now = self._clock()
        loads = self._loads_since is not None and now - self._loads_since > LOADING_MAY_TAKE_S
        shows = self._shows_since is not None and now - self._shows_since > SHOWING_MAY_TAKE_S
        return self.up and (loads or shows)

    def take(self, report: ScreenReport) -> None:
        """Take in what its driver says."""
        match report:
            case OutputUp(width, height, driver):
                self.view = structs.replace(
                    self.view, up=True, width=width, height=height, driver=driver, trouble=""
                )
            case OutputDown(detail):
                self.view = structs.replace(self.view, up=False, trouble=detail)
                self._forget()
            case PictureReady(ticket) if ticket == self.held:
                self.ready, self._loads_since = True, None
            case PictureShown(ticket, _) if ticket == self.held:
                self._forget()
                self.shown = ticket
            case PictureFailed(ticket, fault) if ticket == self.held:
                shown = self.shown
                self._forget()
                self.shown = shown
                if fault is PictureFault.OUTPUT:
                    self._refused_at = self._clock()

    def _forget(self) -> None:
        self.shown = self.held = 0
        self.ready = self.told = False
        self._loads_since = self._shows_since = None

    def hold(self, wanted: Wanted, *, audible: bool) -> None:
        """Have it hold a picture behind what it shows, unless it does, or has refused one just now."""
        if not self.up or self.held == wanted.ticket:
            return
        if self._clock() - self._refused_at < LOADED_ANEW_AFTER_S:
            return
        self.held, self.ready, self.told = wanted.ticket, False, False
        self.passed_s = wanted.passed_s
        self._loads_since = self._clock() if self._loads_since is None else self._loads_since
        mute = not (audible and wanted.audible and wanted.picture.sink)
        self.screen.load(structs.replace(wanted.picture, mute=mute))

    def show(self, at: Monotonic | None) -> None:
        """Have it show what it holds, now or at an instant."""
        if self.up and self.ready and not self.told:
            self.told = True
            self._shows_since = self._clock() if self._shows_since is None else self._shows_since
            self.screen.show(self.held, at)

    def clear(self) -> None:
        """Have it show nothing."""
        self._forget()
        self.screen.clear()


class Panes:
    """All outputs.

    :param report: takes what their drivers say, with the name of the output; called from their threads.
    :ivar layers: what is drawn over the picture.
    """

    def __init__(self, make_screen: ScreenMaker, report: OnReport, clock: Clock) -> None:
        self.layers: dict[str, str] = {}
        self._make_screen = make_screen
        self._report = report
        self._clock = clock
        self._panes: dict[str, Pane] = {}
        self._numbers: dict[str, int] = {}
        self._gain = Linear(1.0)
        self._paused = False

    def __iter__(self) -> Iterator[Pane]:
        return iter(self._panes.values())

    @property
    def up(self) -> tuple[Pane, ...]:
        """Those that can show something; the first of them is the one that is heard."""
        return tuple(pane for pane in self if pane.up)

    @property
    def views(self) -> tuple[OutputView, ...]:
        """How each of them is."""
        return tuple(pane.view for pane in self)

    def pane(self, name: str) -> Pane | None:
        """Give the one of a name."""
        return self._panes.get(name)

    # -- outputs that come and go --------------------------------------------------------------

    def use(self, outputs: Iterable[Output]) -> None:
        """Show on these outputs, and on no others."""
        wanted = {output.name: output for output in outputs}
        for name, pane in [*self._panes.items()]:
            if wanted.get(name) != pane.output:
                del self._panes[name]
                self._numbers[name] += 1
                pane.screen.release()
        for name in [name for name in wanted if name not in self._panes]:
            self._panes[name] = self._made(wanted[name])
        self._panes = {name: self._panes[name] for name in wanted}

    def replace(self, name: str) -> None:
        """Leave a screen that does not answer to itself, and take a new one."""
        pane = self._panes.get(name)
        if pane is not None:
            self._numbers[name] += 1
            pane.screen.release()
            self._panes[name] = self._made(pane.output)

    def _made(self, output: Output) -> Pane:
        number = self._numbers[output.name] = self._numbers.get(output.name, 0) + 1

        def report(news: ScreenReport) -> None:
            if self._numbers.get(output.name) == number:  # one that was let go has no say any more
                self._report(output.name, news)

        screen = self._make_screen(output, report)
        pane = Pane(output, screen, self._clock)
        screen.set_gain(self._gain)
        for name, ass in self.layers.items():
            screen.draw(name, ass)
        return pane

    def close(self) -> None:
        """End all of them."""
        for pane in self:
            pane.screen.close()
        self._panes.clear()

    # -- what is seen --------------------------------------------------------------------------

    def take(self, name: str, report: ScreenReport) -> bool:
        """Take in what an output says; tell whether there is one of this name."""
        pane = self._panes.get(name)
        if pane is None:
            return False
        was_up = pane.up
        pane.take(report)
        if pane.up and not was_up and self._paused:
            pane.screen.pause()
        return True

    def settle(self, air: Wanted | None, following: Wanted | None, at: Monotonic | None = None) -> None:
        """Bring each pane on: to what is to be seen, and then to hold what follows it.

        :param at: instant at which it is to be seen; ``None`` is at once.
        """
        first = next(iter(self.up), None)
        for pane in self.up:
            if air is None or pane.shown == air.ticket:
                if following is not None:
                    pane.hold(following, audible=pane is first)
                continue
            pane.hold(air, audible=pane is first)
            if pane.held == air.ticket:
                pane.show(at)

    def hold_ready(self, ticket: int) -> tuple[bool, bool]:
        """Tell whether any pane can show a picture now, and whether all that are up can."""
        able = [pane.held == ticket and pane.ready for pane in self.up]
        return any(able), bool(able) and all(able)

    def first_with(self, ticket: int) -> Pane | None:
        """Give the first on which a picture is seen: the one whose time counts."""
        return next((pane for pane in self.up if pane.shown == ticket), None)

    def clear(self) -> None:
        """Show nothing but the layers."""
        for pane in self:
            pane.clear()

    def draw(self, layers: Mapping[str, str]) -> None:
        """Draw layers, in place of those of the same names; what is on them already is not drawn again."""
        for name, ass in layers.items():
            if self.layers.get(name, "") != ass:
                self.layers[name] = ass
                for pane in self:
                    pane.screen.draw(name, ass)

    def pause(self) -> None:
        """Hold the picture."""
        self._paused = True
        for pane in self:
            pane.screen.pause()

    def resume(self) -> None:
        """Let the picture go on."""
        if self._paused:
            self._paused = False
            for pane in self:
                pane.screen.resume()

    def set_gain(self, gain: Linear) -> None:
        """Set the gain of what is heard."""
        if gain != self._gain:
            self._gain = gain
            for pane in self:
                pane.screen.set_gain(gain)

    def screenshot(self, path: Path, done: Callable[[str], object]) -> None:
        """Write what is seen to a file; ``done`` takes the trouble in words, from a thread of its own."""
        if self.up:
            self.up[0].screen.screenshot(path, done)
        else:
            done("no output of the screen is up")
