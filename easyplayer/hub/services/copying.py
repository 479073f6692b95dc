"""Making the copies that boxes need of pictures: one at a time, in the background, and given up at once.

What waits, and how far a copy is, stands in the database; so nothing is forgotten where the hub is stopped in
the middle of it, and several processes never make the same one.
"""

import logging
import shutil
import tempfile
import threading
import time
from pathlib import Path

from anyio import to_thread
from sqlalchemy import RowMapping

from easyplayer.analysis.content import Content, identify
from easyplayer.analysis.copying import make_copy, may_take
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.picture_analyser import examine_any
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.errors import EasyplayerError, UnavailableError
from easyplayer.hub.content_views import TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import copies, leases, tracks
from easyplayer.hub.services.incoming import content_at_hand, incoming
from easyplayer.hub.services.leases import MOST_TRIES, Hold, may_be_its_fault
from easyplayer.hub.services.track_items import media_key, picture_of
from easyplayer.hub.settings import Transcode
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LOOK_AGAIN_S = Seconds(60.0)
"""How soon is looked for copies of which nobody has told, or that another process has left."""
TELL_EVERY_S = Seconds(1.0)
"""How often is told how far a copy is, and seen whether it is wanted still."""
STOPPING_MAY_TAKE_S = Seconds(2.0)
LEAST_FREE_BYTES = 64 * 1024 * 1024
"""Where less is free, a copy that came out badly did so for want of room."""
_MAY_DIFFER = 0.02
"""By which part of its length a copy may be shorter or longer than its original."""
_MAY_DIFFER_S = Seconds(0.5)
MIB = 1024 * 1024
CAME_TO_NOTHING = "making a copy came to nothing"


class Copier:
    """Makes copies for as long as it runs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ending = threading.Event()
        self._put_off_now: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="copier", daemon=True)

    async def start(self) -> None:
        """Begin, with what was left the last time."""
        if self._hub.database.is_sqlite:
            await to_thread.run_sync(self._clear)
        self._hub.copies_wanted.set()
        self._thread.start()

    async def stop(self) -> None:
        """Leave what is being copied; it is taken up again at the next start."""
        self._ending.set()
        self._hub.copies_wanted.set()
        await to_thread.run_sync(self._thread.join, STOPPING_MAY_TAKE_S)

    def _clear(self) -> None:
        """Take up at once what was left when the power went: nobody else makes copies of this database."""
        with self._hub.database.write() as connection:
            leases.clear(connection, TrackState.CONVERTING)

    def _work(self) -> None:
        """Make one copy after the other; runs on a thread of its own."""
        while not self._ending.is_set():
            try:
                worked = self.do_one()
            except Exception:  # the thread must outlive whatever one copy, or the database, does to it
                log.exception("the copies that boxes need cannot be made")
                worked = False
            if not worked and not self._ending.is_set():
                self._hub.copies_wanted.wait(LOOK_AGAIN_S)
                self._hub.copies_wanted.clear()

    def do_one(self) -> bool:
        """Make the copy that was waited for longest; tell whether there was one."""
        with self._hub.database.write() as connection:
            if self._hub.settings.transcode is Transcode.OFF:
                copies.settle(connection)
                return False
            row = copies.take(connection, self._hub.now(), self._put_off_now)
        facts = None if row is None else picture_of(row)
        if row is None or facts is None:
            self._put_off_now.clear()
            return False
        if row["tries"] > MOST_TRIES:
            self._give_up(row, row["lease"], CAME_TO_NOTHING)
            return True
        hold = Hold(self._hub, row, self._ending, TELL_EVERY_S)
        try:
            with hold:
                made = self._made(row, facts, hold)
            self._keep(row, hold, made)
        except Exception as error:  # noqa: BLE001 - whatever one picture does, the others get their copies
            self._put_off(row, hold, error)
        return True

    def _made(self, row: RowMapping, facts: PictureFacts, hold: Hold) -> Content | str:
        """Make a copy, and put it into the media store; or tell why there can be none."""
        with (
            content_at_hand(self._hub, row["sha256"], row["size"], hold.stop) as path,
            tempfile.NamedTemporaryFile(dir=incoming(self._hub), prefix="copy-") as file,
        ):
            target = Path(file.name)
            leash = Leash(path, hold.stop, may_take(facts))
            make_copy(path, facts, target, leash, hold.tell, most_bytes=self._hub.settings.upload_mib * MIB)
            content = identify(target, hold.stop)
            because = unfit(facts, examine_any(target, content, hold.stop))
            if because:
                _require_room(target.parent)
                return because
            self._hub.media.put(media_key(content.sha256), target)
        return content

    def _keep(self, row: RowMapping, hold: Hold, made: Content | str) -> None:
        """Have programs play what lies in the media store now; or nobody, and then it goes."""
        if isinstance(made, str):
            self._give_up(row, hold.lease, made)
            return
        sha256, size = made.sha256, made.stamp.size_bytes
        with self._hub.database.write() as connection:
            wanted = copies.made(connection, row, hold.lease, sha256, size)
            used = tracks.size_of(connection, sha256) is not None
        if not used:
            self._hub.media.delete(media_key(sha256))
        if not wanted:
            self._tell_lost(row)
            return
        what = row["id"], row["file_name"], time.monotonic() - hold.began
        log.info("track %s (%s): a copy that boxes can play was made in %.0f s", *what)

    def _put_off(self, row: RowMapping, hold: Hold, error: Exception) -> None:
        """Leave a copy to the next start, or to another try; after some, give up."""
        if hold.lost:
            self._tell_lost(row)
            return
        counts = not self._ending.is_set() and may_be_its_fault(error)
        if not self._ending.is_set():
            self._put_off_now.add(row["id"])
            foreseen = isinstance(error, EasyplayerError)
            what = row["id"], row["file_name"], error
            log.warning("track %s (%s): its copy waits: %s", *what, exc_info=None if foreseen else error)
        if counts and row["tries"] >= MOST_TRIES:
            self._give_up(row, hold.lease, CAME_TO_NOTHING)
            return
        with self._hub.database.write() as connection:
            leases.leave(connection, row, hold.lease, counts=counts)

    def _give_up(self, row: RowMapping, lease: float, because: str) -> None:
        log.warning("track %s (%s): no copy for boxes: %s", row["id"], row["file_name"], because)
        with self._hub.database.write() as connection:
            copies.failed(connection, row, lease, because)

    def _tell_lost(self, row: RowMapping) -> None:
        log.info("track %s (%s): its copy is not wanted any more", row["id"], row["file_name"])


def _require_room(folder: Path) -> None:
    """Go on only where it was not the hub's own disk that a copy failed by.

    :raises UnavailableError: it was.
    """
    if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        message = f"the disk of {folder} is full: make room there"
        raise UnavailableError(message, LOOK_AGAIN_S)


def unfit(original: PictureFacts, copy: Finding) -> str:
    """Tell why a copy cannot stand for its original; empty where it can."""
    if not isinstance(copy, PictureFacts):
        return "the copy that was made of it is none"
    trouble = obstacle(copy)
    if trouble is not None:
        return f"a copy {trouble.reason}, too"
    may_differ_s = max(_MAY_DIFFER_S, original.duration_s * _MAY_DIFFER)
    if copy.still is not original.still or abs(copy.duration_s - original.duration_s) > may_differ_s:
        return "a copy would not be as long, or too large for the hub (upload_mib)"
    return ""
