"""A file's tags, read with mutagen: one vocabulary for what each format names in its own way."""

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from easyplayer.analysis.facts import Tags
from easyplayer.analysis.naming import shown

logger = logging.getLogger(__name__)

_ITUNES = "----:com.apple.iTunes:"

NAMES = {
    "title": ("TIT2", "\xa9nam", "title"),
    "artist": ("TPE1", "\xa9ART", "artist", "author"),
    "album": ("TALB", "\xa9alb", "album", "wm/albumtitle"),
    "album_artist": ("TPE2", "aART", "albumartist", "album artist", "wm/albumartist"),
    "track_number": ("TRCK", "trkn", "tracknumber", "track", "wm/tracknumber"),
    "disc_number": ("TPOS", "disk", "discnumber", "disc", "wm/partofset"),
    "isrc": ("TSRC", f"{_ITUNES}ISRC", "isrc", "wm/isrc"),
    "label": ("TPUB", f"{_ITUNES}LABEL", "label", "organization", "publisher", "wm/publisher"),
    "composer": ("TCOM", "\xa9wrt", "composer", "wm/composer"),
    "date": ("TDRC", "\xa9day", "date", "year", "wm/year"),
    "genre": ("TCON", "\xa9gen", "genre", "wm/genre"),
}
"""For each of our tags, its names in ID3v2.4, in MP4, and in Vorbis comments, APEv2 and ASF."""


def read_tags(path: Path) -> Tags:
    """Read a file's tags; what cannot be read is as if it were not there.

    The file's name plays no part: an Ogg file that is called ``.mp3`` gives its tags.
    """
    import mutagen

    try:
        with os.fdopen(os.open(path, os.O_RDONLY), "rb") as nameless:
            found = mutagen.File(nameless)
            return tags_from(found.tags or {}) if found is not None else Tags()
    except Exception as error:  # noqa: BLE001 - a damaged tag raises anything, and must never cost the song
        logger.debug("the tags of %s cannot be read: %r", shown(path), error)
        return Tags()


def tags_from(raw: Mapping[str, Any]) -> Tags:
    """Translate tags as mutagen gives them, whatever the format; several values become a list.

    >>> tags = tags_from({"TITLE": ["Alfie"], "artist": ["Dionne", "Burt"], "tracknumber": ["3/12"]})
    >>> tags.title, tags.artist, tags.track_number
    ('Alfie', 'Dionne, Burt', 3)
    """
    values = {name.casefold(): value for name, value in raw.items()}
    found = {ours: _first(values, theirs) for ours, theirs in NAMES.items()}
    track_number, disc_number = _number(found.pop("track_number")), _number(found.pop("disc_number"))
    isrc = _isrc(found.pop("isrc"))
    return Tags(**found, isrc=isrc, track_number=track_number, disc_number=disc_number)


def _first(values: dict[str, Any], names: tuple[str, ...]) -> str:
    texts = (_text(values[name.casefold()]) for name in names if name.casefold() in values)
    return next(filter(None, texts), "")


def _text(value: Any) -> str:
    for inner in ("genres", "text"):  # ID3 frames; "genres" spells out the numbers of ID3v1
        value = getattr(value, inner, value)
    values = value if isinstance(value, list) else [value]
    return ", ".join(dict.fromkeys(filter(None, map(_line, values))))


def _line(value: Any) -> str:
    """Write one value as one line of text that any encoding of Unicode can carry."""
    if isinstance(value, tuple):  # MP4 counts in pairs: this one, of so many
        value = value[0] if value else ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", clean).split())


def _number(text: str) -> int | None:
    """Read ``3``, ``03`` or ``3/12``; 0 means that there is none."""
    match = re.match(r"\d{1,6}", text)
    return int(match[0]) or None if match else None


def _isrc(text: str) -> str:
    match = re.search(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", text.replace("-", "").upper())
    return match[0] if match else ""
