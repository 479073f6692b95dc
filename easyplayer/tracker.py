"""What a box remembers of its playing on the disk, so that no restart plays anything twice.

Two files: how far the program has come, written whenever something starts; and where in the item on
air it is, written each few seconds, and small because of that.
"""

from functools import partial

from msgspec import Struct

from easyplayer.component import Background, Clock
from easyplayer.drivers.state_file import StateFile
from easyplayer.playout.engine import EngineState
from easyplayer.playout.explain import Decision
from easyplayer.state_keeping import keep
from easyplayer.units import Instant, Monotonic, Seconds

KEEP_EVERY_S = Seconds(5.0)


class Bookmark(Struct, frozen=True, kw_only=True):
    """What was on air, to go on from there after a power cut.

    :ivar places: the places that the music came from; others make the bookmark void.
    :ivar position_s: where in the medium it was.
    :ivar at: when that was, by the wall clock.
    """

    places: tuple[str, ...]
    decision: Decision
    position_s: Seconds
    at: Instant = Instant(0.0)


class Memory(Struct, frozen=True, kw_only=True):
    """How far the program has come.

    :ivar places: as in :class:`Bookmark`.
    """

    places: tuple[str, ...]
    engine: EngineState


class Files(Struct, frozen=True):
    """The two files."""

    bookmark: StateFile[Bookmark]
    memory: StateFile[Memory]


class Tracker:
    """Keeps both, on the disk's own thread; a disk that is full or hangs costs no music.

    :param files: ``None`` keeps nothing.
    :param places: the places that the music comes from.
    """

    def __init__(self, files: Files | None, places: tuple[str, ...], clock: Clock, disk: Background) -> None:
        self._files = files
        self._places = places
        self._clock = clock
        self._disk = disk
        self._kept_at = self._began_at = Monotonic(float("-inf"))
        self._untold: EngineState | None = None

    def load(self) -> tuple[Bookmark | None, EngineState]:
        """Read what was kept of the same places; blocks for as long as the disk takes."""
        if self._files is None:
            return None, EngineState()
        bookmark, memory = self._files.bookmark.load(), self._files.memory.load()
        if bookmark is not None and bookmark.places != self._places:
            bookmark = None
        same = memory is not None and memory.places == self._places
        return bookmark, memory.engine if memory is not None and same else EngineState()

    def note_start(self, decision: Decision, position_s: Seconds, at: Instant, state: EngineState) -> None:
        """Keep that something started; very short items, which would wear the disk, wait for one another."""
        self._untold = state
        if self._clock() - self._began_at >= KEEP_EVERY_S:
            self._began_at = self._clock()
            self.note_state(state)
            self._keep_place(decision, position_s, at)

    def note_position(self, decision: Decision, position_s: Seconds, at: Instant) -> None:
        """Keep where it is, each few seconds."""
        if self._clock() - self._kept_at >= KEEP_EVERY_S:
            if self._untold is not None:
                self.note_state(self._untold)
            self._keep_place(decision, position_s, at)

    def note_state(self, state: EngineState) -> None:
        """Keep how far the program has come, now."""
        self._untold = None
        if self._files is not None:
            memory = Memory(places=self._places, engine=state)
            self._disk.do(partial(keep, self._files.memory, memory))

    def _keep_place(self, decision: Decision, position_s: Seconds, at: Instant) -> None:
        self._kept_at = self._clock()
        if self._files is not None:
            bookmark = Bookmark(places=self._places, decision=decision, position_s=position_s, at=at)
            self._disk.do(partial(keep, self._files.bookmark, bookmark))
