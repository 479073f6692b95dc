"""A whole box whose storage is on a real disk: what is damaged there is never silence."""

from pathlib import Path

import pytest

from easyplayer.playout.program_file import encode
from easyplayer.program_store import store_in
from easyplayer.storage import Storage
from easyplayer.storage_events import roll_back
from easyplayer.ticker import Ticker
from tests.fakes.deck import Medium
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.fakes.work import facts
from tests.house import FakeBox
from tests.test_stocktaking import bring

SONG_S = 30.0
FIRMWARE = {"firmware": Medium(length_s=SONG_S)}
NAMES = {digest_of(content(name)): name for name in "ab"}
PROGRAMS = tuple(encode(program_of(name, song)) for name, song in (("old", "a"), ("new", "b")))


class CellarBox(FakeBox):
    """A box that has had two programs, of one song each."""

    def __init__(self, state: Path) -> None:
        super().__init__({}, fallback=FIRMWARE, from_hub=True, state=state)
        store = store_in(state)
        for sha256 in NAMES:
            path = store.media.path(sha256)
            self.decks.media[str(path)] = Medium(length_s=SONG_S)
            self.facts.to_find[path] = facts(SONG_S)
        worker, inspector = (self._make_worker(self.app.fire, name) for name in ("storage", "inspector"))
        hub = "https://hub.example"
        storage = Storage(store, self.wall.now, self.part(Ticker), worker, inspector=inspector, hub=hub)
        self.app.furnish(storage)

    @property
    def songs(self) -> list[str]:
        """The songs that are heard now."""
        return [NAMES.get(name, name) for name in self.heard]


def keep(state: Path, damaged: tuple[str, ...] = ()) -> None:
    """Let the hub have sent two programs and their media, and the disk have spoiled some heads."""
    store = store_in(state)
    bring(store, "a", "b")
    for revision, data in enumerate(PROGRAMS, 1):
        store.programs.stage(head_of(data, ("old", "new")[revision - 1], revision), data)
        store.programs.switch()
        store.programs.pin_fallback()
    for name in damaged:
        (state / "programs" / f"{name}.json").write_bytes(b"\0" * 100)


@pytest.mark.slow
def test_current_program_that_is_damaged_gives_way_to_the_one_before(tmp_path: Path) -> None:
    """Nobody hears that anything is wrong."""
    keep(tmp_path, damaged=("current",))
    with CellarBox(tmp_path) as box:
        box.run_until(lambda: box.songs == ["a"], within_s=3.0)
        assert box.told("fallback_needed") == []


def test_where_both_are_damaged_the_reserve_is_played(tmp_path: Path) -> None:
    """Again and again, until the hub has sent something."""
    keep(tmp_path, damaged=("current", "previous"))
    with CellarBox(tmp_path) as box:
        box.run_until(lambda: box.songs == ["b"], within_s=3.0)
        box.run_for(SONG_S + 5.0)
        assert {NAMES[seen.args[0].item.media.sha256] for seen in box.witness.all("item_started")} == {"b"}
        assert box.told("fallback_needed") == []


def test_where_nothing_is_left_the_firmware_has_something(tmp_path: Path) -> None:
    """A box makes a sound it can be heard by, whatever has become of its disk."""
    keep(tmp_path, damaged=("current", "previous", "fallback"))
    with CellarBox(tmp_path) as box:
        box.run_until_heard("firmware", within_s=20.0)


def test_way_back_is_heard_at_once(tmp_path: Path) -> None:
    """And no silence with it."""
    keep(tmp_path)
    with CellarBox(tmp_path) as box:
        box.run_until(lambda: box.songs == ["b"], within_s=3.0)
        box.run_for(5.0)
        box.fire(roll_back())
        box.run_until(lambda: box.songs == ["a"], within_s=5.0)
        box.fire(roll_back())
        box.run_until(lambda: box.songs == ["b"], within_s=5.0)
