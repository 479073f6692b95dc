"""Playlist files as lists of entries, and back: M3U, M3U8, PLS and XSPF.

Text is read as its writer meant it: by its byte order mark; else as UTF-8; else as Windows-1252,
the superset of Latin-1 that old players write.  Only M3U8 is UTF-8 whatever it holds.  One bad
entry never costs the others: what can be told of it is kept, and whoever looks for its file says
that it is missing.

An HLS stream comes as an M3U8, too, but is one stream in small pieces and not a list of files.
:func:`is_hls` tells it apart, and :func:`parse` refuses it: play its own location as one stream.
"""

import codecs
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from enum import StrEnum
from math import isfinite
from pathlib import PurePosixPath
from typing import NoReturn
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from msgspec import Struct

from easyplayer.errors import PlaylistError
from easyplayer.units import Seconds


class PlaylistFormat(StrEnum):
    """How a playlist is written down; the value is the suffix of its file, without the dot."""

    M3U = "m3u"
    M3U8 = "m3u8"
    PLS = "pls"
    XSPF = "xspf"


class PlaylistEntry(Struct, frozen=True, kw_only=True):
    """One entry of a playlist.

    :ivar location: a URL, or a path, relative ones to the playlist's folder; ``file:`` URIs are
        paths already.  Empty where an XSPF track names none.
    :ivar duration_s: what the playlist says; ``None`` where it does not know, as for a stream.
    """

    location: str
    title: str = ""
    artist: str = ""
    duration_s: Seconds | None = None


_HLS_TAGS = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF")
_M3U_HEADER = "#EXTM3U"
_EXTINF = re.compile(r'#EXTINF:\s*+(?P<length>[^\s,]*+)(?:[^",]|"[^"]*")*+(?:,(?P<label>.*))?')
_PLS_HEADER = "[playlist]"
_PLS_FIELD = re.compile(r"(file|title|length)([0-9]{1,9})\s*=(.*)", re.IGNORECASE)
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LINE_END = re.compile(r"\r\n?|\n")
_URI = re.compile(r"[a-z][a-z0-9+.-]*://|file:", re.IGNORECASE)
_FILE_URI = re.compile(r"^file:(?://(?:localhost)?(?=/)|(?=/(?!/)))", re.IGNORECASE)


def detect_format(name: str, head: bytes) -> PlaylistFormat | None:
    """Tell which format a file is in: by how it begins where that is plain, else by its suffix.

    :param name: name or path of the file.
    :param head: its first bytes; 4096 are plenty.
    :returns: ``None`` where it is no playlist.

    >>> detect_format("radio.m3u", b"[playlist]")
    <PlaylistFormat.PLS: 'pls'>
    """
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    start = _decode(head).lstrip()
    if start.lower().startswith(_PLS_HEADER):
        return PlaylistFormat.PLS
    if start.startswith("<") and "<playlist" in start:
        return PlaylistFormat.XSPF
    if start.startswith(_M3U_HEADER):
        return PlaylistFormat.M3U if suffix == PlaylistFormat.M3U else PlaylistFormat.M3U8
    return PlaylistFormat(suffix) if suffix in set(PlaylistFormat) else None


def is_hls(data: bytes) -> bool:
    """Tell whether an M3U8 is an HLS stream (RFC 8216) and not a list of files."""
    return any(line.startswith(_HLS_TAGS) for line in _lines(_decode(data)))


def parse(data: bytes, playlist_format: PlaylistFormat) -> tuple[PlaylistEntry, ...]:
    r"""Read a playlist file.

    :raises PlaylistError: it cannot be read; names the place in it, and the way out.

    >>> parse(b"#EXTM3U\n#EXTINF:215,Ada - Tide\ntide.ogg\n", PlaylistFormat.M3U8)
    (PlaylistEntry(location='tide.ogg', title='Tide', artist='Ada', duration_s=215.0),)
    """
    text = _decode(data, only_utf8=playlist_format is PlaylistFormat.M3U8)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise PlaylistError(f"line {line}: this is not text; save the playlist as UTF-8")
    return tuple(_READERS[playlist_format](text))


def path_of(location: str) -> str:
    """Give the path that a ``file:`` URI of this machine names, and any other location as it is.

    >>> path_of("file:///music/Low%20Tide.ogg")
    '/music/Low Tide.ogg'
    """
    path, is_uri = _FILE_URI.subn("", location)
    return unquote(path) if is_uri else location


def _decode(data: bytes, *, only_utf8: bool = False) -> str:
    """Give the text of a file; what cannot be read becomes a replacement character.

    Source: the WHATWG Encoding Standard, which, too, takes Latin-1 for Windows-1252.
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8" if only_utf8 else "cp1252", "replace")


def _lines(text: str) -> Iterator[str]:
    return map(str.strip, _LINE_END.split(text))


def _read_m3u(text: str) -> Iterator[PlaylistEntry]:
    label, length = "", ""
    for number, line in enumerate(_lines(text), 1):
        if line.startswith(_HLS_TAGS):
            raise PlaylistError(
                f"line {number}: this is an HLS stream, not a list of files; play its location as one stream"
            )
        if match := _EXTINF.match(line):
            label, length = match["label"] or "", match["length"]
        elif line and not line.startswith("#"):
            yield _labelled(line, label, length)
            label, length = "", ""


def _read_pls(text: str) -> Iterator[PlaylistEntry]:
    entries: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for field in filter(None, map(_PLS_FIELD.fullmatch, _lines(text))):
        name, number, value = field.groups()
        entries[int(number)][name.lower()] = value.strip()
    if not entries and _PLS_HEADER not in text.lower():
        raise PlaylistError("neither [playlist] nor File1= is in it, so this is no PLS; export it again")
    for _, entry in sorted(entries.items()):
        if location := entry.get("file"):
            yield _labelled(location, entry.get("title", ""), entry.get("length", ""))


def _labelled(location: str, label: str, length: str) -> PlaylistEntry:
    """Make an entry of a format that has one label, "Artist - Title", and counts in seconds."""
    artist, dash, title = label.strip().partition(" - ")
    if not dash:
        artist, title = "", artist
    return PlaylistEntry(
        location=path_of(location),
        title=title.strip(),
        artist=artist.strip(),
        duration_s=_seconds(length),
    )


def _read_xspf(text: str) -> Iterator[PlaylistEntry]:
    try:
        root = ET.fromstring(text, ET.XMLParser(target=_WithoutDtd()))  # noqa: S314 -- no DTD gets in
    except ET.ParseError as error:
        raise PlaylistError(f"this is not well-formed XML ({error}); export it again") from error
    if root.tag.rpartition("}")[2] != "playlist":
        raise PlaylistError(
            f"its root is <{root.tag}> and not <playlist>, so this is no XSPF; export it again"
        )
    for track in root.iterfind("{*}trackList/{*}track"):
        location, title, artist, duration = (
            track.findtext(f"{{*}}{name}", "").strip()
            for name in ("location", "title", "creator", "duration")
        )
        yield PlaylistEntry(
            location=path_of(location) if _URI.match(location) else unquote(location),
            title=title,
            artist=artist,
            duration_s=_seconds(duration, to_a_second=1000),
        )


class _WithoutDtd(ET.TreeBuilder):
    """Builds the tree, and refuses a DTD: no playlist needs one, an entity bomb does."""

    def doctype(self, *_: str | None) -> NoReturn:
        raise PlaylistError("the XML declares a DTD, which no playlist needs; take out its <!DOCTYPE ...>")


def _seconds(written: str, to_a_second: int = 1) -> Seconds | None:
    try:
        seconds = float(written) / to_a_second
    except ValueError:
        return None
    return Seconds(seconds) if isfinite(seconds) and seconds > 0 else None


_READERS: dict[PlaylistFormat, Callable[[str], Iterator[PlaylistEntry]]] = {
    PlaylistFormat.M3U: _read_m3u,
    PlaylistFormat.M3U8: _read_m3u,
    PlaylistFormat.PLS: _read_pls,
    PlaylistFormat.XSPF: _read_xspf,
}
