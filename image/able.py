"""Whether an image can be built on this machine; ``python -m image.able`` says what is in the way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from image.bootstrap import MIRROR, kept
from image.profile import Profile, load

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
CACHE = Path(__file__).parents[1] / "build" / "image" / "cache"
PROFILE = "x86-64"
MOUNTS = ("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
ANSWERS_WITHIN_S = 20.0


def obstacle() -> str:
    """Tell what is in the way of building an image here; empty if nothing is."""
    if os.geteuid():
        return "it takes root, or sudo"
    path = f"{os.environ.get('PATH', '')}:{SEARCHED}"
    missing = [package for tool, package in TOOLS.items() if not shutil.which(tool, path=path)]
    if missing:
        return f"install {' '.join(missing)}"
    if subprocess.run(MOUNTS, capture_output=True, check=False).returncode:
        return "nothing may be mounted here, as in a container without the right to"
    profile = load(PROFILE)
    return "" if kept(profile, CACHE) else _far_from(profile)


def _far_from(profile: Profile) -> str:
    """Tell why Debian's packages cannot be fetched; empty where they can."""
    url = f"{MIRROR}/debian/dists/{profile.suite}/InRelease"
    try:
        with urlopen(url, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310 - an address of our own
            answer.read(1)
    except (OSError, URLError) as error:
        return f"Debian's packages are out of reach: {url}: {error}"
    return ""


def main() -> int:
    """Say what is in the way; 1 if something is."""
    why = obstacle()
    if why:
        sys.stderr.write(f"image: none can be built here: {why}\n")
    return bool(why)


if __name__ == "__main__":
    sys.exit(main())
