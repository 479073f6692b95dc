"""Reads the media on the disk once more in idle time, slowly, and finds those that have gone bad.

A disk does not tell by itself that it has lost something: whoever wants to know has to read.  A medium that
is found bad long before it is wanted comes from the hub anew, and nobody ever hears of it.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from circuits import handler

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.device_watch import Stick
from easyplayer.drivers.media_library import MediaLibrary, is_digest
from easyplayer.drivers.quiet_reading import QuietReading, can_be_read, give_way
from easyplayer.errors import DiskFailingError, StateError
from easyplayer.events import BoxEvent
from easyplayer.playout.items import PreparedItem
from easyplayer.protocol.heartbeat import Download
from easyplayer.storage_events import storage_scrubbed
from easyplayer.ticker import Ticker
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

SCRUB_EVERY_S = Seconds(30 * 86_400.0)
"""A medium that was found right is read again after this."""
SETTLED_AFTER_S = Seconds(300.0)
"""A box that has only just started has other things to do."""
STEP_S = Seconds(1.0)
REST_S = Seconds(600.0)
"""How long is waited where there is nothing to read, or a disk gives nothing."""
TELL_EVERY_S = Seconds(60.0)
AT_LEAST_BYTES = 4096
"""What looking at a medium counts, however small it is."""
NEIGHBOURS = 3
"""So many others are tried before it is the disk that cannot be read, and not this one medium."""
MOST_SUSPECTS = 100
"""So many media that could not be played are remembered."""
MOST_IN_A_ROW = 10
"""So many are thrown away with no right one between them: a broken disk must not empty itself."""

DOWNLOADS, STICK, LOOK = "downloads", "stick", "look"


def allowance(kb_per_s: int, passed_s: Seconds) -> int:
    """Tell how many bytes may be read now; what was not read in time is not made up for.

    >>> allowance(2000, Seconds(1.0)), allowance(2000, Seconds(3600.0))
    (2000000, 4000000)
    """
    return int(kb_per_s * 1000 * min(max(passed_s, 0.0), 2 * STEP_S))


class Scrubber(BoxComponent):
    """Has the media read, as long as nobody else needs disk or line.

    What was found is kept with the media, so that a box goes on there after a restart.

    :param kb_per_s: how fast, in thousands of bytes per second; 0 is never.
    :param wall: tells the wall clock's time.
    :param worker: a thread of its own.
    """

    def __init__(
        self,
        library: MediaLibrary,
        kb_per_s: int,
        *,
        wall: Callable[[], Instant],
        ticker: Ticker,
        worker: Background,
    ) -> None:
        super().__init__()
        self._round = Round(library, wall)
        self._kb_per_s = kb_per_s
        self._ticker = ticker
        self._worker = worker
        self._busy: set[str] = set()
        self._under_way = False
        self._read_at = self._resume_at = self._settled_at = ticker.clock()

    def open(self) -> None:
        """Begin when the box has settled."""
        if self._kb_per_s:
            self._resume_at = self._settled_at = Monotonic(self._ticker.clock() + SETTLED_AFTER_S)
            self._worker.do(give_way)
            self._ticker.every(STEP_S, self._step)

    def close(self) -> None:
        """Leave the medium that is being read; it is read from its start the next time."""
        self._round.stop()
        self._worker.do(self._round.put_aside)
        self._worker.close(0.0)

    # -- who goes first ------------------------------------------------------------------------

    @handler("download_progressed")
    def _on_download(self, download: Download) -> None:
        self._note(DOWNLOADS, busy=download.files_left > 0 and not download.held_up)

    @handler("bundle_progressed")
    def _on_stick(self, _name: str, _done: int, _total: int) -> None:
        self._note(STICK, busy=True)

    @handler("bundle_taken", "bundle_refused")
    def _on_stick_done(self, _name: str, _outcome: str) -> None:
        self._note(STICK, busy=False)

    @handler("stick_pulled")
    def _on_pulled(self, _stick: Stick) -> None:
        """Go on, whether or not anybody has said what came of it."""
        self._note(STICK, busy=False)

    @handler("verify_storage")
    def _on_verify(self, _thoroughly: bool) -> None:
        self._note(LOOK, busy=True)

    @handler("storage_verified")
    def _on_verified(self, _good: int, _bad: tuple[str, ...]) -> None:
        self._note(LOOK, busy=False)

    @handler("item_failed")
    def _on_failed(self, prepared: PreparedItem, _reason: str) -> None:
        """Look next at what could not be played: it may have gone bad."""
        item = prepared.item
        if item.media is not None and item.owned:
            self._round.suspect(item.media.sha256)
            self._resume_at = min(self._resume_at, max(self._settled_at, self._ticker.clock()))

    def _note(self, who: str, *, busy: bool) -> None:
        (self._busy.add if busy else self._busy.discard)(who)

    # -- step by step --------------------------------------------------------------------------

    def _step(self) -> None:
        now = self._ticker.clock()
        if self._under_way or self._busy or now < self._resume_at:
            return
        most = allowance(self._kb_per_s, Seconds(now - self._read_at))
        self._under_way, self._read_at = True, now
        self._worker.do(partial(self._read, most, now))

    def _read(self, most: int, now: Monotonic) -> BoxEvent | None:
        """Read some bytes; runs on the worker's thread."""
        try:
            if not self._round.go_on(most):
                self._resume_at = Monotonic(now + REST_S)
            return self._round.tell(now, at_once=now < self._resume_at)
        finally:
            self._under_way = False


class Round:
    """Reads one medium after the other; for one thread alone, where nothing else is said.

    First comes what somebody has a suspicion of, then what was looked at longest ago.
    """

    def __init__(self, library: MediaLibrary, wall: Callable[[], Instant]) -> None:
        self._library = library
        self._wall = wall
        self._sha256 = ""
        self._reading: QuietReading | None = None
        self._suspects: deque[str] = deque(maxlen=MOST_SUSPECTS)
        self._right = 0
        self._bad: tuple[str, ...] = ()
        self._in_a_row = 0
        self._told_at = Monotonic(float("-inf"))
        self._trouble = ""
        self._stopped = False

    def stop(self) -> None:
        """Have it read no further than to the end of the piece that is being read; for any thread."""
        self._stopped = True

    def suspect(self, sha256: str) -> None:
        """Have a medium read next; for any thread."""
        if sha256 not in self._suspects:
            self._suspects.append(sha256)

    def put_aside(self) -> None:
        """Let go of the medium that is being read."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()

    def go_on(self, most: int) -> bool:
        """Read so many bytes; ``False`` where there is nothing to be read for a while."""
        while most > 0 and not self._stopped:
            try:
                if self._reading is not None:
                    most -= self._read(self._reading, most)
                elif self._begin():
                    most -= AT_LEAST_BYTES
                else:
                    return False
            except StateError as error:
                self._mind(str(error))
                self.put_aside()
                return False
        return True

    def tell(self, now: Monotonic, *, at_once: bool) -> BoxEvent | None:
        """Tell what was found since this was told before, if it is time; what is bad is told at once."""
        due = at_once or bool(self._bad) or now >= self._told_at + TELL_EVERY_S
        if not due or not (self._right or self._bad):
            return None
        told = storage_scrubbed(self._right, self._bad)
        self._right, self._bad, self._told_at = 0, (), now
        return told

    def _begin(self) -> bool:
        """Open the medium that comes next; ``False`` where none has to be read."""
        sha256 = self._next()
        if sha256 is None:
            return False
        self._sha256 = sha256
        try:
            self._reading = QuietReading(self._library.path(sha256))
        except FileNotFoundError:  # it has been taken away since
            return False
        except OSError as error:
            self._doubt(f"it cannot be read ({error.strerror})", readable=False)
        return True

    def _next(self) -> str | None:
        while self._suspects:
            sha256 = self._suspects.popleft()
            if self._library.size_of(sha256) is not None:
                return sha256
        return self._library.least_checked(Instant(self._wall() - SCRUB_EVERY_S))

    def _read(self, reading: QuietReading, most: int) -> int:
        """Read a piece, and judge the medium at its end; tell how many bytes it was."""
        try:
            length = reading.read_on(most)
        except OSError as error:
            self._doubt(f"it cannot be read ({error.strerror})", readable=False)
            return 0
        if not length:
            self._judge(reading)
        return length

    def _judge(self, reading: QuietReading) -> None:
        """Compare what was read with what it should be, unless it was replaced meanwhile."""
        replaced, right = reading.is_replaced(), reading.digest() == self._sha256
        self.put_aside()
        if right and not replaced:
            self._note_right()
        elif not replaced:
            self._doubt("it is not what it was", readable=True)

    def _doubt(self, why: str, *, readable: bool) -> None:
        """Read a medium once more, at once, and throw it away if it is bad then, too.

        :raises StateError: it is the disk that cannot be read, and not this one medium.
        """
        self.put_aside()
        try:
            right = self._library.is_right(self._sha256, lambda: self._stopped)
        except DiskFailingError:
            right, readable = False, False
        if self._stopped:
            return
        if right:
            self._note_right()
            return
        if not readable and not any(map(can_be_read, islice(self._neighbours(), NEIGHBOURS))):
            message = f"nothing else in {self._folder} can be read, either: look at the disk"
            raise DiskFailingError(message)
        self._throw_away(why)

    def _note_right(self) -> None:
        self._library.note_right(self._sha256, self._wall())
        self._right += 1
        self._in_a_row, self._trouble = 0, ""

    def _throw_away(self, why: str) -> None:
        """Throw the medium away, unless too many had to go: then it is not they that are bad.

        :raises StateError: it stays.
        """
        if self._in_a_row >= MOST_IN_A_ROW:
            message = f"{self._in_a_row} media in a row have gone bad in {self._folder}: look at the disk"
            raise DiskFailingError(message)
        self._in_a_row += 1
        log.warning("medium %s has gone bad on the disk and is fetched anew: %s", self._sha256, why)
        self._library.remove(self._sha256)
        self._bad = (*self._bad, self._sha256)

    @property
    def _folder(self) -> Path:
        """Where the disk's media are, of which one is looked at."""
        return self._library.path(self._sha256).parent.parent

    def _neighbours(self) -> Iterator[Path]:
        """Give other media of the same disk."""
        for path in self._folder.glob("??/*"):
            if is_digest(path.name) and path.name != self._sha256:
                yield path

    def _mind(self, trouble: str) -> None:
        """Tell what keeps media from being looked at, once."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("media are not looked at for now: %s", trouble)
