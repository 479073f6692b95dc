"""The hub's programs on a real disk: the old one or the new one, whatever instant the power goes."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec import structs

from easyplayer.errors import ProgramError, StateError
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import encode
from easyplayer.program_files import ProgramFiles
from easyplayer.program_store import Kept, Store, store_in
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import located
from tests.fakes.hub_media import content, digest_of, head_of, item, program_of
from tests.test_stocktaking import bring

OLD, NEW, NEXT = (
    encode(program_of(name, item)) for name, item in (("old", "a"), ("new", "b"), ("next", "c"))
)
OLD_HEAD, NEW_HEAD, NEXT_HEAD = head_of(OLD, "old", 1), head_of(NEW, "new", 2), head_of(NEXT, "next", 3)

MOST_STEPS = 21


class PowerCutError(Exception):
    """The power is gone."""


def playing(state: Path, head: ProgramHead = OLD_HEAD, data: bytes = OLD) -> Store:
    """Give what is kept by a box that plays by a program."""
    store = store_in(state)
    store.programs.stage(head, data)
    store.programs.switch()
    return store


def changed(state: Path) -> Store:
    """Give what is kept by a box that plays by its second program."""
    store = playing(state)
    store.programs.stage(NEW_HEAD, NEW)
    store.programs.switch()
    return store


def name(kept: Kept | None) -> str:
    """Name a program, where there is one."""
    return kept.program.name if kept else ""


def names(store: Store) -> tuple[str, str]:
    """Name the current program and the staged one."""
    return name(store.programs.current), name(store.programs.staged)


def course(store: Store) -> tuple[str, str, str]:
    """Name the program before the current one, that one, and the staged one."""
    return (name(store.programs.previous), *names(store))


def files(state: Path) -> set[str]:
    """Name the files that there are of programs."""
    return {path.name for path in (state / "programs").iterdir()}


def test_fresh_box_has_none(tmp_path: Path) -> None:
    """And looking makes no folder."""
    store = store_in(tmp_path)
    assert names(store) == ("", "")
    assert store.programs.switch() is None
    assert [*tmp_path.iterdir()] == []


def test_staged_program_becomes_the_current_one(tmp_path: Path) -> None:
    """Also for the next run, and the old one stays: there is a way back to it."""
    store = playing(tmp_path)
    store.programs.stage(NEW_HEAD, NEW)
    assert names(store) == names(store_in(tmp_path)) == ("old", "new")

    kept = store.programs.switch()

    assert kept is not None
    assert kept.head == NEW_HEAD
    assert kept.caption == "new, version 1"
    assert course(store) == course(store_in(tmp_path)) == ("old", "new", "")
    heads = {"current.json", "previous.json"}
    assert files(tmp_path) == heads | {f"{one.digest}.json" for one in (OLD_HEAD, NEW_HEAD)}


def test_only_one_program_before_the_current_one_is_kept(tmp_path: Path) -> None:
    """The one before that goes with the next switch."""
    store = changed(tmp_path)
    store.programs.stage(NEXT_HEAD, NEXT)
    store.programs.switch()
    assert course(store) == course(store_in(tmp_path)) == ("new", "next", "")
    assert f"{OLD_HEAD.digest}.json" not in files(tmp_path)


class TestWayBack:
    """From the current program to the one before it."""

    def test_they_change_places(self, tmp_path: Path) -> None:
        """And once more: then it is as it was."""
        store = changed(tmp_path)
        kept = store.programs.roll_back()
        assert kept is not None
        assert kept.head == OLD_HEAD
        assert course(store) == course(store_in(tmp_path)) == ("new", "old", "")
        assert store.programs.roll_back()
        assert course(store) == course(store_in(tmp_path)) == ("old", "new", "")

    def test_there_may_be_none(self, tmp_path: Path) -> None:
        """On a fresh box, and on one that plays by its first program."""
        assert store_in(tmp_path).programs.roll_back() is None
        assert playing(tmp_path).programs.roll_back() is None

    def test_what_was_gone_back_from_does_not_come_again_by_itself(self, tmp_path: Path) -> None:
        """The hub offers it with each heartbeat; what it publishes later is welcome."""
        store = changed(tmp_path)
        assert store.programs.wants(NEW_HEAD)
        store.programs.roll_back()
        for one in (store, store_in(tmp_path)):
            assert not one.programs.wants(NEW_HEAD)
            assert not one.programs.wants(structs.replace(NEXT_HEAD, revision=2))
            assert one.programs.wants(NEXT_HEAD)

    def test_refusal_is_over_with_a_newer_program(self, tmp_path: Path) -> None:
        """The way back leads to what the box went by until then."""
        store = changed(tmp_path)
        store.programs.roll_back()
        store.programs.stage(NEXT_HEAD, NEXT)
        assert not store.programs.wants(NEW_HEAD)
        store.programs.switch()
        assert store.programs.wants(structs.replace(NEW_HEAD, revision=3))
        assert course(store_in(tmp_path)) == ("old", "next", "")
        assert "left.json" not in files(tmp_path)

    def test_what_is_older_than_what_is_here_is_not_wanted(self, tmp_path: Path) -> None:
        """A stick has brought something newer than the hub had offered; another box counts for itself."""
        store = playing(tmp_path)
        store.programs.stage(NEXT_HEAD, NEXT)
        assert store.programs.wants(NEXT_HEAD)
        assert not store.programs.wants(NEW_HEAD)
        assert store.programs.wants(structs.replace(NEW_HEAD, box="c" * 16))
        store.programs.switch()
        assert not store.programs.wants(NEW_HEAD)

    def test_another_hub_counts_anew(self, tmp_path: Path) -> None:
        """Its first program would have to wait for ever."""
        store = changed(tmp_path)
        store.programs.roll_back()
        store.programs.forget_refusal()
        assert store.programs.wants(OLD_HEAD)
        assert store_in(tmp_path).programs.wants(OLD_HEAD)
        assert course(store_in(tmp_path)) == ("new", "old", "")

    def test_what_another_hub_has_sent_is_nobodys(self, tmp_path: Path) -> None:
        """The first of the hub that the box has now is wanted, though that counts from 1; all plays on."""
        store = changed(tmp_path)
        store.programs.belong_to("https://one")
        assert not store.programs.wants(OLD_HEAD)
        store.programs.stage(NEXT_HEAD, NEXT)
        store.programs.belong_to("https://two")
        for one in (store, store_in(tmp_path)):
            assert one.programs.wants(structs.replace(OLD_HEAD, revision=1))
            assert course(one) == ("old", "new", "")
        store.programs.roll_back()
        assert store.programs.wants(structs.replace(NEXT_HEAD, revision=1))

    def test_change_of_the_hub_that_the_disk_did_not_take_is_made_up_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever of it was written: the hub is noted last."""
        store = changed(tmp_path)
        store.programs.belong_to("https://one")
        with monkeypatch.context() as patch:
            patch.setattr(ProgramFiles, "note", Mock(side_effect=StateError("the disk is full")))
            store.programs.belong_to("https://two")
        assert store.programs.wants(OLD_HEAD)
        again = store_in(tmp_path)
        assert not again.programs.wants(OLD_HEAD)
        again.programs.belong_to("https://two")
        assert again.programs.wants(OLD_HEAD)
        assert store_in(tmp_path).programs.wants(OLD_HEAD)

    def test_it_is_given_up_for_room(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """What was gone back from is refused all the same."""
        store = changed(tmp_path)
        store.programs.roll_back()
        store.programs.drop_previous()
        assert course(store) == course(store_in(tmp_path)) == ("", "old", "")
        assert "new, version 1 is given up for room" in caplog.text
        assert not store_in(tmp_path).programs.wants(NEW_HEAD)

    def test_disk_that_takes_nothing_changes_nothing(self, tmp_path: Path) -> None:
        """Nor does it here."""
        store = changed(tmp_path)
        (tmp_path / "programs" / "current.json.new").mkdir()
        with pytest.raises(StateError, match="free space"):
            store.programs.roll_back()
        assert course(store) == course(store_in(tmp_path)) == ("old", "new", "")


def test_items_are_where_the_library_has_them(tmp_path: Path) -> None:
    """Streams are where they were; a file without a digest lies below the media."""
    store = store_in(tmp_path)
    items = (
        item("a"),
        Item(id="s", location="http://radio/s", kind=ItemKind.STREAM),
        Item(id="f", location="f.flac"),
    )
    data = encode(structs.replace(program_of("one", "a"), items=items))
    kept = store.programs.stage(head_of(data, "one", 1), data)
    sha256 = digest_of(content("a"))
    assert [one.location for one in located(kept.program, store.media).items] == [
        str(tmp_path / "media" / sha256[:2] / sha256),
        "http://radio/s",
        str(tmp_path / "media" / "f.flac"),
    ]


@pytest.mark.parametrize("data", [NEW + b" ", b"", OLD])
def test_file_that_is_not_the_one_of_its_head_is_refused(tmp_path: Path, data: bytes) -> None:
    """And nothing has changed."""
    store = playing(tmp_path)
    with pytest.raises(ProgramError, match="not the one that its head names"):
        store.programs.stage(NEW_HEAD, data)
    assert names(store_in(tmp_path)) == ("old", "")


def test_program_with_faults_is_refused(tmp_path: Path) -> None:
    """With all of them."""
    data = b'{"name": "bad", "zone": "Nowhere/Here"}'
    with pytest.raises(ProgramError, match="Nowhere/Here"):
        store_in(tmp_path).programs.stage(head_of(data, "bad", 1), data)


def test_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """Then nothing is staged."""
    (tmp_path / "programs").write_text("a file in the way", encoding="utf-8")
    store = store_in(tmp_path)
    with pytest.raises(StateError, match="free space"):
        store.programs.stage(NEW_HEAD, NEW)
    assert names(store) == ("", "")


def test_newer_head_of_the_same_program_is_adopted(tmp_path: Path) -> None:
    """The hub has gone back to it, so that what was staged is dropped."""
    store = playing(tmp_path)
    store.programs.stage(NEW_HEAD, NEW)
    assert store.programs.adopt(structs.replace(OLD_HEAD, revision=3))
    again = store_in(tmp_path)
    assert names(store) == names(again) == ("old", "")
    assert again.programs.current is not None
    assert again.programs.current.head.revision == 3


def test_newer_head_of_what_is_staged_is_adopted(tmp_path: Path) -> None:
    """It stays staged; a head of neither changes nothing."""
    store = playing(tmp_path)
    store.programs.stage(NEW_HEAD, NEW)
    assert not store.programs.adopt(structs.replace(NEW_HEAD, revision=7))
    assert not store.programs.adopt(structs.replace(NEW_HEAD, revision=8, digest="0" * 64))
    for one in (store, store_in(tmp_path)):
        assert names(one) == ("old", "new")
        assert one.programs.staged is not None
        assert one.programs.staged.head.revision == 7


def test_both_programs_name_their_media(tmp_path: Path) -> None:
    """None of these may go."""
    store = playing(tmp_path)
    store.programs.stage(NEW_HEAD, NEW)
    assert store.programs.named() == {digest_of(content(name)): 40 for name in "ab"}
    store.programs.drop_staged()
    assert store.programs.named() == {digest_of(content("a")): 40}


def test_media_of_the_program_before_are_named_and_not_needed(tmp_path: Path) -> None:
    """They go where the room is needed, and not before."""
    store = changed(tmp_path)
    assert store.programs.named() == {digest_of(content(name)): 40 for name in "ab"}
    assert store.programs.needed() == {digest_of(content("b")): 40}


every_damage = pytest.mark.parametrize("damage", [b"", b"{", OLD[:-3]])


class TestDamage:
    """What the disk has spoiled."""

    @every_damage
    def test_damaged_program_is_left_aside(self, tmp_path: Path, damage: bytes) -> None:
        """The hub sends it once more."""
        playing(tmp_path)
        (tmp_path / "programs" / f"{OLD_HEAD.digest}.json").write_bytes(damage)
        assert names(store_in(tmp_path)) == ("", "")
        assert store_in(tmp_path).programs.is_damaged

    @every_damage
    @pytest.mark.parametrize("file", ["current.json", f"{NEW_HEAD.digest}.json"])
    def test_the_one_before_it_is_played(
        self, tmp_path: Path, damage: bytes, file: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Until it has come anew; it stays where it is until then, and is not looked at as anything else."""
        changed(tmp_path)
        (tmp_path / "programs" / file).write_bytes(damage)
        store = store_in(tmp_path)
        assert course(store) == ("", "old", "")
        assert "cannot be used and is left aside" in caplog.text
        store.programs.drop_staged()
        assert course(store_in(tmp_path)) == ("", "old", "")

        assert store.programs.wants(NEW_HEAD)
        store.programs.stage(NEW_HEAD, NEW)
        assert store.programs.roll_back() is None
        store.programs.switch()
        again = store_in(tmp_path)
        assert course(store) == course(again) == ("old", "new", "")
        assert not again.programs.is_damaged

    def test_head_that_is_adopted_heals_it(self, tmp_path: Path) -> None:
        """Where the hub has gone back to the program before, too."""
        changed(tmp_path)
        (tmp_path / "programs" / "current.json").write_bytes(b"")
        store = store_in(tmp_path)
        assert store.programs.adopt(structs.replace(OLD_HEAD, revision=3))
        assert course(store_in(tmp_path)) == ("", "old", "")
        assert not store_in(tmp_path).programs.is_damaged


class TestReserve:
    """The fallback's media, for when no program can be used."""

    def test_it_is_kept_as_soon_as_all_of_it_is_there(self, tmp_path: Path) -> None:
        """Also for the next run; only that part of the program."""
        program = program_of("bar", "a", evening=("b",))
        data = encode(program)
        store = playing(tmp_path, head_of(data, "bar", 1), data)
        store.programs.pin_fallback()
        assert store.programs.fallback is None
        bring(store, "a")
        store.programs.pin_fallback()
        for one in (store, store_in(tmp_path)):
            kept = one.programs.fallback
            assert kept is not None
            assert [item.id for item in kept.items] == ["a"]
            assert (kept.name, kept.dayparts) == ("bar", ())

    def test_it_stays_until_another_one_is_whole(self, tmp_path: Path) -> None:
        """And its media are needed until then."""
        store = playing(tmp_path)
        bring(store, "a")
        store.programs.pin_fallback()
        for head, data in ((NEW_HEAD, NEW), (NEXT_HEAD, NEXT)):
            store.programs.stage(head, data)
            store.programs.switch()
            store.programs.pin_fallback()
        assert digest_of(content("a")) in store.programs.needed()
        bring(store, "c")
        store.programs.pin_fallback()
        assert [*store.programs.needed()] == [digest_of(content("c"))]

    def test_program_without_one_leaves_it_as_it_is(self, tmp_path: Path) -> None:
        """There is something in reserve still."""
        store = playing(tmp_path)
        bring(store, "a")
        store.programs.pin_fallback()
        data = encode(structs.replace(program_of("bare", "b"), fallback=""))
        store.programs.stage(head_of(data, "bare", 2), data)
        store.programs.switch()
        bring(store, "b")
        store.programs.pin_fallback()
        assert digest_of(content("a")) in store_in(tmp_path).programs.needed()

    def test_disk_that_does_not_take_it_leaves_the_old_one(self, tmp_path: Path) -> None:
        """The disk itself is told of elsewhere."""
        store = playing(tmp_path)
        bring(store, "a")
        (tmp_path / "programs" / "fallback.json.new").mkdir()
        store.programs.pin_fallback()
        assert store.programs.fallback is None

    def test_damaged_one_is_left_aside(self, tmp_path: Path) -> None:
        """It comes again with the program."""
        store = playing(tmp_path)
        bring(store, "a")
        store.programs.pin_fallback()
        (tmp_path / "programs" / "fallback.json").write_bytes(b"{")
        again = store_in(tmp_path)
        assert again.programs.fallback is None
        again.programs.pin_fallback()
        assert again.programs.fallback is not None


class Power:
    """Lets the power go before one of the steps that change what is on the disk.

    What no sync has brought to the disk by then is torn: half of it is there.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, steps: int) -> None:
        self._left = steps
        self._folder = folder
        self._synced: set[tuple[int, int]] = {self._stamp(path) for path in folder.iterdir()}
        sync, replace, unlink, write = os.fsync, Path.replace, Path.unlink, Path.open

        def noted_sync(handle: int) -> None:
            self._step()
            sync(handle)
            status = os.fstat(handle)
            self._synced.add((status.st_ino, status.st_size))

        def noted(action: Any) -> Any:
            def act(path: Path, *arguments: Any, **named: Any) -> Any:
                if action is not write or "w" in "".join(map(str, arguments)):
                    self._step()
                return action(path, *arguments, **named)

            return act

        monkeypatch.setattr(os, "fsync", noted_sync)
        for name, action in (("replace", replace), ("unlink", unlink), ("open", write)):
            monkeypatch.setattr(Path, name, noted(action))

    def _stamp(self, path: Path) -> tuple[int, int]:
        status = path.stat()
        return status.st_ino, status.st_size

    def _step(self) -> None:
        if self._left == 0:
            for path in self._folder.iterdir():
                if self._stamp(path) not in self._synced:
                    os.truncate(path, path.stat().st_size // 2)
            raise PowerCutError
        self._left -= 1


@contextmanager
def power_cut_after(steps: int, folder: Path) -> Iterator[list[bool]]:
    """Let the power go after some steps; tell whether it did."""
    went = [False]
    with pytest.MonkeyPatch.context() as patch:
        Power(patch, folder, steps)
        try:
            yield went
        except PowerCutError:
            went[0] = True


def change(store: Store) -> None:
    """Stage the next program and switch to it."""
    store.programs.stage(NEXT_HEAD, NEXT)
    store.programs.switch()


def go_back(store: Store) -> None:
    """Go back to the program before."""
    store.programs.roll_back()


@pytest.mark.parametrize("steps", range(MOST_STEPS))
def test_power_may_go_at_any_step_of_staging_and_switching(tmp_path: Path, steps: int) -> None:
    """The box starts with the old program or the new one, whole; and can then be brought to the new one."""
    store = changed(tmp_path)
    with power_cut_after(steps, tmp_path / "programs"):
        change(store)

    again = store_in(tmp_path)
    assert course(again) in {
        ("old", "new", ""), ("old", "new", "next"), ("", "new", "next"), ("new", "next", ""),
    }  # fmt: skip

    if names(again) != ("next", ""):
        change(again)
    assert course(store_in(tmp_path)) == ("new", "next", "")
    again.programs.drop_staged()
    assert len(files(tmp_path)) == 4


@pytest.mark.parametrize("steps", range(MOST_STEPS))
def test_power_may_go_at_any_step_of_the_way_back(tmp_path: Path, steps: int) -> None:
    """The two have changed places, or have not; and what was gone back from does not come by itself."""
    store = changed(tmp_path)
    with power_cut_after(steps, tmp_path / "programs"):
        go_back(store)

    again = store_in(tmp_path)
    assert course(again) in {("old", "new", ""), ("new", "old", "")}
    if course(again) == ("new", "old", ""):
        assert not again.programs.wants(NEW_HEAD)
    else:
        go_back(again)
    again.programs.drop_staged()
    assert course(store_in(tmp_path)) == ("new", "old", "")
    assert len(files(tmp_path)) == 5


@pytest.mark.parametrize("what", [change, go_back])
def test_there_are_fewer_steps_than_are_tried(tmp_path: Path, what: Callable[[Store], None]) -> None:
    """Else the tests above would not have seen the last ones; and they have seen some."""
    outcomes = []
    for steps in (0, 5, MOST_STEPS - 1):
        state = tmp_path / str(steps)
        store = changed(state)
        with power_cut_after(steps, state / "programs") as went:
            what(store)
        outcomes.append(went[0])
    assert outcomes == [True, True, False]
