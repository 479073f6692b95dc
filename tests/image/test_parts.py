"""The image's parts, each made and read back with the tools that will read it."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from image.disk import MIB, BootFiles, boot_partition, put_together, squash
from image.firmware import with_own_lines
from image.furnish import SIGNED, crippled, take_away, unsigned
from image.initrd import INIT, Entry, archive, needed
from image.manifest import check_budget, largest
from image.profile import load
from image.shell import BuildError, run
from tests.systemd.disks import GIB, divide, partitions

X86 = load("x86-64")
AT = 1_760_000_000


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


def test_a_stick_never_takes_the_place_of_the_disk_inside(tmp_path: Path) -> None:
    """Whoever plugs one in may call its partitions what he likes, and would be root."""
    for disk, bus in (("sda", "usb1/1-1"), ("vda", "virtio2")):
        folder = tmp_path / "devices" / bus / "block" / disk / f"{disk}2"
        folder.mkdir(parents=True)
        (folder / "uevent").write_text(f"PARTNAME=easyplayer-root-a\nDEVNAME={disk}2\n")
        (tmp_path / "class/block").mkdir(parents=True, exist_ok=True)
        (tmp_path / "class/block" / f"{disk}2").symlink_to(folder)

    assert _found(tmp_path, "inside") == "/dev/vda2"
    shutil.rmtree(tmp_path / "devices/virtio2")
    (tmp_path / "class/block/vda2").unlink()
    assert _found(tmp_path, "inside") == ""
    assert _found(tmp_path, "anywhere") == "/dev/sda2"


def _found(sysfs: Path, where: str) -> str:
    """Have the script look for the root's partition, in a sysfs of the test's."""
    functions = INIT.read_text().partition("mount -t devtmpfs")[0].replace("/sys/", f"{sysfs}/")
    asked = f"{functions}\npartition easyplayer-root-a {where}"
    return subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=False).stdout.strip()


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


def _boot(folder: Path, name: str) -> Path:
    """Make a boot partition of files that say what they are."""
    parts = {part: folder / part for part in ("kernel", "initrd", "loader", "example")}
    for part, path in parts.items():
        path.write_text(part)
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
    """Its number and the times in it are the image's, not the day's."""
    assert _boot(tmp_path, "a").read_bytes() == _boot(tmp_path, "b").read_bytes()


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
