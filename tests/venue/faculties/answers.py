"""What a venue's network answers by itself: names (DNS, RFC 1035) and the time (NTP, RFC 5905). Pure."""

import struct
from collections.abc import Mapping
from ipaddress import IPv4Address

DNS_PORT = 53
NTP_PORT = 123
DNS_HEADER_BYTES = 12
ANSWER_FLAGS = 0x8180
NO_SUCH_NAME = 3
TYPE_A = 1
CLASS_IN = 1
TIME_TO_LIVE_S = 5
NTP_BYTES = 48
NTP_SERVER = 0b00_100_100
"""No leap second, version 4, a server."""

NTP_STRATUM = 2
NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 to 1970."""


def answer_name(question: bytes, names: Mapping[str, IPv4Address], any_name: IPv4Address | None) -> bytes:
    """Answer a question for a name; empty where it is none.

    :param names: the names that are known; ``*.example`` stands for all names in ``example``.
    :param any_name: the address of all other names; None: there are none.
    """
    name, end = _asked(question)
    if not name:
        return b""
    (kind,) = struct.unpack_from("!H", question, end)
    address = names.get(name) or _of_its_zones(name, names) or any_name
    flags = ANSWER_FLAGS | (0 if address else NO_SUCH_NAME)
    found = address.packed if address and kind == TYPE_A else b""
    head = question[:2] + struct.pack("!HHHHH", flags, 1, 1 if found else 0, 0, 0)
    answer = head + question[DNS_HEADER_BYTES : end + 4]
    if found:
        answer += (
            struct.pack("!HHHIH", 0xC000 | DNS_HEADER_BYTES, TYPE_A, CLASS_IN, TIME_TO_LIVE_S, 4) + found
        )
    return answer


def _of_its_zones(name: str, names: Mapping[str, IPv4Address]) -> IPv4Address | None:
    zones = [part for at, letter in enumerate(name) if letter == "." and (part := f"*{name[at:]}") in names]
    return names[zones[0]] if zones else None


def _asked(question: bytes) -> tuple[str, int]:
    """Give the name that is asked for, and where its type stands; an empty one where it cannot be read."""
    at, labels = DNS_HEADER_BYTES, []
    while at < len(question) and (length := question[at]):
        labels.append(question[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    whole = labels and at + 5 <= len(question)
    return (".".join(labels).lower(), at + 1) if whole else ("", 0)


def answer_time(question: bytes, now_s: float) -> bytes:
    """Answer a question for the time; empty where it is none.

    :param now_s: what the time is said to be, in seconds since 1970.
    """
    if len(question) < NTP_BYTES:
        return b""
    seconds, part = divmod(now_s + NTP_EPOCH_S, 1)
    now = struct.pack("!II", int(seconds) & 0xFFFFFFFF, int(part * 2**32))
    head = struct.pack("!BBbbII4s", NTP_SERVER, NTP_STRATUM, 6, -20, 0, 1 << 10, b"\x7f\0\0\1")
    return head + now + question[40:48] + now + now
