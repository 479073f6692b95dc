"""Analysing what was uploaded: a few threads that find out what each track really is.

What waits stands in the database; so nothing is forgotten where the hub is stopped in the middle of it.
"""

import logging
import math
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from anyio import to_thread
from sqlalchemy import RowMapping

from easyplayer.analysis.content import identify
from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.leash import PATIENCE, Leash
from easyplayer.analysis.picture_analyser import examine_any
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.thumbnail import make_thumbnail
from easyplayer.errors import AnalysisError, EasyplayerError
from easyplayer.hub.content_views import TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import discarding, leases, tracks
from easyplayer.hub.services.incoming import content_at_hand, incoming
from easyplayer.hub.services.leases import MOST_TRIES, Hold, may_be_its_fault
from easyplayer.hub.services.track_items import thumbnail_key
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

THREADS = 2
LOOK_AGAIN_S = Seconds(60.0)
"""How soon is looked for tracks that nobody has told of, or that could not be analysed before."""
STOPPING_MAY_TAKE_S = Seconds(2.0)
RENEW_EVERY_S = Seconds(5.0)
LEFT_BEHIND_S = Seconds(86_400.0)
"""No upload takes longer."""
SWEEP_EVERY_S = Seconds(3600.0)
CAME_TO_NOTHING = Unplayable(
    "could not be analysed", "convert it (music to FLAC or MP3, a clip to MP4 with H.264), and bring that"
)
TRIED_AGAIN = "its analysis came to nothing: it is tried again"


class Analyser:
    """Analyses tracks for as long as it runs.

    :param threads: how many at once.
    """

    def __init__(self, hub: Hub, threads: int = THREADS) -> None:
        self._hub = hub
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._put_off_now: set[str] = set()
        self._swept_at = time.monotonic()
        self._threads = [
            threading.Thread(target=self._work, name=f"analyser {number}", daemon=True)
            for number in range(1, threads + 1)
        ]

    async def start(self) -> None:
        """Begin, with what was left the last time."""
        await to_thread.run_sync(self._clear_up)
        self._hub.tracks_came.set()
        for thread in self._threads:
            thread.start()

    async def stop(self) -> None:
        """Leave what is being analysed; it is taken up again at the next start."""
        self._ending.set()
        self._hub.tracks_came.set()
        await to_thread.run_sync(self._join)

    def _clear_up(self) -> None:
        """Take up at once what was left when the power went, where no other process works on it."""
        alone = self._hub.database.is_sqlite
        if alone:
            with self._hub.database.write() as connection:
                leases.clear(connection, TrackState.ANALYSING)
        self._sweep(math.inf if alone else self._hub.now() - LEFT_BEHIND_S)

    def _sweep(self, before: float) -> None:
        """Throw away what was on its way when the power went; several processes may do so at once.

        :param before: what was written later stays.
        """
        for path in incoming(self._hub).iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _sweep_now_and_then(self) -> None:
        with self._lock:
            due = time.monotonic() >= self._swept_at + SWEEP_EVERY_S
            if due:
                self._swept_at = time.monotonic()
        if due:
            self._sweep(self._hub.now() - LEFT_BEHIND_S)
            discarding.sweep(self._hub)

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(STOPPING_MAY_TAKE_S)

    def _work(self) -> None:
        """Do one track after the other; runs on a thread of its own."""
        while not self._ending.is_set():
            try:
                self._sweep_now_and_then()
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
        if row["tries"] > MOST_TRIES:
            self._tell_failed(row, "whoever has begun it was ended in the middle, again and again")
            self._keep(row, row["lease"], CAME_TO_NOTHING)
            return True
        hold = Hold(self._hub, row, self._ending, RENEW_EVERY_S)
        try:
            with hold:
                found, small = self._found(row, hold.stop)
            self._keep(row, hold.lease, found, small=small)
        except Exception as error:  # noqa: BLE001 - whatever one track does, the others are analysed
            self._put_off(row, hold, error)
        return True

    def _take(self) -> RowMapping | None:
        """Take a track on; those that were put off come when there is no other."""
        with self._lock, self._hub.database.write() as connection:
            row = leases.take(connection, self._hub.now(), TrackState.ANALYSING, self._put_off_now)
            if row is None:
                self._put_off_now.clear()
            return row

    def _found(self, row: RowMapping, stop: threading.Event) -> tuple[Finding, bool]:
        """Analyse a track; give what was found, and whether there is a thumbnail of it."""
        with content_at_hand(self._hub, row["sha256"], row["size"], stop) as path:
            found = examine_any(path, identify(path, stop), stop)
            return found, isinstance(found, PictureFacts) and self._kept_small(row, path, found, stop)

    def _keep(self, row: RowMapping, lease: float, found: Finding, *, small: bool = False) -> None:
        with self._hub.database.write() as connection:
            transcode = self._hub.settings.transcode
            kept = tracks.judged(connection, row["id"], found, transcode, thumbnail=small, lease=lease)
        if not kept:
            self._tell_lost(row)
        self._hub.copies_wanted.set()

    def _kept_small(self, row: RowMapping, path: Path, facts: PictureFacts, stop: threading.Event) -> bool:
        """Keep a thumbnail of a picture; that there is none keeps no picture from the screens."""
        try:
            image = make_thumbnail(path, facts, Leash(path, stop, PATIENCE))
        except AnalysisError as error:
            if stop.is_set():
                raise
            log.warning("track %s (%s) has no thumbnail: %s", row["id"], row["file_name"], error)
            return False
        if not image:
            return False
        with tempfile.NamedTemporaryFile(dir=incoming(self._hub)) as file:
            file.write(image)
            file.flush()
            self._hub.media.put(thumbnail_key(row["sha256"]), Path(file.name))
        return True

    def _put_off(self, row: RowMapping, hold: Hold, error: Exception) -> None:
        """Leave a track to the next start, or until all others have had their turn and some time has passed.

        Where its analysis has come to nothing too often, that is the verdict.
        """
        if hold.lost:
            self._tell_lost(row)
            return
        if self._ending.is_set():
            self._leave(row, hold, counts=False)
            return
        with self._lock:
            self._put_off_now.add(row["id"])
        counts = may_be_its_fault(error)
        if counts:
            self._tell_failed(row, error)
        else:
            log.warning("track %s (%s) waits: %s", row["id"], row["file_name"], error, exc_info=_trace(error))
        if counts and row["tries"] >= MOST_TRIES:
            self._keep(row, hold.lease, CAME_TO_NOTHING)
        else:
            self._leave(row, hold, counts=counts, reason=TRIED_AGAIN)

    def _leave(self, row: RowMapping, hold: Hold, *, counts: bool, **values: str) -> None:
        with self._hub.database.write() as connection:
            leases.leave(connection, row, hold.lease, counts=counts, **values)

    def _tell_failed(self, row: RowMapping, why: Exception | str) -> None:
        what = row["id"], row["file_name"], why
        log.warning("track %s (%s): its analysis came to nothing: %s", *what, exc_info=_trace(why))

    def _tell_lost(self, row: RowMapping) -> None:
        log.info("track %s (%s): its analysis is not wanted any more", row["id"], row["file_name"])


def _trace(why: Exception | str) -> Exception | None:
    """Give an error that nobody has foreseen, so that it is told where it happened."""
    return why if isinstance(why, Exception) and not isinstance(why, EasyplayerError) else None
