"""What on the disks nobody needs, and what of it goes when.

What no program names lies for a day: the next one may want it again.  Where room is needed it goes sooner,
but no more of it than is needed; and after it the program to which there would be a way back.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from itertools import islice

from msgspec import Struct

from easyplayer.drivers.media_disk import kept_of
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.drivers.quiet_reading import can_be_read
from easyplayer.errors import StateError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.demand import media_of
from easyplayer.program_store import ProgramStore
from easyplayer.protocol.heartbeat import Disk, Health
from easyplayer.space_plan import Coming, Lying, Plan, plan
from easyplayer.units import Instant, Seconds

log = logging.getLogger(__name__)

SPARED_S = Seconds(86_400.0)
"""How long a medium lies that no program names any more."""

LONGEST_KEPT_S = Seconds(14 * 86_400.0)
"""Nobody has a medium kept for longer; where one seems to be, a clock was wrong, and it may go for room."""

NEIGHBOURS = 3
"""So many others are tried where a medium cannot be read."""

_TAKES = {Health.WELL, Health.FULL}


class Swept(Struct, frozen=True):
    """What was thrown away: how many media, and how many bytes."""

    media: int
    bytes: int


class Inspected(Struct, frozen=True):
    """What was found: how many media are right, and which were not, and were thrown away."""

    good: int
    bad: tuple[str, ...]


def garbage(
    store: ProgramStore,
    library: MediaLibrary,
    now: Instant,
    spared_s: Seconds = SPARED_S,
    sparing: Collection[str] = (),
) -> dict[str, int]:
    """Give the media that no program names, and that nobody wants to keep: bytes by digest.

    Where the current program is damaged there are none: nobody knows what it names.

    :param spared_s: for how long they lie all the same.
    :param sparing: digests of those that must stay.
    """
    with store.lock:
        if store.is_damaged:
            return {}
        needed = {*store.named(), *store.in_use, *sparing}
        return {
            sha256: _bytes(library, sha256)
            for sha256 in library.digests()
            if sha256 not in needed and library.kept_from(sha256) + spared_s < now
        }


def sweep(
    store: ProgramStore,
    library: MediaLibrary,
    now: Instant,
    spared_s: Seconds = SPARED_S,
    sparing: Collection[str] = (),
) -> Swept:
    """Throw that away.

    :raises StateError: a disk does not let go of some; all others are gone then.
    """
    refusals: list[StateError] = []
    with store.lock:
        library.tidy()
        found = garbage(store, library, now, spared_s, sparing)
        for sha256 in found:
            try:
                library.remove(sha256)
            except StateError as error:
                refusals.append(error)
    if refusals:
        raise refusals[0]
    return Swept(len(found), sum(found.values()))


def make_room(store: ProgramStore, library: MediaLibrary, now: Instant, wanted: Mapping[str, int]) -> int:
    """Throw away what has to go so that some media fit, and no more.

    :param wanted: size by digest, also of those that are on their way already.
    :returns: how many bytes there would have to be besides; then nothing has gone.
    :raises StateError: the disk does not let go of one.
    """
    with store.lock:
        made = planned(store, library, now, wanted)
        if made.lacking:
            return made.lacking
        if any(one.is_last for one in made.goes):
            store.drop_previous()
        for one in made.goes:
            library.remove(one.sha256)
        return 0


def inspect(
    store: ProgramStore,
    library: MediaLibrary,
    wall: Callable[[], Instant],
    stopped: Callable[[], bool],
    *,
    thoroughly: bool,
) -> Inspected:
    """Look at every medium that a program names and that is there, and throw away what is wrong.

    That takes hours, and what was wrong may have come anew meanwhile: it is looked at again before it goes.
    What cannot be read stays where nothing else on its disk can be read, either: then it is the disk, which
    may come round.

    :param stopped: whether to leave it at once.
    :param thoroughly: whether each is read and hashed; if not, its length counts.
    """
    named = store.named()
    good: list[str] = []
    bad: list[str] = []
    doubtful: list[str] = []

    def is_good(sha256: str) -> bool:
        whole = library.has(sha256, named[sha256])
        return whole and (not thoroughly or _is_right(library, sha256, stopped, wall))

    for sha256 in named:
        if library.size_of(sha256) is not None and not stopped():
            (good if is_good(sha256) else doubtful).append(sha256)
    for sha256 in doubtful:
        if is_good(sha256):
            good.append(sha256)
        elif _is_lost(library, sha256, good) and _threw_away(library, sha256):
            bad.append(sha256)
    return Inspected(len(good), tuple(bad))


def planned(store: ProgramStore, library: MediaLibrary, now: Instant, wanted: Mapping[str, int]) -> Plan:
    """Plan the room for some media that are not there.

    :param wanted: size by digest, what is needed soonest first.
    """
    if not wanted:
        return Plan(goes=(), fits=(), lacking=0)
    with store.lock:
        room = _room(library)
        coming = [_coming(library, sha256, size) for sha256, size in wanted.items()]
        made = plan(coming, (), room)
        return plan(coming, _lying(store, library, now, wanted), room) if made.lacking else made


def note_use(store: ProgramStore, library: MediaLibrary, now: Instant, coming: Program) -> None:
    """Note that what a change of programs leaves without a name was of use until now, so that it is spared.

    What plays, and what comes, is left alone: a file that changes its time counts as another one, and would
    be measured anew.  A disk that takes no note does not let go of anything, either.

    :param coming: the program that is changed to.
    """
    current = store.current
    stays = {**media_of(coming), **(media_of(current.program) if current is not None else {})}
    for sha256 in store.named().keys() - stays.keys():
        if library.kept_from(sha256) < now:
            with suppress(StateError):
                library.keep_from(sha256, now)


def _is_right(
    library: MediaLibrary, sha256: str, stopped: Callable[[], bool], wall: Callable[[], Instant]
) -> bool:
    """Read a medium, and note it if it is right; what is stopped is not found wrong."""
    try:
        right = library.is_right(sha256, stopped)
    except StateError as error:
        log.warning("%s", error)
        return False
    if right and not stopped():
        library.note_right(sha256, wall())
    return right


def _is_lost(library: MediaLibrary, sha256: str, good: Collection[str]) -> bool:
    """Tell whether it is the medium that is bad, and not its disk; what is gone by now is not."""
    if library.size_of(sha256) is None:
        return False
    disk = library.disk_of(sha256)
    neighbours = islice((one for one in good if library.disk_of(one) == disk), NEIGHBOURS)
    return any(can_be_read(library.path(one)) for one in (sha256, *neighbours))


def _threw_away(library: MediaLibrary, sha256: str) -> bool:
    """Throw a medium away; a disk that does not let go of it says so in the log."""
    try:
        library.remove(sha256)
    except StateError as error:
        log.warning("%s", error)
        return False
    return True


def _room(library: MediaLibrary) -> dict[str, int]:
    """Tell what each disk may still take; those that take nothing count only where there are no others."""
    there = [disk for disk in library.look() if disk.health is not Health.MISSING]
    disks = [disk for disk in there if disk.health in _TAKES] or there
    return {disk.name: _left(disk, library.keep_free) for disk in disks}


def _left(disk: Disk, keep_free: int) -> int:
    return disk.free_bytes - kept_of(disk.total_bytes, keep_free)


def _coming(library: MediaLibrary, sha256: str, size: int) -> Coming:
    here = min(library.part_bytes(sha256), size)
    return Coming(sha256=sha256, size=size, here=here, disk=library.disk_of(sha256) if here else "")


def _lying(
    store: ProgramStore, library: MediaLibrary, now: Instant, wanted: Collection[str]
) -> Iterator[Lying]:
    """Give what may go for the sake of other media.

    Where the current program is damaged, and none comes in its place, that is nothing: nobody knows what it
    names.
    """
    if store.is_damaged and store.staged is None:
        return
    needed = {*store.needed(), *store.in_use, *wanted}
    named = store.named()
    for sha256 in library.digests():
        if sha256 in needed:
            continue
        since = library.kept_from(sha256)
        if sha256 in named or not now <= since <= now + LONGEST_KEPT_S:
            yield Lying(
                sha256=sha256,
                size=_bytes(library, sha256),
                disk=library.disk_of(sha256),
                since=since,
                is_last=sha256 in named,
            )


def _bytes(library: MediaLibrary, sha256: str) -> int:
    return (library.size_of(sha256) or 0) + library.part_bytes(sha256)
