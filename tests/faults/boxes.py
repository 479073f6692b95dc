"""A box on a disk that fails: what it plays, what it tells, and what must hold whatever happens."""

from collections import Counter
from pathlib import Path

from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.program_store import ProgramStore, Store
from easyplayer.protocol.heartbeat import Health
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.storage_events import program_offered
from tests import test_download
from tests.fakes.hub_media import FakeMediaHub, content, digest_of, program_of
from tests.faults.disks import SmallDisk
from tests.test_download import Yard

LENGTH = 1_000_000
"""How long a medium is on a disk of a few megabytes."""
COMES_BACK_S = 4000.0
HEARTBEAT_S, STEP_S = 30.0, 5.0
KEPT_FREE = 64 * 1024


def store_on(state: Path, *others: Path) -> Store:
    """Give what is kept on disks that are small."""
    library = MediaLibrary(state / "media", others, keep_free=KEPT_FREE)
    return Store(ProgramStore(state / "programs", library), library)


class DiskBox(Yard):
    """A box whose hub has all that it wants.

    :param others: folders for media on further disks.
    :param length: how long each medium is, in bytes.
    """

    def __init__(
        self, state: Path, hub: FakeMediaHub | None = None, *, others: tuple[Path, ...] = (), length: int = 40
    ) -> None:
        self.length = length
        ours, test_download.store_in = test_download.store_in, lambda place: store_on(place, *others)
        try:
            super().__init__(state, hub)
        finally:
            test_download.store_in = ours
        for disk in self.store.media._disks:
            disk._clock = self.clock
        self.revision = 0
        self.head: ProgramHead | None = None

    def offer(self, name: str, items: str) -> None:
        """Publish a program of media that are named by a letter each, and offer it."""
        self.revision += 1
        program = program_of(name, *items, length=self.length)
        self.head = self.hub.publish(program, self.revision)
        self.fire(program_offered(self.head))

    def live(self, seconds: float) -> None:
        """Let some seconds pass, with a heartbeat now and then, which offers the program again."""
        for _ in range(round(seconds / HEARTBEAT_S)):
            self.run_for(HEARTBEAT_S, step_s=STEP_S)
            if self.head is not None:
                self.fire(program_offered(self.head))

    def digest(self, name: str) -> str:
        """Name a medium."""
        return digest_of(content(name, self.length))

    @property
    def playing(self) -> tuple[str, str]:
        """The program that is played, and its items."""
        return self.taken[-1] if self.taken else ("", "")

    @property
    def healths(self) -> list[Health]:
        """How the disks are, as they were told last."""
        told = self.told("storage_told")
        return [disk.health for disk in told[-1][0].disks] if told else []

    @property
    def ever(self) -> set[Health]:
        """How the disks have ever been, as they were told."""
        return {disk.health for stock, _ in self.told("storage_told") for disk in stock.disks}

    @property
    def trouble(self) -> str:
        """What was told last to be wrong."""
        told = self.told("storage_told")
        return "; ".join([told[-1][0].trouble, *(disk.trouble for disk in told[-1][0].disks)]) if told else ""

    @property
    def troubles(self) -> str:
        """All that was ever told to be wrong."""
        stocks = [storage for storage, _ in self.told("storage_told")]
        disks = [disk.trouble for stock in stocks for disk in stock.disks]
        fetched = [one.reason for (one,) in self.told("fetch_ended")]
        refused = [reason for name in ("switch_refused", "program_refused") for (reason,) in self.told(name)]
        told = [*(stock.trouble for stock in stocks), *disks, *fetched, *refused]
        return "\n".join(filter(None, dict.fromkeys(told)))

    def is_right(self, items: str) -> bool:
        """Tell whether some media are there, to the byte."""
        return all(self.store.media.is_right(self.digest(one), lambda: False) for one in items)

    def comes_to_play(self, name: str, items: str) -> None:
        """Go on until a program is played whole, for an hour at the most; hold that nothing came twice."""
        for _ in range(round(COMES_BACK_S / HEARTBEAT_S)):
            if self.playing == (name, items):
                break
            self.live(HEARTBEAT_S)
        assert self.playing == (name, items), self.troubles
        assert self.is_right(items)
        self.nothing_came_twice()

    def comes_back_on(self, disk: SmallDisk) -> None:
        """Start anew on the disk when that is mounted again; hold that what was verified is still there."""
        came = [sha256 for sha256, _ in self.told("media_fetched")]
        self.part.close()
        self.store.media.close()
        disk.unmount()
        disk.mount()
        assert [one for one in came if self.store.media.size_of(one) is None] == []
        self.hub.asked.clear()
        again = DiskBox(self.store.media.folder.parent, self.hub, length=self.length)
        again.revision = self.revision - 1
        again.begin()
        assert again.playing in {("one", "ab"), ("two", "bcd")}
        again.offer("two", "bcd")
        again.comes_to_play("two", "bcd")
        assert not [one for one in self.hub.asked if one.partition("+")[0] in came]

    def nothing_came_twice(self) -> None:
        """Hold that what was once verified was not asked for again."""
        came = Counter(sha256 for sha256, _ in self.told("media_fetched"))
        assert not [sha256 for sha256, times in came.items() if times > 1]
