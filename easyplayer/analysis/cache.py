"""Facts that are kept, so that each content is decoded once and each file is hashed once."""

import hashlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from threading import Event

from msgspec import Struct

from easyplayer.analysis.analyser import examine
from easyplayer.analysis.content import Content, Stamp, identify, observe
from easyplayer.analysis.facts import FACTS_VERSION, MediaFacts, Unplayable, Verdict
from easyplayer.analysis.shelf import Shelf, key_of
from easyplayer.errors import MediaError


class _Kept(Struct, frozen=True):
    """What an analyser of some version found out about a content."""

    version: int
    verdict: Verdict


class _File(Struct, frozen=True):
    """A file, and what is in it.

    :ivar path: as the file system has it, for it may hold any bytes.
    """

    path: bytes
    content: Content


class FactsCache:
    """Facts by content, and contents by file.

    A file that was moved, renamed or copied keeps its facts, because they belong to its content.
    A file whose stamp is unchanged is not even opened.  Unplayable contents are remembered too.
    What is kept may be deleted at any time: it is worked out again.  Threads may share a cache.

    :param directory: where to keep the facts; it is made when needed.
    """

    def __init__(self, directory: Path) -> None:
        self._verdicts = Shelf(directory / "facts", _Kept)
        self._files = Shelf(directory / "files", _File)

    def lookup(self, path: Path) -> MediaFacts | None:
        """Say what is known of a file, within a fraction of a millisecond.

        :return: ``None`` if it has to be analysed first.
        :raises MediaError: it is known to be unplayable, or cannot be read.
        """
        sha256 = self._recall(path, observe(path))
        verdict = self._verdict(sha256) if sha256 is not None else None
        return _facts(path, verdict) if verdict is not None else None

    def analyse(self, path: Path, *, again: bool = False, stop: Event | None = None) -> MediaFacts:
        """Say what a file is, and find it out if that is not known yet.

        :param again: find it out in any case.
        :raises MediaError: as for :func:`~easyplayer.analysis.analyse`.
        :raises AnalysisError: likewise; then nothing is kept, and the next call tries again.
        """
        known = None if again else self.lookup(path)
        if known is not None:
            return known
        stop = stop or Event()
        content = identify(path, stop)
        verdict = None if again else self._verdict(content.sha256)
        if verdict is None:
            verdict = examine(path, content, stop)
            self._verdicts.keep(content.sha256, _Kept(FACTS_VERSION, verdict))
        self._files.keep(_file_key(path), _File(os.fsencode(path.absolute()), content))
        return _facts(path, verdict)

    def useless(self, wanted: Collection[Path]) -> Iterator[Path]:
        """Find what is kept of files that are gone or have changed, and of contents that no file has now.

        :param wanted: files of which it is kept although they are not there: perhaps they come back.
        """
        known: set[str] = set()
        for place, file in self._files.all():
            if file is not None and (_is_there(file) or Path(os.fsdecode(file.path)) in wanted):
                known.add(file.content.sha256)
            else:
                yield place
        for place, kept in self._verdicts.all():
            if kept is None or kept.version != FACTS_VERSION or key_of(place) not in known:
                yield place

    def _recall(self, path: Path, stamp: Stamp) -> str | None:
        file = self._files.find(_file_key(path))
        return file.content.sha256 if file is not None and file.content.stamp == stamp else None

    def _verdict(self, sha256: str) -> Verdict | None:
        kept = self._verdicts.find(sha256)
        return kept.verdict if kept is not None and kept.version == FACTS_VERSION else None


def _facts(path: Path, verdict: Verdict) -> MediaFacts:
    if isinstance(verdict, Unplayable):
        raise verdict.error(path)
    return verdict


def _is_there(file: _File) -> bool:
    try:
        return observe(Path(os.fsdecode(file.path))) == file.content.stamp
    except MediaError:
        return False


def _file_key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
