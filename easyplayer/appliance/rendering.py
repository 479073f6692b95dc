"""From what a technician gave to the files that the machine's services read."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_interface
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct

from easyplayer.appliance.given import GIVEN, Given
from easyplayer.appliance.sections import MAC, NetworkSettings
from easyplayer.appliance.toml_text import write_toml

SETTINGS = "etc/easyplayer/settings.toml"
NETWORK = "run/systemd/network/10-venue.network"
TIME_SERVERS = "etc/chrony/sources.d/venue.sources"
ENVIRONMENT = "run/easyplayer-setup/environment"
HOSTNAME = "etc/hostname"
HOSTS = "etc/hosts"
LOCALTIME = "etc/localtime"
PLACES = (SETTINGS, NETWORK, TIME_SERVERS, ENVIRONMENT, HOSTNAME, HOSTS, LOCALTIME)
"""All that is ever written, besides the files in :data:`easyplayer.appliance.given.GIVEN`."""
ZONES = PurePosixPath("/usr/share/zoneinfo")
NAME = "easyplayer"
"""What the machine is called where nobody gave it a name."""

PUBLIC, OF_THE_BOX = 0o644, 0o640
HEADING = "# Made from the technician's easyplayer.toml: what is changed here is lost at the next start.\n"


class Rendered(Struct, frozen=True, kw_only=True):
    """One file, or link, to be written.

    :ivar path: where, below the root.
    :ivar mode: who may read it; what not all may read is the box's group's.
    :ivar link: where it leads, if it is a link.
    """

    path: str
    data: bytes = b""
    mode: int = PUBLIC
    link: str = ""


def render(given: Given) -> tuple[Rendered, ...]:
    """Put all that was given into the files that it belongs in."""
    return tuple(_files(given))


def _files(given: Given) -> Iterator[Rendered]:
    yield _text(SETTINGS, write_toml(given.box), OF_THE_BOX)
    for name, data in sorted(given.files.items()):
        yield Rendered(path=str(GIVEN / name).lstrip("/"), data=data, mode=OF_THE_BOX)
    network = given.network
    if network.interface or network.address or network.dns or network.domains:
        yield _text(NETWORK, network_unit(network))
    if given.time.servers:
        yield _text(TIME_SERVERS, "".join(f"server {one} iburst\n" for one in given.time.servers))
    yield _text(ENVIRONMENT, environment(network) + output_volume(given.box), OF_THE_BOX)
    name = network.hostname or NAME
    yield Rendered(path=HOSTNAME, data=f"{name}\n".encode())
    yield _text(HOSTS, f"127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 {name}\n")
    yield Rendered(path=LOCALTIME, link=str(ZONES / (given.time.zone or "UTC")))


def _text(path: str, text: str, mode: int = PUBLIC) -> Rendered:
    return Rendered(path=path, data=f"{HEADING}{text}".encode(), mode=mode)


def network_unit(network: NetworkSettings) -> str:
    r"""Write a network as systemd-networkd wants it, which knows no masks such as 255.255.255.0.

    >>> print(network_unit(NetworkSettings(address=("10.0.0.2/24",), gateway=("10.0.0.1",))))
    [Match]
    Type=ether
    Kind=!*
    <BLANKLINE>
    [Link]
    RequiredForOnline=no
    <BLANKLINE>
    [Network]
    DHCP=no
    LLMNR=no
    MulticastDNS=no
    Address=10.0.0.2/24
    Gateway=10.0.0.1
    <BLANKLINE>
    """
    if not network.interface:
        match = ["Type=ether", "Kind=!*"]
    elif re.fullmatch(MAC, network.interface):
        match = [f"PermanentMACAddress={network.interface.replace('-', ':').lower()}"]
    else:
        match = [f"Name={network.interface}"]
    lines = [f"DHCP={'no' if network.address else 'yes'}", "LLMNR=no", "MulticastDNS=no"]
    for key, values in (
        ("Address", tuple(ip_interface(one).with_prefixlen for one in network.address)),
        ("Gateway", network.gateway),
        ("DNS", network.dns),
        ("Domains", network.domains),
    ):
        lines.extend(f"{key}={value}" for value in values)
    sections = [("Match", match), ("Link", ["RequiredForOnline=no"]), ("Network", lines)]
    if not network.address:
        sections.append(("DHCPv4", ["ClientIdentifier=mac", "UseHostname=no", "UseNTP=yes", "UseMTU=yes"]))
    if network.dns:
        sections.extend((name, ["UseDNS=no"]) for name in ("DHCPv4", "DHCPv6", "IPv6AcceptRA"))
    return "\n".join(f"[{name}]\n" + "".join(f"{line}\n" for line in content) for name, content in sections)


def output_volume(box: Mapping[str, Mapping[str, Any]]) -> str:
    r"""Overrule what the box's unit says of the output's own volume, where the technician says otherwise.

    >>> output_volume({"sound": {"sink_volume": 60}})
    'EASYPLAYER_SOUND__SINK_VOLUME=60\n'
    """
    volume = box.get("sound", {}).get("sink_volume")
    return "" if volume is None else f"EASYPLAYER_SOUND__SINK_VOLUME={int(volume)}\n"


def environment(network: NetworkSettings) -> str:
    r"""Write what the box's own process is told of the proxy, as systemd reads it.

    >>> environment(NetworkSettings(proxy="http://proxy.example:3128", no_proxy=("intra.example",)))
    'http_proxy="http://proxy.example:3128"\nhttps_proxy="http://proxy.example:3128"\nno_proxy="localhost,127.0.0.1,::1,intra.example"\n'
    """
    if not network.proxy:
        return ""
    without = ",".join(("localhost", "127.0.0.1", "::1", *network.no_proxy))
    values = {"http_proxy": network.proxy, "https_proxy": network.proxy, "no_proxy": without}
    return "".join(f'{name}="{value}"\n' for name, value in values.items())
