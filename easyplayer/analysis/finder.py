"""Finding the media files in folders."""

import logging
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from easyplayer.analysis.naming import shown

logger = logging.getLogger(__name__)

# fmt: off
MEDIA_SUFFIXES = frozenset({
    ".aac", ".ac3", ".aif", ".aiff", ".alac", ".ape", ".au", ".caf", ".dsf", ".flac", ".m4a", ".m4b", ".mka",
    ".mp2", ".mp3", ".mpc", ".oga", ".ogg", ".opus", ".spx", ".tak", ".tta", ".wav", ".wma", ".wv",
    ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv",
    ".ts", ".vob", ".webm", ".wmv",
})
# fmt: on
"""What audio and video files are called, in lower case."""

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif"})
"""What images are called, in lower case."""

_NOT_FOR_US = (".", "$")


def find_media(paths: Iterable[Path], suffixes: Collection[str] = MEDIA_SUFFIXES) -> Iterator[Path]:
    """Name every file that was asked for, each folder's in the order of their names.

    A file that is named itself is taken whatever it is called.  A folder is searched to any depth
    for files with one of the suffixes, but for what is hidden there: the shadow files of a Mac, and the
    trash of any system.  Links to folders are not followed.
    """
    for path in paths:
        if path.is_dir():
            yield from _search(path, suffixes)
        else:
            yield path


def _search(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder, onerror=_pass_over):
        folders[:] = sorted(name for name in folders if not name.startswith(_NOT_FOR_US))
        for name in sorted(files):
            if not name.startswith(_NOT_FOR_US) and Path(name).suffix.lower() in suffixes:
                yield Path(place, name)


def _pass_over(error: OSError) -> None:
    logger.warning("the folder %s is passed over: %s", shown(Path(error.filename)), error.strerror)
