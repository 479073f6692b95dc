"""Displays that only write down whether they are awake."""

from collections.abc import Sequence

from easyplayer.drivers.screen import Output
from easyplayer.errors import DeviceError


class FakePanel:
    """The contract :class:`~easyplayer.drivers.panel.Panel`, kept by nobody.

    :ivar told: what it was told, in order.
    :ivar awake: whether it is.
    :ivar trouble: why it does not answer; empty while it does.
    """

    def __init__(self, name: str = "display") -> None:
        self.name = name
        self.told: list[str] = []
        self.awake = True
        self.trouble = ""

    def wake(self) -> None:
        """Be awake."""
        self._turn("wake", awake=True)

    def rest(self) -> None:
        """Sleep."""
        self._turn("rest", awake=False)

    def _turn(self, word: str, *, awake: bool) -> None:
        self.told.append(word)
        if self.trouble:
            raise DeviceError(self.trouble)
        self.awake = awake


class FakePanels:
    """Gives one display to each output.

    :ivar at: the display by its output's name.
    """

    def __init__(self) -> None:
        self.at: dict[str, FakePanel] = {}

    def find(self, outputs: Sequence[Output]) -> tuple[FakePanel, ...]:
        """Give the displays at some outputs."""
        return tuple(self.at.setdefault(one.name, FakePanel(one.name)) for one in outputs)
