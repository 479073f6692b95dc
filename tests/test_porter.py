"""Porter: what comes of a stick, whoever has made it, and whenever it is pulled."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from easyplayer.component import Clock
from easyplayer.device_events import stick_plugged, stick_pulled
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.bundle_folder import BundleFolder
from easyplayer.drivers.device_watch import Stick
from easyplayer.errors import DeviceError
from easyplayer.playout.catalogue import Program
from easyplayer.porter import Porter
from easyplayer.program_store import Store, store_in
from easyplayer.protocol.bundle import BundleReceipt
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.stick_report import StickReporter
from easyplayer.stick_visit import Post
from easyplayer.units import Instant
from easyplayer.unloading import LONGEST_REST_S, LOOK_AGAIN_EVERY_S, REST_SHARE, TELL_EVERY_S
from tests.fakes.clock import HeldWall
from tests.fakes.hub_media import content, digest_of, program_of
from tests.fakes.stick import BOX, STRANGER, FolderStick, Owner, stick_with
from tests.fakes.work import HeldWorker
from tests.house import WALL_NOON, Stage

ONE, TWO = program_of("one", "a", "b"), program_of("two", "b", "c")
LOG = "1" * 32
CHUNK = 16


class Faulty(BundleFolder):
    """A stick on which something happens when it has been read so often."""

    def __init__(self, top: Path, happens: Callable[[int], None]) -> None:
        super().__init__(top, CHUNK)
        self._happens = happens
        self._count = 0

    def read(self, file: BinaryIO, most: int) -> bytes:
        """Read, after what happens."""
        self._count += 1
        self._happens(self._count)
        return super().read(file, most)


def a_post(store: Store | None, state: Path, clock: Clock, wall: Callable[[], Instant], **given: Any) -> Post:
    """Give what sticks are served with, as far as a test does not say otherwise."""
    as_run = AsRunStore(state / "as-run.sqlite", "boot")
    usual = {
        "owner": Owner(),
        "writable": lambda stick: nullcontext(stick.folder),
        "reporter": StickReporter(as_run, lambda _most: (), state / "scratch", wall),
        "status": lambda: None,
        "give_way": lambda: None,
    }
    return Post(store=store, clock=clock, wall=wall, **{**usual, **given})


class Dock(Stage):
    """A porter over a real disk, with a thread that a test holds.

    :ivar happens: is told of each reading of the stick.
    :ivar protected: whether the stick takes nothing.
    :ivar rests: for how long others had their turn, after each piece.
    """

    def __init__(self, state: Path, *, takes_programs: bool = True, owner: Owner | None = None) -> None:
        super().__init__()
        self.store = store_in(state)
        self.wall = HeldWall(self.clock, WALL_NOON)
        self.worker = HeldWorker(self.root.fire)
        self.as_run = AsRunStore(state / "as-run.sqlite", "boot")
        self.happens: Callable[[int], None] = lambda _count: None
        self.protected = False
        self.rests: list[float] = []
        self.surround(self.worker.pump)
        post = a_post(
            self.store if takes_programs else None,
            state,
            self.clock,
            self.wall.now,
            owner=owner or Owner(),
            writable=self._writable,
            rest=lambda _gone, seconds: self.rests.append(seconds),
            open_folder=lambda top: Faulty(top, self.happens),
            reporter=StickReporter(self.as_run, lambda _most: (), state / "scratch", self.wall.now),
        )
        self.part = Porter(post, self.worker)
        self.open(self.part)

    @contextmanager
    def _writable(self, stick: Stick) -> Iterator[Path]:
        if self.protected:
            message = "the stick is write-protected"
            raise DeviceError(message)
        yield stick.folder

    def plug(self, stick: FolderStick) -> None:
        """Plug a stick in, and let be done what is done."""
        self.fire(stick_plugged(stick.stick))

    @property
    def answers(self) -> list[str]:
        """What was said of sticks in the end, in order."""
        seen = [one for one in self.witness.seen if one.name in {"bundle_taken", "bundle_refused"}]
        return [f"{one.name.removeprefix('bundle_')}: {one.args[1]}" for one in seen]

    @property
    def media(self) -> set[str]:
        """The media that are there, by their letters; each is right."""
        names = {digest_of(content(name)): name for name in "abcdx"}
        there = {one for one in self.store.media.digests() if self.store.media.size_of(one) is not None}
        assert all(self.store.media.is_right(one, lambda: False) for one in there)
        return {names[one] for one in there}

    @property
    def staged(self) -> str:
        """What is staged."""
        staged = self.store.programs.staged
        return staged.caption if staged else ""

    def play(self, program: Program, revision: int, box: str = BOX) -> None:
        """Make a program the current one; its media are not here."""
        head = FolderStick(self.store.media.folder.parent / "aside").put_program(program, revision, box=box)
        data = (
            self.store.media.folder.parent / "aside/easyplayer/programs" / f"{head.digest}.json"
        ).read_bytes()
        self.store.programs.stage(head, data)
        self.store.programs.switch()


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    """Give a box that has nothing yet."""
    return Dock(tmp_path / "state")


@pytest.fixture
def stick(tmp_path: Path) -> FolderStick:
    """Give a stick with a program and its media."""
    return stick_with(tmp_path / "stick", ONE)


class TestTaking:
    """What a stick brings."""

    def test_program_and_its_media_are_taken(self, dock: Dock, stick: FolderStick) -> None:
        """And everybody looks again, first at the program, then at what it wants."""
        dock.plug(stick)
        assert dock.answers == ["taken: program one, version 1; 2 media, 1 MB"]
        assert (dock.staged, dock.media) == ("one, version 1", {"a", "b"})
        assert len(dock.told("storage_changed")) == 2
        assert dock.told("bundle_progressed")[0] == ["VENUE", 0, 80]

    def test_only_what_is_missing_is_copied(self, dock: Dock, stick: FolderStick, tmp_path: Path) -> None:
        """What two programs share is here already."""
        dock.plug(stick)
        dock.plug(stick_with(tmp_path / "next", TWO, 2))
        assert dock.answers[1:] == ["taken: program two, version 1; 1 medium, 1 MB"]
        assert dock.media == {"a", "b", "c"}

    def test_same_stick_brings_nothing_more(self, dock: Dock, stick: FolderStick) -> None:
        """It does no harm either."""
        dock.plug(stick)
        dock.plug(stick)
        assert dock.answers[1:] == ["taken: program one, version 1; all its media were here"]
        assert dock.staged == "one, version 1"

    def test_what_is_not_on_the_stick_comes_over_the_network(self, dock: Dock, stick: FolderStick) -> None:
        """A wrong file is as good as none."""
        stick.medium("a").unlink()
        stick.medium("b").write_bytes(content("x"))
        dock.plug(stick)
        assert dock.media == set()
        assert dock.answers == [
            "taken: program one, version 1; 2 media missing or wrong on the stick, left to the network"
        ]

    def test_stick_goes_on_with_what_came_by_the_network(self, dock: Dock, stick: FolderStick) -> None:
        """The first half was there; where it is not of that medium, it is done without."""
        for name, half in (("a", content("a")[:20]), ("b", content("x")[:20])):
            with dock.store.media.draft(digest_of(content(name)), 40) as draft:
                draft.begin(0, f'"{digest_of(content(name))}"')
                draft.write(half)
        dock.plug(stick)
        assert dock.media == {"a", "b"}
        assert dock.told("bundle_progressed")[0] == ["VENUE", 0, 40]

    def test_progress_is_told_each_second_and_the_others_look_again_each_ten(
        self, dock: Dock, stick: FolderStick
    ) -> None:
        """However quickly it is read."""
        dock.happens = lambda _count: dock.clock.advance(LOOK_AGAIN_EVERY_S / 4)
        dock.plug(stick)
        done = [args[1] for args in dock.told("bundle_progressed")]
        assert done == [0, 16, 32, 40, 56, 72, 80]
        assert len(dock.told("storage_changed")) == 3

        dock.happens = lambda _count: dock.clock.advance(TELL_EVERY_S / 4)
        shutil.rmtree(dock.store.media.folder)
        dock.plug(stick)
        assert [args[1] for args in dock.told("bundle_progressed")][7:] == [0, 56]

    def test_slow_stick_leaves_the_disk_to_others(self, dock: Dock, stick: FolderStick) -> None:
        """The longer a piece takes, the longer is the rest; but nobody waits for ever."""
        dock.happens = lambda count: dock.clock.advance(100.0 if count == 8 else 0.1)
        dock.plug(stick)
        assert dock.rests[1:5] == pytest.approx([REST_SHARE * 0.1] * 4)
        assert dock.rests[5] == LONGEST_REST_S

    def test_what_does_not_fit_is_said(self, dock: Dock, stick: FolderStick) -> None:
        """The program is here, and waits for room."""
        dock.store.media.keep_free = 1 << 60
        dock.plug(stick)
        assert dock.answers[0].startswith("taken: program one, version 1; the rest does not fit: ")
        assert dock.media == set()

    def test_disk_that_fills_up_meanwhile_is_said(self, dock: Dock, stick: FolderStick) -> None:
        """What has come stays."""
        dock.happens = lambda count: setattr(dock.store.media, "keep_free", (count >= 4) << 60)
        dock.plug(stick)
        assert dock.answers[0].startswith("refused: the disk is full: ")
        assert len(dock.media) == 1

    def test_same_program_under_a_newer_head_is_taken_as_it_is(self, dock: Dock, tmp_path: Path) -> None:
        """The hub must know, and nothing else happens."""
        dock.play(ONE, 3)
        dock.plug(stick_with(tmp_path / "stick", ONE, 4))
        (head,) = dock.last("storage_switched").args
        assert head.revision == 4
        assert dock.staged == ""


class TestRefusing:
    """What is not taken, and the way out."""

    def test_stick_without_a_bundle_is_none_of_our_business(self, dock: Dock, tmp_path: Path) -> None:
        """Somebody charges a telephone."""
        dock.plug(FolderStick(tmp_path / "empty"))
        assert dock.answers == []
        assert dock.last("bundle_missed").args == ["VENUE"]

    def test_stick_that_is_gone_before_anybody_looked_is_not_said_to_be_empty(
        self, dock: Dock, tmp_path: Path
    ) -> None:
        """Another one was copied meanwhile."""
        dock.worker.busy = True
        one = FolderStick(tmp_path / "empty")
        dock.plug(one)
        dock.fire(stick_pulled(one.stick))
        dock.worker.busy = False
        dock.settle()
        assert dock.answers == [
            "refused: the stick was pulled too soon: nothing is here yet; plug it in again, it goes on there"
        ]

    def test_bundle_of_another_hub_is_refused(self, dock: Dock, stick: FolderStick) -> None:
        """So is one that was made without the hub's key."""
        stick.put_bundle(stick.put_program(ONE, 1), seed=STRANGER)
        dock.plug(stick)
        assert "a key that is not trusted here" in dock.answers[0]
        assert (dock.staged, dock.media) == ("", set())

    def test_box_that_knows_no_hub_says_how_to_go_on(self, tmp_path: Path, stick: FolderStick) -> None:
        """It cannot tell whose bundle this is."""
        dock = Dock(tmp_path / "state", owner=Owner(hub_keys=()))
        dock.plug(stick)
        assert dock.answers[0].startswith("refused: this box does not know its hub yet")
        assert "[hub] key" in dock.answers[0]

    def test_bundle_for_others_alone_is_refused(self, dock: Dock, stick: FolderStick) -> None:
        """It names the box, so that the operator knows for whom to make one."""
        stick.put_bundle(stick.put_program(ONE, 1, box="c" * 16))
        dock.plug(stick)
        assert dock.answers == [
            f"refused: the bundle has programs for 1 other boxes, and none for this one, {BOX}: "
            "make another bundle at the hub"
        ]

    def test_old_program_is_refused(self, dock: Dock, stick: FolderStick) -> None:
        """A stick that lay in a drawer for a year."""
        dock.play(TWO, 7)
        dock.store.media.folder.mkdir()
        dock.plug(stick_with(stick.top.parent / "old", program_of("old", "x"), 6))
        assert dock.answers == [
            "refused: program old, version 1, is older than what the box has (revision 6, and 7 is here): "
            "make another bundle at the hub"
        ]

    def test_program_of_an_earlier_life_makes_none_an_old_one(self, dock: Dock, stick: FolderStick) -> None:
        """A box that was forgotten has another name, and its revisions begin anew."""
        dock.play(TWO, 7, box="c" * 16)
        dock.plug(stick)
        assert dock.staged == "one, version 1"

    def test_old_stick_still_brings_what_is_missing(self, dock: Dock, stick: FolderStick) -> None:
        """What the current program wants is welcome, however it comes."""
        dock.play(TWO, 7)
        dock.plug(stick)
        assert dock.answers[0].startswith("taken: program one, version 1, is older than what the box has")
        assert dock.media == {"b"}

    def test_program_that_was_rolled_back_does_not_come_again(self, dock: Dock, tmp_path: Path) -> None:
        """Whoever went back from it had a reason."""
        dock.play(ONE, 1)
        dock.play(TWO, 2)
        dock.store.programs.roll_back()
        dock.plug(stick_with(tmp_path / "stick", TWO, 2))
        assert "was here and was rolled back" in dock.answers[0]
        assert dock.staged == ""

    def test_box_with_music_of_its_own_takes_no_program(self, tmp_path: Path, stick: FolderStick) -> None:
        """It has no place for one."""
        dock = Dock(tmp_path / "state", takes_programs=False)
        dock.plug(stick)
        assert dock.answers == [
            "refused: this box plays music of its own, and takes no programs from a stick"
        ]

    def test_program_that_cannot_be_used_is_refused(self, dock: Dock, stick: FolderStick) -> None:
        """Missing, or changed on the way."""
        (program,) = (stick.top / "easyplayer/programs").iterdir()
        data = program.read_bytes()
        program.write_bytes(data.replace(b"one", b"two"))
        dock.plug(stick)
        assert "cannot be used" in dock.answers[0]
        program.unlink()
        dock.plug(stick)
        assert "is missing" in dock.answers[1]
        assert dock.staged == ""


class TestPulled:
    """Whenever it is pulled."""

    def test_stick_that_fails_at_any_reading_is_gone_on_with(self, tmp_path: Path) -> None:
        """Each time some of it is here; nothing is ever wrong, and in the end all is there."""
        stick = stick_with(tmp_path / "stick", ONE)
        for at in range(1, 10):
            dock = Dock(tmp_path / f"state{at}")
            dock.happens = breaking_at(at)
            dock.plug(stick)
            pulled = dock.answers
            dock.happens = lambda _count: None
            dock.plug(stick)
            assert dock.media == {"a", "b"}
            assert dock.answers[-1].startswith("taken: program one")
            assert at > 8 or "too soon" in pulled[0], at

    def test_stick_whose_files_vanish_at_any_reading_counts_as_pulled(self, tmp_path: Path) -> None:
        """A mount that is taken away leaves an empty folder."""
        for at in range(1, 6):
            stick = stick_with(tmp_path / f"stick{at}", ONE)
            dock = Dock(tmp_path / f"state{at}")

            def vanish(count: int, at: int = at, stick: FolderStick = stick) -> None:
                if count == at:
                    shutil.rmtree(stick.top / "easyplayer")

            dock.happens = vanish
            dock.plug(stick)
            assert "too soon" in dock.answers[0], at
            dock.happens = lambda _count: None
            dock.plug(stick_with(tmp_path / f"again{at}", ONE))
            assert dock.answers[1].startswith("taken: program one"), at

    def test_what_is_under_way_ends_when_the_stick_is_pulled(self, dock: Dock, stick: FolderStick) -> None:
        """Even if it could still be read; it is said how far it has come."""
        dock.happens = lambda count: count == 6 and dock.part._on_pulled(stick.stick)
        dock.plug(stick)
        assert dock.answers == [
            "refused: the stick was pulled too soon: 1 of 2 files are here; "
            "plug it in again, it goes on there"
        ]
        assert len(dock.told("storage_changed")) == 2

    def test_box_that_ends_says_nothing(self, dock: Dock, stick: FolderStick) -> None:
        """It goes on after the next start."""
        dock.happens = lambda count: count == 4 and dock.part.close()
        dock.plug(stick)
        assert dock.answers == []
        assert dock.staged == "one, version 1"

    def test_stick_that_was_never_plugged_may_be_pulled(self, dock: Dock, stick: FolderStick) -> None:
        """The watch and the porter may have begun at different instants."""
        dock.fire(stick_pulled(stick.stick))
        assert dock.answers == []


class TestReceipts:
    """What the hub says of the as-run log of a box that it never hears."""

    @pytest.mark.parametrize(
        ("upto", "told"), [(5, [5]), (2, []), (9, [])], ids=["news", "old", "more than there is"]
    )
    def test_only_what_the_box_has_is_acknowledged(
        self, dock: Dock, stick: FolderStick, upto: int, told: list[int]
    ) -> None:
        """What is old, or cannot be, is passed over."""
        dock.as_run.head = LogHead(log=LOG, head=7, acknowledged=3)
        stick.put_bundle(receipts=(BundleReceipt(box=BOX, log=LOG, upto=upto),))
        dock.plug(stick)
        assert [receipt.acknowledged for (receipt,) in dock.told("log_received")] == told

    def test_receipt_for_another_box_or_log_is_none(self, dock: Dock, stick: FolderStick) -> None:
        """Logs are named by chance, and boxes by their keys."""
        dock.as_run.head = LogHead(log=LOG, head=7, acknowledged=3)
        stick.put_bundle(
            receipts=(
                BundleReceipt(box="c" * 16, log=LOG, upto=5),
                BundleReceipt(box=BOX, log="2" * 32, upto=5),
            )
        )
        dock.plug(stick)
        assert dock.told("log_received") == []


class TestReports:
    """What is left on a stick that collects."""

    def test_report_is_left_beside_what_was_taken(self, dock: Dock, tmp_path: Path) -> None:
        """Under the box's name and the time."""
        stick = stick_with(tmp_path / "stick", ONE, collects=True)
        dock.plug(stick)
        (left,) = (stick.top / "easyplayer/reports").iterdir()
        assert left.name == f"{BOX}-20270301T120000Z.age"
        assert dock.told("report_left") == [["VENUE", left.name]]
        assert dock.answers == ["taken: program one, version 1; 2 media, 1 MB; a report is left on it"]

    def test_stick_that_only_collects_is_served(self, dock: Dock, tmp_path: Path) -> None:
        """It has no program for anybody."""
        stick = FolderStick(tmp_path / "stick")
        stick.put_bundle(collects=True)
        dock.plug(stick)
        assert dock.answers == ["taken: a report is left on it"]

    def test_write_protected_stick_brings_all_the_same(self, dock: Dock, tmp_path: Path) -> None:
        """And it is said why nothing is on it."""
        dock.protected = True
        dock.plug(stick_with(tmp_path / "stick", ONE, collects=True))
        assert dock.answers[0].endswith("no report is left on it: the stick is write-protected")

    def test_stranger_gets_no_report(self, dock: Dock, tmp_path: Path) -> None:
        """What is not signed by the hub is not served at all."""
        stick = FolderStick(tmp_path / "stick")
        stick.put_bundle(collects=True, seed=STRANGER)
        dock.plug(stick)
        assert not (stick.top / "easyplayer/reports").exists()


def breaking_at(at: int) -> Callable[[int], None]:
    """Make a stick that gives errors from some reading on."""

    def breaks(count: int) -> None:
        if count >= at:
            message = "the stick gives errors (Input/output error)"
            raise DeviceError(message)

    return breaks
