"""Where a request comes from, and which hub it was meant for."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
FORWARDED = "x-forwarded-for"
SITE_BITS = 64
"""What one household has of the IPv6 addresses: it can choose the rest at will."""


def networks(trusted: Iterable[str]) -> tuple[Network, ...]:
    """Read the addresses of proxies; each may be a network, such as ``10.0.0.0/8``.

    :raises ValueError: one is none.
    """
    return tuple(ip_network(one, strict=False) for one in trusted)


def address_of(scope: Mapping[str, Any], headers: Mapping[str, str], trusted: tuple[Network, ...]) -> str:
    """Tell who has sent a request: the nearest address that is no trusted proxy's.

    What a stranger writes into ``X-Forwarded-For`` is not believed, because only proxies that are trusted
    have written what stands to the right of it.
    """
    peer = peer_of(scope)
    for claimed in reversed(headers.get(FORWARDED, "").split(",")):
        if not _is_within(peer, trusted):
            break
        if not _is_address(claimed.strip()):
            break
        peer = claimed.strip()
    return peer


def peer_of(scope: Mapping[str, Any]) -> str:
    """Tell who has opened the connection."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_local(scope: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Tell whether a request comes from this machine, and from no proxy on it."""
    peer = peer_of(scope)
    forwarded = any(name in headers for name in (FORWARDED, "forwarded", "via"))
    return _is_address(peer) and ip_address(peer).is_loopback and not forwarded


def site_of(address: str) -> str:
    """Tell what to count as one sender: an IPv4 address, or the network of an IPv6 one.

    >>> site_of("192.0.2.7"), site_of("2001:db8:1:2:3::4")
    ('192.0.2.7', '2001:db8:1:2::/64')
    """
    if not _is_address(address) or ip_address(address).version == 4:  # noqa: PLR2004 - of the protocol
        return address
    return str(ip_network(f"{address.partition('%')[0]}/{SITE_BITS}", strict=False))


def _is_within(address: str, trusted: tuple[Network, ...]) -> bool:
    if not _is_address(address):
        return False
    parsed = ip_address(address)
    return any(parsed in network for network in trusted if network.version == parsed.version)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
