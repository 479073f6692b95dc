"""The scrubber: bad media are found in idle time, and nobody else feels that they are looked for."""

import errno
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.component import Background
from easyplayer.device_events import stick_pulled
from easyplayer.drivers.device_watch import Stick
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.drivers.quiet_reading import QuietReading
from easyplayer.errors import DiskFailingError, StateError
from easyplayer.events import BoxEvent
from easyplayer.player_events import item_failed
from easyplayer.playout.items import Item, ItemKind, PreparedItem
from easyplayer.protocol.heartbeat import Download
from easyplayer.scrubber import (
    MOST_IN_A_ROW,
    REST_S,
    SCRUB_EVERY_S,
    SETTLED_AFTER_S,
    STEP_S,
    TELL_EVERY_S,
    Scrubber,
    allowance,
)
from easyplayer.storage_events import (
    bundle_progressed,
    bundle_refused,
    bundle_taken,
    download_progressed,
    storage_verified,
    verify_storage,
)
from easyplayer.units import Instant, Seconds
from tests.fakes.clock import HeldWall
from tests.fakes.hub_media import content, digest_of, item
from tests.fakes.work import HeldWorker
from tests.house import WALL_NOON, Stage

KB_PER_S = 1
LENGTH = 3000
"""Three steps long."""


class Cellar(Stage):
    """A scrubber over media on a real disk, with a thread that a test holds.

    :ivar digests: for a test to note what it has put there.
    """

    def __init__(self, state: Path, kb_per_s: int = KB_PER_S) -> None:
        super().__init__()
        self.library = MediaLibrary(state / "media")
        self.wall = HeldWall(self.clock, WALL_NOON)
        self.worker = HeldWorker(self.root.fire)
        self.surround(self.worker.pump)
        self.kb_per_s = kb_per_s
        self.digests: list[str] = []

    def begin(self) -> "Cellar":
        """Open it, and let the box settle."""
        self.part = Scrubber(
            self.library, self.kb_per_s, wall=self.wall.now, ticker=self.ticker, worker=self.worker
        )
        self.open(self.part)
        self.rest(SETTLED_AFTER_S - 10)
        self.seconds(10 - STEP_S)
        return self

    def bring(self, *names: str, length: int = LENGTH) -> list[str]:
        """Put media on the disk; give their digests."""
        digests = []
        for name in names:
            data = content(name, length)
            with self.library.draft(digest_of(data), len(data)) as draft:
                draft.begin(0, '"e"')
                draft.write(data)
                draft.finish()
            digests.append(digest_of(data))
        return digests

    def spoil(self, sha256: str) -> None:
        """Let one byte of a medium be another."""
        path = self.library.path(sha256)
        data = bytearray(path.read_bytes())
        data[LENGTH // 2] ^= 1
        path.write_bytes(data)

    def seconds(self, count: float) -> None:
        """Let time pass, step by step."""
        self.run_for(count, step_s=STEP_S)

    def rest(self, count: float = REST_S) -> None:
        """Let time pass in which nothing much is read."""
        self.run_for(count, step_s=10.0)

    @property
    def scrubbed(self) -> tuple[int, list[str]]:
        """How many were told to be right, and the digests of all that were bad."""
        told = self.told("storage_scrubbed")
        return sum(right for right, _ in told), [one for _, bad in told for one in bad]

    @property
    def checked(self) -> int:
        """How many are known to have been right within the last weeks."""
        return self.library.checked_since(Instant(self.wall.now() - SCRUB_EVERY_S))


@pytest.fixture
def cellar(tmp_path: Path) -> Iterator[Cellar]:
    """Give a scrubber that is not open yet."""
    made = Cellar(tmp_path)
    yield made
    made.library.close()


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Give a set of digests: the disk gives an error wherever one of these media is read."""
    lost: set[str] = set()
    real = QuietReading.read_on

    def read_on(self: QuietReading, most: int = 1 << 18) -> int:
        if self._path.name in lost:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, most)

    def is_right(self: MediaLibrary, sha256: str, stopped: object) -> bool:
        if sha256 in lost:
            message = "the disk gives errors"
            raise DiskFailingError(message)
        return True

    monkeypatch.setattr(QuietReading, "read_on", read_on)
    monkeypatch.setattr(MediaLibrary, "is_right", is_right)
    return lost


def test_media_are_read_one_after_the_other_at_their_pace(cellar: Cellar) -> None:
    """Three thousand bytes at a thousand a second are three steps, and one for what a medium counts."""
    cellar.bring("a", "b")
    cellar.begin()
    assert cellar.checked == 0
    cellar.seconds(5)
    assert cellar.checked == 1
    cellar.seconds(5)
    assert cellar.checked == 2


def test_box_that_has_just_started_has_other_things_to_do(cellar: Cellar) -> None:
    """Nothing is read in the first minutes."""
    cellar.bring("a", length=10)
    cellar.begin()
    assert cellar.checked == 0
    cellar.seconds(2 * STEP_S)
    assert cellar.checked == 1


def test_what_is_right_is_told_in_batches_and_not_read_again_for_a_month(cellar: Cellar) -> None:
    """Once all are right, there is rest."""
    cellar.bring("a", "b", "c", length=10)
    cellar.begin().seconds(20)
    assert cellar.scrubbed == (3, [])
    assert len(cellar.told("storage_scrubbed")) == 2
    cellar.rest(2 * REST_S)
    assert cellar.scrubbed == (3, [])

    cellar.wall.step(SCRUB_EVERY_S)
    cellar.rest()
    cellar.seconds(20)
    assert cellar.scrubbed == (6, [])


def test_many_right_media_are_told_once_a_minute(cellar: Cellar) -> None:
    """Whoever listens has other things to hear."""
    cellar.bring(*(f"medium {number}" for number in range(30)))
    cellar.begin().seconds(2 * TELL_EVERY_S)
    assert 2 <= len(cellar.told("storage_scrubbed")) <= 4
    assert cellar.scrubbed[0] > 10


def test_medium_that_has_gone_bad_is_thrown_away_and_told_at_once(cellar: Cellar) -> None:
    """The others stay; who heard of it fetches it anew."""
    good, bad = cellar.bring("a", "b")
    cellar.spoil(bad)
    cellar.begin().seconds(20)
    assert cellar.scrubbed[1] == [bad]
    assert cellar.library.size_of(bad) is None
    assert cellar.library.size_of(good) == LENGTH


def test_box_goes_on_where_it_was_after_a_restart(cellar: Cellar) -> None:
    """What was found right before is kept with the media."""
    cellar.bring("a", "b")
    cellar.begin().seconds(5)
    assert cellar.checked == 1
    cellar.part.close()
    cellar.library.close()

    again = Cellar(cellar.library.folder.parent)
    again.begin().seconds(12)
    assert again.checked == 2
    assert again.scrubbed == (1, [])
    again.library.close()


def test_downloads_go_first(cellar: Cellar) -> None:
    """Unless they are held up, and need neither disk nor line."""
    cellar.bring("a", length=10)
    cellar.begin()
    cellar.fire(download_progressed(Download(files_left=3)))
    cellar.seconds(60)
    assert cellar.checked == 0
    cellar.fire(download_progressed(Download(files_left=3, held_up="the hub is away")))
    cellar.seconds(2)
    assert cellar.checked == 1


@pytest.mark.parametrize(
    "over",
    [
        bundle_taken("stick", "all"),
        bundle_refused("stick", "it was pulled"),
        stick_pulled(Stick(device="/dev/sdb1", name="stick", filesystem="vfat", folder=Path("/stick"))),
    ],
    ids=["taken", "refused", "pulled, and nobody says more"],
)
def test_stick_goes_first(cellar: Cellar, over: BoxEvent) -> None:
    """Whoever has plugged it in waits before it."""
    cellar.bring("a", length=10)
    cellar.begin()
    cellar.fire(bundle_progressed("stick", 1, 2))
    cellar.seconds(60)
    assert cellar.checked == 0
    cellar.fire(over)
    cellar.seconds(2)
    assert cellar.checked == 1


def test_what_could_not_be_played_is_looked_at_next(cellar: Cellar) -> None:
    """It comes anew before its next turn, and not in a month."""
    bad, _ = cellar.bring("a", "b", length=10)
    cellar.begin()
    cellar.seconds(60)
    assert cellar.checked == 2
    cellar.library.path(bad).write_bytes(b"x" * 10)
    cellar.fire(item_failed(prepared("a", length=10), "it cannot be decoded"))
    cellar.seconds(2)
    assert cellar.scrubbed[1] == [bad]


def test_what_is_not_on_the_disk_is_not_looked_at(cellar: Cellar) -> None:
    """A stream fails for other reasons, and what is missing comes anyway."""
    cellar.begin()
    stream = PreparedItem(item=Item(id="radio", location="https://radio.example/", kind=ItemKind.STREAM))
    for failed in (stream, prepared("a")):
        cellar.fire(item_failed(failed, "it cannot be opened"))
    cellar.bring("b", length=10)
    cellar.seconds(3)
    assert cellar.scrubbed == (1, [])


def prepared(name: str, length: int = LENGTH) -> PreparedItem:
    """Give an item as it is handed to a player."""
    return PreparedItem(item=item(name, length))


def test_look_that_a_person_wants_goes_first(cellar: Cellar) -> None:
    """Two that read one disk are slower than one after the other."""
    cellar.bring("a", length=10)
    cellar.begin()
    cellar.fire(verify_storage(thoroughly=True))
    cellar.seconds(60)
    assert cellar.checked == 0
    cellar.fire(storage_verified(1, ()))
    cellar.seconds(2)
    assert cellar.checked == 1


def test_pace_of_nothing_is_never(tmp_path: Path) -> None:
    """The settings can turn it off."""
    cellar = Cellar(tmp_path, kb_per_s=0)
    cellar.bring("a", length=10)
    cellar.begin().rest()
    assert cellar.checked == 0
    cellar.library.close()


def test_medium_that_cannot_be_read_is_fetched_anew(cellar: Cellar, unreadable: set[str]) -> None:
    """It is one bad spot, for others on that disk can be read."""
    lost, *others = cellar.bring("a", "b", "c")
    unreadable.add(lost)
    cellar.begin().seconds(30)
    assert cellar.scrubbed[1] == [lost]
    assert all(cellar.library.size_of(one) for one in others)


def test_disk_that_gives_nothing_at_all_keeps_what_is_on_it(
    cellar: Cellar, unreadable: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A loose plug must not empty a disk; it is tried again after a while, and told once."""
    digests = cellar.bring("a", "b", "c")
    unreadable.update(digests)
    cellar.begin().rest(3 * REST_S)
    assert all(cellar.library.size_of(one) for one in digests)
    assert cellar.scrubbed == (0, [])
    assert [one for one in caplog.messages if "can be read" in one] == [
        f"media are not looked at for now: nothing else in {cellar.library.folder} can be read, either: "
        "look at the disk"
    ]
    unreadable.clear()
    cellar.rest()
    cellar.seconds(30)
    assert cellar.scrubbed == (3, [])


def test_medium_that_cannot_be_read_the_second_time_is_unreadable(
    cellar: Cellar, unreadable: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk has begun to give errors meanwhile: what it gave before is no evidence."""
    (sha256,) = cellar.bring("a")
    monkeypatch.setattr(QuietReading, "digest", lambda _self: "0" * 64)
    real = QuietReading.read_on

    def read_on(self: QuietReading, most: int = 1 << 18) -> int:
        length = real(self, most)
        if not length:
            unreadable.add(sha256)
        return length

    monkeypatch.setattr(QuietReading, "read_on", read_on)
    cellar.begin().seconds(20)
    assert cellar.library.size_of(sha256) == LENGTH
    assert cellar.scrubbed == (0, [])


def test_disk_that_gives_rubbish_does_not_empty_itself(
    cellar: Cellar, caplog: pytest.LogCaptureFixture
) -> None:
    """After some media without a right one between them it is not they that are bad."""
    digests = cellar.bring(*(f"medium {number}" for number in range(MOST_IN_A_ROW + 5)))
    for sha256 in digests:
        cellar.spoil(sha256)
    cellar.begin().seconds(200)
    assert len(cellar.scrubbed[1]) == MOST_IN_A_ROW
    assert sum(cellar.library.size_of(one) is not None for one in digests) == 5
    assert "media in a row have gone bad" in caplog.text


def test_medium_that_is_replaced_meanwhile_is_not_judged(cellar: Cellar) -> None:
    """What was read is not there any more; what is there is read in its turn."""
    (sha256,) = cellar.bring("a")
    cellar.spoil(sha256)
    cellar.begin().seconds(3)
    cellar.library.remove(sha256)
    cellar.bring("a")
    cellar.seconds(20)
    assert cellar.scrubbed == (1, [])


def test_medium_that_is_taken_away_meanwhile_is_passed_over(cellar: Cellar) -> None:
    """Somebody needed the room."""
    first, second = cellar.bring("a", "b")
    cellar.begin().seconds(3)
    for one in (first, second):
        cellar.library.remove(one)
    cellar.rest()
    cellar.seconds(20)
    assert cellar.scrubbed == (0, [])


def test_medium_that_is_right_the_second_time_stays(cellar: Cellar, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read wrong once may be the machine's memory, or a plug."""
    (sha256,) = cellar.bring("a")
    monkeypatch.setattr(QuietReading, "digest", lambda _self: "0" * 64)
    cellar.begin().seconds(20)
    assert cellar.scrubbed == (1, [])
    assert cellar.library.size_of(sha256) == LENGTH


def test_bad_medium_on_a_disk_that_takes_nothing_stays_and_is_told(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not said to be thrown away."""
    (bad,) = cellar.bring("a")
    cellar.spoil(bad)

    def refuse(_library: MediaLibrary, _sha256: str) -> None:
        message = "the disk is read-only"
        raise StateError(message)

    monkeypatch.setattr(MediaLibrary, "remove", refuse)
    cellar.begin().seconds(30)
    cellar.rest()
    assert cellar.scrubbed == (0, [])
    assert caplog.messages.count("media are not looked at for now: the disk is read-only") == 1


def test_box_that_ends_does_not_wait_for_a_medium(tmp_path: Path) -> None:
    """On a real thread, in the middle of one that would take hours."""
    cellar = Cellar(tmp_path)
    (sha256,) = cellar.bring("a", length=200_000)
    begun = threading.Event()
    cellar.surround()
    worker = Background(cellar.root.fire, "scrub")
    part = Scrubber(cellar.library, 1, wall=cellar.wall.now, ticker=cellar.ticker, worker=worker)
    cellar.open(part)
    cellar.seconds(SETTLED_AFTER_S + 5)
    worker.do(begun.set)
    assert begun.wait(10)
    open_files = {str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}
    assert str(cellar.library.path(sha256)) in open_files
    part.close()
    assert worker.close(10)
    assert cellar.checked == 0
    cellar.library.close()


@given(st.integers(0, 10**6), st.floats(-1e6, 1e6))
def test_never_more_is_read_than_the_pace_allows(kb_per_s: int, passed_s: float) -> None:
    """Not after a pause, nor where the clock does what clocks do not do."""
    most = allowance(kb_per_s, Seconds(passed_s))
    assert 0 <= most <= 2 * STEP_S * kb_per_s * 1000
    assert most <= max(passed_s, 0) * kb_per_s * 1000 + 1
