"""Ethernet frames as they pass between a machine and its network: read, answered and sent elsewhere. Pure.

Only what a venue needs of IPv4 (RFC 791), UDP (RFC 768) and TCP (RFC 9293): no options of IP are made, and no
fragments are read.
"""

import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from ipaddress import IPv4Address

ETHERNET = struct.Struct("!6s6sH")
IP = struct.Struct("!BBHHHBBH4s4s")
PORTS = struct.Struct("!HH")
UDP_HEADER_BYTES = 8
TCP_CHECKSUM_AT = 16
UDP_CHECKSUM_AT = 6
IPV4 = 0x0800
IP_HEADER_WORDS = 0x45
HOPS = 64
FRAGMENT_MASK = 0x3FFF


class Protocol(IntEnum):
    """What IP carries."""

    TCP = 6
    UDP = 17


@dataclass(frozen=True)
class Packet:
    """A packet of TCP or UDP in its frame.

    :ivar body: what comes behind the two ports: the rest of the header, and the data.
    """

    to_mac: bytes
    from_mac: bytes
    protocol: Protocol
    source: IPv4Address
    target: IPv4Address
    source_port: int
    target_port: int
    body: bytes

    @property
    def data(self) -> bytes:
        """What a UDP packet carries."""
        return self.body[UDP_HEADER_BYTES - PORTS.size :]

    def frame(self) -> bytes:
        """Give its bytes, with checksums that fit."""
        carried = PORTS.pack(self.source_port, self.target_port) + self.body
        at = TCP_CHECKSUM_AT if self.protocol is Protocol.TCP else UDP_CHECKSUM_AT
        carried = carried[:at] + b"\0\0" + carried[at + 2 :]
        ends = self.source.packed + self.target.packed
        pseudo = ends + struct.pack("!HH", self.protocol, len(carried))
        carried = carried[:at] + checksum(pseudo + carried) + carried[at + 2 :]
        length = IP.size + len(carried)
        head = IP.pack(IP_HEADER_WORDS, 0, length, 0, 0, HOPS, self.protocol, 0, *self._packed_ends)
        head = head[:10] + checksum(head) + head[12:]
        return ETHERNET.pack(self.to_mac, self.from_mac, IPV4) + head + carried

    def answer(self, data: bytes) -> "Packet":
        """Make the packet (UDP) that answers this one."""
        return replace(
            self,
            to_mac=self.from_mac,
            from_mac=self.to_mac,
            source=self.target,
            target=self.source,
            source_port=self.target_port,
            target_port=self.source_port,
            body=struct.pack("!HH", UDP_HEADER_BYTES + len(data), 0) + data,
        )

    @property
    def _packed_ends(self) -> tuple[bytes, bytes]:
        return self.source.packed, self.target.packed


def read_packet(frame: bytes) -> Packet | None:
    """Read a frame; nothing where it is neither TCP nor UDP over IPv4, or not whole."""
    if len(frame) < ETHERNET.size + IP.size:
        return None
    to_mac, from_mac, kind = ETHERNET.unpack_from(frame)
    words, _, length, _, fragment, _, protocol, _, source, target = IP.unpack_from(frame, ETHERNET.size)
    begin, end = ETHERNET.size + (words & 15) * 4, ETHERNET.size + length
    strange = kind != IPV4 or words >> 4 != IP_HEADER_WORDS >> 4 or fragment & FRAGMENT_MASK
    if strange or protocol not in set(Protocol) or not begin + UDP_HEADER_BYTES <= end <= len(frame):
        return None
    source_port, target_port = PORTS.unpack_from(frame, begin)
    return Packet(
        to_mac,
        from_mac,
        Protocol(protocol),
        IPv4Address(source),
        IPv4Address(target),
        source_port,
        target_port,
        frame[begin + PORTS.size : end],
    )


def checksum(data: bytes) -> bytes:
    """Give the checksum of the internet's protocols (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", total ^ 0xFFFF)
