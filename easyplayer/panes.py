"""The outputs of the screen, as VideoPlayer sees them: many panes, and the same picture behind all of them.

What is to be seen, and what comes next, is told to all panes at once; each is brought there one by one, as
its driver answers.  One that comes late, or was started anew, joins the others where they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from easyplayer.component import Clock
from easyplayer.drivers.screen import Output, ScreenMaker, ScreenReport
from easyplayer.pane import Pane, Wanted
from easyplayer.screen_view import OutputView
from easyplayer.units import Linear, Monotonic

OnReport = Callable[[str, ScreenReport], object]


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
        """Those that can show something; the first of them is the one that is heard, if none is already."""
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
        voice = first if air is None else next((pane for pane in self.up if pane.speaks(air.ticket)), first)
        for pane in self.up:
            if air is None or self._is_settled(pane, air, audible=pane is voice):
                if following is not None:
                    pane.hold(following, audible=pane is first)
                continue
            pane.hold(air, audible=pane is voice)
            if pane.held == air.ticket:
                pane.show(at)

    def _is_settled(self, pane: Pane, air: Wanted, *, audible: bool) -> bool:
        """Tell whether a pane shows what is to be seen, and is heard if it is the one that should be."""
        if pane.shown != air.ticket:
            return False
        return self._paused or not (audible and pane.is_to_be_heard_anew(air))

    def lose_sound(self) -> None:
        """Learn that there is no sink any more: what is shown is heard anew when there is."""
        for pane in self:
            pane.lose_sound()

    def goes_on(self, ticket: int) -> bool:
        """Tell whether a picture goes on, on any of them."""
        return any(pane.shown == ticket and pane.goes_on for pane in self.up)

    def is_heard(self, wanted: Wanted) -> bool:
        """Tell whether a picture is really heard: one of them shows it aloud, on the sink that there is."""
        sink = wanted.sink(audible=True)
        return any(
            pane.shown == wanted.ticket and pane.sink == sink != "" and (self._paused or pane.goes_on)
            for pane in self.up
        )

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
                pane.go_on()
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
