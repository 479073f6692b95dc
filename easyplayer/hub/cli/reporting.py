"""Brings the reports that boxes have left on sticks to the hub."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.errors import BadRequestError, HubError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.stick import reports_in
from easyplayer.hub.cli.telling import text_of
from easyplayer.hub.stick_views import ReportTaken

PIECE_BYTES = 256 * 1024


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a report.

    :ivar taken: what came in; ``None`` where the hub does not take it, and ``error`` says why.
    """

    file: str
    taken: ReportTaken | None = None
    error: str = ""


def import_all(hub: HubClient, paths: Iterable[Path]) -> list[Outcome]:
    """Bring files to the hub; one that it does not take does not hold up the others.

    :param paths: files, or folders with reports in them.
    :raises LinkError: the hub cannot be reached.
    """
    return [_import(hub, file) for file in _files(paths)]


def said(one: Outcome) -> str:
    """Tell what became of a report, in words."""
    if one.taken is None:
        return one.error
    if one.taken.remarks:
        return "; ".join(one.taken.remarks)
    return "taken in" if one.taken.stored else "all of it was there already"


def _files(paths: Iterable[Path]) -> Sequence[Path]:
    return [file for path in paths for file in (reports_in(path) if path.is_dir() else [path])]


def _import(hub: HubClient, file: Path) -> Outcome:
    try:
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(_size(file))}
        response = hub.send("POST", "/reports", content=partial(_pieces, file), headers=headers)
    except HubError as error:
        return Outcome(file=text_of(file), error=error.message)
    return Outcome(file=text_of(file), taken=msgspec.json.decode(response.read(), type=ReportTaken))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise _unreadable(error) from error


def _pieces(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as content:
            while piece := content.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> BadRequestError:
    return BadRequestError(f"cannot be read ({error.strerror})")
