"""Room on the disks: what has to go so that what is to come fits, and what does not fit whatever goes."""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from msgspec import Struct

from easyplayer.units import Instant


class Coming(Struct, frozen=True, kw_only=True):
    """A medium that is to come.

    :ivar size: its length in bytes.
    :ivar here: how much of it has come already.
    :ivar disk: where that part is; empty where nothing of it has come.
    """

    sha256: str
    size: int
    here: int = 0
    disk: str = ""


class Lying(Struct, frozen=True, kw_only=True):
    """A medium, or a part of one, that may go.

    :ivar size: how many bytes its disk has more when it is gone.
    :ivar since: since when nobody has needed it.
    :ivar is_last: whether all that is not goes before it.
    """

    sha256: str
    size: int
    disk: str
    since: Instant
    is_last: bool = False


class Plan(Struct, frozen=True, kw_only=True):
    """What becomes of the room.

    :ivar goes: what has to go, for what fits.
    :ivar fits: digests of what fits then, in the order in which it is to come.
    :ivar lacking: how many bytes more there would have to be for all of it; 0 where all fits.
    """

    goes: tuple[Lying, ...]
    fits: tuple[str, ...]
    lacking: int


def plan(coming: Sequence[Coming], lying: Iterable[Lying], room: Mapping[str, int]) -> Plan:
    """Plan the room on the disks.

    Each medium is on one disk: where it has begun, or on the first one with room for it.  Where none has,
    what nobody has needed for the longest time goes there first, and no more of it than is needed.  What
    does not fit at all is left out, and what comes after it may fit.

    :param coming: what is wanted, what is needed soonest first.
    :param room: how many bytes each disk may still take, by its name, in order; below 0 where it has taken
        more than it should.
    """
    disks = {name: _Disk(left) for name, left in room.items()}
    for one in sorted(lying, key=_turn):
        if one.disk in disks:
            disks[one.disk].note(one)
    fits = [one.sha256 for one in coming if _place(one, disks)]
    lacking = _lacking(coming, {*fits}, disks)
    goes = tuple(one for disk in disks.values() for one in disk.needed())
    return Plan(goes=goes, fits=tuple(fits), lacking=lacking)


class _Disk:
    """One disk while it is planned.

    :ivar left: bytes that it may still take.
    :ivar may_go: bytes that it could take besides, if all went that may.
    """

    def __init__(self, left: int) -> None:
        self.left = left
        self.may_go = 0
        self._waiting: deque[Lying] = deque()
        self._gone: list[Lying] = []

    def note(self, one: Lying) -> None:
        """Learn what may go after all that has been noted before."""
        self._waiting.append(one)
        self.may_go += one.size

    def has_room(self, size: int) -> bool:
        """Tell whether something fits as it is; what takes nothing always does."""
        return size <= max(self.left, 0)

    def last_to_go(self, size: int) -> Lying | None:
        """Tell what would be the last to go for something to fit; ``None`` where nothing that goes helps."""
        if self.left + self.may_go < size:
            return None
        after = zip(self._waiting, accumulate(one.size for one in self._waiting), strict=True)
        return next((one for one, freed in after if self.left + freed >= size), None)

    def take(self, size: int) -> None:
        """Take something that fits, and let go for it what has to."""
        while not self.has_room(size):
            one = self._waiting.popleft()
            self._gone.append(one)
            self.left += one.size
            self.may_go -= one.size
        self.left -= size

    def needed(self) -> Iterator[Lying]:
        """Give what has to go; what is not needed after all stays, the latest first."""
        for one in reversed(self._gone):
            if one.size <= self.left:
                self.left -= one.size
            else:
                yield one


def _place(one: Coming, disks: Mapping[str, _Disk]) -> bool:
    """Find a disk for a medium, and make room there; tell whether there is one."""
    names = sorted(disks, key=lambda name: name != one.disk)
    options = [(disks[name], _takes(one, name)) for name in names]
    found = next(((disk, size) for disk, size in options if disk.has_room(size)), None)
    if found is None:
        last = [(disk.last_to_go(size), number) for number, (disk, size) in enumerate(options)]
        turns = [(_turn(goes), number) for goes, number in last if goes is not None]
        found = options[min(turns)[1]] if turns else None
    if found is not None:
        disk, size = found
        disk.take(size)
    return found is not None


def _lacking(coming: Iterable[Coming], fits: Container[str], disks: Mapping[str, _Disk]) -> int:
    """Tell how much more room a disk would need for all that does not fit: the one that needs least more."""
    rest = [one for one in coming if one.sha256 not in fits]
    more = (sum(_takes(one, name) for one in rest) - disk.left - disk.may_go for name, disk in disks.items())
    return min(more, default=sum(one.size for one in rest)) if rest else 0


def _takes(one: Coming, disk: str) -> int:
    """Tell how many bytes a medium takes on a disk; a part of it counts where it is."""
    return one.size - (one.here if one.disk == disk else 0)


def _turn(one: Lying) -> tuple[bool, Instant, str]:
    """Say when something's turn to go is: the lower comes first."""
    return one.is_last, one.since, one.sha256
