"""What a box has found wrong with its storage, and how the downloads go, until it is told."""

import logging
from collections.abc import Collection, Iterable

from msgspec import Struct, structs

from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.protocol.heartbeat import Disk, Download, Health, Storage

log = logging.getLogger(__name__)

MOST_REFUSED = 1000
MOST_REASONS = 3
MOST_LETTERS = 1000
"""So much of what is wrong is told."""


class Found(Struct, frozen=True, kw_only=True):
    """What has been found so far.

    :ivar refused: why media cannot be had, by digest.
    :ivar spoiled: how many media were found to be wrong since the start.
    """

    disk_trouble: str = ""
    refused: dict[str, str] = {}
    spoiled: int = 0
    download: Download = Download()

    def added_to(self, storage: Storage, named: Collection[str]) -> Storage:
        """Add it to what the disks tell.

        :param named: digests of the media that a program names; what is wrong with others does not matter.
        """
        sick = [disk.trouble for disk in storage.disks if disk.trouble]
        trouble = [self.disk_trouble] if self.disk_trouble and self.disk_trouble not in sick else []
        refused = [f"{one[:12]}…: {why}" for one, why in self.refused.items() if one in named]
        return structs.replace(
            storage,
            trouble=_in_words([*trouble, *sick], refused),
            spoiled=self.spoiled,
            download=self.download,
        )


class Findings:
    """Learns what is found."""

    def __init__(self) -> None:
        self._disk_trouble = ""
        self._refused: dict[str, str] = {}
        self._spoiled = 0
        self._download = Download()

    def so_far(self) -> Found:
        """Give what has been found."""
        return Found(
            disk_trouble=self._disk_trouble,
            refused=dict(self._refused),
            spoiled=self._spoiled,
            download=self._download,
        )

    def fetch(self, fetched: Fetched) -> None:
        """Learn whether the disk takes what comes."""
        if fetched.outcome is Outcome.FULL:
            self._disk_trouble = fetched.reason
        elif fetched.outcome is Outcome.FETCHED:
            self._disk_trouble = ""
            self._refused.pop(fetched.digest, None)

    def hinder(self, reason: str) -> None:
        """Learn that the disk does not take a switch; from any thread."""
        self._disk_trouble = reason

    def settle(self, told: Storage) -> None:
        """Learn how it stands: a disk that did not take something once does now, if all has come."""
        if not told.missing and not told.staged and all(disk.health is Health.WELL for disk in told.disks):
            self._disk_trouble = ""

    def refuse(self, sha256: str, reason: str) -> None:
        """Learn that a medium cannot be had."""
        self._refused.pop(sha256, None)
        self._refused[sha256] = reason
        while len(self._refused) > MOST_REFUSED:
            self._refused.pop(next(iter(self._refused)))

    def spoil(self, bad: Collection[str]) -> None:
        """Learn that media were wrong."""
        self._spoiled += len(bad)

    def progress(self, download: Download) -> None:
        """Learn how far the downloads are."""
        self._download = download


class DiskHealth:
    """Remembers how the disks were, so that it is told when one is another."""

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}

    def changed(self, disks: Iterable[Disk]) -> tuple[Disk, ...]:
        """Give those whose health is another than before, and log it; one that is seen first was well."""
        changed = tuple(disk for disk in disks if self._health.get(disk.name, Health.WELL) is not disk.health)
        for disk in changed:
            self._health[disk.name] = disk.health
            if disk.health is Health.WELL:
                log.info("disk %s is well again", disk.name)
            else:
                log.warning("disk %s is %s: %s", disk.name, disk.health, disk.trouble)
        return changed


def _in_words(troubles: list[str], refused: list[str]) -> str:
    """Say all that is wrong."""
    more = len(refused) - MOST_REASONS
    told = [*troubles, *refused[:MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]
    return "; ".join(told)[:MOST_LETTERS]
