"""Playlists written down for other players: the way back from :mod:`easyplayer.playout.playlists`."""

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote
from xml.etree import ElementTree as ET

from easyplayer.errors import PlaylistError
from easyplayer.playout.playlists import PlaylistEntry, PlaylistFormat

_UNKNOWN_LENGTH = -1
_ONE_LINE = re.compile(r"\S(?:[^\r\n\0]*\S)?")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_XSPF_NAMESPACE = "http://xspf.org/ns/0/"
_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def dump(entries: Sequence[PlaylistEntry], playlist_format: PlaylistFormat) -> str:
    """Write a playlist; :func:`easyplayer.playout.playlists.parse` reads it back.

    M3U and PLS have one line for artist and title, and whole seconds; XSPF keeps all apart, and
    milliseconds.  What no such file can hold (control characters, line ends in a title) is left out.

    :returns: the text of the file; encode it as UTF-8.
    :raises PlaylistError: a location cannot be written in this format; names the entry.
    """
    return _WRITERS[playlist_format](entries)


def _write_m3u(entries: Sequence[PlaylistEntry]) -> str:
    lines = ["#EXTM3U"]
    for location, label, length in _labelled(entries):
        lines += [f"#EXTINF:{length},{label}", f"./{location}" if location.startswith("#") else location]
    return "\n".join([*lines, ""])


def _write_pls(entries: Sequence[PlaylistEntry]) -> str:
    lines = ["[playlist]"]
    for number, (location, label, length) in enumerate(_labelled(entries), 1):
        lines += [f"File{number}={location}", f"Title{number}={label}", f"Length{number}={length}"]
    return "\n".join([*lines, f"NumberOfEntries={len(entries)}", "Version=2", ""])


def _labelled(entries: Sequence[PlaylistEntry]) -> Iterator[tuple[str, str, int]]:
    """Give the location, label and length in seconds of each entry, each fit for one line."""
    for number, entry in enumerate(entries, 1):
        if not _ONE_LINE.fullmatch(entry.location):
            raise PlaylistError(
                f"entry {number}: {entry.location!r} does not fit on a line; rename it, or write an XSPF"
            )
        label = " - ".join(filter(None, (_one_line(entry.artist), _one_line(entry.title))))
        yield entry.location, label, round(entry.duration_s or _UNKNOWN_LENGTH)


def _write_xspf(entries: Sequence[PlaylistEntry]) -> str:
    playlist = ET.Element("playlist", version="1", xmlns=_XSPF_NAMESPACE)
    tracks = ET.SubElement(playlist, "trackList")
    for entry in entries:
        fields = {
            "location": _uri(entry.location),
            "title": _one_line(entry.title),
            "creator": _one_line(entry.artist),
            "duration": str(round(1000 * (entry.duration_s or 0)) or ""),
        }
        track = ET.SubElement(tracks, "track")
        for name, written in fields.items():
            if written:
                ET.SubElement(track, name).text = written
    ET.indent(playlist)
    return _XML_DECLARATION + ET.tostring(playlist, encoding="unicode") + "\n"


def _one_line(text: str) -> str:
    return " ".join(_UNWRITABLE.sub("", text).split())


def _uri(location: str) -> str:
    if _URL.match(location):
        return _one_line(location)
    return ("file://" if location.startswith("/") else "") + quote(location)


_WRITERS: dict[PlaylistFormat, Callable[[Sequence[PlaylistEntry]], str]] = {
    PlaylistFormat.M3U: _write_m3u,
    PlaylistFormat.M3U8: _write_m3u,
    PlaylistFormat.PLS: _write_pls,
    PlaylistFormat.XSPF: _write_xspf,
}
