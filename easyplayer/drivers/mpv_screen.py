"""A screen that mpv shows: one process per output, started anew where it dies, hangs or stands still.

What is asked of the screen, what mpv says and what a look at a file has shown are notes in one queue,
carried out one by one on the screen's thread.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec import structs

from easyplayer.drivers.display_grab import grab_display
from easyplayer.drivers.mpv_health import StageFellError
from easyplayer.drivers.mpv_layers import MpvLayers
from easyplayer.drivers.mpv_line import LineCutError, MpvLine, Said
from easyplayer.drivers.mpv_process import MpvMissingError, MpvProcess
from easyplayer.drivers.mpv_showing import NEVER
from easyplayer.drivers.mpv_stage import MpvStage
from easyplayer.drivers.picture_lead import PictureLead
from easyplayer.drivers.picture_preload import preload
from easyplayer.drivers.screen import (
    Output,
    OutputDown,
    OutputDriver,
    OutputUp,
    Picture,
    PictureFailed,
    PictureFault,
    PictureStuck,
    Report,
    ScreenReport,
)
from easyplayer.units import Linear, Monotonic

log = logging.getLogger(__name__)
chatter = logging.getLogger("easyplayer.mpv")

CLOSING_MAY_TAKE_S = 0.5
FIRST_PATIENCE_S, LONGEST_PATIENCE_S = 0.5, 30.0
"""How long a player that fell is left alone, at first and at the longest; twice as long each time."""
WELL_AFTER_S = 60.0
"""A player that lived that long has forgiven those before it."""
IS_DOWN = "the output is down"
FAULT = "what drives the player has a fault"
OWN_MODE = "screen %s shows nothing in mode %s, but in the display's own"
RESTARTED = "it is restarted"


class MpvScreen:
    """The contract :class:`~easyplayer.drivers.screen.Screen`, kept by an mpv process.

    :param output: where it shows.
    :param report: takes the reports, on this screen's thread.
    :param options: mpv options that go over all others.
    """

    def __init__(self, output: Output, report: Report, options: dict[str, str] | None = None) -> None:
        self._output = output
        self._report = report
        self._options = options or {}
        self._notes: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._run = 0
        self._process: MpvProcess | None = None
        self._line: MpvLine | None = None
        self._stage: MpvStage | None = None
        self._layers = MpvLayers()
        self._gain = Linear(1.0)
        self._held = False
        self._lead = PictureLead()
        self._down_told = self._in_own_mode = False
        self._waiting: list[Callable[[str], object]] = []
        self._start_at = self._started_at = Monotonic(time.monotonic())
        self._patience_s = FIRST_PATIENCE_S
        self._thread = threading.Thread(target=self._serve, name=f"screen-{output.name}", daemon=True)
        self._thread.start()

    def load(self, picture: Picture) -> None:
        """Make a picture the next one."""
        self._notes.put(partial(self._load, picture))

    def show(self, ticket: int, at: Monotonic | None) -> None:
        """Cut to the next picture."""
        self._notes.put(partial(self._with_stage, lambda stage: stage.show(ticket, at)))

    def clear(self) -> None:
        """Show nothing but the layers."""
        self._notes.put(partial(self._with_stage, MpvStage.clear))

    def draw(self, name: str, ass: str) -> None:
        """Draw a layer."""
        self._notes.put(partial(self._draw, name, ass))

    def set_gain(self, gain: Linear) -> None:
        """Set the gain of all sound."""
        self._notes.put(partial(self._set_gain, gain))

    def pause(self) -> None:
        """Hold the picture."""
        self._notes.put(partial(self._hold, True))

    def resume(self) -> None:
        """Let the picture go on."""
        self._notes.put(partial(self._hold, False))

    def screenshot(self, path: Path, done: Callable[[str], object]) -> None:
        """Write what is seen to a file."""
        self._notes.put(partial(self._screenshot, path, done))

    def restart(self) -> None:
        """End the player, and start another at once."""
        self._notes.put(partial(self._fall, RESTARTED, 0.0))

    def release(self) -> None:
        """End the player as soon as the thread comes to it."""
        self._notes.put(None)

    def close(self) -> None:
        """End the player; one that hangs is left behind, with a warning."""
        self.release()
        self._thread.join(CLOSING_MAY_TAKE_S)
        if self._thread.is_alive():
            log.warning("screen %s does not answer and is left behind", self._output.name)

    @property
    def pid(self) -> int:
        """The player's process id; 0 where none runs."""
        process = self._process
        return process.pid if process is not None else 0

    # -- its thread ---------------------------------------------------------------------------------

    def _serve(self) -> None:
        """Carry notes out one by one; between them, do what is due.  No player outlives this."""
        try:
            while (note := self._next_note()) is not None:
                self._carry_out(note)
                self._carry_out(self._tick)
        finally:
            self._end_player(soft=True)

    def _next_note(self) -> Callable[[], None] | None:
        try:
            return self._notes.get(timeout=self._patience())
        except queue.Empty:
            return self._tick

    def _patience(self) -> float | None:
        due = self._stage.due if self._stage is not None else self._start_at
        return None if due == NEVER else max(due - time.monotonic(), 0.0)

    def _carry_out(self, note: Callable[[], None]) -> None:
        try:
            note()
        except StageFellError as fall:
            ticket = self._stage.ticket if self._stage is not None else None
            if fall.stuck and ticket is not None:
                self._report(PictureStuck(ticket, fall.detail))
            self._fall(fall.detail)
        except LineCutError as error:
            self._fall(str(error))
        except Exception as error:  # no more files, no more threads: the screen must outlive whatever it is
            if not self._down_told:
                log.exception("screen %s has a fault", self._output.name)
            self._fall(f"{FAULT} ({error})")

    def _tick(self) -> None:
        now = Monotonic(time.monotonic())
        if self._stage is not None:
            self._stage.tick(now)
        elif now >= self._start_at:
            self._start()

    # -- the player's life --------------------------------------------------------------------------

    def _start(self) -> None:
        self._started_at = Monotonic(time.monotonic())
        self._run += 1
        try:
            self._process = MpvProcess(self._output_in_a_mode(), self._options)
        except MpvMissingError as error:
            self._fall(str(error))
            return
        self._line = MpvLine(self._process.line, self._output.name, partial(self._post, self._run))
        self._stage = MpvStage(self._line, self._tell, self._lead)
        self._stage.set_gain(self._gain)
        self._stage.hold(self._held)
        for command in self._layers.all:
            self._stage.draw(command)

    def _output_in_a_mode(self) -> Output:
        return structs.replace(self._output, mode="") if self._in_own_mode else self._output

    def _mind_mode(self) -> None:
        """After a run that never came up try the display's own mode, and after that again the one wished.

        The kernel lists modes without their exact rate, and the player takes no other: where 59.94 Hz is all
        that a display has, there is no picture at 60.
        """
        never_up = self._process is not None and (self._stage is None or not self._stage.up)
        if never_up and self._output.driver is OutputDriver.DRM and self._output.mode:
            self._in_own_mode = not self._in_own_mode

    def _post(self, run: int, said: Said) -> None:
        """Leave a note of what mpv has said; called from the line's thread."""
        self._notes.put(partial(self._take, run, said))

    def _take(self, run: int, said: Said) -> None:
        if said.event == "log-message":
            chatter.debug("%s: %s: %s: %s", self._output.name, said.prefix, said.level, said.text.rstrip())
        if self._stage is not None and run == self._run:
            self._stage.take(said)

    def _tell(self, report: ScreenReport) -> None:
        if isinstance(report, OutputUp):
            if self._in_own_mode and self._down_told:
                log.warning(OWN_MODE, self._output.name, self._output.mode)
            self._down_told = False
        self._report(report)

    def _fall(self, detail: str, patience_s: float | None = None) -> None:
        """End this run, and plan the next one."""
        self._mind_mode()
        self._end_player(soft=False)
        now = Monotonic(time.monotonic())
        if patience_s is None:
            lived_long = now - self._started_at > WELL_AFTER_S
            patience_s = FIRST_PATIENCE_S if lived_long else self._patience_s
            self._patience_s = min(2 * patience_s, LONGEST_PATIENCE_S)
        self._start_at = Monotonic(now + patience_s)
        if not self._down_told:
            self._down_told = True
            self._report(OutputDown(detail))

    def _end_player(self, *, soft: bool) -> None:
        process, line = self._process, self._line
        self._stage = self._line = self._process = None
        if line is not None:
            line.close()
        if process is not None:
            process.end(soft=soft)
        while self._waiting:
            self._waiting.pop()(IS_DOWN)

    # -- the notes ----------------------------------------------------------------------------------

    def _with_stage(self, act: Callable[[MpvStage], None]) -> None:
        if self._stage is not None and self._stage.up:
            act(self._stage)

    def _load(self, picture: Picture) -> None:
        if self._stage is None or not self._stage.up:
            self._report(PictureFailed(picture.ticket, PictureFault.OUTPUT, IS_DOWN))
            return
        self._stage.load(picture)
        if picture.endless:  # nothing lies there to be read
            self._stage.preloaded(picture.ticket, "")
            return
        threading.Thread(target=self._look_at, args=(picture,), name="preload", daemon=True).start()

    def _look_at(self, picture: Picture) -> None:
        """Look at a file on a thread of its own: a disk may take its time."""
        trouble = preload(picture.location)
        note = partial(self._with_stage, lambda stage: stage.preloaded(picture.ticket, trouble))
        self._notes.put(note)

    def _draw(self, name: str, ass: str) -> None:
        for command in self._layers.put(name, ass):
            if self._stage is not None:
                self._stage.draw(command)

    def _set_gain(self, gain: Linear) -> None:
        self._gain = gain
        if self._stage is not None:
            self._stage.set_gain(gain)

    def _hold(self, held: bool) -> None:
        self._held = held
        if self._stage is not None:
            self._stage.hold(held)

    def _screenshot(self, path: Path, done: Callable[[str], object]) -> None:
        if self._stage is None or not self._stage.up:
            done(IS_DOWN)
            return
        self._waiting.append(done)
        self._stage.screenshot(path, "window", partial(self._shot, path, done))

    def _shot(self, path: Path, done: Callable[[str], object], trouble: str) -> None:
        """Where mpv cannot take a picture of all that it draws, take one of the display, or of the frame.

        The display only where the player covers it: beside a window may be what is nobody's business.
        """
        on_a_desktop = self._output.driver in {OutputDriver.GPU, OutputDriver.WINDOW}
        if not trouble or self._stage is None:
            self._screenshot_done(done, trouble)
        elif on_a_desktop and self._output.fullscreen:
            threading.Thread(target=self._grab, args=(path, done), name="screenshot", daemon=True).start()
        else:
            self._stage.screenshot(path, "video", partial(self._screenshot_done, done))

    def _grab(self, path: Path, done: Callable[[str], object]) -> None:
        """Take a picture of the display, on a thread of its own."""
        self._notes.put(partial(self._screenshot_done, done, grab_display(path)))

    def _screenshot_done(self, done: Callable[[str], object], trouble: str) -> None:
        if done in self._waiting:
            self._waiting.remove(done)
            done(trouble)
