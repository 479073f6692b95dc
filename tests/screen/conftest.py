"""A venue to look at: a display, and pictures to show."""

from collections.abc import Iterator

import pytest

from tests.screen.reel import Reel
from tests.screen.xvfb import Xvfb, why_not
from tests.sound.conftest import ear, signals, sound_server

__all__ = ["display", "ear", "reel", "signals", "sound_server"]


@pytest.fixture(scope="session")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Test pictures, each file made once for all tests."""
    return Reel(tmp_path_factory.mktemp("reel"))


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[Xvfb]:
    """Start a private display, found by players in this process and by its children."""
    if missing := why_not():
        pytest.skip(missing)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with Xvfb() as display:
        for name, value in display.env.items():
            monkeypatch.setenv(name, value)
        yield display
