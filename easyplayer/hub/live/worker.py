"""Which of the hub's processes this one is."""

from pathlib import Path

from msgspec import Struct


class Worker(Struct, frozen=True, kw_only=True):
    """One of the processes that answer.

    :ivar number: 0, 1, 2, ...
    :ivar sockets: the folder where the workers reach one another; ``None`` where there is one only.
    """

    number: int = 0
    sockets: Path | None = None

    @property
    def name(self) -> str:
        """What begins the names of its sessions, such as ``w0``."""
        return f"w{self.number}"
