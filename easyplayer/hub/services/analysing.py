"""Analysing what was uploaded: a few threads that find out what each track really is.

What waits stands in the database; so nothing is forgotten where the hub is stopped in the middle of it.
"""

import logging
import tempfile
import threading
from collections import Counter
from pathlib import Path

from anyio import to_thread
from sqlalchemy import RowMapping

from easyplayer.analysis import require_tools
from easyplayer.analysis.content import identify
from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.leash import PATIENCE, Leash
from easyplayer.analysis.picture_analyser import examine_any
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.thumbnail import make_thumbnail
from easyplayer.errors import AnalysisError, HubError, MediaError
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import tracks
from easyplayer.hub.services.incoming import content_at_hand, incoming
from easyplayer.hub.services.track_items import thumbnail_key
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

THREADS = 2
LOOK_AGAIN_S = Seconds(60.0)
"""How soon is looked for tracks that nobody has told of, or that could not be analysed before."""
STOPPING_MAY_TAKE_S = Seconds(2.0)
LEFT_BEHIND_S = Seconds(86_400.0)
"""No upload takes longer."""
MOST_TRIES = 3
"""After so many analyses that came to nothing a track counts as unplayable."""
CAME_TO_NOTHING = Unplayable(
    "could not be analysed", "convert it (music to FLAC or MP3, a clip to MP4 with H.264), and bring that"
)


class Analyser:
    """Analyses tracks for as long as it runs.

    :param threads: how many at once.
    """

    def __init__(self, hub: Hub, threads: int = THREADS) -> None:
        self._hub = hub
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._put_off_now: set[str] = set()
        self._tries: Counter[str] = Counter()
        self._threads = [
            threading.Thread(target=self._work, name=f"analyser {number}", daemon=True)
            for number in range(1, threads + 1)
        ]

    async def start(self) -> None:
        """Begin, with what was left the last time."""
        await to_thread.run_sync(self._sweep)
        self._hub.tracks_came.set()
        for thread in self._threads:
            thread.start()

    async def stop(self) -> None:
        """Leave what is being analysed; it is taken up again at the next start."""
        self._ending.set()
        self._hub.tracks_came.set()
        await to_thread.run_sync(self._join)

    def _sweep(self) -> None:
        """Throw away what was on its way when the power went."""
        for path in incoming(self._hub).iterdir():
            if path.stat().st_mtime < self._hub.now() - LEFT_BEHIND_S:
                path.unlink(missing_ok=True)

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(STOPPING_MAY_TAKE_S)

    def _work(self) -> None:
        """Do one track after the other; runs on a thread of its own."""
        while not self._ending.is_set():
            try:
                worked = self.do_one()
            except Exception:  # the thread must outlive whatever one track, or the database, does to it
                log.exception("the tracks that wait cannot be analysed")
                worked = False
            if not worked and not self._ending.is_set():
                self._hub.tracks_came.wait(LOOK_AGAIN_S)
                self._hub.tracks_came.clear()

    def do_one(self) -> bool:
        """Analyse the track that has waited longest; tell whether there was one."""
        row = self._take()
        if row is None:
            return False
        try:
            self._judge(row)
        except HubError as error:
            self._put_off(row)
            log.warning("track %s (%s) waits: %s", row["id"], row["file_name"], error)
        finally:
            with self._lock:
                self._busy.discard(row["id"])
        return True

    def _take(self) -> RowMapping | None:
        with self._lock, self._hub.database.read() as connection:
            row = tracks.waiting(connection, sorted(self._busy | self._put_off_now))
            if row is None:
                self._put_off_now.clear()
            else:
                self._busy.add(row["id"])
            return row

    def _judge(self, row: RowMapping) -> None:
        """Analyse a track and keep what was found, if anything was."""
        small = False
        try:
            with content_at_hand(self._hub, row["sha256"], row["size"], self._ending) as path:
                found: Finding | None = self._examined(path)
                small = self._kept_small(row, path, found)
        except AnalysisError as error:
            if self._ending.is_set():
                return
            found = self._without_verdict(row, str(error))
        if found is None:
            return
        with self._hub.database.write() as connection:
            tracks.judged(connection, row["id"], found, self._hub.settings.transcode, thumbnail=small)
        self._hub.copies_wanted.set()

    def _examined(self, path: Path) -> Finding:
        try:
            return examine_any(path, identify(path, self._ending), self._ending)
        except MediaError as error:
            raise AnalysisError(str(error)) from error

    def _kept_small(self, row: RowMapping, path: Path, found: Finding | None) -> bool:
        """Keep a thumbnail of a picture; tell whether there is one."""
        image = self._small(row, path, found) if isinstance(found, PictureFacts) else b""
        if not image:
            return False
        with tempfile.NamedTemporaryFile(dir=incoming(self._hub)) as file:
            file.write(image)
            file.flush()
            self._hub.media.put(thumbnail_key(row["sha256"]), Path(file.name))
        return True

    def _small(self, row: RowMapping, path: Path, facts: PictureFacts) -> bytes:
        """Make a thumbnail; that there is none keeps no picture from the screens."""
        try:
            return make_thumbnail(path, facts, Leash(path, self._ending, PATIENCE))
        except AnalysisError as error:
            if self._ending.is_set():
                raise
            log.warning("track %s (%s) has no thumbnail: %s", row["id"], row["file_name"], error)
            return b""

    def _without_verdict(self, row: RowMapping, reason: str) -> Unplayable | None:
        """Note that an analysis came to nothing; give a verdict where that was so too often."""
        log.warning("track %s (%s): %s", row["id"], row["file_name"], reason)
        self._put_off(row)
        if self._can_analyse():
            self._tries[row["id"]] += 1
            if self._tries[row["id"]] >= MOST_TRIES:
                return CAME_TO_NOTHING
        with self._hub.database.write() as connection:
            tracks.held_up(connection, row["id"], "its analysis came to nothing: it is tried again")
        return None

    def _can_analyse(self) -> bool:
        try:
            require_tools()
        except AnalysisError:
            return False
        return True

    def _put_off(self, row: RowMapping) -> None:
        """Leave a track alone until all others have had their turn, and some time has passed."""
        with self._lock:
            self._put_off_now.add(row["id"])
