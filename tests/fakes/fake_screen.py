"""Screens in memory: they show pictures that never were, as fast as a test lets the clock go.

They behave as mpv was measured to: a player needs a moment to start, and a moment for each change; it finds
out that a file is no picture only when that is to be shown; what is over stays; and after a fall the screen
starts another player by itself.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.screen import (
    STARVED_AFTER_S,
    Output,
    OutputDown,
    OutputUp,
    Picture,
    PictureAdvanced,
    PictureEnded,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    PictureStuck,
    Report,
)
from easyplayer.units import Linear, Monotonic, Seconds
from tests.fakes.clock import HeldClock

WIDTH, HEIGHT, DRIVER = 1920, 1080, "fake"
STARTING_S = Seconds(0.2)
PATIENCE_S = Seconds(0.5)
CHANGING_S = Seconds(0.03)
PRELOADING_S = Seconds(0.05)
READING_EVERY_S = Seconds(0.5)
STUCK_AFTER_S = Seconds(4.0)
EXACT_S = 1e-6
IS_DOWN = "the output is down"


class Footage(Struct, kw_only=True):
    """A picture as a screen finds it; a test may change it at any time.

    :ivar length_s: how much of it there is; ``None`` never ends.
    :ivar unreadable: what is told when it is loaded.
    :ivar no_picture: what is told when it is to be shown.
    :ivar kills: whether the player ends when it loads it.
    :ivar opening_s: how long the player needs to load it; ``None`` never answers.
    :ivar changing_s: how long the cut to it takes.
    :ivar breaks_at_s: where it cannot be read any further, which is told as a fault.
    :ivar starves_at_s: where a stream's data stops, which is told as a fault after a while.
    """

    length_s: float | None = 10.0
    unreadable: str = ""
    no_picture: str = ""
    kills: bool = False
    opening_s: float | None = PRELOADING_S
    changing_s: float = CHANGING_S
    breaks_at_s: float | None = None
    starves_at_s: float | None = None


class FakeScreen:
    """The contract :class:`~easyplayer.drivers.screen.Screen`; see :class:`FakeScreens`.

    :ivar output: where it shows.
    :ivar loads: every picture it was given.
    :ivar seen: every picture that was seen, and since when.
    :ivar shown: what is seen now; ``None`` is black.
    :ivar next: what is the next one.
    :ivar position_s: how far what is seen has come.
    :ivar layers: what is drawn above, by name.
    :ivar gain: of all its sound.
    :ivar held: whether it is held.
    :ivar up: whether something can be seen.
    :ivar shots: where screenshots were written to.
    :ivar blind: whether it is broken for good: each start of the player fails, in these words.
    :ivar frozen: whether nothing is drawn any more.
    :ivar hanging: whether it carries out nothing, and tells nothing.
    :ivar starts: how often a player was started.
    :ivar closed: whether it was ended.
    """

    def __init__(self, output: Output, report: Report, world: "FakeScreens") -> None:
        self.output = output
        self.loads: list[Picture] = []
        self.seen: list[tuple[Monotonic, Picture]] = []
        self.shown: Picture | None = None
        self.next: Picture | None = None
        self.position_s = Seconds(0.0)
        self.layers: dict[str, str] = {}
        self.gain = Linear(1.0)
        self.held = False
        self.up = False
        self.shots: list[Path] = []
        self.blind = world.blind
        self.frozen = False
        self.hanging = False
        self.starts = 0
        self.closed = False
        self._report = report
        self._world = world
        self._notes: deque[Callable[[], None]] = deque()
        self._down_told = False
        self._up_at: Monotonic | None = Monotonic(world.clock() + STARTING_S)
        self._ready_at: Monotonic | None = None
        self._show_at: Monotonic | None = None
        self._coming: tuple[Monotonic, Picture] | None = None
        self._ended = False
        self._seen_at = self._moved_at = self._read_at = world.clock()

    # -- the contract --------------------------------------------------------------------------

    def load(self, picture: Picture) -> None:
        """Make a picture the next one."""
        self._notes.append(partial(self._load, picture))

    def show(self, ticket: int, at: Monotonic | None) -> None:
        """Cut to it."""
        self._notes.append(partial(self._show, ticket, at))

    def clear(self) -> None:
        """Show black."""
        self._notes.append(self._clear)

    def draw(self, name: str, ass: str) -> None:
        """Draw a layer."""
        self._notes.append(partial(self._draw, name, ass))

    def set_gain(self, gain: Linear) -> None:
        """Set the gain."""
        self._notes.append(partial(setattr, self, "gain", gain))

    def pause(self) -> None:
        """Hold the picture."""
        self._notes.append(partial(self._hold, True))

    def resume(self) -> None:
        """Let it go on."""
        self._notes.append(partial(self._hold, False))

    def screenshot(self, path: Path, done: Callable[[str], object]) -> None:
        """Write what is seen."""
        self._notes.append(partial(self._shoot, path, done))

    def restart(self) -> None:
        """Start another player at once."""
        self._notes.append(partial(self.fall, "it is restarted", Seconds(0.0)))

    def release(self) -> None:
        """End the screen as soon as it answers."""
        self._notes.append(self.close)

    def close(self) -> None:
        """End the screen."""
        self.closed = True
        self._forget()

    # -- what a test does to it ----------------------------------------------------------------

    def fall(self, detail: str = "mpv has ended", patience_s: Seconds = PATIENCE_S) -> None:
        """Let its player die."""
        self._forget()
        self.up = False
        self._up_at = Monotonic(self._world.clock() + patience_s + STARTING_S)
        if not self._down_told:
            self._down_told = True
            self._report(OutputDown(detail))

    # -- how it goes on ------------------------------------------------------------------------

    def pump(self) -> bool:
        """Carry out the notes, and tell what is to be told by now; tell whether there was anything."""
        now = self._world.clock()
        passed_s, self._seen_at = now - self._seen_at, now
        if self.hanging or self.closed:
            return False
        busy = bool(self._notes)
        self._go_on(passed_s, now)
        while self._notes:
            self._notes.popleft()()
        steps = (self._start, self._get_ready, self._change, self._come, self._tell)
        told = [step(now) for step in steps]
        return busy or any(told)

    def _go_on(self, passed_s: float, now: Monotonic) -> None:
        picture, footage = self.shown, self._footage(self.shown)
        if picture is None or footage is None or self.held or self.frozen or self._ended:
            return
        limits = (footage.breaks_at_s, footage.starves_at_s, self._end_s(picture, footage))
        furthest = min((limit for limit in limits if limit is not None), default=float("inf"))
        position_s = Seconds(min(self.position_s + passed_s, furthest))
        self._moved_at = now if position_s > self.position_s else self._moved_at
        self.position_s = position_s

    def _start(self, now: Monotonic) -> bool:
        if self._up_at is None or now < self._up_at - EXACT_S:
            return False
        self.starts += 1
        if self.blind:
            self.fall(self.blind)
            return True
        self._up_at, self.up, self.frozen, self._down_told = None, True, False, False
        self._report(OutputUp(WIDTH, HEIGHT, DRIVER))
        return True

    def _get_ready(self, now: Monotonic) -> bool:
        picture, footage = self.next, self._footage(self.next)
        if picture is None or self._ready_at is None or now < self._ready_at - EXACT_S:
            return False
        self._ready_at = None
        if footage is not None and footage.kills:
            self.fall("mpv has crashed")
            return True
        trouble = footage.unreadable if footage is not None else "the file cannot be read"
        if trouble:
            self.next = self._show_at = None
            self._fail(picture, trouble)
        else:
            self._report(PictureReady(picture.ticket))
        return True

    def _change(self, now: Monotonic) -> bool:
        picture, at = self.next, self._show_at
        if picture is None or at is None or self._ready_at is not None:
            return False
        footage = self._footage(picture)
        changing_s = footage.changing_s if footage is not None else 0.0
        if now < at - changing_s - EXACT_S:
            return False
        self.next = self._show_at = self._ready_at = None
        self._coming = (Monotonic(max(at, now + changing_s)), picture)
        return True

    def _come(self, now: Monotonic) -> bool:
        if self._coming is None or now < self._coming[0] - EXACT_S or self.frozen:
            return False
        picture, footage = self._coming[1], self._footage(self._coming[1])
        self._coming = None
        trouble = (footage.no_picture or footage.unreadable) if footage is not None else "it is not there"
        if trouble:
            self._fail(picture, trouble)
            return True
        self.shown, self.position_s, self._ended = picture, picture.start_s, False
        self._moved_at = now
        self._read_at = Monotonic(now + READING_EVERY_S)
        self.seen.append((now, picture))
        self._report(PictureShown(picture.ticket, now))
        return True

    def _tell(self, now: Monotonic) -> bool:
        picture, footage = self.shown, self._footage(self.shown)
        if picture is None or footage is None or self._ended or self.held:
            return False
        if trouble := self._trouble(footage, now):
            self._ended = True
            self._fail(picture, trouble)
        elif now - self._moved_at > STUCK_AFTER_S and not self._starves(footage):
            self._report(PictureStuck(picture.ticket, "it stands still"))
            self.fall("it stands still")
        elif self._is_over(picture, footage):
            self._end(picture, footage)
        elif now >= self._read_at - EXACT_S and not self.frozen:
            self._read_at = Monotonic(now + READING_EVERY_S)
            self._report(PictureAdvanced(picture.ticket, self.position_s, now))
        else:
            return False
        return True

    def _trouble(self, footage: Footage, now: Monotonic) -> str:
        breaks = footage.breaks_at_s
        if breaks is not None and self.position_s >= breaks - EXACT_S:
            return "it cannot be read any further"
        starved = self._starves(footage) and now - self._moved_at > STARVED_AFTER_S
        return "no data has come" if starved else ""

    def _starves(self, footage: Footage) -> bool:
        return footage.starves_at_s is not None and self.position_s >= footage.starves_at_s - EXACT_S

    def _is_over(self, picture: Picture, footage: Footage) -> bool:
        end_s = self._end_s(picture, footage)
        return end_s is not None and self.position_s >= end_s - EXACT_S

    def _end(self, picture: Picture, footage: Footage) -> None:
        self._ended = True
        by_itself = footage.length_s is not None and self.position_s >= footage.length_s - EXACT_S
        if picture.endless and by_itself:
            self._fail(picture, "the stream ended")
        else:
            self._report(PictureEnded(picture.ticket))

    def _fail(self, picture: Picture, detail: str) -> None:
        self._report(PictureFailed(picture.ticket, PictureFault.MEDIUM, detail))

    def _forget(self) -> None:
        self.shown = self.next = None
        self._coming = self._show_at = self._ready_at = None
        self._ended = False

    def _end_s(self, picture: Picture, footage: Footage) -> float | None:
        cut = None if picture.length_s is None else picture.start_s + picture.length_s
        own = None if picture.still else footage.length_s
        return min((limit for limit in (cut, own) if limit is not None), default=None)

    def _footage(self, picture: Picture | None) -> Footage | None:
        return self._world.footage.get(picture.location) if picture is not None else None

    # -- the notes -----------------------------------------------------------------------------

    def _load(self, picture: Picture) -> None:
        self.loads.append(picture)
        if not self.up:
            self._report(PictureFailed(picture.ticket, PictureFault.OUTPUT, IS_DOWN))
            return
        self.next, self._show_at = picture, None
        footage = self._footage(picture)
        opening_s = PRELOADING_S if footage is None else footage.opening_s
        self._ready_at = None if opening_s is None else Monotonic(self._world.clock() + opening_s)

    def _show(self, ticket: int, at: Monotonic | None) -> None:
        if self.next is not None and self.next.ticket == ticket:
            self._show_at = at if at is not None else self._world.clock()

    def _clear(self) -> None:
        self._forget()

    def _draw(self, name: str, ass: str) -> None:
        if ass:
            self.layers[name] = ass
        else:
            self.layers.pop(name, None)

    def _hold(self, held: bool) -> None:
        self.held = held
        self._moved_at = self._world.clock()

    def _shoot(self, path: Path, done: Callable[[str], object]) -> None:
        if self.up:
            self.shots.append(path)
            if path.parent.is_dir():
                path.write_bytes(b"a picture")
        done("" if self.up else IS_DOWN)


class FakeScreens:
    """Makes screens, and is the shelf they show from.

    :ivar footage: what there is, by location; what is not there cannot be loaded.
    :ivar made: every screen there ever was, in the order of making.
    :ivar blind: what screens that are made from now on fail with at each start; empty: they do not.
    """

    def __init__(self, clock: HeldClock, footage: dict[str, Footage]) -> None:
        self.clock = clock
        self.footage = footage
        self.made: list[FakeScreen] = []
        self.blind = ""

    def __call__(self, output: Output, report: Report) -> FakeScreen:
        """Make a screen."""
        self.made.append(FakeScreen(output, report, self))
        return self.made[-1]

    @property
    def open(self) -> list[FakeScreen]:
        """The screens that were not closed."""
        return [screen for screen in self.made if not screen.closed]

    def newest(self, name: str) -> FakeScreen:
        """Give the screen of an output that is in use."""
        return next(screen for screen in reversed(self.made) if screen.output.name == name)

    def pump(self) -> bool:
        """Let every screen go on; tell whether any had anything to do."""
        busy = [screen.pump() for screen in self.made]
        return any(busy)
