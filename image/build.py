"""Builds an image: ``python -m image.build --profile x86-64``."""

import argparse
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from image import bootstrap, disk, firmware, furnish, initrd, manifest
from image.profile import Profile, ProfileError, load, names
from image.shell import BuildError, run

log = logging.getLogger("image")
P = ParamSpec("P")
R = TypeVar("R")

PROJECT = Path(__file__).parent.parent
OUTPUT = PROJECT / "build" / "image"
EXAMPLE = Path(__file__).parent / "easyplayer.toml"


def build(profile: Profile, output: Path, *, fresh: bool = False) -> Path:
    """Build the image of a profile.

    :param output: the directory of all images; this one gets a directory of its own there.
    :param fresh: whether Debian's packages are fetched anew.
    :returns: the disk.
    :raises BuildError: with what failed.
    """
    folder = output / profile.name
    work, root = folder / "work", folder / "work" / "root"
    folder.mkdir(parents=True, exist_ok=True)
    epoch, commit = int(_git("log", "-1", "--format=%ct")), _git("describe", "--always", "--dirty")
    with ThreadPoolExecutor() as beside:  # what Debian's packages need most is the network
        music = beside.submit(_step, "music", firmware.compose, PROJECT, output / "cache")
        wheels = beside.submit(_step, "wheels", firmware.build_wheels, PROJECT, profile, work / "wheels")
        _step("Debian's packages", bootstrap.packages_root, profile, output / "cache", root, fresh=fresh)
    wheel = wheels.result()
    kernel, loader = _kernel(root, profile, work), shutil.copy(_loader(root, profile), work)
    release = _step("kernel modules", furnish.trim_modules, root, profile)
    ramdisk = work / "initrd"
    ramdisk.write_bytes(_step("initrd", initrd.build, root, profile, release, work / "initrd.d"))
    _step("firmware", firmware.install, PROJECT, profile, wheel, root)
    _step("units", furnish.set_up, root, PROJECT, profile, commit)
    firmware.bring_music(music.result(), root)
    _step("compiling", firmware.compile_all, root, profile)
    listed = manifest.packages(root)
    furnish.take_away(root, profile.removed)
    _step("indexes", furnish.finish, root)
    squashed, boot = work / "root.squashfs", work / "boot.vfat"
    _step("compressing", disk.squash, root, squashed, profile, epoch)
    parts = disk.BootFiles(kernel=kernel, initrd=ramdisk, loader=Path(loader), example=EXAMPLE)
    _step("boot partition", disk.boot_partition, boot, parts, profile, epoch)
    image = folder / "easyplayer.img"
    unfinished = work / image.name
    _step("disk", disk.put_together, unfinished, boot, squashed, profile)
    manifest.check_budget(unfinished, profile)
    unfinished.replace(image)
    for part, name in ((kernel, "vmlinuz"), (ramdisk, "initrd")):
        shutil.copy(part, folder / name)
    squashed = squashed.replace(folder / squashed.name)
    (folder / "cmdline").write_text(" ".join(profile.command_line) + "\n")
    facts = {"version": commit, "time": epoch, "kernel": release, "python": firmware.installed(root, profile)}
    files = (image, squashed, folder / "vmlinuz", folder / "initrd")
    told = manifest.written(profile, facts, files, root, listed)
    (folder / "manifest.json").write_text(json.dumps(told, indent=2) + "\n")
    return image


def _step(name: str, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    began = time.monotonic()
    made = work(*args, **kwargs)
    log.info("%-20s %5.1f s", name, time.monotonic() - began)
    return made


def _git(*words: str) -> str:
    return run("git", "-c", f"safe.directory={PROJECT}", "-C", PROJECT, *words).strip()


def _kernel(root: Path, profile: Profile, work: Path) -> Path:
    found = sorted((root / "boot").glob(profile.kernel))
    if not found:
        message = f"no kernel is named {profile.kernel} in the root's /boot"
        raise BuildError(message)
    return Path(shutil.copy(found[-1], work / "vmlinuz"))


def _loader(root: Path, profile: Profile) -> Path:
    return root / "usr/lib/systemd/boot/efi" / profile.loader


def main() -> int:
    """Build what the command line asks for; 1 and a line if that fails."""
    parser = argparse.ArgumentParser(prog="python -m image.build", description="Build the appliance's image.")
    parser.add_argument("--profile", default="x86-64", help=f"one of: {', '.join(names())}")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where images are kept")
    parser.add_argument("--fresh", action="store_true", help="fetch Debian's packages anew")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.umask(0o022)
    try:
        image = build(load(chosen.profile), chosen.output, fresh=chosen.fresh)
    except (BuildError, ProfileError) as error:
        sys.stderr.write(f"image: {error}\n")
        return 1
    log.info("%s: %.0f MiB", image, image.stat().st_size / 2**20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
