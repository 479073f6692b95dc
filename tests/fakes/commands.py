"""Commands as a hub would give them."""

import itertools
from typing import Any

from easyplayer.protocol.commands import Command, Name
from easyplayer.units import Instant

BOX = "b" * 16
ISSUED = Instant(1_800_000_000.0)


class Hub:
    """Numbers commands.

    :ivar box: for whom they are.
    """

    def __init__(self, box: str = BOX) -> None:
        self.box = box
        self._numbers = itertools.count(1)

    def command(self, name: Name | str, *, issued: float = ISSUED, **args: Any) -> Command:
        """Give the next command."""
        number = next(self._numbers)
        return Command(
            id=f"command-{number}",
            box=self.box,
            number=number,
            name=str(name),
            args=args,
            issued=Instant(issued),
            expires=Instant(issued + 600),
        )
