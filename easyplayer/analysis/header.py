"""What the head of a file says without being decoded: its tags, and how long it claims to be.

The length is for plans and simulations; what is played is measured (:func:`easyplayer.analysis.analyse`).
"""

import logging
import os
from pathlib import Path
from typing import Any

from msgspec import Struct

from easyplayer.analysis.facts import Tags
from easyplayer.analysis.naming import shown
from easyplayer.analysis.tags import tags_from
from easyplayer.units import Seconds

logger = logging.getLogger(__name__)


class Header(Struct, frozen=True):
    """What a file says about itself.

    :ivar length_s: ``None`` where it does not say, or only guesses.
    """

    tags: Tags = Tags()
    length_s: Seconds | None = None


def read_header(path: Path) -> Header:
    """Read a file's head, in about a millisecond; what cannot be read is as if it were not there."""
    import mutagen

    try:
        with os.fdopen(os.open(path, os.O_RDONLY), "rb") as nameless:
            found = mutagen.File(nameless)
            return Header(tags_from(found.tags or {}), _length(found.info)) if found is not None else Header()
    except Exception as error:  # noqa: BLE001 - a damaged head raises anything, and must never cost the song
        logger.debug("the head of %s cannot be read: %r", shown(path), error)
        return Header()


def _length(info: Any) -> Seconds | None:
    """Take the length, but not that of an MP3 which is worked out from the bit rate of its beginning."""
    from mutagen.mp3 import BitrateMode

    length_s = getattr(info, "length", 0.0)
    guessed = getattr(info, "bitrate_mode", None) is BitrateMode.UNKNOWN
    return Seconds(length_s) if length_s > 0 and not guessed else None
