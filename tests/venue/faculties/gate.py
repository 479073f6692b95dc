"""The gate of a venue's network: what goes through, is answered at once, or goes to a login page. Pure.

A machine in a test reaches nothing but what the test opens: no other port of this host, and nothing beyond
it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from tests.venue.faculties.answers import DNS_PORT, NTP_PORT, answer_name, answer_time
from tests.venue.faculties.frames import Packet, Protocol, read_packet

HOST = IPv4Address("10.0.2.2")
"""This host, as a guest sees it: its loopback."""

DHCP_PORTS = {67, 68}
HTTPS_PORT = 443
ARP = 0x0806
ARP_AT = slice(12, 14)


@dataclass(frozen=True)
class Portal:
    """A login page that stands in the way of all.

    :ivar http_port: where it answers on this host's loopback.
    :ivar https_port: the same with TLS, and with a certificate of its own.
    """

    http_port: int
    https_port: int


@dataclass(frozen=True)
class Rules:
    """What the gate does.

    :ivar ports: ports (TCP) of this host that are open to the guest: what it sees, and what they really are.
    :ivar names: names that are known, and their addresses.
    :ivar time: what a time server says, in seconds since 1970; None: there is none.
    :ivar portal: the login page, while it stands in the way.
    """

    ports: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[str, IPv4Address] = field(default_factory=dict)
    time: Callable[[], float] | None = None
    portal: Portal | None = None


class Gate:
    """Decides about each frame.

    :ivar rules: what it decides by; they may change at any time.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._sent_elsewhere: dict[tuple[int, int], tuple[IPv4Address, int]] = {}

    def out(self, frame: bytes) -> tuple[bytes | None, bytes | None]:
        """Take a frame of the guest's; give what goes out, and what is answered at once."""
        packet = read_packet(frame)
        if packet is None:
            return (frame if frame[ARP_AT] == ARP.to_bytes(2) else None), None
        if packet.protocol is Protocol.UDP:
            return (frame, None) if packet.target_port in DHCP_PORTS else (None, self._answer(packet))
        return self._tcp_out(packet, frame), None

    def back(self, frame: bytes) -> bytes:
        """Take a frame for the guest; give what it gets."""
        packet = read_packet(frame)
        if packet is None or packet.protocol is not Protocol.TCP:
            return frame
        key = packet.target_port, packet.source_port
        if key not in self._sent_elsewhere:
            return frame
        source, port = self._sent_elsewhere[key]
        return replace(packet, source=source, source_port=port).frame()

    def _answer(self, packet: Packet) -> bytes | None:
        data = b""
        if packet.target_port == DNS_PORT:
            # A login page must be found by any name.
            data = answer_name(packet.data, self.rules.names, HOST if self.rules.portal else None)
        elif packet.target_port == NTP_PORT and self.rules.time and not self.rules.portal:
            data = answer_time(packet.data, self.rules.time())
        return packet.answer(data).frame() if data else None

    def _tcp_out(self, packet: Packet, frame: bytes) -> bytes | None:
        port = self._port_for(packet)
        if port is None:
            return None
        if (packet.target, packet.target_port) == (HOST, port):
            return frame
        self._sent_elsewhere[packet.source_port, port] = packet.target, packet.target_port
        return replace(packet, target=HOST, target_port=port).frame()

    def _port_for(self, packet: Packet) -> int | None:
        """Give the port of this host to which a connection really goes; None: nowhere."""
        if portal := self.rules.portal:
            return portal.https_port if packet.target_port == HTTPS_PORT else portal.http_port
        return self.rules.ports.get(packet.target_port) if packet.target == HOST else None
