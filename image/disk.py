"""One file of it all: a boot partition, and after it the compressed root."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from image.profile import Profile
from image.shell import run

MIB = 1024 * 1024
ESP_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
NAMESPACE = uuid.UUID("7d0a6a0e-5a0c-5b5e-9d55-0e2f9b1c6f2a")
"""All of an image's own ids come from it and from a name, so that each build has the same ones."""
ENTRY = "title easyplayer\nlinux /easyplayer/a/vmlinuz\ninitrd /easyplayer/a/initrd\noptions {options}\n"
LOADER = "default easyplayer-a.conf\ntimeout 0\neditor no\n"


@dataclass(frozen=True, kw_only=True)
class BootFiles:
    """What the boot partition holds beside the loader's own settings.

    :ivar kernel: the kernel.
    :ivar initrd: the initrd.
    :ivar loader: the boot loader.
    :ivar example: the example of a technician's file.
    """

    kernel: Path
    initrd: Path
    loader: Path
    example: Path


def squash(root: Path, image: Path, profile: Profile, epoch: int) -> None:
    """Compress a root; the same root gives the same file.  What is in its ``/dev`` is the kernel's.

    :param epoch: the time that all files get, in seconds since 1970.
    """
    image.unlink(missing_ok=True)
    run(
        *("mksquashfs", root, image, "-noappend", "-no-progress", "-quiet", "-reproducible", "-no-exports"),
        *("-comp", "zstd", "-Xcompression-level", str(profile.level), "-b", profile.block),
        *("-xattrs", "-mkfs-time", str(epoch), "-all-time", str(epoch), "-wildcards", "-e", "dev/*"),
    )


def boot_partition(image: Path, files: BootFiles, profile: Profile, epoch: int) -> None:
    """Make the file system that the machine's own firmware starts from."""
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(profile.boot_mib * MIB)
    at_epoch = {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "MTOOLSRC": "/dev/null"}
    serial = uuid.uuid5(NAMESPACE, profile.name).hex[:8]
    run("mkfs.vfat", "-F", "32", "-n", "EASYBOOT", "-i", serial, "--invariant", image, more=at_epoch)
    folders = ("EFI", "EFI/BOOT", "EFI/systemd", "loader", "loader/entries", "easyplayer", "easyplayer/a")
    run("mmd", "-i", image, *(f"::{folder}" for folder in folders), more=at_epoch)
    written = {
        "loader/loader.conf": LOADER,
        "loader/entries/easyplayer-a.conf": ENTRY.format(options=" ".join(profile.command_line)),
    }
    places = {
        f"EFI/BOOT/{profile.loader_name}": files.loader,
        "easyplayer/a/vmlinuz": files.kernel,
        "easyplayer/a/initrd": files.initrd,
        "easyplayer.toml": files.example,
        **_as_files(written, image.with_suffix(".d")),
    }
    for name, source in places.items():
        run("mcopy", "-i", image, source, f"::{name}", more=at_epoch)


def _as_files(written: Mapping[str, str], folder: Path) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    files = {name: folder / Path(name).name for name in written}
    for name, text in written.items():
        files[name].write_text(text)
    return files


def put_together(image: Path, boot: Path, root: Path, profile: Profile) -> None:
    """Write the disk: its table of partitions, and both of them.

    The root's partition is as large as what is in it.  At its first start the box lets it grow to what the
    profile says, makes room for a second one, and takes the rest for its data.
    """
    sizes = {"easyplayer-boot": profile.boot_mib * MIB, "easyplayer-root-a": _whole_mib(root.stat().st_size)}
    image.unlink(missing_ok=True)
    with image.open("wb") as file:
        file.truncate(sum(sizes.values()) + 2 * MIB)
    run("sh", "-c", 'sfdisk --quiet "$1" <<END\n' + table(profile, sizes) + "END", "sh", image)
    at = MIB
    for source, size in zip((boot, root), sizes.values(), strict=True):
        run("dd", f"if={source}", f"of={image}", "bs=1M", f"seek={at // MIB}", "conv=notrunc,sparse")
        at += size


def table(profile: Profile, sizes: Mapping[str, int]) -> str:
    """Write the table of partitions as ``sfdisk`` reads it.

    :param sizes: bytes of each partition, by name: the boot partition's, then the root's.
    """
    lines = ["label: gpt", f"label-id: {uuid.uuid5(NAMESPACE, profile.name + '/disk')}", "first-lba: 2048"]
    at = MIB
    for (name, size), kind in zip(sizes.items(), (ESP_TYPE, profile.root_type), strict=True):
        own = uuid.uuid5(NAMESPACE, f"{profile.name}/{name}")
        lines.append(f'start={at // 512}, size={size // 512}, type={kind}, uuid={own}, name="{name}"')
        at += size
    return "\n".join(lines) + "\n"


def _whole_mib(size: int) -> int:
    return -(-size // MIB) * MIB
