"""Says in the log what is refused: each kind once an hour for each address.

It has its own logger, so that it can be turned down alone: whoever faces the internet is knocked at all day.
"""

import logging

from easyplayer.engineio.core.refusals import Refusal

logger = logging.getLogger(__name__)

MOST_ADDRESSES = 1024
"""So many are remembered; the one that was refused longest ago is forgotten first."""
REMEMBERED_S = 3600.0
"""How long it is remembered what was said of an address."""


class RefusalLog:
    """Remembers what was said of whom."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, set[Refusal]]] = {}

    def note(self, refusal: Refusal, address: str, now: float) -> bool:
        """Log a refusal, unless that was said of this address before; tells whether it was logged.

        :param now: monotonic seconds.
        """
        since, kinds = self._said.pop(address, (now, set()))
        if now - since >= REMEMBERED_S:
            since, kinds = now, set()
        is_new = refusal not in kinds
        kinds.add(refusal)
        self._said[address] = since, kinds
        if len(self._said) > MOST_ADDRESSES:
            del self._said[next(iter(self._said))]
        if is_new:
            logger.warning("%s: refused, %s", address or "somebody", refusal.replace("_", " "))
        return is_new
