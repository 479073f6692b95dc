"""The contract of a panel: the display itself, or the television, which can sleep and be woken.

That is another thing than a picture: a player that shows black keeps the lamp behind it burning.
"""

from typing import Protocol


class Panel(Protocol):
    """One way to a display, or to all displays of one kind.

    Its methods may block for some seconds, so they are called on a thread that has nothing else to do.  Both
    may be called again and again, in any order.

    :ivar name: what the log calls it.
    """

    name: str

    def wake(self) -> None:
        """Have the display show what comes.

        :raises DeviceError: it does not answer, in words.
        """

    def rest(self) -> None:
        """Have the display go dark, and save power.

        :raises DeviceError: it does not answer, in words.
        """
