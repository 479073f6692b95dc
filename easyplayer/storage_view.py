"""How it stands with programs, media, disks and sticks, as the box's status shows it."""

import msgspec
from msgspec import Struct

from easyplayer.device_events import stick_plugged, stick_pulled, stick_refused
from easyplayer.events import BoxEvent
from easyplayer.protocol.heartbeat import Autonomy, Download, Health, Storage
from easyplayer.storage_events import (
    bundle_missed,
    bundle_progressed,
    bundle_refused,
    bundle_taken,
    disk_changed,
    download_progressed,
    report_left,
    storage_scrubbed,
    storage_told,
)

MEGABYTE = 1e6


class StorageView(Struct, frozen=True, kw_only=True):
    """What the status tells of a box that keeps its hub's media.

    :ivar storage: as the hub is told, some seconds old at most.
    :ivar autonomy: how long that lasts; ``None`` where nobody has looked yet.
    :ivar download: how far the downloads are.
    :ivar stick: what the USB stick that was plugged in last does, or has brought; empty where there was none.
    :ivar report: where on it the report is; empty where there is none.
    """

    storage: Storage = Storage()
    autonomy: Autonomy | None = None
    download: Download = Download()
    stick: str = ""
    report: str = ""

    @property
    def fetching(self) -> str:
        """What is on its way, such as ``bar, version 3 (12 of 80 MB)``; empty where nothing is."""
        have, want = self.storage.fetched_bytes, self.storage.to_fetch_bytes
        return f"{self.storage.staged} ({megabytes(have, want)})" if self.storage.staged else ""


class StorageNotes:
    """Learns how it stands.

    :ivar view: how it does; ``None`` where nothing of the kind was told.
    """

    def __init__(self) -> None:
        self.view: StorageView | None = None
        self._taken: tuple[str, str] | None = None

    def learn(self, fact: BoxEvent) -> str:
        """Learn what a part has told; give what somebody has to know of it, in words."""
        match fact:
            case storage_told(args=[storage, autonomy]):
                return self._take(storage, autonomy)
            case download_progressed(args=[download]):
                self._note(download=download)
            case disk_changed(args=[disk]) if disk.health is not Health.WELL:
                return f"{disk.name}: {disk.trouble or f'the disk is {disk.health}'}"
            case storage_scrubbed(args=[_, bad]) if bad:
                return f"{len(bad)} media had gone bad on the disk, and are fetched anew"
            case _:
                return self._learn_of_stick(fact)
        return ""

    def _learn_of_stick(self, fact: BoxEvent) -> str:
        match fact:
            case stick_plugged(args=[stick]):
                self._taken = None
                self._note(stick=f"{stick.name}: is looked at", report="")
            case bundle_missed(args=[name]):
                self._note(stick=f"{name}: there is no bundle on it")
            case bundle_progressed(args=[name, done, total]):
                self._note(stick=f"{name}: {megabytes(done, total)} are copied")
            case bundle_taken(args=[name, brought]):
                self._taken = (name, brought)
                self._note(stick=f"{name}: {brought}; it may be pulled")
            case stick_pulled(args=[stick]) if self._taken and self._taken[0] == stick.name:
                self._note(stick=f"{stick.name}: {self._taken[1]}; it was pulled")
            case bundle_refused(args=[name, reason]) | stick_refused(args=[name, reason]):
                self._note(stick=f"{name}: {reason}")
                return f"stick {name}: {reason}"
            case report_left(args=[name, file]):
                self._note(report=f"{file} is on {name}")
        return ""

    def _take(self, storage: Storage, autonomy: Autonomy | None) -> str:
        """Take how the storage is; trouble is somebody's business once, as long as it stays the same."""
        before = StorageView() if self.view is None else self.view
        self._note(storage=storage, autonomy=autonomy or before.autonomy)
        return "" if storage.trouble == before.storage.trouble else storage.trouble

    def _note(self, **changes: object) -> None:
        self.view = msgspec.structs.replace(self.view or StorageView(), **changes)


def megabytes(have: int, want: int) -> str:
    """Write how much there is of how much.

    >>> megabytes(12_400_000, 80_000_000)
    '12 of 80 MB'
    """
    return f"{have / MEGABYTE:.0f} of {want / MEGABYTE:.0f} MB"
