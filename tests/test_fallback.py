"""The firmware's own music: made once, whole or not at all, and there when nothing else is."""

import errno
import os
import re
import wave
from pathlib import Path

import pytest
from msgspec.structs import replace

from easyplayer import fallback
from easyplayer.demo import DEMO_TRACKS, Track
from easyplayer.errors import StateError
from easyplayer.fallback import demo_items, gather_all, gather_first, gather_sample, render, sample_items
from easyplayer.jingles import JINGLES
from easyplayer.playout.items import Item, ItemKind
from easyplayer.units import Milliseconds

pytestmark = pytest.mark.slow


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> tuple[Track, ...]:
    """Put three hasty bars in the place of the demo pieces, so that they are made at once."""
    tracks = tuple(replace(track, bars=track.bars[:1], tempo=150) for track in DEMO_TRACKS[:3])
    monkeypatch.setattr(fallback, "DEMO_TRACKS", tracks)
    return tracks


def test_rendering_gives_the_same_bytes(short: tuple[Track, ...], tmp_path: Path) -> None:
    """Two boxes have the same tracks, byte for byte."""
    one, other = (render(short[0], tmp_path / name).read_bytes() for name in ("a", "b"))
    assert one == other


def test_what_is_there_is_not_made_again(short: tuple[Track, ...], tmp_path: Path) -> None:
    """A second start of the box does no work."""
    paths = [render(track, tmp_path) for track in short]
    before = [path.stat().st_mtime_ns for path in paths]
    assert [render(track, tmp_path) for track in short] == paths
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_what_the_maker_brought_is_taken(
    short: tuple[Track, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A box just unpacked plays at once; what is missing or torn there is made as ever."""
    brought, own = tmp_path / "brought", tmp_path / "own"
    first, second = (render(track, brought) for track in short[:2])
    second.write_bytes(b"torn")
    monkeypatch.setattr(fallback, "BROUGHT", brought)
    assert [Path(item.location) for item in demo_items(own)] == [first]
    assert render(short[0], own) == first
    assert render(short[1], own).parent == own


@pytest.mark.parametrize("left", [0, 6, 1000])
def test_a_torn_file_is_made_again(short: tuple[Track, ...], tmp_path: Path, left: int) -> None:
    """What a pulled plug left behind is not taken for a track."""
    path = render(short[0], tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    assert demo_items(tmp_path) == ()
    assert render(short[0], tmp_path).read_bytes() == whole


def test_an_update_replaces_the_files(
    short: tuple[Track, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New versions take the place of old ones; what else lies there stays."""
    old = render(short[0], tmp_path)
    (tmp_path / "mine.wav").touch()
    monkeypatch.setattr(fallback, "VERSION", fallback.VERSION + 1)
    new = render(short[0], tmp_path)
    assert new != old
    assert {path.name for path in tmp_path.iterdir()} == {"mine.wav", new.name}


def test_a_file_appears_complete_or_not_at_all(
    short: tuple[Track, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fills up leaves no half of a track, and the error names the place."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StateError, match=re.escape(str(tmp_path)) + ".*No space left"):
        render(short[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_items_carry_title_and_artist(short: tuple[Track, ...], tmp_path: Path) -> None:
    """People read names, not files; the id stays when the files are made anew."""
    path = render(short[0], tmp_path)
    assert demo_items(tmp_path) == (
        Item(
            id="demo:harbour-at-dawn",
            location=str(path),
            kind=ItemKind.LOCAL,
            title="Harbour at Dawn",
            artist="easyplayer",
            duration_ms=Milliseconds(3100),
        ),
    )


def test_the_sample_is_told_before_it_is_made(tmp_path: Path) -> None:
    """A program can be made of the pieces while they are still being composed."""
    items = sample_items(tmp_path)
    assert len({item.id for item in items}) == len(items)
    assert len({item.title for item in items}) == len(items)
    assert {item.kind for item in items} == {ItemKind.LOCAL}
    assert list(tmp_path.iterdir()) == []


def test_nothing_fades_a_jingle(tmp_path: Path) -> None:
    """A chime for noon is there at noon, and rings out; music leaves its fades to the rules."""
    fades = {item.id: (item.fade_in_ms, item.fade_out_ms) for item in sample_items(tmp_path)}
    assert {name for name, both in fades.items() if both == (0, 0)} == {
        f"jingle:{jingle.name}" for jingle in JINGLES
    }
    assert set(fades.values()) == {(0, 0), (None, None)}


def test_an_item_lasts_as_long_as_its_file(tmp_path: Path) -> None:
    """A length that is told before the file is there is right to the millisecond."""
    path = render(JINGLES[0], tmp_path)
    with wave.open(str(path)) as file:
        length_ms = 1000 * file.getnframes() / file.getframerate()
    told = next(item.duration_ms for item in sample_items(tmp_path) if item.location == str(path))
    assert told == pytest.approx(length_ms, abs=1)


@pytest.mark.slow
def test_the_first_piece_does_not_wait_for_the_others(tmp_path: Path) -> None:
    """A box that was just unpacked plays as soon as one piece is there, and all once they are."""
    home = tmp_path / "new"
    everything = [track.title for track in DEMO_TRACKS]

    assert [item.title for item in gather_first(home).items] == everything[:1]
    assert [item.title for item in gather_all(home).items] == everything
    assert [item.title for item in gather_first(home).items] == everything


@pytest.mark.slow
def test_all_that_the_sample_plays_can_be_made(tmp_path: Path) -> None:
    """Everything is there afterwards, and as long as its items say; the fallback plays no jingles."""
    gathered = gather_sample(tmp_path)

    assert gathered.items == demo_items(tmp_path)
    assert gathered.problems == ()
    for item in sample_items(tmp_path):
        with wave.open(item.location) as file:
            assert item.duration_ms == pytest.approx(1000 * file.getnframes() / file.getframerate(), abs=2)


@pytest.mark.slow
def test_full_state_directory_is_told_and_the_spare_place_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the state directory does not take the pieces, they are made beside it, and that is told."""
    monkeypatch.setattr(fallback, "SPARE", tmp_path / "spare")
    (tmp_path / "file").touch()

    gathered = gather_first(tmp_path / "file" / "demo")

    assert [Path(item.location).parent for item in gathered.items] == [tmp_path / "spare"]
    assert "cannot be written (Not a directory)" in gathered.problems[0].reason


@pytest.mark.slow
def test_what_cannot_be_made_anywhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fallback never raises: it gives what there is, and the reasons why there is no more."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(fallback, "SPARE", tmp_path / "file" / "spare")

    gathered = gather_all(tmp_path / "file" / "demo")

    assert gathered.items == ()
    assert [problem.place for problem in gathered.problems] == [
        str(tmp_path / "file" / "demo"),
        str(tmp_path / "file" / "spare"),
    ]


def test_box_that_was_killed_leaves_nobody_composing_for_it(
    short: tuple[Track, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its successor has another one compose; of the first nothing more comes than what it was at."""
    monkeypatch.setattr(fallback, "PIECES", short)
    parents = iter((4711, 4711, 1, 1))
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    assert fallback.main([str(tmp_path), *(track.name for track in short)]) == 0
    assert len(list(tmp_path.glob("*.wav"))) == 1
