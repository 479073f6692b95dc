"""Whether an image can be built on this machine; ``python -m image.able`` says what is in the way."""

import os
import shutil
import sys

TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "mksquashfs": "squashfs-tools",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "sfdisk": "fdisk",
    "depmod": "kmod",
    "systemd-sysusers": "systemd",
}
"""What is called, and Debian's package that has it."""
SEARCHED = f"{os.defpath}:/usr/sbin:/sbin"


def obstacle() -> str:
    """Tell what is in the way of building an image here; empty if nothing is."""
    if os.geteuid():
        return "it takes root, or sudo"
    path = f"{os.environ.get('PATH', '')}:{SEARCHED}"
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool, path=path)]
    return f"install {' '.join(missing)}" if missing else ""


def main() -> int:
    """Say what is in the way; 1 if something is."""
    why = obstacle()
    if why:
        sys.stderr.write(f"image: none can be built here: {why}\n")
    return bool(why)


if __name__ == "__main__":
    sys.exit(main())
