"""The lines of boxes that end at this worker: one for each box, the newest."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from easyplayer.units import Instant


class BoxLine(Struct, frozen=True):
    """The live channel to a box.

    :ivar sid: the session's id.
    :ivar epoch: of the token that it was opened with.
    :ivar at: when it was opened, by the hub's clock.
    """

    sid: str
    box: str
    epoch: int
    at: Instant


class BoxLines:
    """All lines of boxes here, by box and by session.

    :param worker: names this one among all.
    """

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._by_box: dict[str, BoxLine] = {}
        self._by_sid: dict[str, BoxLine] = {}

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self._by_box)

    def of(self, box: str) -> BoxLine | None:
        """Give the line of a box."""
        return self._by_box.get(box)

    def by(self, sid: str) -> BoxLine | None:
        """Give the line that a session is."""
        return self._by_sid.get(sid)

    def among(self, boxes: Iterable[str]) -> list[BoxLine]:
        """Give the lines of those of some boxes that have one here."""
        return [self._by_box[box] for box in boxes if box in self._by_box]

    def __iter__(self) -> Iterator[BoxLine]:
        """Give all of them."""
        return iter(self._by_box.values())

    def open(self, line: BoxLine) -> BoxLine | None:
        """Take a new line; gives the one that the box had here before, which is over."""
        older = self._by_box.get(line.box)
        if older is not None:
            del self._by_sid[older.sid]
        self._by_box[line.box] = self._by_sid[line.sid] = line
        return older

    def close(self, sid: str) -> BoxLine | None:
        """Forget a line; gives it, where it was its box's only one."""
        line = self._by_sid.pop(sid, None)
        if line is not None:
            del self._by_box[line.box]
        return line

    def outdone(self, box: str, worker: str, at: Instant) -> BoxLine | None:
        """Give the line that a box has here, where one that was opened at another worker is newer."""
        line = self._by_box.get(box)
        if line is None or worker == self._worker or (line.at, self._worker) > (at, worker):
            return None
        return line
