"""The hub's programs on a real disk: the old one or the new one, whatever instant the power goes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from easyplayer.errors import ProgramError, StateError
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import encode
from easyplayer.program_store import Store, store_in
from easyplayer.protocol.program_head import ProgramHead
from tests.fakes.hub_media import content, digest_of, head_of, item, program_of

OLD, NEW = encode(program_of("old", "a")), encode(program_of("new", "b"))
OLD_HEAD, NEW_HEAD = head_of(OLD, "old", 1), head_of(NEW, "new", 2)


class PowerCutError(Exception):
    """The power is gone."""


def playing(state: Path, head: ProgramHead = OLD_HEAD, data: bytes = OLD) -> Store:
    """Give what is kept by a box that plays by a program."""
    store = store_in(state)
    store.programs.stage(head, data)
    store.programs.switch()
    return store


def names(store: Store) -> tuple[str, str]:
    """Name the current program and the staged one."""
    current, staged = store.programs.current, store.programs.staged
    return current.program.name if current else "", staged.program.name if staged else ""


def test_fresh_box_has_none(tmp_path: Path) -> None:
    """And looking makes no folder."""
    store = store_in(tmp_path)
    assert names(store) == ("", "")
    assert store.programs.switch() is None
    assert [*tmp_path.iterdir()] == []


def test_staged_program_becomes_the_current_one(tmp_path: Path) -> None:
    """Also for the next run, and the old one's file goes."""
    store = playing(tmp_path)
    store.programs.stage(NEW_HEAD, NEW)
    assert names(store) == names(store_in(tmp_path)) == ("old", "new")

    kept = store.programs.switch()

    assert kept is not None
    assert kept.head == NEW_HEAD
    assert kept.caption == "new, version 1"
    assert names(store) == names(store_in(tmp_path)) == ("new", "")
    assert sorted(path.name for path in (tmp_path / "programs").iterdir()) == sorted(
        ["current.json", f"{NEW_HEAD.digest}.json"]
    )


def test_items_are_where_the_library_has_them(tmp_path: Path) -> None:
    """Streams are where they were; a file without a digest lies below the media."""
    items = (
        item("a"),
        Item(id="s", location="http://radio/s", kind=ItemKind.STREAM),
        Item(id="f", location="f.flac"),
    )
    data = encode(structs.replace(program_of("one", "a"), items=items))
    kept = store_in(tmp_path).programs.stage(head_of(data, "one", 1), data)
    sha256 = digest_of(content("a"))
    assert [one.location for one in kept.program.items] == [
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


@pytest.mark.parametrize("damage", [b"", b"{", OLD[:-3]])
def test_damaged_program_is_left_aside(tmp_path: Path, damage: bytes) -> None:
    """The hub sends it once more."""
    playing(tmp_path)
    (tmp_path / "programs" / f"{OLD_HEAD.digest}.json").write_bytes(damage)
    assert names(store_in(tmp_path)) == ("", "")


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


@pytest.mark.parametrize("steps", range(30))
def test_power_may_go_at_any_step_of_staging_and_switching(tmp_path: Path, steps: int) -> None:
    """The box starts with the old program or the new one, whole; and can then be brought to the new one."""
    store = playing(tmp_path)
    with power_cut_after(steps, tmp_path / "programs"):
        store.programs.stage(NEW_HEAD, NEW)
        store.programs.switch()

    again = store_in(tmp_path)
    assert names(again) in {("old", ""), ("old", "new"), ("new", "")}

    again.programs.stage(NEW_HEAD, NEW)
    again.programs.switch()
    assert names(store_in(tmp_path)) == ("new", "")
    assert len([*(tmp_path / "programs").iterdir()]) == 2


def test_there_are_fewer_steps_than_are_tried(tmp_path: Path) -> None:
    """Else the test above would not have seen the last ones; and it has seen some."""
    outcomes = []
    for steps in (0, 5, 29):
        state = tmp_path / str(steps)
        store = playing(state)
        with power_cut_after(steps, state / "programs") as went:
            store.programs.stage(NEW_HEAD, NEW)
            store.programs.switch()
        outcomes.append(went[0])
    assert outcomes == [True, True, False]
