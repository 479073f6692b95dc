"""Keeps the journal of commands on the disk, and tells when it is there."""

import logging
from collections.abc import Callable

from easyplayer.component import Background
from easyplayer.drivers.precious_file import PreciousFile
from easyplayer.errors import StateError
from easyplayer.events import BoxEvent
from easyplayer.hub_events import journal_written
from easyplayer.journal import Content, Journal
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

WRITING_MAY_TAKE_S = Seconds(10.0)
"""How long the disk is waited for before a command is refused, or a result told unwritten."""
DISK_HANGS = "the disk does not answer"

Then = Callable[[str], object]
"""Goes on when the journal is written; takes why it is not, or the empty string."""


class Clerk:
    """Reads the journal once, and writes it whenever it has changed.

    :param disk: the thread that writes, and tells so by ``journal_written``.
    :ivar journal: what is known; empty until it has been read.
    """

    def __init__(self, file: PreciousFile[Content], disk: Background, ticker: Ticker) -> None:
        self.journal = Journal(Content())
        self._file = file
        self._disk = disk
        self._ticker = ticker
        self._attempts = 0
        self._waiting: dict[int, tuple[Then, Deadline]] = {}
        self._refused = False

    def read(self) -> Journal:
        """Read the journal; one that is damaged leaves nothing but doubt."""
        try:
            content = self._file.load() or Content()
        except StateError as error:
            log.warning("%s; commands that may have stood there are not done", error)
            content = Content(doubtful=True)
        self.journal = Journal(content)
        return self.journal

    def write(self, then: Then = lambda _trouble: None) -> None:
        """Write the journal as it is now, and go on; a disk that hangs is waited for only so long."""
        self._attempts += 1
        number, content = self._attempts, self.journal.content
        patience = self._ticker.after(WRITING_MAY_TAKE_S, lambda: self.go_on(number, DISK_HANGS))
        self._waiting[number] = then, patience
        self._disk.do(lambda: self._save(number, content))

    def go_on(self, number: int, trouble: str) -> None:
        """Go on where an attempt to write has come to an end, unless that was waited for too long."""
        if number not in self._waiting:
            return
        then, patience = self._waiting.pop(number)
        patience.cancel()
        if trouble and not self._refused:
            log.warning("%s; commands are refused until then", trouble)
        self._refused = bool(trouble)
        then(trouble)

    def _save(self, number: int, content: Content) -> BoxEvent:
        """Write; runs on the disk's thread."""
        try:
            self._file.save(content)
        except StateError as error:
            return journal_written(number, str(error))
        return journal_written(number, "")
