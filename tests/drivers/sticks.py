"""Sticks that a test plugs into the machine: loop devices with a partition, and zram as a whole disk.

The kernel tells of them as it does of any disk; that they are on USB, a rule of udev pretends.
"""

import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from easyplayer.drivers.block_device import BlockDevice
from tests.drivers.apart import ROOT, UDEVD, succeeds

MARK = "pretended-stick"
ZRAM_BYTES = 12_648_448
"""A size that no other zram has, by which ours are told from theirs."""
IMAGE_BYTES, BEFORE_BYTES, SECTOR = 9 << 20, 1 << 20, 512
PRETENCE = f"""
SUBSYSTEM=="block", ENV{{UDEV_DISABLE_PERSISTENT_STORAGE_RULES_FLAG}}="1"
SUBSYSTEM=="block", ATTRS{{loop/backing_file}}=="*{MARK}*", ENV{{ID_BUS}}="usb", \
    ENV{{UDEV_DISABLE_PERSISTENT_STORAGE_RULES_FLAG}}=""
KERNEL=="zram*", ATTR{{disksize}}=="{ZRAM_BYTES}", ENV{{ID_BUS}}="usb", \
    ENV{{UDEV_DISABLE_PERSISTENT_STORAGE_RULES_FLAG}}=""
"""
RULES = Path("/run/udev/rules.d")
CONTROL = Path("/run/udev/control")
MOUNTS = Path("/proc/self/mountinfo")
SOON_S, LOOK_EVERY_S = 10.0, 0.01


def wait_until(condition: Callable[[], object], what: str = "it") -> None:
    """Wait until something holds."""
    until = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < until, f"{what} did not come"
        time.sleep(LOOK_EVERY_S)


def do(*command: str) -> str:
    """Run a command, and give what it says."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def is_mounted(text: str) -> bool:
    """Tell whether a node or a folder is in the table of mounts."""
    return any(text in line.split() for line in MOUNTS.read_text().splitlines())


def is_pretended(device: BlockDevice, folder: Path) -> bool:
    """Tell whether a block device is one of a test's own, whose images are in a folder."""
    return str(folder / MARK) in shown(device.disk / "loop/backing_file")


def is_zram(device: BlockDevice) -> bool:
    """Tell whether a block device is a zram of ours."""
    return shown(device.disk / "disksize") == str(ZRAM_BYTES)


def shown(file: Path) -> str:
    """Read what the kernel shows of a device, unless it is gone."""
    with suppress(OSError):
        return file.read_text().strip()
    return ""


class Udev:
    """A udev daemon of the test's own."""

    def __enter__(self) -> "Udev":
        RULES.mkdir(parents=True, exist_ok=True)
        (RULES / "00-pretence.rules").write_text(PRETENCE)
        ours = ROOT / "systemd/udev/61-easyplayer-sticks.rules"
        (RULES / ours.name).write_text(ours.read_text())
        self._daemon = subprocess.Popen(
            [UDEVD], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_until(CONTROL.exists, "udev")
        do("udevadm", "control", "--ping")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._daemon.terminate()
        self._daemon.wait()
        CONTROL.unlink(missing_ok=True)


class LoopStick(Struct):
    """A stick with one partition.

    :ivar image: the file that is behind it.
    :ivar disk: the node of the loop device.
    """

    image: Path
    disk: str

    @property
    def node(self) -> str:
        """The partition's node."""
        return f"{self.disk}p1"

    def tell(self, action: str) -> None:
        """Let the kernel tell of the partition."""
        (Path("/sys/class/block") / Path(self.node).name / "uevent").write_text(action)

    def pull(self) -> None:
        """Pull it out: the kernel says so, and then it is gone."""
        self.tell("remove")
        self.detach()

    def detach(self) -> None:
        """Let it go once nobody has it mounted any more."""
        wait_until(lambda: not is_mounted(self.node), f"letting go of {self.node}")
        partition = Path("/sys/class/block", Path(self.node).name)
        wait_until(lambda: not partition.exists() or succeeds("partx", "--delete", self.disk), "its end")
        if self.is_attached:
            do("losetup", "--detach", self.disk)
        wait_until(lambda: not self.is_attached, f"the end of {self.disk}")

    @property
    def is_attached(self) -> bool:
        """Whether the loop device still has the image."""
        return str(self.image) in shown(Path("/sys/class/block", Path(self.disk).name, "loop/backing_file"))


def image(
    folder: Path,
    label: str = "MUSIC",
    files: dict[str, bytes] | None = None,
    kind: str = "ext4",
    size_bytes: int = IMAGE_BYTES,
) -> Path:
    """Make the image of a stick with a table of partitions, and files in the first."""
    path = folder / f"{MARK}-{label or 'nameless'}"
    content = folder / f"content-{label}"
    content.mkdir(exist_ok=True)
    for name, data in (files or {}).items():
        (content / name).write_bytes(data)
    with path.open("wb") as file:
        first, many = BEFORE_BYTES // SECTOR, (size_bytes - BEFORE_BYTES) // SECTOR
        file.seek(446)
        file.write(struct.pack("<B3sB3sII", 0, bytes(3), 0x83, bytes(3), first, many))
        file.seek(510)
        file.write(b"\x55\xaa")
        file.truncate(size_bytes)
    size = f"{(size_bytes - BEFORE_BYTES) >> 10}k"
    options = (
        "-q",
        "-F",
        "-t",
        kind,
        "-m",
        "0",
        "-L",
        label,
        "-d",
        str(content),
        "-E",
        f"offset={BEFORE_BYTES}",
    )
    do("mkfs.ext4", *options, str(path), size)
    return path


def plug(path: Path, *, protected: bool = False) -> LoopStick:
    """Plug an image in."""
    disk = do("losetup", "--find", "--show", *(["--read-only"] if protected else []), str(path))
    do("partx", "--add", disk)
    return LoopStick(path, disk)


@contextmanager
def mounted(node: str, folder: Path, *options: str) -> Iterator[None]:
    """Mount something as somebody else would."""
    folder.mkdir(parents=True, exist_ok=True)
    do("mount", *options, node, str(folder))
    yield
    if is_mounted(str(folder)):
        do("umount", "--lazy", str(folder))


@contextmanager
def zram() -> Iterator[str]:
    """Make a disk without anything on it, and give its name."""
    number = Path("/sys/class/zram-control/hot_add").read_text().strip()
    (Path("/sys/class/block") / f"zram{number}" / "disksize").write_text(str(ZRAM_BYTES))
    try:
        yield f"zram{number}"
    finally:
        wait_until(lambda: takes(Path("/sys/class/zram-control/hot_remove"), number), "the end of the disk")


def takes(file: Path, text: str) -> bool:
    """Write to the kernel, unless it is busy."""
    try:
        file.write_text(text)
    except OSError:
        return False
    return True
