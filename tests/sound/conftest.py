"""A venue to listen in: a sound server, an ear at it, and music to play."""

from collections.abc import Iterator

import pytest

from tests.sound.broken import Broken
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer


@pytest.fixture(scope="session")
def signals(tmp_path_factory: pytest.TempPathFactory) -> Signals:
    """Test music, each file made once for all tests."""
    return Signals(tmp_path_factory.mktemp("signals"))


@pytest.fixture(scope="session")
def broken(signals: Signals) -> Broken:
    """Files that a player must survive."""
    return Broken(signals)


@pytest.fixture
def sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """Start a private sound server, found by players in this process and by its children."""
    with SoundServer() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def ear(sound_server: SoundServer) -> Iterator[Recorder]:
    """Hand out a recorder that already listens at the sound server's sink."""
    with Recorder(sound_server.env) as recorder:
        yield recorder
