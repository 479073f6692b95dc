"""The machine that the box runs on: how it is, and by what it can be told from another one."""

import os
import platform
import socket
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import psutil

from easyplayer.protocol.heartbeat import Machine

SERIALS = (
    "sys/class/dmi/id/product_uuid",
    "sys/class/dmi/id/product_serial",
    "sys/firmware/devicetree/base/serial-number",
)
"""Where the hardware says which one it is; the first two only to root."""
NETWORK = "sys/class/net"
PERMANENT = "0"
"""What stands for an address that the hardware has by itself, and nobody has drawn or set."""
MACHINE_ID = "etc/machine-id"
MOST_ADDRESSES = 16
IP_FAMILIES = {socket.AF_INET, socket.AF_INET6}


class Host:
    """The machine.

    :param root: where its files are.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._process = psutil.Process()
        psutil.cpu_percent()  # from here on it is measured since the question before

    def measure(self) -> Machine:
        """Tell how the machine is; a few milliseconds, which slow sensors may draw out."""
        memory = psutil.virtual_memory()
        return Machine(
            name=name(),
            system=_system(),
            cpu_percent=psutil.cpu_percent(),
            load=os.getloadavg()[0],
            memory_bytes=self._process.memory_info().rss,
            memory_free_bytes=memory.available,
            memory_total_bytes=memory.total,
            temperature_c=_temperature(),
            addresses=_addresses(),
        )

    def fingerprint(self) -> str:
        """Name the machine, as a digest in hexadecimal, by what its hardware says of itself.

        A box whose disk was copied to another machine has another one there.  What can be pulled out, such
        as a network adapter on USB, does not count.  Where the hardware says nothing, the system's own id
        does, which a copy of the disk shares.
        """
        marks = [*self._serials(), *self._built_in_adapters()] or [self._read(MACHINE_ID)]
        return sha256("\n".join(marks).encode()).hexdigest()

    def _serials(self) -> list[str]:
        return [text for text in map(self._read, SERIALS) if text]

    def _built_in_adapters(self) -> list[str]:
        """Give the addresses of the network adapters that belong to the machine, in their order."""
        try:
            found = sorted((self._root / NETWORK).iterdir())
        except OSError:
            return []
        return sorted(
            self._read(f"{NETWORK}/{adapter.name}/address") for adapter in found if self._is_built_in(adapter)
        )

    def _is_built_in(self, adapter: Path) -> bool:
        device = adapter / "device"
        if not device.exists() or self._read(f"{NETWORK}/{adapter.name}/addr_assign_type") != PERMANENT:
            return False
        return not any(part.startswith("usb") for part in device.resolve().parts)

    def _read(self, file: str) -> str:
        try:
            return (self._root / file).read_text(encoding="ascii", errors="replace").strip().strip("\0")
        except OSError:
            return ""


def name() -> str:
    """Tell what the machine calls itself."""
    return platform.node() or "box"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


def _temperature() -> float | None:
    """Give the temperature of the hottest sensor."""
    sensors = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    return max((one.current for sensor in sensors.values() for one in sensor), default=None)


def _addresses() -> tuple[str, ...]:
    """Give the addresses by which the machine can be found in its network."""
    known = (
        one.address.partition("%")[0]
        for adapter in psutil.net_if_addrs().values()
        for one in adapter
        if one.family in IP_FAMILIES
    )
    found = {text for text in known if not (ip_address(text).is_loopback or ip_address(text).is_link_local)}
    return tuple(sorted(found)[:MOST_ADDRESSES])
