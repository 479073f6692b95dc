"""The contract of a panel, kept by the fake one, by framebuffers, and by those that the system blanks for us.

An X desktop whose displays can sleep is nowhere on a machine for tests: what ``xset`` is told there is
tried in ``tests/drivers/test_x_panel.py``, a television in ``test_cec_panel.py``.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from easyplayer.drivers.drm_panel import DrmPanel
from easyplayer.drivers.panel import Panel
from easyplayer.errors import DeviceError
from tests.drivers.sysfs import lay
from tests.fakes.panel import FakePanel
from tests.systemd.hands import Hands

CARDS = ("fb0", "fb1")


class Room(Protocol):
    """A display.

    :ivar panel: the way to it.
    """

    panel: Panel

    @property
    def awake(self) -> bool:
        """Whether it is."""

    def break_it(self) -> None:
        """Have it not answer any more."""


class FakeRoom:
    """The fake panel."""

    def __init__(self) -> None:
        self._fake = FakePanel()
        self.panel: Panel = self._fake

    @property
    def awake(self) -> bool:
        return self._fake.awake

    def break_it(self) -> None:
        self._fake.trouble = "it does not answer"


class CardRoom:
    """Two graphics cards, as the kernel shows their framebuffers."""

    def __init__(self, folder: Path, hands: Path) -> None:
        self._sysfs = lay(folder, {f"class/graphics/{one}/blank": "0" for one in CARDS})
        self.panel: Panel = DrmPanel(folder, hands)

    @property
    def awake(self) -> bool:
        levels = {(self._sysfs / f"class/graphics/{one}/blank").read_text().strip() for one in CARDS}
        assert len(levels) == 1
        return levels == {"0"}

    def break_it(self) -> None:
        for one in CARDS:
            (self._sysfs / f"class/graphics/{one}/blank").unlink()


@pytest.fixture(name="room", params=["fake", "own rights", "system's hands"])
def _room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    with ExitStack() as rest:
        if request.param == "fake":
            yield FakeRoom()
        else:
            if request.param != "own rights":
                rest.enter_context(Hands(tmp_path, {"EASYPLAYER_SYSFS": str(tmp_path / "sys")}))
            yield CardRoom(tmp_path / "sys", tmp_path / "hands")


def test_it_rests_and_wakes(room: Room) -> None:
    """As often as it is told so, and whatever it was before."""
    seen = []
    for turn in (room.panel.wake, room.panel.rest, room.panel.rest, room.panel.wake):
        turn()
        seen.append(room.awake)

    assert seen == [True, False, False, True]


def test_it_says_what_is_wrong(room: Room) -> None:
    """In words, both ways."""
    room.break_it()

    for turn in (room.panel.wake, room.panel.rest):
        with pytest.raises(DeviceError, match=r"\w+ \w+"):
            turn()


def test_it_has_a_name(room: Room) -> None:
    """For the log."""
    assert room.panel.name


def test_framebuffer_that_may_not_be_turned_is_told(tmp_path: Path) -> None:
    """Such as by a box that is not root, and has nobody to ask."""
    room = CardRoom(tmp_path, tmp_path / "hands")
    (tmp_path / "class/graphics/fb0/blank").unlink()
    (tmp_path / "class/graphics/fb0/blank").mkdir()

    with pytest.raises(DeviceError, match=r"^fb0 cannot be turned off \(Is a directory\)$"):
        room.panel.rest()
