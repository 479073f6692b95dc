"""The system's hands, of which a test decides whether they are there, and whether they do it."""

import threading

from easyplayer.circus.rescue import Hands
from easyplayer.errors import DeviceError


class FakeHands(Hands):
    """Note what they are asked for.

    :ivar reboots: how often they were asked to start the machine anew.
    :ivar were_asked: is set when they are.
    :ivar refusal: why they do not do it; empty where they do.
    :ivar failure: what goes wrong where they cannot even be asked.
    """

    def __init__(self, *, there: bool = True, refusal: str = "") -> None:
        self.reboots = 0
        self.were_asked = threading.Event()
        self.refusal = refusal
        self.failure: Exception | None = None
        self.there = there

    def are_there(self) -> bool:
        """Tell whether there is somebody to ask."""
        return self.there

    def reboot(self) -> None:
        """Start the machine anew, or refuse it."""
        self.reboots += 1
        self.were_asked.set()
        if self.refusal:
            raise DeviceError(self.refusal)
        if self.failure is not None:
            raise self.failure
