"""What a media file really is: duration, loudness, cue points, tags.

Used by the box and by the hub.  ffmpeg and mutagen live here and nowhere else; mutagen is
imported only when a file's tags are read, so that a box which analyses nothing does not carry it.

A header's duration is never believed: every file is decoded once from end to end, and the facts
are kept by the hash of its content (:class:`FactsCache`), so that it happens once.
"""

from easyplayer.analysis.analyser import analyse, require_tools
from easyplayer.analysis.cache import FactsCache
from easyplayer.analysis.facts import FACTS_VERSION, MediaFacts, Tags
from easyplayer.analysis.finder import MEDIA_SUFFIXES, PICTURE_SUFFIXES, find_media
from easyplayer.analysis.naming import shown

__all__ = [
    "FACTS_VERSION",
    "MEDIA_SUFFIXES",
    "PICTURE_SUFFIXES",
    "FactsCache",
    "MediaFacts",
    "Tags",
    "analyse",
    "find_media",
    "require_tools",
    "shown",
]
