"""The firmware's own pictures: made once, whole or not at all, and calm to look at."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from easyplayer import demo_pictures, fallback
from easyplayer.demo_pictures import PICTURES, gather_pictures, path_of, picture_items, render
from easyplayer.errors import StateError
from easyplayer.painting import Canvas
from easyplayer.playout.items import ItemKind
from easyplayer.units import Seconds
from easyplayer.views import BOATS, DAWN, HEIGHT, VIEWS, WIDTH, Boat, Film, View

SMALL = View("small", "Small", lambda: Canvas(16, 12, (10, 200, 90)))
SHORT = Film(
    name="short",
    title="Short",
    length_s=Seconds(1.0),
    rate=25,
    paint=lambda: Canvas(WIDTH, HEIGHT, (90, 140, 160)),
    boats=(Boat(Seconds(0.5), 400, 0.5),),
)
LARGEST_BYTES = 300_000


def frames(path: Path) -> NDArray[np.uint8]:
    """Decode a clip, each frame in 64 x 36 pixels."""
    scaled = ["-vf", "scale=64:36", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(path), *scaled]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 36, 64, 3)


def test_they_are_told_before_they_are_made(tmp_path: Path) -> None:
    """A program can be made of them while they are still being painted."""
    items = picture_items(tmp_path)
    assert len({item.id for item in items}) == len({item.title for item in items}) == len(PICTURES)
    assert [item.kind for item in items] == [*(ItemKind.STILL for _ in VIEWS), ItemKind.CLIP]
    assert items[-1].duration_ms == 1000 * BOATS.length_s
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    """A second start of the box does no work."""
    before = render(SMALL, tmp_path).stat().st_mtime_ns
    assert render(SMALL, tmp_path).stat().st_mtime_ns == before


@pytest.mark.parametrize("left", [0, 6, 50])
def test_a_torn_file_is_made_again(left: int, tmp_path: Path) -> None:
    """What a pulled plug left behind is not taken for a picture."""
    path = render(SMALL, tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    assert render(SMALL, tmp_path).read_bytes() == whole


def test_what_the_maker_brought_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box just unpacked shows at once."""
    brought = render(SMALL, tmp_path / "brought")
    monkeypatch.setattr(fallback, "BROUGHT", tmp_path / "brought")
    assert render(SMALL, tmp_path / "own") == brought
    assert not (tmp_path / "own").exists()


def test_an_update_replaces_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New versions take the place of old ones."""
    render(SMALL, tmp_path)
    monkeypatch.setattr(demo_pictures, "VERSION", demo_pictures.VERSION + 1)
    new = render(SMALL, tmp_path)
    assert list(tmp_path.iterdir()) == [new]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The error names it, and the box goes on."""
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=re.escape(str(tmp_path))):
        render(SMALL, tmp_path / "file" / "demo")


def test_a_machine_without_ffmpeg_makes_no_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StateError, match="install the package ffmpeg"):
        render(SHORT, tmp_path)


@pytest.mark.slow
def test_a_torn_film_is_made_again(tmp_path: Path) -> None:
    """Wherever it was torn off."""
    path = render(SHORT, tmp_path)
    whole = path.read_bytes()
    for left in (0, 20, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:left])
        assert render(SHORT, tmp_path).stat().st_size > left
    assert len(frames(path)) == SHORT.rate * SHORT.length_s


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_is_calm(view: View, tmp_path: Path) -> None:
    """It is small as a file, fills the screen, and is neither black nor glaring."""
    path = render(view, tmp_path)
    (seen,) = frames(path)
    assert path.stat().st_size < LARGEST_BYTES
    assert 15 < seen.mean() < 200
    assert np.abs(np.diff(seen.astype(int), axis=1)).mean() < 12


@pytest.mark.slow
def test_the_film_begins_anew_where_it_ends(tmp_path: Path) -> None:
    """Shown again and again nobody sees where, and something moves all the time."""
    path = render(BOATS, tmp_path)
    seen = frames(path).astype(int)
    steps = np.abs(np.diff(seen, axis=0)).mean(axis=(1, 2, 3))
    assert len(seen) == BOATS.rate * BOATS.length_s
    assert np.abs(seen[0] - seen[-1]).mean() < 3 * steps.mean() + 1
    assert steps.max() < 5
    assert path.stat().st_size < LARGEST_BYTES


@pytest.mark.slow
def test_all_are_made_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is made by another process; without ffmpeg it is all but the film, and that is told."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "nice").symlink_to("/usr/bin/nice")
    monkeypatch.setenv("PATH", str(tools))
    (problem,) = gather_pictures(tmp_path / "demo").problems
    assert "ffmpeg" in problem.reason
    assert path_of(DAWN, tmp_path / "demo").exists()
    assert not path_of(BOATS, tmp_path / "demo").exists()
