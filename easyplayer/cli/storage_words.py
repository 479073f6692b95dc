"""Programs, media and disks, put into words for a person."""

from collections.abc import Iterator
from datetime import datetime

from easyplayer.cli.times import lasting
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download, Health, Storage
from easyplayer.storage_view import StorageView

STEP = 1000
UNITS = ("B", "kB", "MB", "GB", "TB")


def size(count: float) -> str:
    """Write a number of bytes, as disks are sold.

    >>> size(900), size(3_460_000), size(12_000_000_000)
    ('900 B', '3.5 MB', '12.0 GB')
    """
    unit = 0
    while count >= STEP and unit < len(UNITS) - 1:
        count, unit = count / STEP, unit + 1
    return f"{count:.1f} {UNITS[unit]}" if unit else f"{count:.0f} {UNITS[0]}"


def about(view: StorageView) -> Iterator[tuple[str, str]]:
    """Tell how it stands with the storage: a heading, and what stands beside it."""
    storage = view.storage
    missing = f", {storage.missing} missing" if storage.missing else ""
    if storage.disks:
        yield "storage", f"{storage.items} media{missing}, {size(storage.free_bytes)} free"
    yield from disks(storage)
    if storage.previous:
        yield "before", f"{storage.previous}: rollback goes back to it"
    if on_its_way(view.download):
        yield "downloads", on_its_way(view.download)
    if view.autonomy is not None:
        yield "plays on", plays_on(view.autonomy)
    if view.stick:
        yield "stick", view.stick
    if view.report:
        yield "report", view.report


def disks(storage: Storage) -> Iterator[tuple[str, str]]:
    """Tell of the disks that are not well, and of what was found bad on the others."""
    for disk in storage.disks:
        if disk.health is not Health.WELL:
            yield "DISK", disk_words(disk)
    if storage.spoiled:
        yield "went bad", f"{storage.spoiled} media since the start, which were fetched anew"


def disk_words(disk: Disk) -> str:
    """Tell how one disk is."""
    if disk.health is Health.MISSING:
        return f"{disk.health}: {disk.trouble}"
    trouble = f" ({disk.trouble})" if disk.trouble else ""
    room = f"{size(disk.free_bytes)} of {size(disk.total_bytes)} free"
    return f"{disk.name}: {disk.health}{trouble}, {disk.media} media, {room}"


def on_its_way(download: Download) -> str:
    """Tell how far the downloads are; empty where nothing is to come.

    >>> on_its_way(Download(files_left=3, bytes_left=9_000_000, bytes_per_s=1_000_000))
    '3 media (9.0 MB) to come, 1.0 MB/s, about 9 s'
    """
    if not download.files_left:
        return download.held_up
    told = f"{download.files_left} media ({size(download.bytes_left)}) to come"
    if download.held_up:
        return f"{told}, held up: {download.held_up}"
    if not download.bytes_per_s:
        return told
    left = lasting(download.bytes_left / download.bytes_per_s)
    return f"{told}, {size(download.bytes_per_s)}/s, about {left}"


def plays_on(autonomy: Autonomy) -> str:
    """Tell how long the box plays without its hub, by this machine's zone."""
    if autonomy.until is None:
        return "for a week at least, without the hub"
    return (
        f"until {datetime.fromtimestamp(autonomy.until).astimezone():%a %Y-%m-%d %H:%M %Z}, without the hub"
    )
