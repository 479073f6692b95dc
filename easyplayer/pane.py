"""One output of the screen, as its driver tells of it: what is seen and heard of it, and what it holds."""

from msgspec import Struct, structs

from easyplayer.component import Clock
from easyplayer.drivers.screen import (
    Output,
    OutputDown,
    OutputUp,
    Picture,
    PictureAdvanced,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    Screen,
    ScreenReport,
)
from easyplayer.screen_view import OutputView
from easyplayer.units import Monotonic, Seconds

LOADING_MAY_TAKE_S = Seconds(20.0)
SHOWING_MAY_TAKE_S = Seconds(25.0)
"""Drivers give up sooner, and say so; one that does neither hangs itself."""
UNHEARD_OF_AFTER_S = Seconds(5.0)
"""A picture of which its driver has told nothing for so long does not go on."""
STANDS_AFTER_S = Seconds(30.0)
"""Nor does one that was at the same place for so long, whatever a driver thinks of it."""
HEARD_ANEW_AFTER_S = Seconds(5.0)
"""How soon a picture is loaded once more to be heard: each time it is cut anew, and people see that."""
WORTH_HEARING_S = Seconds(3.0)
LOADED_ANEW_AFTER_S = Seconds(1.0)
"""When an output that could not take a picture is given it once more."""


class Wanted(Struct, frozen=True):
    """What every pane is to show, or to hold behind what it shows.

    :ivar audible: whether it is heard, on one of them.
    :ivar passed_s: for how long a still has been shown already.
    """

    picture: Picture
    audible: bool = False
    passed_s: Seconds = Seconds(0.0)

    @property
    def ticket(self) -> int:
        """The number of its load."""
        return self.picture.ticket

    def sink(self, *, audible: bool) -> str:
        """Name the sink that it is heard on, at an output that may be heard or not; empty is mute."""
        return self.picture.sink if audible and self.audible else ""

    @property
    def worth_hearing(self) -> bool:
        """Whether enough of it is left to have it cut anew for its sound."""
        return self.picture.length_s is None or self.picture.length_s >= WORTH_HEARING_S


class Pane:
    """One output.

    :ivar view: how it is.
    :ivar shown: ticket of what is seen on it; 0 is nothing.
    :ivar sink: the sink that is heard on; empty where it is mute, or its sink was lost.
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
        self.sink = self._held_sink = ""
        self._sink_lost = False
        self.ready = self.told = False
        self._aloud = False
        self._position_s = Seconds(0.0)
        self._clock = clock
        self._told_at = self._moved_at = clock()
        self._heard_anew_at = Monotonic(float("-inf"))
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
            case _:
                self._take_of_picture(report)

    def _take_of_picture(self, report: ScreenReport) -> None:
        match report:
            case PictureReady(ticket) if ticket == self.held:
                self.ready, self._loads_since = True, None
            case PictureShown(ticket, _) if ticket == self.held:
                sink, lost = self._held_sink, self._sink_lost
                self._forget()
                self.shown, self.sink, self._aloud = ticket, "" if lost else sink, bool(sink)
                self.go_on()
            case PictureAdvanced(ticket, position_s, _) if ticket == self.shown:
                self._told_at = self._clock()
                if position_s != self._position_s:
                    self._position_s, self._moved_at = position_s, self._told_at
            case PictureFailed(ticket, fault) if ticket == self.held:
                self._forget_held()
                if fault is PictureFault.OUTPUT:
                    self._refused_at = self._clock()

    def _forget(self) -> None:
        self.shown, self.sink, self._aloud = 0, "", False
        self._forget_held()

    def _forget_held(self) -> None:
        self.held, self._held_sink, self._sink_lost = 0, "", False
        self.ready = self.told = False
        self._loads_since = self._shows_since = None

    def hold(self, wanted: Wanted, *, audible: bool) -> None:
        """Have it hold a picture behind what it shows, unless it does, or has refused one just now."""
        sink = wanted.sink(audible=audible)
        if not self.up or (self.held == wanted.ticket and (self.told or self._held_sink == sink)):
            return
        if self._clock() - self._refused_at < LOADED_ANEW_AFTER_S:
            return
        self.held, self.ready, self.told = wanted.ticket, False, False
        self._held_sink, self._sink_lost = sink, False
        self.passed_s = wanted.passed_s
        self._loads_since = self._clock() if self._loads_since is None else self._loads_since
        if self.shown == wanted.ticket:
            self._heard_anew_at = self._clock()
        self.screen.load(structs.replace(wanted.picture, mute=not sink))

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

    def go_on(self) -> None:
        """Count from now whether what it shows goes on."""
        self._told_at = self._moved_at = self._clock()

    @property
    def goes_on(self) -> bool:
        """Whether its driver has told of what it shows a moment ago, and that it is not always at one place.

        Where it should have moved by now only the driver knows: the pictures of a slide show stand.
        """
        now = self._clock()
        return now - self._told_at < UNHEARD_OF_AFTER_S and now - self._moved_at < STANDS_AFTER_S

    def speaks(self, ticket: int) -> bool:
        """Tell whether it is the one that was given a picture to be heard, or is about to show it so."""
        return (self.shown == ticket and self._aloud) or (self.held == ticket and bool(self._held_sink))

    def is_to_be_heard_anew(self, wanted: Wanted) -> bool:
        """Tell whether what it shows should be heard, and is not: the sink was lost, or another output."""
        under_way = self.held == wanted.ticket
        may_be = wanted.worth_hearing and self._clock() - self._heard_anew_at >= HEARD_ANEW_AFTER_S
        return wanted.sink(audible=True) not in {"", self.sink} and (under_way or may_be)

    def lose_sound(self) -> None:
        """Learn that there is no sink any more."""
        self.sink, self._sink_lost = "", True
