"""Compiling: a draft, the playlists that it names and their items become a program's file.

The file is read back by the very functions that a box reads it by, so that no box is ever sent one that
it would refuse.
"""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Connection, RowMapping

from easyplayer.errors import ProgramError
from easyplayer.hub.services import playlists
from easyplayer.hub.services.stock import Stock, stock
from easyplayer.playout.calendar import TZDATA
from easyplayer.playout.catalogue import FORMAT, Playlist, Program
from easyplayer.playout.pictures import heard, screened
from easyplayer.playout.program_file import decode, encode, remarks
from easyplayer.protocol.program_head import MOST_PROGRAM_BYTES

SEED_DIGITS = 8


class Compiled(Struct, frozen=True, kw_only=True):
    """A program's file.

    :ivar body: its bytes.
    :ivar remarks: what is odd about it without being wrong.
    """

    program: Program
    body: bytes
    remarks: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.body).hexdigest()


def compiled(connection: Connection, row: RowMapping, version: int) -> Compiled:
    """Put a program together.

    :param row: the program's row.
    :param version: what its version is to be.
    :raises ProgramError: it cannot be played as it stands; names all that is wrong with it.
    """
    draft, group = draft_of(row), row["group"]
    wanted = [*dict.fromkeys((*lists_of(row), *named_in(draft)))]
    found = playlists.several(connection, wanted)
    lists = [found[name][0] for name in wanted if name in found]
    items = stock(connection, _items_of(lists, draft), group)
    program = structs.replace(
        draft,
        format=FORMAT,
        name=row["name"],
        version=version,
        tzdata=TZDATA,
        seed=draft.seed or _seed(row["id"]),
        playlists=tuple(lists),
        items=tuple(items.items[name] for name in _items_of(lists, draft) if name in items.items),
    )
    missing = [name for name in lists_of(row) if name not in found]
    problems = [
        *(f"lists: there is no playlist {name!r}; make it, or take it out" for name in missing),
        *_foreign(found, group),
        *_troubles(lists, program, items),
    ]
    return _validated(encode(program), problems)


def draft_of(row: RowMapping) -> Program:
    """Give the draft of a program's row."""
    return msgspec.json.decode(row["draft"], type=Program)


def lists_of(row: RowMapping) -> tuple[str, ...]:
    """Give the ids of the playlists that a program's row names."""
    return msgspec.json.decode(row["lists"], type=tuple[str, ...])


def named_in(draft: Program) -> Iterator[str]:
    """Give the playlists that something in a draft plays or shows."""
    yield from heard(draft)
    yield from screened(draft)


def _validated(body: bytes, problems: list[str]) -> Compiled:
    try:
        program = decode(body)
    except ProgramError as error:
        raise ProgramError([*problems, *error.problems]) from error
    if len(body) > MOST_PROGRAM_BYTES:
        problems.append(f"the program: its file has {len(body)} bytes, and {MOST_PROGRAM_BYTES} are the most")
    if problems:
        raise ProgramError(problems)
    return Compiled(program=program, body=body, remarks=remarks(program))


def _items_of(lists: Iterable[Playlist], draft: Program) -> list[str]:
    """Give the ids of all items that are used, each once, in the order in which they are met."""
    listed = [entry.item for playlist in lists for entry in playlist.entries]
    spoken = [item for spot in draft.spots for item in (*spot.items, *spot.pictures)]
    return [*dict.fromkeys((*listed, *spoken))]


def _troubles(lists: Iterable[Playlist], program: Program, items: Stock) -> Iterator[str]:
    """Tell which items cannot be played, each where it stands first."""
    places: dict[str, str] = {}
    for playlist in lists:
        for at, entry in enumerate(playlist.entries):
            places.setdefault(entry.item, f"playlist {playlist.id} → entries[{at}]")
    for spot in program.spots:
        for at, item in enumerate(spot.items):
            places.setdefault(item, f"spot {spot.id} → items[{at}]")
        for at, item in enumerate(spot.pictures):
            places.setdefault(item, f"spot {spot.id} → pictures[{at}]")
    for item, place in places.items():
        if trouble := items.troubles.get(item):
            yield f"{place}: {items.items[item].caption} ({item}) {trouble}"


def _foreign(found: dict[str, tuple[Playlist, str]], group: str) -> Iterator[str]:
    for name, (_, owner) in found.items():
        if owner not in {"", group}:
            yield f"playlist {name}: belongs to the group {owner}, and the program does not"


def _seed(program: str) -> int:
    """Give a program that names no seed one of its own, and always the same."""
    return int(hashlib.sha256(program.encode()).hexdigest()[:SEED_DIGITS], 16)
