"""What there is to show at the places that people name: images, clips, folders of both, and streams.

As in :mod:`easyplayer.sources` no file is opened here, and a place that cannot be used is told.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from easyplayer.analysis.finder import MEDIA_SUFFIXES, PICTURE_SUFFIXES, find_media
from easyplayer.errors import PlaylistError
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.playlists import PlaylistFormat, detect_format, parse
from easyplayer.sources import AUDIO_SUFFIXES, STREAM_SCHEMES, Gathered, Problem, natural_key

CLIP_SUFFIXES = MEDIA_SUFFIXES - AUDIO_SUFFIXES
"""What counts as a clip within a folder; so does a file that is named itself and is no image by its name."""


def gather_pictures(places: Sequence[str]) -> Gathered:
    """Find what is to be shown at some places; none of them makes it raise.

    What is an image by its name becomes a still, any other file a clip, and a URL a stream.  An item's id
    is ``file:`` and its path with all links followed, or the stream's URL.
    """
    found = [thing for place in places for thing in _at(place)]
    return Gathered(
        items=tuple(thing for thing in found if isinstance(thing, Item)),
        problems=tuple(thing for thing in found if isinstance(thing, Problem)),
    )


def _at(place: str) -> Iterator[Item | Problem]:
    path = Path(place)
    if "://" in place:
        known = urlsplit(place).scheme.lower() in STREAM_SCHEMES
        unknown = Problem(place, "this is no kind of stream that can be shown")
        yield Item(id=place, location=place, kind=ItemKind.STREAM) if known else unknown
    elif path.is_dir():
        yield from _in_folder(path)
    elif not path.is_file():
        yield Problem(place, "there is no such file or folder; look at its name")
    elif detect_format(path.name, b"") is not None:
        yield from _in_playlist(path)
    elif path.suffix.lower() in AUDIO_SUFFIXES:
        yield Problem(place, "this is a sound; import it without --screen")
    else:
        yield _item(path)


def _in_folder(folder: Path) -> Iterator[Item | Problem]:
    paths = [*find_media([folder], PICTURE_SUFFIXES | CLIP_SUFFIXES)]
    if not paths:
        yield Problem(str(folder), "no image and no clip is in this folder or below it")
    for path in sorted(paths, key=lambda path: (natural_key(str(path.parent)), natural_key(path.name))):
        yield _item(path)


def _in_playlist(path: Path) -> Iterator[Item | Problem]:
    """Give what a playlist lists; one that it lists is not read."""
    try:
        data = path.read_bytes()
        entries = parse(data, detect_format(path.name, data) or PlaylistFormat.M3U8)
    except (OSError, PlaylistError) as error:
        yield Problem(str(path), f"this playlist cannot be read ({error}); name the files themselves")
        return
    for entry in entries:
        is_url = "://" in entry.location
        place = entry.location if is_url else str(path.parent / unquote(entry.location))
        if detect_format(place, b"") is None or is_url:
            yield from _at(place)


def _item(path: Path) -> Item | Problem:
    where = path.resolve()
    if not str(where).isprintable():
        return Problem(ascii(str(path)), "this name cannot be written down; rename it")
    kind = ItemKind.STILL if path.suffix.lower() in PICTURE_SUFFIXES else ItemKind.CLIP
    return Item(id=f"file:{where}", location=str(where.parent / path.name), kind=kind)
