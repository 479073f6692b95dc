"""What ``easyplayer doctor`` looks at where the whole machine is the box: an appliance."""

import platform
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from easyplayer.cli.machine_notes import DATA, data_trouble, setup_report
from easyplayer.drivers.network_view import adapters
from easyplayer.settings import Settings

LOWER = "/run/easyplayer-root/lower"
"""Where the initrd has mounted the image that the machine started from."""
MOUNTS = Path("/proc/self/mountinfo")
BLOCK = Path("/sys/class/block")
HUB_MAY_TAKE_S = 5.0
PORTS = {"https": 443, "http": 80}
GOOD, DOUBTFUL, BAD = "good", "doubtful", "bad"


class Look(NamedTuple):
    """What was found in one place: how it is, and what to do about it."""

    place: str
    health: str
    what: str
    advice: str = ""


def look_at_machine() -> Iterator[Look]:
    """Look at what only an appliance has; nothing where this is none."""
    image, version = _image()
    if not image:
        return
    slot = _slot()
    yield Look("image", GOOD, f"{image}, version {version}{f', from {slot}' if slot else ''}")
    lost = data_trouble()
    if lost:
        yield Look("data", BAD, f"nothing is kept over a restart: {lost}", "replace the disk or card")
    else:
        yield Look("data", GOOD, f"{DATA}: {shutil.disk_usage(DATA).free // 2**20} MB free")
    report = setup_report()
    for problem in report.problems:
        yield Look("given", BAD, problem, "correct easyplayer.toml, and restart the box")
    for note in report.notes:
        yield Look("given", DOUBTFUL, note, "look whether it is meant so")
    if report.source or not report.problems:
        yield Look("given", GOOD, f"in force is what came from {report.source or 'nobody'}")
    yield from _cables()


def look_for_hub(wanted: Settings) -> Iterator[Look]:
    """Look whether there is a way to the hub; by the proxy, where there is one."""
    way = wanted.hub.proxy or wanted.hub.url
    if not way:
        return
    url = urlsplit(way)
    host, port = url.hostname or "", url.port or PORTS.get(url.scheme, 80)
    what = "proxy to the hub" if wanted.hub.proxy else "hub"
    try:
        socket.create_connection((host, port), HUB_MAY_TAKE_S).close()
    except OSError as error:
        trouble = f"{what} {host}:{port} cannot be reached ({error.strerror or error})"
        yield Look("hub", BAD, trouble, "check cable, address, name servers and firewall; the music plays on")
    else:
        yield Look("hub", GOOD, f"{what} {host}:{port} answers; easyplayer test asks it more")


def _image() -> tuple[str, str]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "", ""
    name = release.get("IMAGE_ID", "")
    return name if name.startswith("easyplayer") else "", release.get("IMAGE_VERSION", "unknown")


def _slot() -> str:
    """Name the partition that the machine started from."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
        device = next(one[one.index("-") + 2] for one in mounts if one[4] == LOWER)
        told = (BLOCK / Path(device).name / "uevent").read_text(encoding="utf-8").splitlines()
    except (OSError, StopIteration, ValueError, IndexError):
        return ""
    return next((line.partition("=")[2] for line in told if line.startswith("PARTNAME=")), "")


def _cables() -> Iterator[Look]:
    found = adapters()
    if not found:
        yield Look("cable", BAD, "there is no network adapter", "none is known to this image")
    for one in found:
        if one.addresses:
            yield Look("cable", GOOD, f"{one.name} has {', '.join(one.addresses)}")
        elif one.carrier:
            advice = "give a fixed address in easyplayer.toml, or look for the DHCP server"
            yield Look("cable", BAD, f"{one.name} has a cable and no address", advice)
        else:
            yield Look("cable", DOUBTFUL, f"{one.name} has no cable", "plug one in, or leave it")
