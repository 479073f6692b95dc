"""What there is to play at the places that people name: files, folders, playlists and streams.

No media file is opened here; whether one can be played is found out when it is analysed.  A place
that cannot be used is told as a :class:`Problem`, and never keeps the others from being played.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from easyplayer.errors import MediaError, PlaylistError
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.playlists import (
    PlaylistEntry,
    PlaylistFormat,
    detect_format,
    is_hls,
    parse,
    path_of,
)

AUDIO_SUFFIXES = frozenset(
    {".aac", ".ac3", ".aif", ".aifc", ".aiff", ".alac", ".ape", ".au", ".caf", ".dff", ".dsf", ".flac"}
    | {".m4a", ".m4b", ".mka", ".mp2", ".mp3", ".mpc", ".oga", ".ogg", ".opus", ".spx", ".tta", ".wav"}
    | {".wave", ".weba", ".wma", ".wv"}
)
"""What counts as music within a folder; a file that is named itself is always taken."""

STREAM_SCHEMES = frozenset(
    {"ftp", "ftps", "http", "https", "icy", "mms", "mmsh", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt"}
    | {"tcp", "udp"}
)
"""The kinds of URL that are taken as streams."""

DEEPEST_PLAYLIST = 4
"""How many playlists may lead to one another."""

LARGEST_PLAYLIST = 16 * 1024 * 1024
"""What is larger than this, in bytes, is no playlist."""

_HEAD = 4096
_TRASH = frozenset({"$recycle.bin", "recycler", "system volume information"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_DIGITS = re.compile(r"([0-9]+)")
_NOT_ALLOWED = "this may not be read; allow it to the user that the box runs as"


class Problem(Struct, frozen=True):
    """A place that cannot be played.

    :ivar place: where it is, as a person finds it.
    :ivar reason: what is wrong there, and what to do.
    """

    place: str
    reason: str


class Gathered(Struct, frozen=True):
    """What was found at some places.

    :ivar items: what can be played, in the order of the places; what is named twice is there twice.
    :ivar problems: what cannot, in the same order.
    """

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]


_Found: TypeAlias = Item | Problem
_Via: TypeAlias = tuple[Path, ...]
"""The playlists that led to a place, the nearest one last."""


def gather(places: Sequence[str]) -> Gathered:
    """Find what is to be played at some places; none of them makes it raise.

    A file is taken whatever its suffix.  A playlist stands for its entries, relative ones counted
    from its folder; a folder for all audio in it and below, as people count (track 2 before track
    10), but for hidden files and for playlists; a URL for one stream, and so does an HLS playlist.

    An item's id is ``file:`` and its path with all links followed, or the stream's URL.
    """
    found = [thing for place in places for thing in _at(PlaylistEntry(location=path_of(place)), via=())]
    return Gathered(
        items=tuple(thing for thing in found if isinstance(thing, Item)),
        problems=tuple(thing for thing in found if isinstance(thing, Problem)),
    )


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Give what to sort names by, so that numbers within them count as numbers.

    >>> sorted(["track 10", "Track 2"], key=natural_key)
    ['Track 2', 'track 10']
    """
    parts = _DIGITS.split(name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], name


def _at(entry: PlaylistEntry, via: _Via) -> Iterator[_Found]:
    scheme = _SCHEME.match(entry.location)
    if not entry.location:
        yield _problem(via[-1] if via else "", "an empty place is named here; name a file, a folder or a URL")
    elif scheme:
        yield _stream(entry, scheme[1].lower(), via)
    else:
        yield from _on_disk(_path(entry.location, via), entry, via)


def _stream(entry: PlaylistEntry, scheme: str, via: _Via) -> _Found:
    url = entry.location
    if scheme not in STREAM_SCHEMES:
        return _problem(url, f"{scheme}: is no kind of stream that can be played", via)
    if not _names_server(url):
        return _problem(url, "this URL names no server; write it like https://radio.example/live", via)
    return Item(id=url, location=url, kind=ItemKind.STREAM, title=entry.title, artist=entry.artist)


def _names_server(url: str) -> bool:
    try:
        return _is_text(url) and bool(urlsplit(url).netloc)
    except ValueError:
        return False


def _path(location: str, via: _Via) -> Path:
    """Give the path of a place; playlists also spell theirs percent-encoded, or with backslashes."""
    if not via:
        return Path(location)
    folder = via[-1].parent
    spellings = (location, unquote(location), location.replace("\\", "/"))
    return next((folder / known for known in spellings if _mode(folder / known)), folder / location)


def _on_disk(path: Path, entry: PlaylistEntry, via: _Via) -> Iterator[_Found]:
    suffix_format = detect_format(path.name, b"")
    if _is_folder(path):
        yield from tuple(_walk(path, via)) or (_problem(path, "no audio is in this folder or below it", via),)
    elif suffix_format:
        yield from _in_playlist(path, suffix_format, entry, via)
    else:
        yield _file(path, entry, via)


def _walk(top: Path, via: _Via) -> Iterator[_Found]:
    """Find the audio files of a folder, then those of each folder in it; each folder counts once."""
    waiting, seen = [top], set()
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            paths = sorted(filter(_is_shown, folder.iterdir()), key=lambda path: natural_key(path.name))
        except OSError as error:
            yield _problem(folder, _reason(error), via)
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        folders = {path: None for path in paths if _is_folder(path)}
        for path in paths:
            if path.suffix.lower() in AUDIO_SUFFIXES and path not in folders:
                yield _file(path, PlaylistEntry(location=path.name), via)
        waiting.extend(reversed(folders))


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".") and path.name.casefold() not in _TRASH


def _in_playlist(
    path: Path, suffix_format: PlaylistFormat, entry: PlaylistEntry, via: _Via
) -> Iterator[_Found]:
    try:
        data = _read_playlist(path, via)
        entries = () if is_hls(data) else parse(data, detect_format(path.name, data[:_HEAD]) or suffix_format)
    except (OSError, MediaError) as error:
        yield _problem(path, _reason(error), via)
        return
    if is_hls(data):
        yield _item(path, entry, ItemKind.STREAM)
    elif not entries:
        yield _problem(path, "this playlist is empty", via)
    for inner in entries:
        yield from _at(inner, (*via, path))


def _read_playlist(path: Path, via: _Via) -> bytes:
    _check_file(path)
    if any(path.samefile(earlier) for earlier in via):
        raise PlaylistError("this playlist leads back to itself; take it out there")
    if len(via) >= DEEPEST_PLAYLIST:
        raise PlaylistError(f"{DEEPEST_PLAYLIST} playlists lead to this one; name it itself instead")
    with path.open("rb") as file:
        data = file.read(LARGEST_PLAYLIST + 1)
    if len(data) > LARGEST_PLAYLIST:
        raise PlaylistError("this is too large for a playlist; is it a media file with a wrong suffix?")
    return data


def _file(path: Path, entry: PlaylistEntry, via: _Via) -> _Found:
    try:
        _check_file(path)
    except (OSError, MediaError) as error:
        return _problem(path, _reason(error), via)
    return _item(path, entry, ItemKind.LOCAL)


def _check_file(path: Path) -> None:
    """Raise where a path cannot be opened and read as a file."""
    if not _is_text(str(path)):
        raise MediaError("this name is not valid UTF-8; rename it")
    if not stat.S_ISREG(path.stat().st_mode):
        raise MediaError("this is neither a file nor a folder")
    if not os.access(path, os.R_OK):
        raise PermissionError


def _item(path: Path, entry: PlaylistEntry, kind: ItemKind) -> Item:
    """Make an item of a file; its location keeps its own name, which may be that of a link."""
    return Item(
        id=f"file:{path.resolve()}",
        location=str(path.parent.resolve() / path.name),
        kind=kind,
        title=entry.title,
        artist=entry.artist,
    )


def _mode(path: Path) -> int:
    """Give the mode of what is at a path, and 0 where that cannot be told."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(_mode(path))


def _is_text(name: str) -> bool:
    """Tell whether a name can be written down as UTF-8; Linux allows others, too."""
    return "\0" not in name and _printable(name) == name


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _problem(place: Path | str, reason: str, via: _Via = ()) -> Problem:
    named = f" (named in {via[-1]})" if via else ""
    return Problem(place=_printable(str(place)), reason=_printable(reason + named))


def _reason(error: OSError | MediaError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "there is no such file or folder"
        case PermissionError():
            return _NOT_ALLOWED
        case OSError(strerror=str(reason)):
            return reason
        case _:
            return str(error)
