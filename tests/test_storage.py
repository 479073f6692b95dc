"""Storage: what the box plays by, what is told of the disk, and what is kept on it."""

from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.drivers.media_library import MediaLibrary, Space
from easyplayer.errors import StateError
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.findings import MOST_LETTERS, MOST_REASONS, MOST_REFUSED
from easyplayer.hub_events import forget_hub
from easyplayer.player_events import cue_item
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.program_store import ProgramStore, Store
from easyplayer.protocol.heartbeat import Autonomy, Download, Health
from easyplayer.protocol.heartbeat import Storage as Told
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.storage import (
    OWN_PROGRAM,
    SWEEP_EVERY_S,
    TELL_AFTER_S,
    TELL_EVERY_S,
    TELL_PROGRESS_EVERY_S,
    Storage,
)
from easyplayer.storage_events import (
    download_progressed,
    fetch_ended,
    media_refused,
    program_staged,
    roll_back,
    storage_changed,
    storage_scrubbed,
    switch_storage,
    verify_storage,
)
from easyplayer.units import Instant
from tests.fakes.clock import HeldWall
from tests.fakes.hub_media import content, digest_of, program_of
from tests.fakes.work import HeldWorker
from tests.house import WALL_NOON, Stage
from tests.test_stocktaking import bring, play, stage

HUB = "https://hub.example"
ONE, TWO = program_of("one", "a", "b"), program_of("two", "b", "c")


class Cellar(Stage):
    """A storage over a real disk, with a thread that a test holds."""

    def __init__(self, state: Path, *disks: Path, hub: str = HUB, plays: bool = True) -> None:
        super().__init__()
        library = MediaLibrary(state / "media", disks)
        self.store = Store(ProgramStore(state / "programs", library), library)
        self.wall = HeldWall(self.clock, WALL_NOON)
        self.worker, self.inspector = (HeldWorker(self.root.fire) for _ in range(2))
        self.surround(self.worker.pump, self.inspector.pump)
        self.part = Storage(
            self.store,
            self.wall.now,
            self.ticker,
            self.worker,
            inspector=self.inspector,
            hub=hub,
            plays=plays,
        )

    def begin(self) -> "Cellar":
        self.open(self.part)
        return self

    @property
    def taken(self) -> list[tuple[str, list[str], bool]]:
        """The programs that were told: name, items, and whether at once."""
        told = self.told("take_program")
        return [(program.name, [one.id for one in program.items], at_once) for program, at_once in told]

    @property
    def locations(self) -> dict[str, str]:
        """Where the items of the last program are."""
        (program, _) = self.told("take_program")[-1]
        return {one.id: one.location for one in program.items}

    @property
    def lying(self) -> set[str]:
        """The media that are on the disk, by name."""
        names = {digest_of(content(name)): name for name in "abcdx"}
        return {names[sha256] for sha256 in self.store.media.digests()}

    @property
    def reported(self) -> tuple[Told, Autonomy | None]:
        """What was told of the disk at last."""
        told, autonomy = self.last("storage_told").args
        return told, autonomy


@pytest.fixture
def cellar(tmp_path: Path) -> Cellar:
    """Give a storage that keeps a program, and has its media."""
    made = Cellar(tmp_path)
    play(made.store, ONE)
    bring(made.store, "a", "b")
    return made


def test_what_is_kept_is_played_without_asking_anybody(cellar: Cellar) -> None:
    """At once when the box starts."""
    cellar.begin()
    assert cellar.taken == [("one", ["a", "b"], False)]
    assert cellar.told("storage_switched") == [[head_of_current(cellar)]]
    (program, _) = cellar.told("take_program")[0]
    assert Path(program.items[0].location).read_bytes() == content("a")


def test_fresh_box_has_nothing_to_say(tmp_path: Path) -> None:
    """But how its disk is."""
    cellar = Cellar(tmp_path).begin()
    cellar.run_for(3, step_s=0.5)
    assert cellar.taken == []
    assert cellar.reported[0].items == 0
    assert cellar.reported[1] is None


def test_staged_program_is_switched_to(cellar: Cellar) -> None:
    """What plays is heard to its end."""
    cellar.begin()
    stage(cellar.store, TWO, 2)
    bring(cellar.store, "c")
    cellar.fire(switch_storage())
    assert cellar.taken[1:] == [("two", ["b", "c"], False)]
    assert cellar.last("storage_switched").args == [head_of_current(cellar)]
    assert head_of_current(cellar).revision == 2
    assert cellar.told("switch_refused") == []


def test_person_may_switch_before_it_is_complete(cellar: Cellar) -> None:
    """What is missing is left out, until it has come; so is what plays now cut off."""
    cellar.begin()
    stage(cellar.store, TWO, 2)
    cellar.fire(switch_storage(at_once=True))
    assert cellar.taken[1:] == [("two", ["b"], True)]
    bring(cellar.store, "c")
    cellar.run_for(TELL_EVERY_S + TELL_AFTER_S + 1, step_s=1)
    assert cellar.taken[2:] == [("two", ["b", "c"], False)]
    cellar.run_for(3 * TELL_EVERY_S, step_s=1)
    assert len(cellar.taken) == 3


def test_program_that_is_whole_by_now_is_played_whole_at_once(cellar: Cellar) -> None:
    """It does not wait for the next look at the disk."""
    cellar.begin()
    stage(cellar.store, TWO, 2)
    cellar.fire(switch_storage())
    cellar.run_for(5, step_s=0.5)
    assert cellar.taken[1:] == [("two", ["b"], False)]

    bring(cellar.store, "c")
    cellar.fire(fetch_ended(Fetched(digest=digest_of(content("c")), outcome=Outcome.FETCHED)))
    cellar.run_for(TELL_AFTER_S + 1, step_s=0.5)
    assert cellar.taken[2:] == [("two", ["b", "c"], False)]


def test_what_plays_gives_way_to_a_program_that_is_the_current_one_already(cellar: Cellar) -> None:
    """A song of the one before it may last for a while; a person does not want to wait for that."""
    cellar.begin()
    cellar.fire(switch_storage(at_once=True))
    assert cellar.taken[1:] == [("one", ["a", "b"], True)]
    assert len(cellar.told("storage_switched")) == 2


def test_switch_to_nothing_is_refused(cellar: Cellar) -> None:
    """Where nothing is staged, and where nothing of it can be played."""
    cellar.begin()
    cellar.fire(switch_storage())
    stage(cellar.store, program_of("three", "d"), 3)
    cellar.fire(switch_storage(at_once=True))
    assert cellar.told("switch_refused") == [
        ["no other program has come from the hub"],
        ["nothing of three, version 1 is on the disk"],
    ]
    assert len(cellar.taken) == 1


def test_disk_that_takes_no_switch_leaves_the_old_program(cellar: Cellar, tmp_path: Path) -> None:
    """And says so."""
    cellar.begin()
    stage(cellar.store, TWO, 2)
    (tmp_path / "programs" / "current.json.new").mkdir()
    cellar.fire(switch_storage())
    assert "free space" in cellar.last("switch_refused").args[0]
    assert len(cellar.taken) == 1
    cellar.run_for(5, step_s=0.5)
    assert "free space" in cellar.last("storage_told").args[0].trouble


def test_disk_is_told_of_soon_after_a_change_and_each_minute(cellar: Cellar) -> None:
    """Changes that come together are told together."""
    cellar.begin()
    cellar.run_for(5, step_s=0.5)
    assert len(cellar.told("storage_told")) == 1
    for name in "abc":
        cellar.fire(fetch_ended(Fetched(digest=digest_of(content(name)), outcome=Outcome.FETCHED)))
    cellar.run_for(5, step_s=0.5)
    assert len(cellar.told("storage_told")) == 2
    cellar.run_for(10 * TELL_EVERY_S, step_s=1)
    assert len(cellar.told("storage_told")) == 12


def test_disk_that_takes_its_time_is_looked_at_less_often(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand media, or a card that is slow."""

    def slow(_library: MediaLibrary) -> Space:
        cellar.clock.advance(2.0)
        return Space(free=5, total=7)

    monkeypatch.setattr(MediaLibrary, "space", slow)
    cellar.begin()
    for _ in range(120):
        cellar.fire(fetch_ended(Fetched(digest="0" * 64, outcome=Outcome.FETCHED)))
        cellar.run_for(1, step_s=1)
    assert len(cellar.told("storage_told")) == 3


def test_what_is_told_is_how_it_is(cellar: Cellar) -> None:
    """What is staged, how far it has come, and how long the box plays on."""
    cellar.begin()
    stage(cellar.store, TWO, 2)
    cellar.fire(program_staged(cellar.store.programs.staged.head))  # type: ignore[union-attr]  # it is staged
    cellar.run_for(3, step_s=0.5)
    told, autonomy = cellar.reported
    assert (told.items, told.missing, told.staged) == (2, 0, "two, version 1")
    assert (told.fetched_bytes, told.to_fetch_bytes, told.trouble) == (0, 40, "")
    assert autonomy == Autonomy()


def test_what_is_wrong_is_told_until_it_is_right(cellar: Cellar) -> None:
    """A disk that is full, and media that cannot be had; what no program names is nobody's trouble."""
    cellar.begin()
    sha256 = digest_of(content("a"))
    cellar.fire(fetch_ended(Fetched(digest=sha256, outcome=Outcome.FULL, reason="the disk is full")))
    for one in (sha256, "0" * 64):
        cellar.fire(media_refused(one, "there is no such medium"))
    cellar.run_for(3, step_s=0.5)
    assert cellar.reported[0].trouble == f"the disk is full; {sha256[:12]}…: there is no such medium"

    cellar.fire(fetch_ended(Fetched(digest=sha256, outcome=Outcome.FETCHED)))
    cellar.run_for(3, step_s=0.5)
    assert cellar.reported[0].trouble == ""


def test_much_that_is_wrong_is_told_shortly(tmp_path: Path) -> None:
    """A message has bounds, and so has what is remembered."""
    cellar = Cellar(tmp_path).begin()
    stage(cellar.store, program_of("many", *map(str, range(10))))
    digests = [digest_of(content(str(number))) for number in range(10)]
    for sha256 in [*(f"{number:064}" for number in range(MOST_REFUSED)), *digests]:
        cellar.part._on_refused(sha256, "x" * 300)
    cellar.run_for(3, step_s=0.5)
    trouble = cellar.reported[0].trouble
    assert trouble.count("xxx; ") == MOST_REASONS
    assert trouble.endswith("; and 7 more")
    cellar.fire(media_refused(digests[0], "y" * 3000))
    cellar.fire(media_refused(digests[1], "y" * 3000))
    for sha256 in digests[2:]:
        cellar.fire(fetch_ended(Fetched(digest=sha256, outcome=Outcome.FETCHED)))
    cellar.run_for(3, step_s=0.5)
    assert len(cellar.reported[0].trouble) == MOST_LETTERS


@pytest.mark.parametrize("thoroughly", [False, True])
def test_quick_look_finds_what_is_too_short_and_thorough_one_what_is_wrong(
    cellar: Cellar, *, thoroughly: bool
) -> None:
    """It is thrown away, to be fetched once more."""
    cellar.begin()
    short, rotten = (cellar.store.media.path(digest_of(content(name))) for name in "ab")
    short.write_bytes(b"cut")
    rotten.write_bytes(b"x" * 40)
    cellar.fire(verify_storage(thoroughly=thoroughly))
    bad = (short.name, rotten.name) if thoroughly else (short.name,)
    assert cellar.told("storage_verified") == [[2 - len(bad), bad]]
    assert not short.exists()
    assert rotten.exists() is not thoroughly


def test_look_is_broken_off_when_the_box_ends(cellar: Cellar) -> None:
    """It may take hours; nothing is found wrong for that."""
    cellar.begin()
    cellar.inspector.busy = True
    cellar.fire(verify_storage(thoroughly=True))
    cellar.part.close()
    cellar.inspector.busy = False
    cellar.settle()
    assert cellar.told("storage_verified") == []
    assert cellar.store.media.has(digest_of(content("a")), 40)


def test_way_back_does_not_wait_for_a_look(cellar: Cellar) -> None:
    """A wrong program has to go within seconds, and to read all media takes hours."""
    play(cellar.store, TWO, 2)
    cellar.begin()
    cellar.inspector.busy = True
    cellar.fire(verify_storage(thoroughly=True))
    cellar.fire(roll_back())
    assert cellar.taken[-1] == ("one", ["a", "b"], True)


def test_what_nobody_needs_goes_a_day_after_the_second_switch(cellar: Cellar) -> None:
    """The program before stays until then; what is current stays, however old it is."""
    for name in "ab":
        cellar.store.media.keep_from(digest_of(content(name)), cellar.wall.now())
    cellar.begin()
    stage(cellar.store, TWO, 2)
    cellar.fire(switch_storage())
    cellar.run_for(6 * SWEEP_EVERY_S, step_s=600)
    assert cellar.lying == {"a", "b"}
    stage(cellar.store, program_of("three", "b", "d"), 3)
    cellar.fire(switch_storage())
    cellar.run_for(4 * SWEEP_EVERY_S - 60, step_s=600)
    assert cellar.lying == {"a", "b"}
    cellar.run_for(2 * SWEEP_EVERY_S, step_s=600)
    assert cellar.lying == {"b"}


def test_what_is_in_a_deck_is_not_swept(cellar: Cellar) -> None:
    """It sounds for as long as it lasts, and what was given to a player may begin to."""
    bring(cellar.store, "c", "d", at=Instant(cellar.wall.now() - 9 * 86_400))
    for name in "cd":
        where = cellar.store.media.path(digest_of(content(name)))
        cellar.root.fire(cue_item(PreparedItem(item=Item(id=name, location=str(where)))))
    cellar.begin()
    assert cellar.lying == {"a", "b", "c", "d"}


def test_disk_that_cannot_be_asked_is_logged(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The music plays on."""

    def refuse(_library: MediaLibrary) -> Space:
        message = "the disk does not answer"
        raise StateError(message)

    monkeypatch.setattr(MediaLibrary, "space", refuse)
    cellar.begin()
    cellar.run_for(3, step_s=0.5)
    assert cellar.told("storage_told") == []
    assert "the disk does not answer" in caplog.text
    assert len(cellar.told("storage_switched")) == 1


class TestWayBack:
    """To the program before."""

    @pytest.fixture
    def moved(self, cellar: Cellar) -> Cellar:
        """Give a storage that plays by its second program."""
        cellar.begin()
        stage(cellar.store, TWO, 2)
        bring(cellar.store, "c")
        cellar.fire(switch_storage())
        return cellar

    def test_it_is_played_at_once(self, moved: Cellar) -> None:
        """And the other one is the one before, to which it goes back the next time."""
        moved.fire(roll_back())
        assert moved.taken[-1] == ("one", ["a", "b"], True)
        assert moved.last("storage_switched").args[0].revision == 1
        moved.run_for(3, step_s=0.5)
        assert moved.reported[0].previous == "two, version 1"
        moved.fire(roll_back())
        assert moved.taken[-1] == ("two", ["b", "c"], True)

    def test_there_is_none(self, cellar: Cellar) -> None:
        """On a box that plays by its first program."""
        cellar.begin()
        cellar.fire(roll_back())
        assert cellar.told("switch_refused") == [["the box keeps no program before this one to go back to"]]

    def test_nothing_of_it_is_there(self, moved: Cellar) -> None:
        """Then what plays goes on."""
        for name in "ab":
            moved.store.media.remove(digest_of(content(name)))
        moved.fire(roll_back())
        assert moved.told("switch_refused") == [["nothing of one, version 1 is on the disk"]]
        assert len(moved.taken) == 2

    def test_box_that_forgets_its_hub_wants_every_program_again(self, moved: Cellar) -> None:
        """The next hub counts from one."""
        moved.fire(roll_back())
        assert not moved.store.programs.wants(structs.replace(head_of_current(moved), revision=2))
        moved.fire(forget_hub("somebody wanted it"))
        assert moved.store.programs.wants(head_of_current(moved))


class TestDamage:
    """What the disk has spoiled."""

    def spoil(self, tmp_path: Path, *names: str) -> None:
        """Damage the heads of programs."""
        for name in names:
            (tmp_path / "programs" / f"{name}.json").write_bytes(b"?")

    def test_what_is_in_reserve_is_played_where_no_program_can_be(
        self, cellar: Cellar, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """And nobody is told that the box has a program, so that it comes anew."""
        cellar.store.programs.pin_fallback()
        self.spoil(tmp_path, "current")
        again = Cellar(tmp_path).begin()
        assert again.taken == [("one", ["a", "b"], False)]
        (head,) = again.last("storage_switched").args
        assert (head.revision, head.digest) == (0, "")
        assert "no program of the hub's can be used" in caplog.text

        stage(again.store, ONE)
        again.fire(switch_storage())
        assert head_of_current(again).revision == 1

    def test_where_nothing_is_in_reserve_the_hub_is_asked_all_the_same(
        self, cellar: Cellar, tmp_path: Path
    ) -> None:
        """The firmware's own music plays until then."""
        self.spoil(tmp_path, "current")
        again = Cellar(tmp_path).begin()
        assert again.taken == []
        assert again.last("storage_switched").args[0].revision == 0

    def test_reserve_is_kept_up_to_date(self, cellar: Cellar) -> None:
        """As soon as all of it is there."""
        cellar.begin()
        cellar.run_for(3, step_s=0.5)
        assert cellar.store.programs.fallback is not None


class TestDisks:
    """How the disks are."""

    def test_disk_that_goes_and_comes_is_told_and_its_media_with_it(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What was on it is left out, and played again when it is back, from where it is then."""
        card = tmp_path / "card"
        card.mkdir()
        cellar = Cellar(tmp_path / "state", card)
        play(cellar.store, ONE)
        bring(cellar.store, "a", "b")
        moved = cellar.store.media.path(digest_of(content("b")))
        place = card / moved.parent.name / moved.name
        place.parent.mkdir()
        moved.rename(place)
        cellar.begin()
        assert cellar.locations["b"] == str(place)

        card.rename(tmp_path / "pulled")
        cellar.run_for(TELL_EVERY_S + 5, step_s=1)
        assert cellar.taken[-1] == ("one", ["a"], False)
        assert [disk.health for (disk,) in cellar.told("disk_changed")] == [Health.MISSING]
        assert [disk.health for disk in cellar.reported[0].disks] == [Health.WELL, Health.MISSING]
        assert f"disk {card} is missing" in caplog.text
        assert "plug" in cellar.reported[0].trouble

        (tmp_path / "pulled").rename(card)
        cellar.run_for(2 * TELL_EVERY_S, step_s=1)
        assert cellar.taken[-1] == ("one", ["a", "b"], False)
        assert [disk.health for (disk,) in cellar.told("disk_changed")] == [Health.MISSING, Health.WELL]
        assert len(cellar.taken) == 3

    def test_what_was_found_spoiled_is_counted(self, cellar: Cellar) -> None:
        """By whoever has looked at it."""
        cellar.begin()
        cellar.fire(storage_scrubbed(5, ("ab" * 32,)))
        cellar.fire(storage_changed())
        cellar.store.media.path(digest_of(content("a"))).write_bytes(b"cut")
        cellar.fire(verify_storage(thoroughly=False))
        cellar.run_for(3, step_s=0.5)
        assert cellar.reported[0].spoiled == 2


class TestProgress:
    """How far the downloads are."""

    def test_it_is_told_now_and_then_without_a_look_at_the_disk(
        self, cellar: Cellar, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A hundred thousand media take a while to be looked at."""
        cellar.begin()
        cellar.run_for(3, step_s=0.5)
        monkeypatch.delattr(MediaLibrary, "space")
        for left in range(25, 0, -1):
            cellar.fire(download_progressed(Download(files_left=left)))
            cellar.run_for(1, step_s=0.5)
        assert [told.download.files_left for told, _ in cellar.told("storage_told")] == [0, 16, 6]

    def test_box_that_has_told_nothing_yet_waits(self, cellar: Cellar) -> None:
        """It looks at the disk first."""
        cellar.begin()
        cellar.worker.busy = True
        cellar.fire(download_progressed(Download(files_left=3)))
        cellar.run_for(TELL_PROGRESS_EVERY_S + 1, step_s=1)
        assert cellar.told("storage_told") == []
        cellar.worker.busy = False


class TestOwnProgram:
    """A box that plays a program of its own, and has a hub."""

    @pytest.fixture
    def other(self, cellar: Cellar, tmp_path: Path) -> Cellar:
        """Give one that had a program of the hub's before."""
        stage(cellar.store, TWO, 2)
        made = Cellar(tmp_path, plays=False)
        bring(made.store, "x", at=Instant(WALL_NOON))
        return made.begin()

    def test_it_takes_none_of_the_hubs(self, other: Cellar) -> None:
        """Whoever asks for one."""
        for event in (switch_storage(), switch_storage(at_once=True), roll_back()):
            other.fire(event)
        other.run_for(2 * TELL_EVERY_S, step_s=1)
        assert other.taken == []
        assert other.told("storage_switched") == []
        assert other.told("switch_refused")[0] == [OWN_PROGRAM]
        assert len(other.told("switch_refused")) == 3

    def test_its_media_are_looked_after(self, other: Cellar) -> None:
        """They are for what a person has said over the music."""
        other.run_for(3, step_s=0.5)
        told, autonomy = other.reported
        assert told.disks
        assert autonomy is None
        other.run_for(6 * SWEEP_EVERY_S, step_s=600)
        assert "x" not in other.lying


def test_space_is_that_of_the_disk(cellar: Cellar, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the hub shows it."""
    monkeypatch.setattr(MediaLibrary, "space", lambda _library: Space(free=5, total=7))
    cellar.begin()
    cellar.run_for(3, step_s=0.5)
    assert (cellar.reported[0].free_bytes, cellar.reported[0].total_bytes) == (5, 7)


def head_of_current(cellar: Cellar) -> ProgramHead:
    kept = cellar.store.programs.current
    assert kept is not None
    return kept.head
