"""What the dispatcher needs of whatever carries the bytes.

Nothing here waits, and nothing raises: what cannot be written any more is dropped, and the driver tells the
dispatcher that the line is gone.
"""

from typing import Protocol

from easyplayer.engineio.core.http import Headers, Response
from easyplayer.engineio.core.packets import Packet

CLOSING_MAY_TAKE_S = 5.0
"""A client that does not read what was sent before the closing, or does not close in its turn, is cut off."""


class RequestWire(Protocol):
    """One HTTP request, as a driver has it."""

    def respond(self, response: Response) -> None:
        """Answer it; nothing comes after that."""


class SocketWire(Protocol):
    """One WebSocket, as a driver has it."""

    def accept_socket(self, headers: Headers) -> None:
        """Agree to the opening handshake, with these headers beside those of RFC 6455."""

    def refuse_socket(self, response: Response) -> None:
        """Answer the request that would have opened it; nothing comes after that."""

    def send(self, packet: Packet) -> None:
        """Send one message."""

    def close_socket(self, code: int, reason: str) -> None:
        """Close it behind what was sent, within :data:`CLOSING_MAY_TAKE_S`; nothing comes after that."""

    def hold(self) -> None:
        """Read no more messages for now: the application lags behind."""

    def go_on(self) -> None:
        """Read on."""
