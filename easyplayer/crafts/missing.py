"""Commands that no box of this software can carry out yet: they are answered, and say why."""

from typing import ClassVar

from easyplayer.crafts.craft import Craft
from easyplayer.crafts.ending import Ending, unavailable
from easyplayer.protocol.arguments import Arguments


class _Missing(Craft[Arguments]):
    """One that is refused.

    :cvar why: in words.
    """

    why: ClassVar[str]

    def at_once(self) -> Ending | None:
        """Say why."""
        return unavailable(self.why)


class Update(_Missing):
    """``update``: whoever installed it has to."""

    why: ClassVar[str] = "its software is kept by whoever has installed it"
