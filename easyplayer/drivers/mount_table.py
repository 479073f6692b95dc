"""What is mounted where, and which disks the system lives on."""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.block_device import BlockDevice, numbers_of

MOUNTS, FSTAB, SWAPS = "proc/self/mountinfo", "etc/fstab", "proc/swaps"
PLACES_FOR_STICKS = tuple(map(Path, ("/media", "/run/media", "/mnt")))
"""Where desktops and people mount what they plug in; what is mounted elsewhere belongs to the system."""
BY_MARK = {"UUID": "ID_FS_UUID", "LABEL": "ID_FS_LABEL", "PARTUUID": "ID_PART_ENTRY_UUID"}
"""How a line of fstab may name a device, and udev's name for the same."""
OURS = "easyplayer-"
"""How the names of all partitions of the appliance begin; udev has them as ``ID_PART_ENTRY_NAME``."""
OCTAL = re.compile(r"\\([0-7]{3})")


class Mount(Struct, frozen=True, kw_only=True):
    """Something that is mounted.

    :ivar number: of the device, such as ``8:17``; some file systems tell one of their own.
    :ivar source: its node, where it has one.
    :ivar point: the folder.
    """

    number: str
    source: str
    point: Path
    writable: bool


class Holders(Struct, frozen=True, kw_only=True):
    """Who uses a device, besides the box.

    :ivar system: whether the system, or the box, lives on its disk: then it is no stick, whatever it seems.
    :ivar mount: where somebody else has mounted it, such as a desktop.
    """

    system: bool
    mount: Mount | None


class MountTable:
    """The kernel's table of mounts, and the system's own lists of disks; read anew at each question.

    :param own: the folder below which the box itself mounts.
    :param kept: folders of the box; the disks that they are on are no sticks.
    :param root: where the machine's files are.
    """

    def __init__(self, own: Path, kept: Sequence[Path] = (), root: Path = Path("/")) -> None:
        self._own = own.resolve()
        self._kept = tuple(one.resolve() for one in kept)
        self._root = root

    @property
    def file(self) -> Path:
        """The kernel's table; a poll of it tells when it changes."""
        return self._root / MOUNTS

    def mounts(self) -> tuple[Mount, ...]:
        """Give everything that is mounted, the latest last."""
        return tuple(map(_mount, self._lines(MOUNTS)))

    def at(self, point: Path) -> Mount | None:
        """Tell what is mounted at a folder."""
        return next((one for one in reversed(self.mounts()) if one.point == point), None)

    def own_mounts(self) -> tuple[Mount, ...]:
        """Give what the box itself has mounted."""
        return tuple(one for one in self.mounts() if one.point.is_relative_to(self._own))

    def holders_of(self, device: BlockDevice) -> Holders:
        """Tell who uses a device besides the box: all of it as it is at one instant."""
        named = set(numbers_of(device.disk))
        nodes = {f"/dev/{name}" for name, _ in named}
        foreign = [one for one in self.mounts() if not one.point.is_relative_to(self._own)]
        has_system = (
            any(not self._is_for_sticks(one.point) for one in foreign if _is_of(one, named))
            or any(_real(line.split()[0]) in nodes for line in self._lines(SWAPS)[1:])
            or any(_names(source, device, nodes) for source in self._listed())
            or device.properties.get("ID_PART_ENTRY_NAME", "").startswith(OURS)
        )
        itself = {one for one in named if one[0] == device.path.name}
        return Holders(system=has_system, mount=next((one for one in foreign if _is_of(one, itself)), None))

    def _is_for_sticks(self, point: Path) -> bool:
        if any(folder.is_relative_to(point) for folder in self._kept):
            return False
        return any(point.is_relative_to(place) for place in PLACES_FOR_STICKS)

    def _listed(self) -> list[str]:
        """Give the devices that fstab names, in its words."""
        words = (line.split()[0] for line in self._lines(FSTAB))
        return [_plain(word) for word in words if not word.startswith("#")]

    def _lines(self, file: str) -> list[str]:
        try:
            text = (self._root / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()]


def _mount(line: str) -> Mount:
    """Read a line of mountinfo, as the kernel's ``proc`` documentation describes it."""
    front, _, back = line.partition(" - ")
    _, _, number, _, point, options, *_ = front.split()
    _, source, own_options = back.split(" ", 2)
    return Mount(
        number=number,
        source=_plain(source),
        point=Path(_plain(point)),
        writable="rw" in options.split(",") and "rw" in own_options.split(","),
    )


def _is_of(mount: Mount, named: set[tuple[str, str]]) -> bool:
    numbers = {number for _, number in named}
    nodes = {f"/dev/{name}" for name, _ in named}
    return mount.number in numbers or (mount.source.startswith("/dev/") and _real(mount.source) in nodes)


def _names(source: str, device: BlockDevice, nodes: set[str]) -> bool:
    """Tell whether a word of fstab names a device."""
    mark, _, value = source.partition("=")
    if value:
        known = device.properties.get(BY_MARK.get(mark, ""), "")
        return bool(known) and known.lower() == value.strip('"').lower()
    return source.startswith("/dev/") and _real(source) in nodes


def _real(node: str) -> str:
    return str(Path(node).resolve())


def _plain(text: str) -> str:
    return OCTAL.sub(lambda found: chr(int(found[1], 8)), text)
