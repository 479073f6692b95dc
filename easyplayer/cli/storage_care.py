"""Looking after a box's media: reading them all, indexing them anew, and throwing away what is useless."""

import argparse
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from easyplayer.cli.box_store import BoxStore, find
from easyplayer.cli.hub_store import store_of
from easyplayer.cli.progress import Advance, progress
from easyplayer.cli.storage_words import size
from easyplayer.cli.telling import tell_json, tell_pairs, warn
from easyplayer.cli.times import lasting, wall
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.drivers.quiet_reading import QuietReading
from easyplayer.errors import StateError
from easyplayer.program_store import Store
from easyplayer.sweeping import SPARED_S, garbage
from easyplayer.units import Seconds

SOME_BAD = 1
AT_ONCE_S = Seconds(0.0)


class Found(StrEnum):
    """How a medium is."""

    RIGHT = "right"
    WRONG = "wrong"
    """It is not what its digest says, or has another length than the programs say."""
    UNREADABLE = "unreadable"
    """The disk does not give it."""


# -- verify ----------------------------------------------------------------------------------------


def verify(arguments: argparse.Namespace) -> int:
    """Look at every medium; 1 if any is bad."""
    box = find(arguments)
    library = box.store.media
    began = time.monotonic()
    looked_at = looked_through(box.store, quick=arguments.quick)
    bad = {one: found for one, found in looked_at.items() if found is not Found.RIGHT}
    removed = [*_repair(box.store, looked_at, quick=arguments.quick)] if arguments.repair else []
    right, took_s = len(looked_at) - len(bad), time.monotonic() - began
    if arguments.json:
        rows = [{"sha256": one, "found": found, "path": str(library.path(one))} for one, found in bad.items()]
        tell_json({"right": right, "bad": rows, "removed": removed, "seconds": round(took_s, 3)})
    else:
        tell_pairs((found.upper(), str(library.path(one))) for one, found in bad.items())
        tell_pairs([("right", f"{right} media, in {lasting(took_s)}"), ("bad", f"{len(bad)} media")])
        warn(_advice(box, len(bad), len(removed)) if bad else ())
    return SOME_BAD if bad else 0


def looked_through(store: Store, *, quick: bool) -> dict[str, Found]:
    """Look at every medium on the disks, and note those that are right; twice at those that cannot be read.

    :param quick: look at their lengths only, as far as a program tells them.
    """
    library, named = store.media, store.programs.named()
    there = {one: length for one in library.digests() if (length := library.size_of(one)) is not None}
    with progress("Verifying", sum(there.values())) as advance:
        if quick:
            return {one: _fits(length, named.get(one, length)) for one, length in there.items()}
        found = {one: _read(library, one, advance) for one in there}
    lost = [one for one, how in found.items() if how is Found.UNREADABLE]
    return {**found, **{one: _read(library, one, lambda _length: None) for one in lost}}


def _fits(there: int, wanted: int) -> Found:
    return Found.RIGHT if there == wanted else Found.WRONG


def _read(library: MediaLibrary, sha256: str, advance: Advance) -> Found:
    try:
        with QuietReading(library.path(sha256)) as reading:
            while length := reading.read_on():
                advance(length)
    except OSError:
        return Found.UNREADABLE
    if reading.digest() != sha256:
        return Found.WRONG
    library.note_right(sha256, wall())
    return Found.RIGHT


def _repair(store: Store, looked_at: Mapping[str, Found], *, quick: bool) -> Iterator[str]:
    """Throw away what is bad, and give its digest; what a running box has brought anew meanwhile stays."""
    for sha256 in [*_to_remove(store.media, looked_at)]:
        if _is_still_bad(store, sha256, quick=quick):
            store.media.remove(sha256)
            yield sha256


def _is_still_bad(store: Store, sha256: str, *, quick: bool) -> bool:
    library, length = store.media, store.media.size_of(sha256)
    if length is None:
        return False
    if quick:
        return _fits(length, store.programs.named().get(sha256, length)) is not Found.RIGHT
    return _read(library, sha256, lambda _length: None) is not Found.RIGHT


def _to_remove(library: MediaLibrary, looked_at: Mapping[str, Found]) -> Iterator[str]:
    """Give what is bad; where not one medium of a disk can be read, it is the disk, and they stay."""
    folders = {one: library.path(one).parent.parent for one in looked_at}
    alive = {folders[one] for one, found in looked_at.items() if found is not Found.UNREADABLE}
    for sha256, found in looked_at.items():
        if found is Found.WRONG or (found is Found.UNREADABLE and folders[sha256] in alive):
            yield sha256


def _advice(box: BoxStore, bad: int, removed: int) -> Iterator[str]:
    if not removed:
        yield "--repair takes away what is bad, to be fetched anew; if it comes again, the disk is worn"
    elif box.runs:
        yield f"{removed} media are taken away; the box fetches anew what it needs of them"
    else:
        yield f"{removed} media are taken away; they come when the box runs, or by: easyplayer fetch"
    if removed and removed < bad:
        yield f"{bad - removed} stay, on a disk that gives nothing at all: look at its plug"


# -- rebuild ---------------------------------------------------------------------------------------


def rebuild(arguments: argparse.Namespace) -> int:
    """Make the index of the media anew, from the disks alone."""
    library = find(arguments).store.media
    began = time.monotonic()
    made = library.rebuild()
    took_s = time.monotonic() - began
    if arguments.json:
        tell_json({"media": made.media, "bytes": made.bytes, "seconds": round(took_s, 3)})
    else:
        tell_pairs([("in the index", f"{made.media} media, {size(made.bytes)}, in {took_s:.1f} s")])
    return 0


# -- gc --------------------------------------------------------------------------------------------


def collect(arguments: argparse.Namespace) -> int:
    """Throw away the media that nobody needs; 1 if some of them does not let itself be taken."""
    box = find(arguments)
    found = garbage(box.store.programs, box.store.media, wall(), AT_ONCE_S if arguments.all else SPARED_S)
    left = {} if arguments.dry_run else dict(_take_away(box, found))
    taken = {one: length for one, length in found.items() if one not in left}
    if arguments.json:
        rows = [{"sha256": one, "bytes": length} for one, length in taken.items()]
        tell_json({"dry_run": arguments.dry_run, "media": rows, "bytes": sum(taken.values())})
    else:
        verb = "would be taken away" if arguments.dry_run else "taken away"
        tell_pairs((size(length), one) for one, length in taken.items())
        tell_pairs([(verb, f"{len(taken)} media, {size(sum(taken.values()))}")])
    warn(left.values())
    if box.store.programs.is_damaged:
        warn(["the current program is damaged, and nobody knows what it names: all media stay"])
    return SOME_BAD if left else 0


def _take_away(box: BoxStore, found: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Take media away, but for those that a running box has come to want; tell of those that stay."""
    named = store_of(box.settings).programs.named()
    for sha256 in found:
        if sha256 in named:
            yield sha256, f"{sha256} is wanted by now, and stays"
            continue
        try:
            box.store.media.remove(sha256)
        except StateError as error:
            yield sha256, str(error)
