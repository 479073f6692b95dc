"""Work that takes no thread and no disk: done when a test says so."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag

from circuits.core.events import Event

from easyplayer.analysis import FactsCache, MediaFacts
from easyplayer.component import Background
from easyplayer.errors import MediaError


class HeldWorker(Background):
    """Does its jobs when it is pumped, on the test's own thread.

    :ivar busy: whether it does none at the moment, as on a disk that hangs.
    """

    def __init__(self, fire: Callable[[Event], object], name: str = "held") -> None:
        self.name = name
        self.busy = False
        self._fire = fire
        self._waiting: deque[Callable[[], Event | None]] = deque()

    def do(self, job: Callable[[], Event | None]) -> None:
        """Note a job."""
        self._waiting.append(job)

    def pump(self) -> bool:
        """Do what was noted; tell whether there was anything."""
        if self.busy or not self._waiting:
            return False
        outcome = self._waiting.popleft()()
        if outcome is not None:
            self._fire(outcome)
        return True

    def close(self, patience_s: float) -> bool:
        """Do what was noted, unless busy; tell whether all is done."""
        while self.pump():
            pass
        return not self._waiting


class FakeFacts(FactsCache):
    """Facts that a test lays down.

    :ivar known: by path, what is known without analysis.
    :ivar to_find: by path, what an analysis would find.
    :ivar error: raised by every analysis, where there is one.
    :ivar analysed: the paths that have been analysed, in order.
    """

    def __init__(self) -> None:
        self.known: dict[Path, MediaFacts] = {}
        self.to_find: dict[Path, MediaFacts] = {}
        self.error: Exception | None = None
        self.analysed: list[Path] = []

    def lookup(self, path: Path) -> MediaFacts | None:
        """Say what is known; a file that nobody laid down is missing."""
        if path not in self.known and path not in self.to_find:
            message = f"{path} is not there; look for it"
            raise MediaError(message)
        return self.known.get(path)

    def analyse(self, path: Path, *, again: bool = False, stop: Flag | None = None) -> MediaFacts:
        """Find out what was laid down."""
        self.analysed.append(path)
        if self.error is not None:
            raise self.error
        return self.known.setdefault(path, self.lookup(path) or self.to_find[path])


def facts(length_s: float, **fields: object) -> MediaFacts:
    """Make the facts of a medium that sounds from its start to its end, at the target loudness."""
    given: dict[str, object] = {
        "sha256": "0" * 64, "size_bytes": 1, "duration_s": length_s, "loudness_lufs": -16.0,
        "true_peak_dbtp": -3.0, "cue_in_s": 0.0, "cue_out_s": length_s, "sample_rate": 44100, "channels": 2,
        "codec": "flac", **fields,
    }  # fmt: skip
    return MediaFacts(**given)  # type: ignore[arg-type]  # the fields are named where they are used
