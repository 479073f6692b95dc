"""Compiling: what a program's file is made of."""

import msgspec
from sqlalchemy import Connection, RowMapping

from easyplayer.hub.db.schema import programs
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import playlists
from easyplayer.hub.services.compiling import Compiled, compiled
from easyplayer.hub.services.programs import keep
from easyplayer.playout.catalogue import Entry, Playlist, Program
from tests.hub.contents import BAR, NOW, PARIS, add_many, track_id

MANY = 1_200
"""More than are asked for at once."""


def row(connection: Connection) -> RowMapping:
    """Give the program's row."""
    return connection.execute(programs.select().where(programs.c.id == BAR)).mappings().one()


def lay_down(connection: Connection, count: int) -> None:
    """Lay down a program of so many songs."""
    names = [f"song {number}" for number in range(count)]
    add_many(connection, names)
    entries = tuple(Entry(item=track_id(name)) for name in names)
    playlists.keep(connection, NOW, Playlist(id="songs", entries=entries), "")
    keep(connection, NOW, BAR, Program(name="Bar", zone=PARIS, fallback="songs"), group="", lists=())


def test_every_item_is_in_it_once_and_in_order(hub: Hub) -> None:
    """However many there are."""
    with hub.database.write() as connection:
        lay_down(connection, MANY)
        made = compiled(connection, row(connection), 1)

    assert [item.id for item in made.program.items] == [track_id(f"song {number}") for number in range(MANY)]


def test_the_same_draft_gives_the_same_bytes(hub: Hub) -> None:
    """With a seed of its own, which never changes."""
    with hub.database.write() as connection:
        lay_down(connection, 3)
        first, second = (compiled(connection, row(connection), 7) for _ in range(2))

    assert isinstance(first, Compiled)
    assert (first.body, first.digest) == (second.body, second.digest)
    assert first.program.seed != 0


def test_a_seed_that_is_given_stays(hub: Hub) -> None:
    """It is the program's own."""
    with hub.database.write() as connection:
        lay_down(connection, 1)
        draft = Program(name="Bar", zone=PARIS, fallback="songs", seed=42)
        keep(connection, NOW, BAR, draft, group="", lists=())
        made = compiled(connection, row(connection), 1)

    assert made.program.seed == 42
    assert msgspec.json.decode(made.body)["seed"] == 42
