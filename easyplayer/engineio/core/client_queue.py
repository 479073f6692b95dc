"""What a client has to send, and cannot yet."""

from typing import Final

from easyplayer.engineio.core.packets import Packet, payload_of

SEPARATOR_BYTES: Final = 1
"""Between two packets of a payload."""


class UnsentQueue:
    """Packets in their order; empty, it takes next to no memory.

    :ivar bytes: how much waits.
    """

    __slots__ = ("_packets", "bytes")

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, packet: Packet) -> None:
        """Have a packet wait."""
        self._packets.append(packet)
        self.bytes += packet.size

    def take_payload(self, most_bytes: int) -> bytes:
        """Take as many packets as a payload may have, but one at least."""
        length, count = len(self._packets[0].payload_part), 1
        for packet in self._packets[1:]:
            length += SEPARATOR_BYTES + len(packet.payload_part)
            if length > most_bytes:
                break
            count += 1
        return payload_of(self._take(count))

    def take_all(self) -> list[Packet]:
        """Take whatever waits."""
        return self._take(len(self._packets))

    def _take(self, count: int) -> list[Packet]:
        taken, self._packets = self._packets[:count], self._packets[count:]
        self.bytes -= sum(packet.size for packet in taken)
        return taken
