"""The image's parts, each made and read back with the tools that will read it."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from image.disk import MIB, BootFiles, boot_partition, put_together, squash
from image.firmware import forget_installer, with_own_lines
from image.furnish import SIGNED, crippled, take_away, unsigned
from image.initrd import INIT, Entry, archive, needed
from image.manifest import check_budget, largest
from image.profile import load
from image.shell import BuildError, run
from tests.systemd.disks import GIB, divide, partitions

X86 = load("x86-64")
AT = 1_760_000_000
DAY_S = 86_400


def test_an_archive_is_read_by_cpio(tmp_path: Path) -> None:
    """Folders, files, links and what is in them come out as they went in."""
    written = archive(
        [
            Entry("bin", stat.S_IFDIR | 0o755),
            Entry("bin/tool", stat.S_IFREG | 0o755, b"odd"),
            Entry("bin/other", stat.S_IFLNK | 0o777, b"tool"),
        ]
    )

    subprocess.run(["cpio", "-id", "--quiet"], input=written, cwd=tmp_path, check=True)

    assert (tmp_path / "bin/other").read_bytes() == b"odd"
    assert (tmp_path / "bin/other").is_symlink()
    assert (tmp_path / "bin/tool").stat().st_mode & 0o777 == 0o755


def test_each_part_of_an_archive_begins_at_a_fourth_byte() -> None:
    """The kernel takes it for broken otherwise."""
    written = archive([Entry("a" * length, stat.S_IFREG, b"b" * length) for length in range(1, 9)])

    starts = [place for place in range(len(written)) if written.startswith(b"070701", place)]

    assert len(starts) == 9
    assert all(start % 4 == 0 for start in starts)


def test_a_module_comes_with_all_that_it_needs() -> None:
    """Whether it is written with dashes or without; what the kernel has built in is no file."""
    dependencies = "d/usb-storage.ko: d/scsi_mod.ko d/usbcore.ko\nd/scsi_mod.ko:\nd/usbcore.ko:\n"

    assert needed(dependencies, ["usb_storage", "virtio_pci"]) == (
        "d/usb-storage.ko",
        "d/scsi_mod.ko",
        "d/usbcore.ko",
    )


def test_a_module_whose_ground_has_gone_goes_as_well() -> None:
    """It could not be loaded; the messages of a start would be full of it."""
    dependencies = "card.ko: bus.ko core.ko\nbus.ko: core.ko\ncore.ko:\n"

    assert crippled(dependencies, {"card.ko", "core.ko"}) == ("card.ko",)
    assert crippled(dependencies, {"card.ko", "bus.ko", "core.ko"}) == ()


def test_the_first_program_is_a_script_that_shells_can_read() -> None:
    """A slip in it would be seen only by a box that does not start."""
    subprocess.run(["sh", "-n", INIT], check=True)
    assert INIT.read_text().startswith("#!/bin/sh\n")
    assert INIT.stat().st_mode & stat.S_IXUSR


def test_on_the_appliance_circusd_has_no_port() -> None:
    """Who reaches it may have it start anything, and a tunnel for support leads to any port."""
    ini = with_own_lines((INIT.parents[2] / "circus.ini").read_text())

    assert "tcp://" not in ini
    assert ini.count("ipc:///run/easyplayer/") == 2


def test_nothing_tells_who_has_installed_the_packages(tmp_path: Path) -> None:
    """Two builds of the same would differ by it; what a package is and can be started by stays."""
    folder = tmp_path / "circus-0.19.0.dist-info"
    folder.mkdir()
    for name in ("METADATA", "entry_points.txt", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        (folder / name).touch()

    forget_installer(tmp_path)

    assert sorted(path.name for path in folder.iterdir()) == ["METADATA", "entry_points.txt"]


def test_a_stick_never_takes_the_place_of_the_disk_inside(tmp_path: Path) -> None:
    """Whoever plugs one in may call its partitions what he likes, and would be root."""
    _plug(tmp_path, "sda", "usb1/1-1")
    _plug(tmp_path, "vda", "virtio2")

    assert _asked(tmp_path, "partitions easyplayer-root-a inside") == "/dev/vda2"
    assert _asked(tmp_path, "partitions easyplayer-root-a anywhere").split() == ["/dev/sda2", "/dev/vda2"]
    (tmp_path / "class/block/vda2").unlink()
    assert _asked(tmp_path, "partitions easyplayer-root-a inside") == ""
    assert _asked(tmp_path, "partitions easyplayer-root-a anywhere") == "/dev/sda2"


def test_the_root_is_the_one_that_goes_with_the_kernel(tmp_path: Path) -> None:
    """Of two disks that are ours the firmware takes the kernel from either; each root is looked at once."""
    _plug(tmp_path, "vda", "virtio2", "6.1")
    _plug(tmp_path, "vdb", "virtio3")
    _plug(tmp_path, "vdc", "virtio4", "6.12")
    asked = "find_root easyplayer-root-a inside; find_root easyplayer-root-a inside; echo $root"

    assert _asked(tmp_path, asked) == "\n".join(["vda2 mounted", *2 * ["vdc2 mounted"], "/dev/vdc2"])
    assert (tmp_path / "run/lower/usr/lib/modules/6.12").is_dir()


def test_a_root_of_another_kernel_is_better_than_none(tmp_path: Path) -> None:
    """It is taken only in the end, and said; where nothing can be mounted there is none."""
    _plug(tmp_path, "vda", "virtio2", "6.1")
    asked = "find_root easyplayer-root-a inside || take_other && echo $root"

    assert _asked(tmp_path, asked) == "vda2 mounted\nvda2 mounted\n/dev/vda2"
    assert "has no modules of this kernel, 6.12" in (tmp_path / "console").read_text()
    (tmp_path / "class/block/vda2").unlink()
    assert _asked(tmp_path, asked) == ""


def _plug(machine: Path, disk: str, bus: str, kernel: str = "") -> None:
    """Give a machine a disk whose second partition is called as a root; it holds one if a kernel is named."""
    folder = machine / "devices" / bus / "block" / disk / f"{disk}2"
    folder.mkdir(parents=True)
    (folder / "uevent").write_text(f"PARTNAME=easyplayer-root-a\nDEVNAME={disk}2\n")
    (machine / "class/block").mkdir(parents=True, exist_ok=True)
    (machine / "class/block" / f"{disk}2").symlink_to(folder)
    if kernel:
        (machine / "disks" / f"{disk}2" / "usr/lib/modules" / kernel).mkdir(parents=True)


MOUNTING = """
release=6.12 others= disks="$1/disks"
mount() {{ [ -d "$disks/${{5##*/}}" ] && ln -sfn "$disks/${{5##*/}}" "$6" && echo "${{5##*/}} mounted"; }}
umount() {{ rm "$1"; }}
{asked}
"""


def _asked(machine: Path, asked: str) -> str:
    """Have the script's functions do something in a machine of the test's, and give what they say."""
    (machine / "run").mkdir(exist_ok=True)
    functions = INIT.read_text().partition("mount -t devtmpfs")[0]
    for place, here in (("/sys/", ""), ("/run/easyplayer-root/", "run/"), ("/dev/console", "console")):
        functions = functions.replace(place, f"{machine}/{here}")
    command = ["sh", "-c", functions + MOUNTING.format(asked=asked), "sh", str(machine)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.parametrize("module", [b"", b"\x7fELF and so on", b"\x7fELF~Module signature appended~"])
def test_a_module_loses_its_signature_and_nothing_else(module: bytes) -> None:
    """Where there is one: module, signature, what the kernel says of it, and its mark."""
    signature = b"s" * 700
    said = bytes(8) + len(signature).to_bytes(4, "big")

    assert unsigned(module + signature + said + SIGNED) == module
    assert unsigned(module) == module


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    """Make a root of two files."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/hostname").write_text("easyplayer\n")
    (root / "etc/large").write_bytes(bytes(300_000))
    return root


def test_the_same_root_gives_the_same_file(root: Path, tmp_path: Path) -> None:
    """However late it is, and in whatever order the files were written."""
    other = tmp_path / "other"
    shutil.copytree(root, other)
    (other / "etc/hostname").touch()

    squash(root, tmp_path / "a", X86, AT)
    squash(other, tmp_path / "b", X86, AT)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def _boot(folder: Path, name: str, at_s: int = AT) -> Path:
    """Make a boot partition of files that say what they are, and were written at a time."""
    folder.mkdir(exist_ok=True)
    parts = {part: folder / part for part in ("kernel", "initrd", "loader", "example")}
    for part, path in parts.items():
        path.write_text(part)
        os.utime(path, (at_s, at_s))
    boot_partition(folder / name, BootFiles(**parts), X86, AT)
    return folder / name


def test_the_boot_partition_holds_what_the_firmware_and_the_loader_look_for(tmp_path: Path) -> None:
    """And the example of a technician's file, where a technician finds it."""
    boot = _boot(tmp_path, "boot.vfat")

    def read(name: str) -> str:
        return run("mtype", "-i", boot, f"::{name}")

    assert read("EFI/BOOT/BOOTX64.EFI") == "loader"
    assert read("easyplayer/a/vmlinuz") == "kernel"
    assert read("easyplayer.toml") == "example"
    assert "options quiet console=tty1 panic=10" in read("loader/entries/easyplayer-a.conf")
    assert "timeout 0" in read("loader/loader.conf")


def test_a_boot_partition_is_made_the_same_each_time(tmp_path: Path) -> None:
    """Its number and the times in it are the image's, not those of this day, nor of the files that go in."""
    boots = [_boot(tmp_path / name, "boot.vfat", at_s=at_s) for name, at_s in (("a", AT - DAY_S), ("b", AT))]

    assert boots[0].read_bytes() == boots[1].read_bytes()
    listed = run("mdir", "-/", "-a", "-i", boots[0], "::", more={"TZ": "UTC"})
    assert set(re.findall(r"\d{4}-\d\d-\d\d +\d+:\d\d", listed)) == {"2025-10-09   8:53"}


def test_a_disk_has_both_partitions_with_their_names(root: Path, tmp_path: Path) -> None:
    """The box finds its root by name, so that it may start from any kind of disk."""
    squash(root, tmp_path / "root.squashfs", X86, AT)
    disk = tmp_path / "disk.img"

    put_together(disk, _boot(tmp_path, "boot.vfat"), tmp_path / "root.squashfs", X86)

    table = json.loads(run("sfdisk", "--json", disk))["partitiontable"]["partitions"]
    assert [(part["name"], part["size"] * 512) for part in table] == [
        ("easyplayer-boot", 64 * MIB),
        ("easyplayer-root-a", MIB),
    ]
    assert disk.read_bytes()[65 * MIB :][:4] == b"hsqs"


def test_first_start_gives_both_systems_the_room_that_the_profile_promises(
    root: Path, tmp_path: Path
) -> None:
    """Else no update could be larger than what the box came with; nothing of that is touched."""
    squash(root, tmp_path / "root.squashfs", X86, AT)
    disk = tmp_path / "disk.img"
    put_together(disk, _boot(tmp_path, "boot.vfat"), tmp_path / "root.squashfs", X86)
    os.truncate(disk, 4 * GIB)

    divide(disk)

    made = dict(partitions(disk))
    assert made["easyplayer-root-a"] == made["easyplayer-root-b"] == X86.slot_mib * MIB
    with disk.open("rb") as file:
        file.seek(65 * MIB)
        written = (tmp_path / "root.squashfs").read_bytes()
        assert file.read(len(written)) == written


def test_what_is_taken_away_has_gone_and_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    """A link to the builder's own files must not cost it these."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").touch()
    (root / "link").symlink_to(tmp_path / "outside")

    take_away(root, ["/link", "/etc/l*", "/nothing/*"])

    assert sorted(path.name for path in root.rglob("*")) == ["etc", "hostname"]
    assert (tmp_path / "outside/file").exists()


def test_an_image_beyond_its_budget_is_not_built(tmp_path: Path) -> None:
    """Somebody has to want it larger."""
    image = tmp_path / "easyplayer.img"
    with image.open("wb") as file:
        file.truncate((X86.budget_mib + 1) * MIB)

    with pytest.raises(BuildError, match="the budget of x86-64 is 400 MiB"):
        check_budget(image, X86)


def test_the_largest_folders_are_told_first(root: Path) -> None:
    """Whoever wants the image smaller begins there."""
    assert largest(root) == {"etc": 300_011, "": 0}


def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    """The builder sees why."""
    with pytest.raises(BuildError, match=r"exit code 3\):\nno room"):
        run("sh", "-c", "echo no room >&2; exit 3")


def test_a_program_that_is_not_there_is_told_with_the_way_out() -> None:
    """It is one command."""
    with pytest.raises(BuildError, match="make apt-image"):
        run("no-such-program")
