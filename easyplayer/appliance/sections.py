"""The sections of the technician's file that no other settings file has: the box's network and its time."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

HOST = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
"""One part of the name of a host."""
MAC = r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}"
"""The hardware address of a network adapter."""


def _about(text: str, **limits: Any) -> Meta:
    return Meta(description=text, **limits)


class NetworkSettings(Struct, frozen=True, kw_only=True):
    """``[network]``: the box in the venue's network; without it, it asks by DHCP on every cable."""

    hostname: Annotated[
        str, _about("what the machine is called there; empty is easyplayer", pattern=rf"^({HOST})?$")
    ] = ""
    interface: Annotated[
        str,
        _about(
            "the adapter that this is about, by its name, such as enp1s0, or by its hardware address; "
            "empty is every one that has a cable",
            pattern=rf"^$|^{MAC}$|^[A-Za-z][A-Za-z0-9_.-]{{0,14}}$",
        ),
    ] = ""
    address: Annotated[
        tuple[str, ...],
        _about(
            "fixed address with the length of the network's part, such as 192.168.1.20/24; empty asks by DHCP"
        ),
    ] = ()
    gateway: Annotated[tuple[str, ...], _about("the way out of that network, such as 192.168.1.1")] = ()
    dns: Annotated[tuple[str, ...], _about("name servers; empty takes those of DHCP")] = ()
    domains: Annotated[tuple[str, ...], _about("domains in which short names are looked for")] = ()
    proxy: Annotated[
        str,
        _about(
            "HTTP proxy on the way out, such as http://name:password@proxy.example:3128; empty is none",
            pattern=r"^$|^https?://[^\s\"'\\`$]+$",
        ),
    ] = ""
    no_proxy: Annotated[tuple[str, ...], _about("hosts and domains that are reached without it")] = ()


class TimeSettings(Struct, frozen=True, kw_only=True):
    """``[time]``: where the box gets the time of day from."""

    servers: Annotated[
        tuple[str, ...], _about("time servers of the venue (NTP), beside those that the box knows")
    ] = ()
    zone: Annotated[
        str, _about("time zone of the machine, such as Europe/Paris; empty is UTC; a program has its own")
    ] = ""


OWN: Mapping[str, type[Struct]] = {"network": NetworkSettings, "time": TimeSettings}
"""Sections that only the technician's file has."""
