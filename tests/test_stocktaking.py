"""What is on a real disk of what the programs want."""

from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.drivers.media_disk import KEPT_FREE_BYTES
from easyplayer.drivers.media_library import MediaLibrary, Space
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import encode
from easyplayer.program_store import Store, store_in
from easyplayer.protocol.heartbeat import Disk, Health
from easyplayer.stocktaking import is_playable, located, look_up, take_stock, to_play
from easyplayer.units import Instant
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.playout.programs import utc

NOON = utc("2027-03-05T12:00")
DAY_S = 86_400.0
DISK = Space(free=10**9, total=10**10)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty store."""
    return store_in(tmp_path)


def bring(store: Store, *names: str, at: Instant = NOON) -> None:
    """Put media on the disk."""
    for name in names:
        data = content(name)
        with store.media.draft(digest_of(data), len(data)) as draft:
            draft.begin(0, "e")
            draft.write(data)
            draft.finish()
        store.media.keep_from(digest_of(data), at)


def stage(store: Store, program: Program, revision: int = 1) -> None:
    """Stage a program."""
    data = encode(program)
    store.programs.stage(head_of(data, program.name, revision), data)


def play(store: Store, program: Program, revision: int = 1) -> None:
    """Make a program the current one."""
    stage(store, program, revision)
    store.programs.switch()


def leave(monkeypatch: pytest.MonkeyPatch, room: int, health: Health = Health.WELL) -> None:
    """Let there be so much room on the disk for media."""
    free = KEPT_FREE_BYTES + room

    def disks(library: MediaLibrary) -> tuple[Disk, ...]:
        name = str(library.folder)
        return (Disk(name=name, health=health, free_bytes=free, total_bytes=2 * KEPT_FREE_BYTES),)

    for name in ("disks", "look"):
        monkeypatch.setattr(MediaLibrary, name, disks)


def there(store: Store) -> set[str]:
    """Name the media that are on the disk."""
    names = {digest_of(content(name)): name for name in "abcdx"}
    return {names[sha256] for sha256 in store.media.digests()}


class TestDemand:
    """What is wanted and not there."""

    def test_what_plays_is_completed_before_what_comes_next(self, store: Store) -> None:
        """Each in its own order."""
        play(store, program_of("one", "a", "b"))
        stage(store, program_of("two", "c", "b", "d"), 2)
        bring(store, "a")
        demand = look_up(store.programs, store.media, NOON)
        assert [*demand.missing] == [digest_of(content(name)) for name in "bcd"]
        assert demand.of_staged == {digest_of(content(name)) for name in "bcd"}
        assert (demand.can_begin, demand.playable) == (False, False)
        bring(store, "d")
        demand = look_up(store.programs, store.media, NOON)
        assert (demand.can_begin, demand.playable) == (True, True)

    def test_truncated_medium_is_missing(self, store: Store) -> None:
        """Its length tells."""
        play(store, program_of("one", "a"))
        bring(store, "a")
        store.media.path(digest_of(content("a"))).write_bytes(b"cut")
        assert [*look_up(store.programs, store.media, NOON).missing] == [digest_of(content("a"))]

    def test_box_without_program_wants_nothing(self, store: Store) -> None:
        """And there is nothing to switch to."""
        demand = look_up(store.programs, store.media, NOON)
        assert (demand.current, demand.staged, demand.missing, demand.playable) == (None, None, {}, False)

    def test_what_does_not_fit_is_not_fetched_while_another_plays(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only what that one misses is; what is lacking is told, and the new one does not count as whole."""
        play(store, program_of("one", "a", "b"))
        stage(store, program_of("two", "c", "d"), 2)
        bring(store, "b")
        leave(monkeypatch, 100)
        demand = look_up(store.programs, store.media, NOON)
        assert [*demand.missing] == [digest_of(content("a"))]
        assert demand.lacking_bytes == 20
        assert demand.of_staged == {digest_of(content(name)) for name in "cd"}

    def test_what_fits_of_the_first_program_is_fetched(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Soonest first: some music is better than none."""
        stage(store, program_of("one", "a", "b", "c"))
        leave(monkeypatch, 90)
        demand = look_up(store.programs, store.media, NOON)
        assert [*demand.missing] == [digest_of(content(name)) for name in "ab"]
        assert demand.lacking_bytes == 30

    def test_what_may_go_counts_as_room(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """It goes when its room is needed, and not because somebody looks."""
        bring(store, "x", at=Instant(NOON - 1))
        stage(store, program_of("one", "a", "b"))
        leave(monkeypatch, 40)
        assert look_up(store.programs, store.media, NOON).lacking_bytes == 0
        assert there(store) == {"x"}

    def test_what_is_needed_soon_is_that_of_the_program_that_plays(self, store: Store) -> None:
        """Where there is none, of the one that is to be the first."""
        stage(store, program_of("one", "a", evening=("b",)))
        assert look_up(store.programs, store.media, NOON).soon == {digest_of(content("a"))}
        store.programs.switch()
        stage(store, program_of("two", "c"), 2)
        assert look_up(store.programs, store.media, NOON).soon == {digest_of(content("a"))}

    def test_radio_can_be_played_without_any_media(self, store: Store) -> None:
        """And so can a program that has nothing to play at all: that is what somebody wants."""
        radio = Item(id="r", location="http://radio/r", kind=ItemKind.STREAM)
        mixed = program_of("one", "a")
        stage(store, structs.replace(mixed, items=(*mixed.items, radio)))
        assert store.programs.staged is not None
        assert is_playable(store.programs.staged, store.media)
        stage(store, Program(name="silence", zone="UTC"), 2)
        assert is_playable(store.programs.staged, store.media)


class TestPlay:
    """What of a program is played."""

    def test_what_is_missing_is_left_out(self, store: Store) -> None:
        """So that nobody looks for it again and again."""
        play(store, program_of("one", "a", "b", evening=("c",)))
        bring(store, "a")
        assert store.programs.current is not None
        program, missing = to_play(store.programs.current.program, store.media)
        assert [item.id for item in program.items] == ["a"]
        assert missing == {digest_of(content(name)) for name in "bc"}

    def test_complete_program_is_played_as_it_is(self, store: Store) -> None:
        """Every part of it."""
        play(store, program_of("one", "a"))
        bring(store, "a")
        kept = store.programs.current
        assert kept is not None
        assert to_play(kept.program, store.media) == (located(kept.program, store.media), frozenset())


class TestStock:
    """What is told of it."""

    @pytest.fixture(autouse=True)
    def _disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(MediaLibrary, "space", lambda _library: DISK)

    def test_box_without_program_tells_its_disk(self, store: Store) -> None:
        """And nobody knows how long it plays."""
        told, autonomy = take_stock(store.programs, store.media, NOON, ())
        assert (told.items, told.free_bytes, told.total_bytes) == (0, DISK.free, DISK.total)
        assert autonomy is None

    def test_progress_counts_what_the_new_program_adds(self, store: Store) -> None:
        """A part on its way counts as far as it has come."""
        play(store, program_of("one", "a", "b"))
        bring(store, "a", "b")
        stage(store, program_of("two", "b", "c", "d"), 2)
        bring(store, "c")
        part = content("d")
        with store.media.draft(digest_of(part), len(part)) as draft:
            draft.begin(0, "e")
            draft.write(part[:10])
        told, autonomy = take_stock(store.programs, store.media, NOON, ())
        assert (told.items, told.missing, told.staged) == (2, 0, "two, version 1")
        assert (told.fetched_bytes, told.to_fetch_bytes) == (50, 80)
        assert autonomy is not None
        assert autonomy.until is None

    def test_what_the_current_program_misses_is_told(self, store: Store) -> None:
        """Where it was switched to before it was complete."""
        play(store, program_of("one", "a", "b"))
        bring(store, "a")
        told, autonomy = take_stock(store.programs, store.media, NOON, ())
        assert (told.items, told.missing, told.fetched_bytes, told.to_fetch_bytes) == (2, 1, 40, 80)
        assert autonomy is not None
        assert autonomy.until == NOON
