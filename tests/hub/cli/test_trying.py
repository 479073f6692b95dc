"""``easyplayer-hub try``, as far as it needs no other process: ports, and what is told beforehand."""

import socket
from pathlib import Path

import pytest

from easyplayer.hub.cli import trying
from easyplayer.hub.cli.trying import HOST, is_free, port_for, tell_legend
from easyplayer.hub.state_directory import HubState


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the state directory of a hub; the usual port is one that is free on any machine."""
    with socket.create_server((HOST, 0)) as free:
        monkeypatch.setattr(trying, "USUAL_PORT", free.getsockname()[1])
    return tmp_path


def test_the_first_time_it_is_the_usual_port(home: Path) -> None:
    """Where nobody has it."""
    assert port_for(home) == trying.USUAL_PORT


def test_a_port_that_is_taken_gives_way_to_a_free_one(home: Path) -> None:
    """Two of them can run on one machine."""
    with socket.create_server((HOST, trying.USUAL_PORT)):
        port = port_for(home)
        assert port != trying.USUAL_PORT
        assert is_free(port)
        assert not is_free(trying.USUAL_PORT)


def test_the_next_time_it_is_the_port_of_before(home: Path) -> None:
    """There the box looks for the hub that it is paired with."""
    with socket.create_server((HOST, 0)) as before:
        port = before.getsockname()[1]
    HubState(home).keep_place(f"http://{HOST}:{port}")
    assert port_for(home) == port


def test_where_everything_is_is_told_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With paths as short as they can be."""
    monkeypatch.chdir(tmp_path)
    tell_legend("http://127.0.0.1:8080", tmp_path / "state" / "hub", tmp_path / "state")
    told = capsys.readouterr().out
    assert "http://127.0.0.1:8080, its log in state/hub/hub.log" in told
    assert "easyplayer-hub box list --state state/hub" in told
