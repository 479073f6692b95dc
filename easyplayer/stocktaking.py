"""What is on the disk of what the hub's programs want, and what of it may go."""

from collections.abc import Collection
from pathlib import Path

from msgspec import Struct

from easyplayer.autonomy import autonomy
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.playout.catalogue import Program
from easyplayer.playout.demand import can_begin, media_of, soonest_first
from easyplayer.playout.items import Item
from easyplayer.playout.listing import having
from easyplayer.program_store import Kept, ProgramStore
from easyplayer.protocol.heartbeat import Autonomy, Storage
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.units import Instant, Seconds

SPARED_S = Seconds(86_400.0)
"""How long a medium lies that no program names any more: the next one may want it again."""


class Demand(Struct, frozen=True, kw_only=True):
    """What is wanted and not there.

    :ivar missing: size by digest, of both programs, what is needed soonest first.
    :ivar of_staged: digests of those that the staged program wants.
    :ivar can_begin: whether the staged program has something to play for now.
    :ivar playable: whether it has anything at all to play, or wants nothing of the disk.
    """

    current: ProgramHead | None = None
    staged: ProgramHead | None = None
    missing: dict[str, int]
    of_staged: frozenset[str] = frozenset()
    can_begin: bool = False
    playable: bool = False


def look_up(store: ProgramStore, library: MediaLibrary, now: Instant) -> Demand:
    """Look at every medium of both programs, whether it is there."""
    with store.lock:
        current, staged = store.current, store.staged
    ours = {} if current is None else _missing(current, library, now)
    theirs = {} if staged is None else _missing(staged, library, now)
    return Demand(
        current=None if current is None else current.head,
        staged=None if staged is None else staged.head,
        missing={**ours, **theirs},
        of_staged=frozenset(theirs),
        can_begin=staged is not None and _can_begin(staged, library, now),
        playable=staged is not None and is_playable(staged, library),
    )


def is_playable(kept: Kept, library: MediaLibrary) -> bool:
    """Tell whether anything of a program can be played, or it wants nothing of the disk."""
    there = Shelf(kept, library)
    sounding = [item for item in kept.program.items if item.sounding]
    return not sounding or any(item.endless or there.on_disk(item) for item in sounding)


def to_play(kept: Kept, library: MediaLibrary) -> tuple[Program, frozenset[str]]:
    """Give what of a program can be played, and the digests of what is missing."""
    shelf = Shelf(kept, library)
    if not shelf.missing:
        return kept.program, frozenset()
    there = {item.id for item in kept.program.items if not shelf.lacks(item)}
    return having(kept.program, there), frozenset(shelf.missing)


def take_stock(
    store: ProgramStore, library: MediaLibrary, now: Instant, trouble: str
) -> tuple[Storage, Autonomy | None]:
    """Tell how it stands with the storage, and how long that lasts.

    :param trouble: what is wrong with it, in words.
    """
    with store.lock:
        current, staged = store.current, store.staged
    space = library.space()
    shelf = None if current is None else Shelf(current, library)
    coming = _coming(current, staged, shelf)
    told = Storage(
        items=0 if shelf is None else len(shelf.wanted),
        missing=0 if shelf is None else len(shelf.missing),
        staged="" if staged is None else staged.caption,
        fetched_bytes=sum(_come(library, sha256, size) for sha256, size in coming.items()),
        to_fetch_bytes=sum(coming.values()),
        free_bytes=space.free,
        total_bytes=space.total,
        trouble=trouble,
    )
    if current is None or shelf is None:
        return told, None
    return told, autonomy(current.program, now, shelf.on_disk)


def sweep(
    store: ProgramStore,
    library: MediaLibrary,
    now: Instant,
    spared_s: Seconds = SPARED_S,
    sparing: Collection[str] = (),
) -> None:
    """Throw away the media that no program names, and that nobody wants to keep.

    :param spared_s: for how long they lie all the same.
    :param sparing: digests of those that must stay.
    :raises StateError: the disk does not let go of one.
    """
    with store.lock:
        library.tidy()
        needed = {*store.named(), *sparing}
        for sha256 in library.digests():
            if sha256 not in needed and library.kept_from(sha256) + spared_s < now:
                library.remove(sha256)


def note_use(store: ProgramStore, library: MediaLibrary, now: Instant) -> None:
    """Note that what a program names is of use today: from here on it is spared when none does any more."""
    for sha256 in store.named():
        if library.kept_from(sha256) < now:
            library.keep_from(sha256, now)


class Shelf:
    """What is there of one program: looked up once, when it is made.

    :ivar wanted: all of its media, size by digest.
    :ivar missing: digests of those that are not there.
    """

    def __init__(self, kept: Kept, library: MediaLibrary) -> None:
        self.wanted = media_of(kept.program)
        self.missing = {sha256 for sha256, size in self.wanted.items() if not library.has(sha256, size)}

    def on_disk(self, item: Item) -> bool:
        """Tell whether a file is there."""
        if item.media is not None and item.media.sha256 in self.wanted:
            return not self.lacks(item)
        return Path(item.location).exists()

    def lacks(self, item: Item) -> bool:
        """Tell whether an item is one of those that the hub has yet to send."""
        return item.media is not None and item.media.sha256 in self.missing


def _missing(kept: Kept, library: MediaLibrary, now: Instant) -> dict[str, int]:
    ranked = soonest_first(kept.program, now)
    return {sha256: size for sha256, size in ranked.items() if not library.has(sha256, size)}


def _can_begin(kept: Kept, library: MediaLibrary, now: Instant) -> bool:
    shelf = Shelf(kept, library)
    return can_begin(kept.program, now, lambda item: item.endless or shelf.on_disk(item))


def _coming(current: Kept | None, staged: Kept | None, shelf: Shelf | None) -> dict[str, int]:
    """Give what is on its way: of the staged program what the current one has not; else what that misses."""
    if staged is None:
        return shelf.wanted if shelf is not None and shelf.missing else {}
    already: Collection[str] = () if current is None else media_of(current.program)
    return {sha256: size for sha256, size in media_of(staged.program).items() if sha256 not in already}


def _come(library: MediaLibrary, sha256: str, size: int) -> int:
    return size if library.has(sha256, size) else min(library.part_bytes(sha256), size)
