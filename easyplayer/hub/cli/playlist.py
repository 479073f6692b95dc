"""``easyplayer-hub playlist``: what programs draw their music from."""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from easyplayer.errors import MediaError, PlaylistError
from easyplayer.hub.cli import verbs
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import Column, add_yes, confirm, instant, tell_done, tell_json, tell_rows
from easyplayer.hub.cli.uploading import Bar, bar_for, upload
from easyplayer.hub.cli.verbs import Verb
from easyplayer.hub.content_views import (
    PlaylistGiven,
    PlaylistHead,
    PlaylistKept,
    Stream,
    StreamGiven,
    TrackState,
)
from easyplayer.hub.services.slugs import slug_of
from easyplayer.playout.catalogue import Entry, Order
from easyplayer.playout.playlists import PlaylistEntry, detect_format, parse

COLUMNS = (
    Column[PlaylistHead]("id", lambda one: one.id),
    Column[PlaylistHead]("title", lambda one: one.title),
    Column[PlaylistHead]("entries", lambda one: str(one.entries)),
    Column[PlaylistHead]("group", lambda one: one.group or "all"),
    Column[PlaylistHead]("changed", lambda one: instant(one.revised)),
)


def _list(hub: HubClient, arguments: argparse.Namespace) -> None:
    tell_rows(arguments, hub.pages("/playlists", PlaylistHead), COLUMNS, "there are no playlists")


def _show(hub: HubClient, arguments: argparse.Namespace) -> None:
    kept = _get(hub, arguments.id)
    if arguments.json:
        tell_json(kept)
        return
    columns = (
        Column[Entry]("item", lambda one: one.item),
        Column[Entry]("title", lambda one: kept.names.get(one.item, "")),
        Column[Entry]("weight", lambda one: f"{one.weight:g}"),
    )
    tell_rows(arguments, kept.playlist.entries, columns, "it is empty")


def _make(hub: HubClient, arguments: argparse.Namespace) -> None:
    body = {
        "title": arguments.title or arguments.id,
        "order": arguments.order,
        "entries": [{"item": item} for item in arguments.items],
    }
    _put(hub, arguments, arguments.id, PlaylistGiven(group=arguments.group, playlist=body))


def _add(hub: HubClient, arguments: argparse.Namespace) -> None:
    kept = _get(hub, arguments.id)
    body = _body(kept)
    body["entries"] = [*body["entries"], *({"item": item} for item in arguments.items)]
    _put_back(hub, arguments, kept, body)


def _remove(hub: HubClient, arguments: argparse.Namespace) -> None:
    kept = _get(hub, arguments.id)
    body = _body(kept)
    body["entries"] = [one for one in body["entries"] if one["item"] not in arguments.items]
    _put_back(hub, arguments, kept, body)


def _delete(hub: HubClient, arguments: argparse.Namespace) -> int:
    if not confirm(arguments, f"Delete the playlist {arguments.id}?"):
        return 1
    hub.delete(f"/playlists/{arguments.id}")
    tell_done(arguments, f"{arguments.id} is deleted")
    return 0


def _import(hub: HubClient, arguments: argparse.Namespace) -> None:
    entries = _read(arguments.file)
    with bar_for(len(entries), quiet=arguments.json) as bar:
        items = [*_brought(hub, entries, arguments.file.parent, bar)]
    name = arguments.id or slug_of(arguments.file.stem)
    body = {
        "title": arguments.title or arguments.file.stem,
        "order": arguments.order,
        "entries": [{"item": item} for item in items],
    }
    _put(hub, arguments, name, PlaylistGiven(group=arguments.group, playlist=body))


def _read(file: Path) -> Sequence[PlaylistEntry]:
    try:
        data = file.read_bytes()
    except OSError as error:
        message = f"{file}: cannot be read ({error.strerror})"
        raise PlaylistError(message) from error
    known = detect_format(file.name, data)
    if known is None:
        message = f"{file}: is no playlist; there are M3U8, M3U, PLS and XSPF"
        raise PlaylistError(message)
    return parse(data, known)


def _brought(hub: HubClient, entries: Sequence[PlaylistEntry], folder: Path, bar: Bar) -> Iterator[str]:
    """Bring what a playlist names to the hub, and give the id of each; what cannot be played is a fault."""
    for entry in entries:
        if "://" in entry.location:
            name = slug_of(entry.title or entry.location.partition("://")[2])
            item = {"location": entry.location, "title": entry.title or entry.location}
            yield hub.put(f"/streams/{name}", StreamGiven(item=item), Stream).id
            continue
        outcome = upload(hub, folder / entry.location, bar)
        if outcome.track.state is TrackState.UNPLAYABLE:
            message = f"{outcome.file}: {outcome.told}; take it out of the playlist"
            raise MediaError(message)
        yield outcome.track.id


def _get(hub: HubClient, name: str) -> PlaylistKept:
    return hub.get(f"/playlists/{name}", PlaylistKept)


def _body(kept: PlaylistKept) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(kept.playlist)
    return body


def _put_back(
    hub: HubClient, arguments: argparse.Namespace, kept: PlaylistKept, body: dict[str, Any]
) -> None:
    given = PlaylistGiven(group=kept.group, playlist=body, revised=kept.revised)
    _put(hub, arguments, kept.id, given)


def _put(hub: HubClient, arguments: argparse.Namespace, name: str, given: PlaylistGiven) -> None:
    kept = hub.put(f"/playlists/{name}", given, PlaylistKept)
    tell_done(arguments, f"{kept.id}: {len(kept.playlist.entries)} entries", kept)


def _takes_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the playlist")


def _takes_items(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    parser.add_argument("items", nargs="+", metavar="ITEM", help="ids of tracks and streams")


def _takes_looks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--title", metavar="TEXT", help="what people call it")
    parser.add_argument(
        "--order", choices=[*Order], type=Order, default=Order.SHUFFLE, help="shuffle if not given"
    )
    parser.add_argument("--group", default="", metavar="GROUP", help="for these venues only; else for all")


def _takes_new(parser: argparse.ArgumentParser) -> None:
    _takes_items(parser)
    _takes_looks(parser)


def _takes_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="M3U8, M3U, PLS or XSPF")
    parser.add_argument("--id", metavar="ID", help="of the playlist; the file's name if not given")
    _takes_looks(parser)


def _takes_yes(parser: argparse.ArgumentParser) -> None:
    _takes_id(parser)
    add_yes(parser)


VERBS = (
    Verb("list", "list playlists", _list),
    Verb("show", "list what is in one", _show, _takes_id),
    Verb("make", "make one, in the place of the one of its name", _make, _takes_new),
    Verb("add", "put tracks and streams at its end", _add, _takes_items),
    Verb("remove", "take tracks and streams out of it", _remove, _takes_items),
    Verb("delete", "take one away that nothing uses", _delete, _takes_yes),
    Verb("import", "make one of a playlist's file, and upload what it names", _import, _takes_file),
)
configure = partial(verbs.configure, verbs=VERBS)
run = verbs.run
