"""Where something is used, so that nobody takes away what somebody plays."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, or_, select

from easyplayer.hub.content_views import Target
from easyplayer.hub.db.schema import boxes, playlists, program_versions, programs, publications


def uses(connection: Connection, item: str) -> tuple[str, ...]:
    """Tell where an item is used: in playlists, in drafts, and in what is published."""
    return tuple(_uses(connection, item))


def _uses(connection: Connection, item: str) -> Iterator[str]:
    quoted = f'"{item}"'
    for noun, table, column in (
        ("playlist", playlists, playlists.c.body),
        ("program", programs, programs.c.draft),
    ):
        found = select(table.c.id).where(column.contains(quoted, autoescape=True)).order_by(table.c.id)
        yield from (f"{noun} {name}" for (name,) in connection.execute(found))
    yield from _published(connection, quoted.encode())


def _published(connection: Connection, quoted: bytes) -> Iterator[str]:
    """Look through the programs' files that were published last for each target."""
    for program, version, places in _in_force(connection):
        where = (program_versions.c.program == program) & (program_versions.c.version == version)
        body = connection.execute(select(program_versions.c.body).where(where)).scalar()
        if body is not None and quoted in bytes(body):
            yield f"program {program}, version {version}, published for {places}"


def _in_force(connection: Connection) -> list[tuple[str, int, str]]:
    """Give what was published last for each target that is there; for a box, since it is where it is."""
    moved = select(boxes.c.moved).where(boxes.c.id == publications.c.target_id).scalar_subquery()
    counts = or_(publications.c.target != Target.BOX.value, publications.c.id > moved)
    newest = (
        select(func.max(publications.c.id))
        .where(publications.c.over.is_(False), counts)
        .group_by(publications.c.target, publications.c.target_id)
    )
    rows = connection.execute(
        select(publications).where(publications.c.id.in_(newest)).order_by(publications.c.id)
    ).mappings()
    places: dict[tuple[str, int], list[str]] = {}
    for row in rows:
        place = f"{row['target']} {row['target_id']}"
        places.setdefault((row["program"], row["version"]), []).append(place)
    return [(program, version, _some(names)) for (program, version), names in places.items()]


def _some(names: list[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def playlist_uses(connection: Connection, playlist: str) -> tuple[str, ...]:
    """Tell in which drafts a playlist is used."""
    rows = connection.execute(
        select(programs.c.id, programs.c.draft, programs.c.lists).order_by(programs.c.id)
    )
    plays = tuple(f'"{name}":"{playlist}"' for name in ("playlist", "screen", "fallback"))
    return tuple(
        f"program {name}"
        for name, draft, lists in rows
        if f'"{playlist}"' in lists or any(one in draft for one in plays)
    )


def program_uses(connection: Connection, program: str) -> tuple[str, ...]:
    """Tell for what a program was published last."""
    return tuple(
        f"version {version}, published for {places}"
        for name, version, places in _in_force(connection)
        if name == program
    )
