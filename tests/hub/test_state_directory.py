"""The hub's state directory is held by one hub, and its secrets are for nobody else's eyes."""

import stat
from pathlib import Path

import msgspec
import pytest

from easyplayer.errors import ConflictError, StateError
from easyplayer.hub.state_directory import HubPlace, HubState


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "some" / "where"


def mode(path: Path) -> int:
    """Tell who may read and write a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_for_its_owner_only(path: Path) -> None:
    """The keys of all boxes lie in it."""
    HubState(path).hold()
    assert mode(path) == 0o700


def test_a_second_hub_is_refused_until_the_first_has_ended(path: Path) -> None:
    """In words that say which directory it is."""
    first, second = HubState(path), HubState(path)
    first.hold()
    with pytest.raises(ConflictError, match=str(path)):
        second.hold()
    first.release()
    second.hold()


def test_one_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """With the way out."""
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="--state"):
        HubState(tmp_path / "file" / "below").hold()


def test_the_token_is_for_its_owner_only_and_whole(path: Path) -> None:
    """Also where an older one, open to all, was there."""
    state = HubState(path)
    state.hold()
    (path / "admin.token").write_text("old")
    (path / "admin.token").chmod(0o644)
    kept = state.keep_token("secret")
    assert (kept.read_text(), mode(kept)) == ("secret\n", 0o600)
    assert sorted(file.name for file in path.iterdir()) == ["admin.token", "hub.lock"]


def test_the_command_line_finds_the_hub(path: Path) -> None:
    """By one line of JSON."""
    state = HubState(path)
    state.hold()
    state.keep_place("http://127.0.0.1:8080")
    place = msgspec.json.decode((path / "hub.json").read_bytes(), type=HubPlace)
    assert place.url == "http://127.0.0.1:8080"


def test_a_full_disk_is_told(path: Path) -> None:
    """Not as a traceback."""
    path.mkdir(parents=True)
    (path / "hub.json.new").mkdir()
    with pytest.raises(StateError, match=r"hub\.json.*space"):
        HubState(path).keep_place("http://127.0.0.1:8080")
