"""How it stands with a box's programs, media and disks; read from the disks, and asked of the box."""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from easyplayer.autonomy import autonomy
from easyplayer.cli.box_store import BoxStore, find
from easyplayer.cli.storage_words import disk_words, on_its_way, plays_on, size
from easyplayer.cli.telling import tell_json, tell_pairs
from easyplayer.cli.times import wall
from easyplayer.playout.demand import media_of
from easyplayer.program_store import Kept, Store
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download
from easyplayer.stocktaking import Shelf
from easyplayer.sweeping import garbage
from easyplayer.units import Instant, Seconds

AT_ONCE_S = Seconds(0.0)
DAMAGED = "the current program is damaged, and nobody knows what it names: the hub sends it anew"


class Program(Struct, frozen=True, kw_only=True):
    """One of the programs that are kept.

    :ivar media: how many it wants, of ``bytes`` in all.
    :ivar missing: how many of them are not there; ``missing_bytes`` are still to come.
    """

    name: str
    version: int
    revision: int
    media: int
    bytes: int
    missing: int
    missing_bytes: int


class Standing(Struct, frozen=True, kw_only=True):
    """How it stands.

    :ivar runs: whether the box runs.
    :ivar current: the program it plays by; ``staged`` is the one that comes next, and ``previous`` the one
        that ``rollback`` goes back to.
    :ivar garbage: how many media, or parts of some, no program names; ``garbage_bytes`` in all.
    :ivar download: what the running box says of its downloads.
    :ivar stick: what it says of a USB stick.
    """

    runs: bool
    disks: tuple[Disk, ...]
    current: Program | None
    staged: Program | None
    previous: Program | None
    garbage: int
    garbage_bytes: int
    autonomy: Autonomy | None
    download: Download | None = None
    stick: str = ""
    trouble: str = ""


def status(arguments: argparse.Namespace) -> int:
    """Tell how it stands."""
    box = find(arguments)
    found = standing(box, wall())
    if arguments.json:
        tell_json(msgspec.to_builtins(found), indent=2)
    else:
        tell_pairs(_words(found))
    return 0


def standing(box: BoxStore, now: Instant) -> Standing:
    """Look how it stands."""
    programs, library, told = box.store.programs, box.store.media, box.told
    current = programs.current
    useless = garbage(programs, library, now, AT_ONCE_S)
    return Standing(
        runs=box.runs,
        disks=library.disks(),
        current=_program(current, box.store),
        staged=_program(programs.staged, box.store),
        previous=_program(programs.previous, box.store),
        garbage=len(useless),
        garbage_bytes=sum(useless.values()),
        autonomy=autonomy(current.program, now, Shelf(current.program, library).on_disk) if current else None,
        download=told.download if told else None,
        stick=told.stick if told else "",
        trouble=DAMAGED if programs.is_damaged else told.storage.trouble if told else "",
    )


def _program(kept: Kept | None, store: Store) -> Program | None:
    if kept is None:
        return None
    wanted = media_of(kept.program)
    missing = [one for one, length in wanted.items() if not store.media.has(one, length)]
    come = sum(min(store.media.part_bytes(one), wanted[one]) for one in missing)
    head = kept.head
    return Program(
        name=head.name,
        version=head.version,
        revision=head.revision,
        media=len(wanted),
        bytes=sum(wanted.values()),
        missing=len(missing),
        missing_bytes=sum(wanted[one] for one in missing) - come,
    )


def _words(found: Standing) -> Iterator[tuple[str, str]]:
    yield "box", "runs" if found.runs else "does not run"
    programs: Mapping[str, Program | None] = {
        "current": found.current,
        "staged": found.staged,
        "previous": found.previous,
    }
    for heading, program in programs.items():
        yield heading, "none" if program is None else _program_words(program)
    if found.autonomy is not None:
        yield "plays on", plays_on(found.autonomy)
        yield from (("gap", gap) for gap in found.autonomy.uncovered)
    for disk in found.disks:
        yield "disk", disk_words(disk)
    yield "not needed", f"{found.garbage} media, {size(found.garbage_bytes)}"
    yield from _told(found)


def _told(found: Standing) -> Iterator[tuple[str, str]]:
    """Tell what only the running box knows."""
    downloads = on_its_way(found.download) if found.download else ""
    told: Any = (("downloads", downloads), ("stick", found.stick), ("TROUBLE", found.trouble))
    yield from ((heading, text) for heading, text in told if text)


def _program_words(program: Program) -> str:
    lacks = (
        f", {program.missing} missing ({size(program.missing_bytes)})" if program.missing else ", complete"
    )
    name = f"{program.name}, version {program.version} (revision {program.revision})"
    return f"{name}: {program.media} media, {size(program.bytes)}{lacks}"
