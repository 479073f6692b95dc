"""Brings a program's file to the hub: its media, its streams, its playlists, and a program of them."""

from pathlib import Path

import msgspec
from msgspec import structs

from easyplayer.errors import MediaError, ProgramError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.uploading import Bar, Outcome, unplayable, upload_all
from easyplayer.hub.content_views import Imported
from easyplayer.hub.services.slugs import slug_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item, ItemKind, Media
from easyplayer.playout.program_file import decode, encode


def read(file: Path) -> Program:
    """Read a program's file.

    :raises ProgramError: it cannot be used.
    """
    try:
        return decode(file.read_bytes())
    except OSError as error:
        raise ProgramError([f"{file}: cannot be read ({error.strerror})"]) from error
    except ProgramError as error:
        raise ProgramError([f"{file}: {problem}" for problem in error.problems]) from error


def media_of(program: Program, file: Path) -> dict[str, Path]:
    """Name the file of each item that has one, by the item's id."""
    folder = file.absolute().parent
    return {item.id: folder / item.location for item in program.items if _has_file(item)}


def import_program(hub: HubClient, file: Path, bar: Bar, name: str = "", group: str = "") -> Imported:
    """Bring a program and all that it plays to the hub, as a draft; nothing is published.

    :param name: its id there; empty takes the program's name.
    :raises ProgramError: it cannot be used.
    :raises MediaError: a file is missing, or cannot be played.
    """
    program = read(file)
    media = media_of(program, file)
    brought = dict(zip(media, upload_all(hub, [*media.values()], bar), strict=True))
    if wrong := unplayable(brought.values()):
        lines = "".join(f"\n  - {one.file}: {one.told}" for one in wrong)
        message = f"not everything in {file} can be played:{lines}"
        raise MediaError(message)
    made = structs.replace(
        program, items=tuple(_at_the_hub(item, brought.get(item.id)) for item in program.items)
    )
    response = hub.send(
        "POST",
        "/programs/import",
        query={"program": name or slug_of(program.name), "group": group or None},
        content=lambda: [encode(made)],
        headers={"Content-Type": "application/json"},
    )
    return msgspec.json.decode(response.read(), type=Imported)


def _has_file(item: Item) -> bool:
    return item.owned or item.kind is ItemKind.LOCAL


def _at_the_hub(item: Item, outcome: Outcome | None) -> Item:
    """Let an item name what was uploaded for it."""
    if outcome is None:
        return item
    track = outcome.track
    media = Media(sha256=track.sha256, size=track.size)
    kind = ItemKind.FILE if item.kind is ItemKind.LOCAL else item.kind
    return structs.replace(item, kind=kind, location=Path(item.location).name, media=media)
