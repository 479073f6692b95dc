"""What is on the disks of what the hub's programs want."""

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from msgspec import Struct, structs

from easyplayer.autonomy import autonomy
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.playout.catalogue import Program
from easyplayer.playout.demand import can_begin, media_of, needed_soon, soonest_first
from easyplayer.playout.items import Item
from easyplayer.playout.listing import having
from easyplayer.program_store import Kept, ProgramStore
from easyplayer.protocol.heartbeat import Autonomy, Disk, Storage
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.sweeping import planned
from easyplayer.units import Instant, Seconds

LATELY_S = Seconds(30 * 86_400.0)
"""A medium that was read and found right within this is told as such."""


class Demand(Struct, frozen=True, kw_only=True):
    """What is wanted and not there.

    :ivar missing: size by digest, what is needed soonest first: all that both programs miss, if that fits on
        the disks; else what the current one misses and does; where there is none, what of the staged one
        does.
    :ivar of_current: digests of all that the current program misses.
    :ivar of_staged: digests of all that the staged program misses.
    :ivar all_of_staged: how many media that has in all.
    :ivar can_begin: whether the staged program has something to play for now.
    :ivar playable: whether it has anything at all to play, or wants nothing of the disk.
    :ivar soon: digests of what the next two hours need, whether or not it is there.
    :ivar lacking_bytes: how many bytes more there would have to be for all that is missing, when all that may
        go is gone; 0 where it fits.
    """

    current: ProgramHead | None = None
    staged: ProgramHead | None = None
    missing: dict[str, int]
    of_current: frozenset[str] = frozenset()
    of_staged: frozenset[str] = frozenset()
    all_of_staged: int = 0
    can_begin: bool = False
    playable: bool = False
    soon: frozenset[str] = frozenset()
    lacking_bytes: int = 0


def look_up(store: ProgramStore, library: MediaLibrary, now: Instant) -> Demand:
    """Look at every medium of both programs, whether it is there, and whether what is not would fit."""
    with store.lock:
        current, staged = store.current, store.staged
    ours = {} if current is None else _missing(current, library, now)
    theirs = {} if staged is None else _missing(staged, library, now)
    missing = {**ours, **theirs}
    plan = planned(store, library, now, missing)
    if plan.lacking and current is not None:
        missing = {sha256: ours[sha256] for sha256 in planned(store, library, now, ours).fits}
    elif plan.lacking:
        missing = {sha256: missing[sha256] for sha256 in plan.fits}
    first = current or staged
    return Demand(
        current=None if current is None else current.head,
        staged=None if staged is None else staged.head,
        missing=missing,
        of_current=frozenset(ours),
        of_staged=frozenset(theirs),
        all_of_staged=0 if staged is None else len(media_of(staged.program)),
        can_begin=staged is not None and _can_begin(staged, library, now),
        playable=staged is not None and is_playable(staged, library),
        soon=frozenset() if first is None else needed_soon(first.program, now),
        lacking_bytes=plan.lacking,
    )


def is_playable(kept: Kept, library: MediaLibrary) -> bool:
    """Tell whether anything of a program can be played, or it wants nothing of the disk.

    Pictures count only where a program has nothing else.
    """
    there, items = Shelf(kept.program, library), kept.program.items
    wanted = [item for item in items if item.sounding] or [item for item in items if item.showing]
    return not wanted or any(item.endless or there.on_disk(item) for item in wanted)


def to_play(program: Program, library: MediaLibrary) -> tuple[Program, frozenset[str]]:
    """Give what of a program can be played, each item where it is now, and the digests of what is missing."""
    shelf = Shelf(program, library)
    there = {item.id for item in program.items if not shelf.lacks(item)}
    rest = having(program, there) if shelf.missing else program
    return located(rest, library), frozenset(shelf.missing)


def located(program: Program, library: MediaLibrary) -> Program:
    """Give each item of a program the place where the library has it, or would have it.

    A file there is called by its digest, so that what has no title is called by the name that it had before.
    """
    items = (
        structs.replace(item, location=_location(item, library), title=_title(item)) for item in program.items
    )
    return structs.replace(program, items=tuple(items))


def take_stock(
    store: ProgramStore, library: MediaLibrary, now: Instant, disks: tuple[Disk, ...]
) -> tuple[Storage, Autonomy | None]:
    """Tell how it stands with the storage, as far as the disks tell it, and how long that lasts.

    :param disks: how they are.
    :raises StateError: none of them can be asked.
    """
    with store.lock:
        current, staged, previous = store.current, store.staged, store.previous
    space = library.space()
    shelf = None if current is None else Shelf(current.program, library)
    coming = _coming(current, staged, shelf)
    told = Storage(
        items=0 if shelf is None else len(shelf.wanted),
        missing=0 if shelf is None else len(shelf.missing),
        staged="" if staged is None else staged.caption,
        fetched_bytes=sum(_come(library, sha256, size) for sha256, size in coming.items()),
        to_fetch_bytes=sum(coming.values()),
        free_bytes=space.free,
        total_bytes=space.total,
        previous="" if previous is None else previous.caption,
        disks=disks,
        scrubbed=library.checked_since(Instant(now - LATELY_S)),
    )
    if current is None or shelf is None:
        return told, None
    return told, autonomy(current.program, now, shelf.on_disk)


class Shelf:
    """What is there of one program: looked up once, when it is made.

    :ivar wanted: all of its media, size by digest.
    :ivar missing: digests of those that are not there.
    """

    def __init__(self, program: Program, library: MediaLibrary) -> None:
        self._library = library
        self.wanted = media_of(program)
        self.missing = {sha256 for sha256, size in self.wanted.items() if not library.has(sha256, size)}

    def on_disk(self, item: Item) -> bool:
        """Tell whether a file is there."""
        if item.media is not None and item.media.sha256 in self.wanted:
            return not self.lacks(item)
        return Path(_location(item, self._library)).exists()

    def lacks(self, item: Item) -> bool:
        """Tell whether an item is one of those that the hub has yet to send."""
        return item.media is not None and item.media.sha256 in self.missing


def _title(item: Item) -> str:
    if item.title or not item.owned:
        return item.title
    return PurePosixPath(item.location).stem


def _location(item: Item, library: MediaLibrary) -> str:
    if not item.owned:
        return item.location
    return str(library.path(item.media.sha256) if item.media else library.folder / item.location)


def _missing(kept: Kept, library: MediaLibrary, now: Instant) -> dict[str, int]:
    ranked = soonest_first(kept.program, now)
    return {sha256: size for sha256, size in ranked.items() if not library.has(sha256, size)}


def _can_begin(kept: Kept, library: MediaLibrary, now: Instant) -> bool:
    shelf = Shelf(kept.program, library)
    return can_begin(kept.program, now, lambda item: item.endless or shelf.on_disk(item))


def _coming(current: Kept | None, staged: Kept | None, shelf: Shelf | None) -> dict[str, int]:
    """Give what is on its way: of the staged program what the current one has not; else what that misses."""
    if staged is None:
        return shelf.wanted if shelf is not None and shelf.missing else {}
    already: Collection[str] = () if current is None else media_of(current.program)
    return {sha256: size for sha256, size in media_of(staged.program).items() if sha256 not in already}


def _come(library: MediaLibrary, sha256: str, size: int) -> int:
    return size if library.has(sha256, size) else min(library.part_bytes(sha256), size)
