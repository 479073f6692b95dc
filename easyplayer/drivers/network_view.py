"""The machine's network adapters, as whoever stands before it wants to know them."""

import socket
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import psutil

ADAPTERS = Path("/sys/class/net")
IP_FAMILIES = {socket.AF_INET, socket.AF_INET6}


class AdapterSeen(NamedTuple):
    """One network adapter: whether a cable leads somewhere, and its addresses in the network it is in."""

    name: str
    carrier: bool
    addresses: tuple[str, ...]


def adapters(folder: Path = ADAPTERS) -> tuple[AdapterSeen, ...]:
    """Look at the adapters that are hardware, in the order of their names."""
    try:
        names = sorted(one.name for one in folder.iterdir() if (one / "device").exists())
    except OSError:
        return ()
    known = psutil.net_if_addrs()
    return tuple(
        AdapterSeen(
            name,
            _carrier(folder / name),
            tuple(
                text
                for one in known.get(name, ())
                if one.family in IP_FAMILIES
                for text in [one.address.partition("%")[0]]
                if not ip_address(text).is_link_local
            ),
        )
        for name in names
    )


def _carrier(adapter: Path) -> bool:
    try:
        return (adapter / "carrier").read_text(encoding="ascii").strip() == "1"
    except OSError:  # an adapter that is turned off does not tell
        return False
