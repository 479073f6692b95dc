"""The files on which a machine writes: overlays of its disks, and a copy of its firmware's variables."""

import shutil
import subprocess
from pathlib import Path

from .errors import RestoreError, SpecError
from .spec import Spec

_IMAGE_MAY_TAKE_S = 60
VARIABLES = "variables.fd"

Images = tuple[tuple[Path, str], ...]
"""For each disk the file that QEMU opens, and its format."""


def prepare(spec: Spec, folder: Path, below: Path | None = None) -> tuple[Images, Path | None]:
    """Make what is not there yet; what is there stays, so that a machine finds its disks as it left them.

    :param below: the folder of a saved state; then everything is made anew, upon that.
    :return: the disks' files, and that of the firmware's variables.
    """
    images: list[tuple[Path, str]] = []
    for index, disk in enumerate(spec.disks):
        if disk.log_writes:
            disk.log_writes.write_bytes(b"")
        if not disk.overlay or disk.read_only:
            images.append((disk.path.absolute(), disk.format))
            continue
        overlay = folder / overlay_name(spec, index)
        if below:
            make_overlay(below / overlay.name, "qcow2", overlay)
        elif not overlay.exists():
            make_overlay(disk.path, disk.format, overlay, disk.size_mib)
        images.append((overlay, "qcow2"))
    return tuple(images), _variables(spec, folder, below)


def overlay_name(spec: Spec, index: int) -> str:
    """:return: the name of the file that a disk's writes go to."""
    return f"{spec.disk_name(index)}.qcow2"


def make_overlay(base: Path, base_format: str, overlay: Path, size_mib: int = 0) -> None:
    """Make an empty qcow2 image upon another one.

    :param size_mib: how large it is; 0 is as large as the other one.
    :raises SpecError: ``qemu-img`` cannot.
    """
    below = ["-F", base_format, "-b", str(base.absolute())]
    size = [f"{size_mib}M"] if size_mib else []
    command = ["qemu-img", "create", "-q", "-f", "qcow2", *below, str(overlay), *size]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_IMAGE_MAY_TAKE_S, check=False)
    except FileNotFoundError:
        raise SpecError(["disks: there is no qemu-img; install qemu-utils"]) from None
    if done.returncode:
        raise SpecError([f"disks: no overlay of {base} can be made; qemu-img says: {done.stderr.strip()}"])


def hand_over(spec: Spec, folder: Path, saved: Path) -> None:
    """Move what a machine has written into the folder of its saved state.

    :raises RestoreError: a disk was written to directly.
    """
    for index, disk in enumerate(spec.disks):
        if disk.overlay and not disk.read_only:
            shutil.move(folder / overlay_name(spec, index), saved / overlay_name(spec, index))
    if spec.firmware_vars:
        shutil.move(folder / VARIABLES, saved / VARIABLES)


def check_savable(spec: Spec) -> None:
    """Look whether a state of this machine can be saved at all.

    :raises RestoreError: one of its disks goes on being changed by others.
    """
    direct = [
        spec.disk_name(i) for i, disk in enumerate(spec.disks) if not disk.overlay and not disk.read_only
    ]
    if direct:
        raise RestoreError(
            f"a state of {spec.name} cannot be saved: {', '.join(direct)} is written to directly;"
            " give it overlay=True"
        )


def _variables(spec: Spec, folder: Path, below: Path | None) -> Path | None:
    if not spec.firmware_vars:
        return None
    own = folder / VARIABLES
    if below:
        shutil.copyfile(below / VARIABLES, own)
    elif not own.exists():
        shutil.copyfile(spec.firmware_vars, own)
    return own
