"""Every event about what is on the box: programs, media, disks and downloads.

They are said and heard by the Storage, the DownloadManager, the Scrubber, the Porter and the Workshop with
its crafts, and heard by those that show how it stands.
"""

from pathlib import Path

from easyplayer.events import BoxEvent
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download, Storage
from easyplayer.protocol.program_head import ProgramHead

# -- programs ---------------------------------------------------------------------------------------


class program_offered(BoxEvent):
    """The hub has another program for this box; fired by WebClient, with each heartbeat until it is taken.

    :param head: which; its signature has proved right.
    """

    def __init__(self, head: ProgramHead) -> None:
        super().__init__(head)


class program_staged(BoxEvent):
    """A program from the hub is on the disk, and what it wants is fetched next; fired by DownloadManager.

    :param head: which.
    """

    def __init__(self, head: ProgramHead) -> None:
        super().__init__(head)


class demand_told(BoxEvent):
    """What the hub's programs want has been looked up on the disk; fired by DownloadManager's background.

    :param demand: a :class:`easyplayer.stocktaking.Demand`.
    """

    def __init__(self, demand: object) -> None:
        super().__init__(demand)


class fetch_ended(BoxEvent):
    """An attempt to fetch something from the hub is over; fired by DownloadManager's background.

    :param fetched: a :class:`easyplayer.fetching.Fetched`.
    """

    def __init__(self, fetched: object) -> None:
        super().__init__(fetched)


class switch_storage(BoxEvent):
    """Make the newly downloaded storage the current one.

    Fired by DownloadManager when it is complete, and by the Workshop for a person who wants it at once.

    :param at_once: whether what plays gives way.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        super().__init__(at_once)


class switch_refused(BoxEvent):
    """The storage cannot be switched, and the old one stays; fired by Storage's background.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class storage_switched(BoxEvent):
    """The storage that was staged is the current one; fired by Storage's background.

    It also tells at the start which one is current; its revision is 0 where none can be used, so that the hub
    sends one anew.  For a new revision of the program that is here already it is fired by DownloadManager's
    background, or by Porter's.

    :param head: the program's.
    """

    def __init__(self, head: ProgramHead) -> None:
        super().__init__(head)


class storage_told(BoxEvent):
    """What is on the disk, or on its way there, has changed; fired by Storage's background.

    :param storage: how it is.
    :param autonomy: how long that lasts; ``None`` where nobody has looked.
    """

    def __init__(self, storage: Storage, autonomy: Autonomy | None) -> None:
        super().__init__(storage, autonomy)


class fetch_media(BoxEvent):
    """Bring one medium from the hub, before all others; fired by the Workshop.

    :param sha256: which.
    """

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256)


class media_fetched(BoxEvent):
    """A medium is on the disk, verified; fired by DownloadManager.

    :param sha256: which.
    :param path: where.
    """

    def __init__(self, sha256: str, path: Path) -> None:
        super().__init__(sha256, path)


class media_refused(BoxEvent):
    """A medium cannot be had; fired by DownloadManager.

    :param sha256: which.
    :param reason: in words.
    """

    def __init__(self, sha256: str, reason: str) -> None:
        super().__init__(sha256, reason)


class verify_storage(BoxEvent):
    """Look at every medium on the disk, to the byte; fired by the Workshop.

    :param thoroughly: whether each is read and hashed; if not, only its presence and length count.
    """

    def __init__(self, *, thoroughly: bool) -> None:
        super().__init__(thoroughly)


class storage_verified(BoxEvent):
    """The media on the disk have been looked at; fired by Storage's background.

    :param good: how many are right.
    :param bad: digests of those that were not, and have been thrown away, to be fetched once more.
    """

    def __init__(self, good: int, bad: tuple[str, ...]) -> None:
        super().__init__(good, bad)


class roll_back(BoxEvent):
    """Go back to the program before the current one; fired by the Workshop.

    It is answered by :class:`storage_switched`, or by :class:`switch_refused`.
    """


class storage_changed(BoxEvent):
    """Programs or media have come by another way than the hub's; fired by Porter's background.

    Whoever knows what is missing looks again.
    """


# -- downloads and disks -----------------------------------------------------------------------


class download_progressed(BoxEvent):
    """Downloads go on, or are held up; fired by DownloadManager, once a second at most.

    :param download: how far they are.
    """

    def __init__(self, download: Download) -> None:
        super().__init__(download)


class disk_changed(BoxEvent):
    """The health of a disk is another one; fired by Storage's background.

    :param disk: how it is now.
    """

    def __init__(self, disk: Disk) -> None:
        super().__init__(disk)


class storage_scrubbed(BoxEvent):
    """Media have been read and hashed again in idle time; fired by Scrubber's background.

    :param right: how many were right since this was told before.
    :param bad: digests of those that were not, and have been thrown away, to be fetched once more.
    """

    def __init__(self, right: int, bad: tuple[str, ...]) -> None:
        super().__init__(right, bad)


# -- sticks --------------------------------------------------------------------------------------


class bundle_progressed(BoxEvent):
    """A bundle is being copied from a stick; fired by Porter's background, once a second at most.

    :param name: what the stick is called.
    :param done: how many bytes have been copied, of ``total``.
    :param total: how many there are to copy.
    """

    def __init__(self, name: str, done: int, total: int) -> None:
        super().__init__(name, done, total)


class bundle_missed(BoxEvent):
    """There is no bundle on a stick, and it is left alone; fired by Porter's background.

    :param name: what the stick is called.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)


class bundle_taken(BoxEvent):
    """All that a stick brings for this box is on the box; the stick may go; fired by Porter's background.

    :param name: what the stick is called.
    :param brought: what came of it, in words.
    """

    def __init__(self, name: str, brought: str) -> None:
        super().__init__(name, brought)


class bundle_refused(BoxEvent):
    """A stick brings nothing that this box can use, or was pulled too soon; fired by Porter's background.

    :param name: what the stick is called.
    :param reason: in words, with the way out.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)


class report_left(BoxEvent):
    """The as-run log and diagnostics are on a stick; fired by Porter's background.

    :param name: what the stick is called.
    :param file: the report's name there.
    """

    def __init__(self, name: str, file: str) -> None:
        super().__init__(name, file)
