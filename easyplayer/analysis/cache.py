"""Facts that are kept, so that each content is decoded once and each file is hashed once."""

import hashlib
import os
from pathlib import Path
from threading import Event

from msgspec import Struct

from easyplayer.analysis.analyser import examine
from easyplayer.analysis.content import Content, Stamp, identify, observe
from easyplayer.analysis.facts import FACTS_VERSION, MediaFacts, Unplayable, Verdict
from easyplayer.analysis.shelf import Shelf


class _Kept(Struct, frozen=True):
    """What an analyser of some version found out about a content."""

    version: int
    verdict: Verdict


class FactsCache:
    """Facts by content, and contents by file.

    A file that was moved, renamed or copied keeps its facts, because they belong to its content.
    A file whose stamp is unchanged is not even opened.  Unplayable contents are remembered too.
    What is kept may be deleted at any time: it is worked out again.  Threads may share a cache.

    :param directory: where to keep the facts; it is made when needed.
    """

    def __init__(self, directory: Path) -> None:
        self._verdicts = Shelf(directory / "facts", _Kept)
        self._contents = Shelf(directory / "files", Content)

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
        self._contents.keep(_file_key(path), content)
        return _facts(path, verdict)

    def _recall(self, path: Path, stamp: Stamp) -> str | None:
        content = self._contents.find(_file_key(path))
        return content.sha256 if content is not None and content.stamp == stamp else None

    def _verdict(self, sha256: str) -> Verdict | None:
        kept = self._verdicts.find(sha256)
        return kept.verdict if kept is not None and kept.version == FACTS_VERSION else None


def _facts(path: Path, verdict: Verdict) -> MediaFacts:
    if isinstance(verdict, Unplayable):
        raise verdict.error(path)
    return verdict


def _file_key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
