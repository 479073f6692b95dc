"""Storage: what the box plays by, what is told of the disk, and what is kept on it."""

from pathlib import Path

import pytest

from easyplayer.drivers.media_library import MediaLibrary, Space
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.hub_events import fetch_ended, media_refused, program_staged, switch_storage, verify_storage
from easyplayer.program_store import store_in
from easyplayer.protocol.heartbeat import Autonomy
from easyplayer.protocol.heartbeat import Storage as Told
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.storage import (
    MOST_LETTERS,
    MOST_REASONS,
    MOST_REFUSED,
    SWEEP_EVERY_S,
    TELL_AFTER_S,
    TELL_EVERY_S,
    Storage,
)
from tests.fakes.clock import HeldWall
from tests.fakes.hub_media import content, digest_of, program_of
from tests.fakes.work import HeldWorker
from tests.house import WALL_NOON, Stage
from tests.test_stocktaking import bring, play, stage

ONE, TWO = program_of("one", "a", "b"), program_of("two", "b", "c")


class Cellar(Stage):
    """A storage over a real disk, with a thread that a test holds."""

    def __init__(self, state: Path) -> None:
        super().__init__()
        self.store = store_in(state)
        self.wall = HeldWall(self.clock, WALL_NOON)
        self.worker = HeldWorker(self.root.fire)
        self.surround(self.worker.pump)
        self.part = Storage(self.store, self.wall.now, self.ticker, self.worker)

    def begin(self) -> "Cellar":
        self.open(self.part)
        return self

    @property
    def taken(self) -> list[tuple[str, list[str], bool]]:
        """The programs that were told: name, items, and whether at once."""
        told = self.told("take_program")
        return [(program.name, [one.id for one in program.items], at_once) for program, at_once in told]

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
    cellar.run_for(TELL_EVERY_S + 1, step_s=1)
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
        ["nothing of three, version 1 is on the disk yet"],
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
    cellar.worker.busy = True
    cellar.fire(verify_storage(thoroughly=True))
    cellar.part.close()
    cellar.worker.busy = False
    cellar.settle()
    assert cellar.told("storage_verified") == []
    assert cellar.store.media.has(digest_of(content("a")), 40)


def test_what_nobody_needs_goes_a_day_after_the_switch(cellar: Cellar) -> None:
    """What is current stays, however old it is."""
    for name in "ab":
        cellar.store.media.keep_from(digest_of(content(name)), cellar.wall.now())
    cellar.begin()
    stage(cellar.store, TWO, 2)
    cellar.fire(switch_storage())
    cellar.run_for(4 * SWEEP_EVERY_S - 60, step_s=600)
    assert {*cellar.store.media.digests()} == {digest_of(content(name)) for name in "ab"}
    cellar.run_for(2 * SWEEP_EVERY_S, step_s=600)
    assert {*cellar.store.media.digests()} == {digest_of(content("b"))}


def test_disk_that_cannot_be_asked_is_logged(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The music plays on."""
    (cellar.store.media.folder / "x").write_text("", encoding="utf-8")
    monkeypatch.setattr(cellar.store.media, "folder", cellar.store.media.folder / "x")
    cellar.begin()
    cellar.run_for(3, step_s=0.5)
    assert cellar.told("storage_told") == []
    assert "cannot be written" in caplog.text
    assert len(cellar.told("storage_switched")) == 1


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
