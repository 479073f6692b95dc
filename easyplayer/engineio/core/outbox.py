"""What waits for one client, and no more of it than the options allow."""

from collections import deque

from easyplayer.engineio.core.options import Options, SlowClient
from easyplayer.engineio.core.packets import Packet, PacketType


class Outbox:
    """Packets that wait, in their order.

    Only messages count against the bounds: the engine's own packets are few and short.

    :ivar bytes: how many bytes of messages wait.
    :ivar messages: how many.
    """

    __slots__ = ("_packets", "bytes", "messages")

    def __init__(self) -> None:
        self._packets: deque[Packet] = deque()
        self.bytes = 0
        self.messages = 0

    def __len__(self) -> int:
        return len(self._packets)

    def add(self, packet: Packet) -> None:
        """Let a packet wait."""
        self._packets.append(packet)
        if packet.type is PacketType.MESSAGE:
            self.bytes += packet.size
            self.messages += 1

    def room_for(self, packet: Packet, options: Options) -> bool:
        """Tell whether a message may wait too. Alone it may be of any length."""
        return not self.messages or (
            self.messages < options.queue_packets and self.bytes + packet.size <= options.queue_bytes
        )

    def offer(self, packet: Packet, options: Options) -> int | None:
        """Let a message wait, or do what the options want where there is no room.

        :returns: how many messages were thrown away for it, itself among them; None if the client is to go.
        """
        if self.room_for(packet, options):
            self.add(packet)
            return 0
        if options.slow_client is SlowClient.CLOSE:
            return None
        if options.slow_client is SlowClient.DROP_NEWEST:
            return 1
        dropped = 0
        while not self.room_for(packet, options):
            self._drop_oldest()
            dropped += 1
        self.add(packet)
        return dropped

    def take(self) -> list[Packet]:
        """Take all that waits."""
        packets = list(self._packets)
        self._packets.clear()
        self.bytes = 0
        self.messages = 0
        return packets

    def _drop_oldest(self) -> None:
        """Throw the oldest message away; what is not a message stays in its place."""
        for at, packet in enumerate(self._packets):
            if packet.type is PacketType.MESSAGE:
                del self._packets[at]
                self.bytes -= packet.size
                self.messages -= 1
                return
