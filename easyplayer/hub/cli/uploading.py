"""Brings media files to the hub: each once, with a bar that shows how far it is."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec
from msgspec import Struct

from easyplayer.errors import MediaError, NotFoundError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.telling import text_of
from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.services.track_items import ID_DIGITS
from easyplayer.protocol.foreign_text import tidied

PIECE_BYTES = 256 * 1024
WAIT_S = 25.0
"""How long one question may wait for an analysis to be over."""
MOST_WAITS = 60
"""After so many questions it is left to the hub."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a file.

    :ivar new: whether it was sent; else the hub had it already.
    """

    file: str
    track: Track
    new: bool

    @property
    def told(self) -> str:
        """What became of it, in words."""
        if self.track.state is TrackState.UNPLAYABLE:
            return f"cannot be played: {self.track.reason}"
        if self.track.state is TrackState.ANALYSING:
            return "is still being analysed"
        if self.track.state is TrackState.CONVERTING:
            return f"gets a copy that boxes can play: {self.track.reason}"
        return "uploaded" if self.new else "was there already"


class Bar(Protocol):
    """Shows how far something is."""

    def begin(self, what: str, total: int) -> None:
        """Begin with another file."""

    def advance(self, done: int) -> None:
        """So many bytes more are done."""


class NoBar:
    """Shows nothing, where nobody looks."""

    def begin(self, what: str, total: int) -> None:
        """Show nothing."""

    def advance(self, done: int) -> None:
        """Show nothing."""


class RichBar:
    """Shows it at a terminal: one bar for the file, one for all of them."""

    def __init__(self, files: int) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        self._progress = Progress(*columns, transient=True)
        self._files, self._count = files, 0
        self._task: Any = None

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._progress.stop()

    def begin(self, what: str, total: int) -> None:
        """Begin with another file."""
        from rich.markup import escape

        if self._task is not None:
            self._progress.remove_task(self._task)
        self._count += 1
        about = f"{self._count} of {self._files}: {escape(tidied(what))}"
        self._task = self._progress.add_task(about, total=total)

    def advance(self, done: int) -> None:
        """So many bytes more are done."""
        self._progress.advance(self._task, done)


def bar_for(files: int, *, quiet: bool) -> AbstractContextManager[Bar]:
    """Give a bar where a person looks at a terminal."""
    return nullcontext(NoBar()) if quiet or not sys.stderr.isatty() else RichBar(files)


def upload_all(hub: HubClient, files: Sequence[Path], bar: Bar) -> list[Outcome]:
    """Bring files to the hub, then wait until each has been analysed.

    :raises MediaError: a file cannot be read.
    """
    sent = [_upload(hub, file, bar) for file in files]
    return [_analysed(hub, outcome) for outcome in sent]


def upload(hub: HubClient, file: Path, bar: Bar) -> Outcome:
    """Bring one file to the hub, and wait until it has been analysed; raises like :func:`upload_all`."""
    return _analysed(hub, _upload(hub, file, bar))


def digest_of(file: Path) -> str:
    """Give the SHA-256 of a file.

    :raises MediaError: it cannot be read.
    """
    try:
        with file.open("rb") as content:
            return file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(file, error) from error


def _upload(hub: HubClient, file: Path, bar: Bar) -> Outcome:
    name = digest_of(file)[:ID_DIGITS]
    size = file.stat().st_size
    bar.begin(file.name, size)
    known = _known(hub, name)
    if known is not None and known.state is not TrackState.UNPLAYABLE:
        bar.advance(size)
        return Outcome(file=text_of(file), track=known, new=False)
    response = hub.send(
        "POST",
        "/tracks",
        query={"file_name": text_of(Path(file.name))},
        content=partial(_pieces, file, bar),
        headers={"Content-Type": "application/octet-stream", "Content-Length": str(size)},
    )
    track = msgspec.json.decode(response.read(), type=Track)
    return Outcome(file=text_of(file), track=track, new=known is None)


def _known(hub: HubClient, name: str) -> Track | None:
    """Ask for a track; one that was refused is sent again, for a newer hub may judge it otherwise."""
    try:
        return hub.get(f"/tracks/{name}", Track)
    except NotFoundError:
        return None


def _pieces(file: Path, bar: Bar) -> Iterator[bytes]:
    try:
        with file.open("rb") as content:
            while piece := content.read(PIECE_BYTES):
                yield piece
                bar.advance(len(piece))
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> MediaError:
    return MediaError(f"{file}: cannot be read ({error.strerror})")


def _analysed(hub: HubClient, outcome: Outcome) -> Outcome:
    track = outcome.track
    for _ in range(MOST_WAITS):
        if track.state is not TrackState.ANALYSING:
            break
        track = hub.get(f"/tracks/{track.id}", Track, {"wait_s": WAIT_S})
    return Outcome(file=outcome.file, track=track, new=outcome.new)


def unplayable(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Give those that cannot be played."""
    return [one for one in outcomes if one.track.state is TrackState.UNPLAYABLE]
