"""A machine with a television: Debian's kernel with its test device, the real ``cec-ctl``, and our hands.

``vivid`` has an HDMI output, which is the box's, and an HDMI input at the other end of its cable.  There sits
``cec-follower``, which behaves as a television does: it says that it is on, or that it sleeps, and obeys.
"""

import lzma
import re
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from image.initrd import Entry, archive, needed
from tests.systemd.hands import SCRIPT
from tests.venue.appliance import BUILT

CACHE = BUILT.parent / "cache"
PROGRAMS = ("cec-ctl", "cec-follower", "v4l2-ctl")
FOLDERS = ("bin", "dev", "proc", "sys", "m", "etc")
DEVICE = "vivid"
MODULE = re.compile(r"\.?/?usr/lib/modules/[^/]+/(kernel/.+\.ko\.xz|modules\.dep)")
INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read module; do insmod $module; done </m/order
v4l2-ctl -d /dev/video0 -i 3 >/dev/null
input() { v4l2-ctl -d /dev/video0 -c hdmi_000_0_is_connected_to=$1; }
input 2
v4l2-ctl -d /dev/video1 -o 1 >/dev/null
television() { cec-ctl -d /dev/cec0 --tv >/dev/null; cec-follower -d /dev/cec0 >/dev/null 2>&1 & }
power() { cec-ctl -d /dev/cec1 --skip-info --to 0 --give-device-power-status | grep -o "pwr-state.*"; }
ask() { echo "ASKED $1: $(echo "television $1" | EASYPLAYER_BY=env sh /hands) $(sleep 2; power)"; }
television
sleep 1
ask "cec1 off"
ask "cec1 on"
ask "cec7 on"
cec-ctl -d /dev/cec0 --clear >/dev/null
ask "cec1 off"
input 1
ask "cec1 on"
echo TOLD ALL
poweroff -f
"""


class NotHereError(Exception):
    """This machine has not all that is needed; says what is missing."""


def make_initrd(to: Path) -> Path:
    """Make the initrd of such a machine; it says what came of it on the console, and ends.

    :raises NotHereError: a program, or what the image was made of, is missing.
    """
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    packages = sorted(CACHE.glob("root-x86-64-*.tar"))
    if missing or not packages:
        message = f"missing: {', '.join(missing) or 'the packages of the image (make image)'}"
        raise NotHereError(message)
    files = {"init": INIT.encode(), "hands": SCRIPT.read_bytes(), **dict(_programs())}
    with tarfile.open(packages[0]) as root:
        files |= _from_debian(root)
    folders = sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."})
    to.write_bytes(
        archive(
            [
                *(Entry(name, stat.S_IFDIR | 0o755) for name in sorted({*FOLDERS, *folders})),
                Entry("dev/console", stat.S_IFCHR | 0o600, device=(5, 1)),
                *(Entry(name, stat.S_IFREG | 0o755, content) for name, content in sorted(files.items())),
            ]
        )
    )
    return to


def _from_debian(root: tarfile.TarFile) -> dict[str, bytes]:
    """Take busybox and the modules out of the image's packages, with the order in which they are loaded."""
    files: dict[str, bytes] = {}
    members = {found[1]: one for one in root.getmembers() if (found := MODULE.fullmatch(one.name))}
    if not members:
        message = "the packages of the image have no modules"
        raise NotHereError(message)
    dependencies = _read(root, members["modules.dep"]).decode().replace(".ko.xz", ".ko")
    order = [f"m/{Path(name).name}" for name in reversed(needed(dependencies, [DEVICE]))]
    for name in needed(dependencies, [DEVICE]):
        files[f"m/{Path(name).name}"] = lzma.decompress(_read(root, members[f"{name}.xz"]))
    files["m/order"] = "".join(f"/{name}\n" for name in order).encode()
    busybox = next(one for one in root.getmembers() if one.name.endswith("bin/busybox") and one.isfile())
    files["bin/busybox"] = _read(root, busybox)
    return files


def _read(root: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = root.extractfile(member)
    assert file is not None
    return file.read()


def _programs() -> Iterator[tuple[str, bytes]]:
    """Give this machine's programs, and the libraries that they need."""
    for name in PROGRAMS:
        program = shutil.which(name)
        assert program is not None
        yield f"bin/{name}", Path(program).read_bytes()
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+) \(0x", listed):
            yield library.lstrip("/"), Path(library).read_bytes()
