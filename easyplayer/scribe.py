"""Who writes the as-run log, on the disk's thread: what is refused is remembered, and tried again.

A disk that is full, or gone, must cost neither music nor a line of the log.
"""

import logging
from collections.abc import Iterable

from msgspec import Struct

from easyplayer.drivers.asrun_facts import Fact
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.errors import StateError
from easyplayer.protocol.heartbeat import LogHead

log = logging.getLogger(__name__)

MOST_WAITING = 10_000
"""Facts that are remembered where the disk takes none: a fortnight of music."""


class Written(Struct, frozen=True):
    """What came of a write.

    :ivar kept: whether something is on the disk now that was not.
    :ivar refused: why the disk takes nothing, where that is news; empty where not.
    :ivar head: how far the log has come, where that is news; ``None`` where not.
    """

    kept: bool = False
    refused: str = ""
    head: LogHead | None = None


class Scribe:
    """Writes on the disk's thread; what is refused it remembers, and tries again with what comes next.

    :ivar done: how many jobs are done; the loop's thread reads it.
    """

    def __init__(self, store: AsRunStore) -> None:
        self.done = 0
        self._store = store
        self._told: LogHead | None = None
        self._waiting: list[Fact] = []
        self._refused = False

    def write(self, facts: Iterable[Fact]) -> Written:
        """Write facts, and those that were refused before them."""
        self._waiting.extend(facts)
        del self._waiting[:-MOST_WAITING]
        try:
            return self._write() if self._waiting else Written()
        except StateError as error:
            return self._refuse(str(error))
        finally:
            self.done += 1

    def close(self) -> None:
        """Let the database go."""
        self._store.close()

    def _write(self) -> Written:
        self._store.write(self._waiting)
        self._waiting.clear()
        if self._refused:
            self._refused = False
            log.info("the as-run log is written again")
        before, self._told = self._told, self._store.head
        return Written(kept=True, head=self._told if self._told != before else None)

    def _refuse(self, reason: str) -> Written:
        if self._refused:
            return Written()
        self._refused = True
        log.warning("%s; what is played is remembered until then", reason)
        return Written(refused=reason)
