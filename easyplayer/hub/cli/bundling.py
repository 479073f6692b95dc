"""Makes sticks: a bundle of the hub's, with the files that it takes, in a folder of this machine."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.fetching import Fetcher
from easyplayer.hub.cli.stick import Stick, StickFile
from easyplayer.hub.cli.telling import size
from easyplayer.hub.cli.uploading import Bar
from easyplayer.hub.stick_views import BundleMade, BundleTarget, BundleWanted, LeftOut
from easyplayer.protocol.bundle import medium_path, program_path
from easyplayer.protocol.codec import encode

PHASES = 2
"""First what is there is looked at, then the rest is fetched."""


class StickMade(Struct, frozen=True, kw_only=True):
    """A stick that is ready.

    :ivar bytes: of all of its files; ``fetched_bytes`` of them came just now.
    :ivar pruned: how many files were taken away, because no program needs them.
    :ivar reports: how many reports of boxes lie on it.
    """

    id: str
    folder: str
    boxes: int
    programs: int
    media: int
    bytes: int
    fetched_bytes: int
    pruned: int
    reports: int
    left_out: tuple[LeftOut, ...]


def make_stick(
    hub: HubClient,
    folder: Path,
    targets: Sequence[BundleTarget],
    bar: Bar,
    *,
    collects: bool = False,
    prunes: bool = False,
) -> StickMade:
    """Make a stick, or bring one up to date.

    :param bar: for :data:`PHASES` phases.
    :param prunes: whether media and programs are taken away that this bundle does not need.
    :raises DeviceError: the stick does not take it.
    :raises HubError: the hub does not do it; ``LinkError`` where it cannot be reached.
    """
    stick = Stick(folder)
    made = hub.post("/bundles", BundleWanted(targets=list(targets), collects=collects), BundleMade)
    files = files_of(made)
    lacking = stick.lacking(files, bar)
    strangers = stick.strangers(files)
    if prunes:
        stick.take_away(strangers)
    stick.require_room(lacking, sum(path.stat().st_size for path in strangers) if not prunes else 0)
    Fetcher(hub, stick, bar).fetch(lacking)
    stick.seal(encode(made.bundle))
    return StickMade(
        id=made.id,
        folder=str(folder),
        boxes=len(made.boxes),
        programs=len(made.programs),
        media=len(made.media),
        bytes=sum(file.size for file in files),
        fetched_bytes=sum(file.size for file in lacking),
        pruned=len(strangers) if prunes else 0,
        reports=len(stick.reports()),
        left_out=made.left_out,
    )


def files_of(made: BundleMade) -> list[StickFile]:
    """Give all files that a bundle takes, the programs first."""
    programs = [
        StickFile(
            path=program_path(one.digest),
            sha256=one.digest,
            size=one.size,
            source=f"/boxes/{one.box}/programs/{one.digest}",
        )
        for one in made.programs
    ]
    media = [
        StickFile(
            path=medium_path(one.sha256),
            sha256=one.sha256,
            size=one.size,
            source=f"/tracks/{one.track}/{'media' if one.sha256.startswith(one.track) else 'copy'}",
        )
        for one in made.media
    ]
    return programs + media


def told(made: StickMade) -> list[str]:
    """Tell a person what is on the stick, and what is not, line by line."""
    lines = [
        f"{made.folder}: ready for {_many(made.boxes, 'box', 'boxes')}:"
        f" {_many(made.programs, 'program', 'programs')} and {made.media} media,"
        f" {size(made.bytes)} in all, {size(made.fetched_bytes)} of it new",
        *(f"left out: {one.name or one.box}: {one.reason}" for one in made.left_out),
    ]
    if made.pruned:
        lines.append(f"taken away: {_many(made.pruned, 'file', 'files')} that no program needs any more")
    if made.reports:
        how = f"easyplayer-hub log import {made.folder}"
        lines.append(f"reports of boxes on it: {made.reports}: {how} takes them in")
    return [*lines, "all of it is on the stick itself: unmount it, and it may be pulled"]


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
