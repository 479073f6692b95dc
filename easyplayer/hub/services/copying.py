"""Making the copies that boxes need of pictures: one at a time, in the background, and given up at once.

What waits, and how far a copy is, stands in the database; so nothing is forgotten where the hub is stopped in
the middle of it, and several processes never make the same one.
"""

import logging
import shutil
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from anyio import to_thread
from sqlalchemy import RowMapping

from easyplayer.analysis import require_tools
from easyplayer.analysis.content import Content, identify
from easyplayer.analysis.copying import make_copy, may_take
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.naming import shown
from easyplayer.analysis.picture_analyser import examine_any
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.errors import AnalysisError, HubError, MediaError, UnavailableError
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import copies, tracks
from easyplayer.hub.services.incoming import content_at_hand, incoming
from easyplayer.hub.services.track_items import media_key, picture_of
from easyplayer.hub.settings import Transcode
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LOOK_AGAIN_S = Seconds(60.0)
"""How soon is looked for copies of which nobody has told, or that another process has left."""
TELL_EVERY_S = Seconds(1.0)
"""How often is told how far a copy is, and seen whether it is wanted still."""
STOPPING_MAY_TAKE_S = Seconds(2.0)
MOST_TRIES = 3
LEAST_FREE_BYTES = 64 * 1024 * 1024
"""Where less is free, a copy that came out badly did so for want of room."""
_MAY_DIFFER = 0.02
"""By which part of its length a copy may be shorter or longer than its original."""
_MAY_DIFFER_S = Seconds(0.5)
MIB = 1024 * 1024


class LostError(Exception):
    """A copy is not wanted any more, or somebody else makes it."""


class Copier:
    """Makes copies for as long as it runs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ending = threading.Event()
        self._tries: Counter[str] = Counter()
        self._put_off_now: set[str] = set()
        self._thread = threading.Thread(target=self._work, name="copier", daemon=True)

    async def start(self) -> None:
        """Begin, with what was left the last time."""
        self._hub.copies_wanted.set()
        self._thread.start()

    async def stop(self) -> None:
        """Leave what is being copied; it is taken up again at the next start."""
        self._ending.set()
        self._hub.copies_wanted.set()
        await to_thread.run_sync(self._thread.join, STOPPING_MAY_TAKE_S)

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
        watch = Watch(self._hub, row, facts, self._ending)
        try:
            self._make(row, facts, watch)
        except LostError:
            log.info("track %s (%s): its copy is not wanted any more", row["id"], row["file_name"])
        except (AnalysisError, MediaError, HubError, OSError) as error:
            self._put_off(row, watch, error)
        return True

    def _make(self, row: RowMapping, facts: PictureFacts, watch: "Watch") -> None:
        began = time.monotonic()
        with (
            content_at_hand(self._hub, row["sha256"], row["size"], self._ending) as path,
            tempfile.NamedTemporaryFile(dir=incoming(self._hub), prefix="copy-") as file,
        ):
            target = Path(file.name)
            most_bytes = self._hub.settings.upload_mib * MIB
            make_copy(path, facts, target, watch, watch.tell, most_bytes=most_bytes)
            watch.renew(facts.duration_s)
            content = identify(target, self._ending)
            because = unfit(facts, examine_any(target, content, self._ending))
            watch.renew()
            if because:
                _require_room(target.parent)
                self._give_up(row, watch, because)
                return
            self._hub.media.put(media_key(content.sha256), target)
        self._keep(row, watch, content)
        what = row["id"], row["file_name"], time.monotonic() - began
        log.info("track %s (%s): a copy that boxes can play was made in %.0f s", *what)

    def _keep(self, row: RowMapping, watch: "Watch", content: Content) -> None:
        """Have programs play what lies in the media store now; or nobody, and then it goes."""
        sha256, size = content.sha256, content.stamp.size_bytes
        with self._hub.database.write() as connection:
            wanted = copies.made(connection, row, watch.lease, sha256, size)
            used = tracks.size_of(connection, sha256) is not None
        if not used:
            self._hub.media.delete(media_key(sha256))
        if not wanted:
            raise LostError(row["id"])

    def _put_off(self, row: RowMapping, watch: "Watch", error: Exception) -> None:
        """Leave a copy to the next start, or to another try; after some, give up."""
        if self._ending.is_set():
            self._leave(row, watch)
            return
        if isinstance(error, (AnalysisError, MediaError)) and self._can_copy():
            self._tries[row["id"]] += 1
        if self._tries[row["id"]] >= MOST_TRIES:
            self._give_up(row, watch, "making a copy came to nothing")
            return
        log.warning("track %s (%s): its copy waits: %s", row["id"], row["file_name"], error)
        self._put_off_now.add(row["id"])
        self._leave(row, watch)

    def _leave(self, row: RowMapping, watch: "Watch") -> None:
        with self._hub.database.write() as connection:
            copies.leave(connection, row, watch.lease)

    def _give_up(self, row: RowMapping, watch: "Watch", because: str) -> None:
        self._tries.pop(row["id"], None)
        log.warning("track %s (%s): no copy for boxes: %s", row["id"], row["file_name"], because)
        with self._hub.database.write() as connection:
            copies.failed(connection, row, watch.lease, because)

    def _can_copy(self) -> bool:
        try:
            require_tools()
        except AnalysisError:
            return False
        return True


class Watch(Leash):
    """Held by whoever makes a copy: tells how far it is, and ends the work where it is not wanted any more.

    :ivar lease: the one that is held.
    """

    def __init__(self, hub: Hub, row: RowMapping, facts: PictureFacts, ending: threading.Event) -> None:
        super().__init__(Path(row["file_name"]), ending, may_take(facts))
        self._hub = hub
        self._row = row
        self._part = 0.0
        self._told_at = time.monotonic()
        self.lease: float = row["lease"]

    def tell(self, part: float) -> None:
        """Note how far the copy is, from 0 to 1."""
        self._part = part

    def check(self) -> None:
        """Return if the work may go on; else raise like :meth:`Leash.check`, or :class:`LostError`."""
        super().check()
        if time.monotonic() >= self._told_at + TELL_EVERY_S:
            self.renew()

    def renew(self, quiet_s: float = 0.0) -> None:
        """Write down how far the copy is.

        :param quiet_s: for so long it may be that nothing is heard any more.
        :raises LostError: it is not wanted any more.
        """
        self._told_at = time.monotonic()
        until = self._hub.now() + copies.LEASE_S + quiet_s
        with self._hub.database.write() as connection:
            if not copies.renew(connection, self._row, self.lease, until, self._part):
                raise LostError(shown(self.path))
        self.lease = until


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
