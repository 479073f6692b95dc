"""What is remembered of playing: enough, at the right time, and only of the same music."""

from pathlib import Path

import pytest

from easyplayer.drivers.state_file import StateFile
from easyplayer.playout.engine import EngineState
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, Layer, Origin
from easyplayer.playout.separation import Past
from easyplayer.tracker import Bookmark, Files, Memory, Tracker
from easyplayer.units import Instant, Seconds
from tests.fakes.work import HeldWorker
from tests.house import Stage

NOW = Instant(1_800_000_000.0)
PLACES = ("/music",)


def decision(name: str) -> Decision:
    item = Item(id=name, location=f"/music/{name}.flac")
    return Decision(at=NOW, item=item, origin=Origin(layer=Layer.FALLBACK))


def state(*names: str) -> EngineState:
    return EngineState(past=tuple(Past(name, "", "", NOW) for name in names))


class Desk(Stage):
    """A tracker on a real directory, and a disk that a test holds."""

    def __init__(self, folder: Path, places: tuple[str, ...] = PLACES) -> None:
        super().__init__()
        self.disk = HeldWorker(self.root.fire)
        self.surround(self.disk.pump)
        files = Files(
            StateFile(folder / "bookmark.json", Bookmark), StateFile(folder / "memory.json", Memory)
        )
        self.tracker = Tracker(files, places, self.clock, self.disk)

    def start(self, name: str, *before: str) -> None:
        self.tracker.note_start(decision(name), Seconds(0.0), NOW, state(*before, name))
        self.settle()

    def advance(self, name: str, position_s: float) -> None:
        self.tracker.note_position(decision(name), Seconds(position_s), NOW)
        self.settle()

    @property
    def kept(self) -> list[str]:
        """The names of the files that were written, in order."""
        return [path.name for (path,) in self.told("state_kept")]


def remembered(desk: Desk) -> list[str]:
    _, engine = desk.tracker.load()
    return [past.item for past in engine.past]


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    """The item, where it was, and everything played before it."""
    desk = Desk(tmp_path)
    desk.start("b", "a")
    desk.clock.advance(6)
    desk.advance("b", 6.0)

    bookmark, engine = Desk(tmp_path).tracker.load()

    assert bookmark is not None
    assert (bookmark.decision.item.id, bookmark.position_s) == ("b", 6.0)
    assert [past.item for past in engine.past] == ["a", "b"]


@pytest.mark.parametrize("places", [("/other",), ("program", "/music"), ()])
def test_what_was_kept_of_other_music_is_void(tmp_path: Path, places: tuple[str, ...]) -> None:
    """Whoever names other places wants to hear those, from their start."""
    Desk(tmp_path).start("a")

    assert Desk(tmp_path, places).tracker.load() == (None, EngineState())


def test_position_is_written_each_five_seconds_and_the_rest_only_when_something_starts(
    tmp_path: Path,
) -> None:
    """The larger file is written rarely, because a disk wears."""
    desk = Desk(tmp_path)
    desk.start("a")
    for second in range(1, 61):
        desk.clock.advance(1.0)
        desk.advance("a", float(second))

    assert desk.kept.count("memory.json") == 1
    assert desk.kept.count("bookmark.json") == 13


def test_very_short_items_wait_for_one_another_and_none_is_forgotten(tmp_path: Path) -> None:
    """A minute of jingles is written a dozen times; at its end all are remembered."""
    desk, names = Desk(tmp_path), [f"jingle {number}" for number in range(60)]
    for number, name in enumerate(names):
        desk.start(name, *names[:number])
        desk.clock.advance(1.0)
        desk.advance(name, 0.9)

    desk.clock.advance(5.0)
    desk.advance(names[-1], 1.0)

    assert desk.kept.count("memory.json") <= 25
    assert remembered(Desk(tmp_path)) == names


def test_claim_is_written_at_once(tmp_path: Path) -> None:
    """What must not sound twice does not wait for five seconds."""
    desk = Desk(tmp_path)
    desk.start("a")
    desk.tracker.note_state(state("a", "claimed"))
    desk.settle()

    assert remembered(Desk(tmp_path)) == ["a", "claimed"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"places": 3}', b"\xff"])
def test_files_that_cannot_be_read_are_left_aside(tmp_path: Path, damage: bytes) -> None:
    """The box begins anew, and plays."""
    Desk(tmp_path).start("a")
    for name in ("bookmark.json", "memory.json"):
        (tmp_path / name).write_bytes(damage)

    assert Desk(tmp_path).tracker.load() == (None, EngineState())


def test_box_that_keeps_nothing_remembers_nothing(tmp_path: Path) -> None:
    """A rehearsal leaves no trace."""
    desk = Desk(tmp_path)
    tracker = Tracker(None, PLACES, desk.clock, desk.disk)
    tracker.note_start(decision("a"), Seconds(0.0), NOW, state("a"))
    desk.settle()

    assert tracker.load() == (None, EngineState())
    assert list(tmp_path.iterdir()) == []
