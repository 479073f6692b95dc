"""What cannot work in the addresses and names of a network, though each is well written."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface
from typing import TypeAlias

from easyplayer.appliance.sections import HOST, NetworkSettings, TimeSettings
from easyplayer.layers import meant

Interface: TypeAlias = IPv4Interface | IPv6Interface
ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(%[A-Za-z0-9_.-]+)?")
"""How an address may look: Python takes any text behind the ``%``."""
NO_ADDRESS = "{!r} is no address: write it as 192.168.1.1"


def network_trouble(network: NetworkSettings) -> Iterator[tuple[str, str]]:
    """Find what cannot work in a network, each with the setting it stands in."""
    own = [one for one in map(_interface, network.address) if one is not None]
    yield from (("address", words) for words in map(_address_trouble, network.address) if words)
    if network.gateway and not network.address:
        yield "gateway", "is for a fixed address: give address, too, or leave the gateway to DHCP"
    yield from (
        ("gateway", words) for words in (_gateway_trouble(one, own) for one in network.gateway) if words
    )
    for text in network.dns:
        if _plain(text) is None:
            yield "dns", NO_ADDRESS.format(text)
    for key, names in (("domains", network.domains), ("no_proxy", network.no_proxy)):
        yield from ((key, f"{text!r} is no name of a domain") for text in names if not is_named(text))


def _plain(text: str) -> IPv4Address | IPv6Address | None:
    if not ADDRESS.fullmatch(text):
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def _interface(text: str) -> Interface | None:
    if "%" in text:
        return None
    try:
        return ip_interface(text)
    except ValueError:
        return None


def _address_trouble(text: str) -> str:
    one = _interface(text)
    if one is None:
        return f"{text!r} is no address: write it as 192.168.1.20/24"
    if "/" not in text:
        return f"{text} says nothing of its network: write it as {text}/24, or what it is here"
    narrow = one.network.prefixlen < one.network.max_prefixlen - 1
    if narrow and one.ip in {one.network.network_address, one.network.broadcast_address}:
        return f"{one.ip} names all of the network {one.network}: choose another one in it"
    return ""


def _gateway_trouble(text: str, own: Sequence[Interface]) -> str:
    way_out = _plain(text)
    if way_out is None:
        return NO_ADDRESS.format(text)
    if any(way_out == one.ip for one in own):
        return f"{text} is the box's own address: write that of the router"
    if own and not way_out.is_link_local and not any(way_out in one.network for one in own):
        networks = " or ".join(str(one.network) for one in own)
        return f"{text} is not in {networks}: one of them is mistyped"
    return ""


def time_trouble(time: TimeSettings, zones: Callable[[], Collection[str]]) -> Iterator[tuple[str, str]]:
    """Find what cannot work in what is said about the time."""
    for text in time.servers:
        if not is_named(text):
            yield "servers", f"{text!r} is no name or address of a server: write it as ntp.example"
    if time.zone and time.zone not in zones():
        near = meant(time.zone, zones())
        yield "zone", f"there is no time zone {time.zone!r}{near if 'did you mean' in near else ''}"


def is_named(text: str) -> bool:
    """Tell whether a text is the name or the address of a host, or of a domain."""
    return _plain(text) is not None or bool(re.fullmatch(rf"\.?{HOST}(\.{HOST})*\.?(/\d+)?", text))
