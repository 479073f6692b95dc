"""The image as it was built, looked at from outside: what is in it, and what must not be."""

import hashlib
import json
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.able import obstacle
from image.build import PROJECT
from image.disk import MIB
from image.furnish import SIGNED
from image.profile import load
from image.shell import SETTLED, run
from tests.venue.appliance import IMAGE as BUILT

pytestmark = [pytest.mark.venue, pytest.mark.venue_short]

X86 = load("x86-64")
MAY_BE_WRITTEN_BY_ALL = {"tmp", "var/tmp"}
PYTHONS = ("usr/lib/python3.13", "opt/easyplayer")
TRUSTED_UNSEEN = 1
"""The flags of compiled Python that is never held against its source (PEP 552)."""


@pytest.fixture(scope="module", name="root")
def _root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the root of the disk."""
    disk = BUILT / "easyplayer.img"
    if why := obstacle():
        pytest.skip(f"the files of an image cannot be looked at here: {why}")
    assert disk.is_file(), "there is no image: make image"
    root = tmp_path_factory.mktemp("built") / "root"
    start = json.loads(run("sfdisk", "--json", disk))["partitiontable"]["partitions"][1]["start"] * 512
    run("unsquashfs", "-quiet", "-no-progress", "-o", str(start), "-d", root, disk)
    return root


def _files(root: Path, *folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (root / folder).rglob("*") if path.is_file() and not path.is_symlink())


def test_it_is_within_its_budget() -> None:
    """And its root fits the place that an update will be put into."""
    manifest = json.loads((BUILT / "manifest.json").read_text())

    assert (BUILT / "easyplayer.img").stat().st_size <= X86.budget_mib * MIB
    assert manifest["files"]["root.squashfs"]["bytes"] <= X86.slot_mib * MIB


@pytest.mark.parametrize("name", ["easyplayer.img", "root.squashfs", "vmlinuz", "initrd"])
def test_the_manifest_tells_what_lies_beside_it(name: str) -> None:
    """Whoever got it from elsewhere can hold it against that."""
    told = json.loads((BUILT / "manifest.json").read_text())["files"][name]
    content = (BUILT / name).read_bytes()

    assert told == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_nothing_of_the_builder_is_in_it(root: Path) -> None:
    """Neither its name nor its network, its mirrors, its paths or its settings."""
    assert (root / "etc/hostname").read_text() == "easyplayer\n"
    assert (root / "etc/resolv.conf").readlink() == Path("../run/systemd/resolve/stub-resolv.conf")
    assert (root / "etc/machine-id").read_text() == ""
    for gone in ("etc/apt", "etc/pip.conf", "var/lib/apt", "var/log/dpkg.log", "root/.cache", "root/.config"):
        assert not (root / gone).exists()
    for folder in ("tmp", "var/tmp", "home", "boot", "mnt", "run"):
        assert list((root / folder).iterdir()) == []
    place = str(PROJECT).encode()
    assert [path for path in _files(root, "opt", "etc", "var") if place in path.read_bytes()] == []


def test_nothing_in_it_tells_when_it_was_built(root: Path) -> None:
    """What Debian's and Python's tools note of their own work, and nobody reads."""
    for gone in ("var/cache/ldconfig/aux-cache", "var/lib/initramfs-tools", "var/cache/fontconfig/*"):
        assert list(root.glob(gone)) == []
    assert list(root.glob("opt/easyplayer/.venv/lib/*/site-packages/*.dist-info/RECORD")) == []
    day = int(SETTLED["SOURCE_DATE_EPOCH"]) // 86_400
    assert f"\neasyplayer:!*:{day}:" in (root / "etc/shadow").read_text()


def test_all_of_python_is_compiled_and_trusted_unseen(root: Path) -> None:
    """A module that is not would be compiled at each start, as nothing that is written there lasts."""
    sources = [path for path in _files(root, *PYTHONS) if path.suffix == ".py"]
    compiled = [path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc" for path in sources]

    assert len(sources) > 1000
    assert [path for path in compiled if not path.is_file()] == []
    everywhere = [path for path in root.rglob("*.pyc") if path.is_file()]
    flags = {path: int.from_bytes(path.read_bytes()[4:8], "little") for path in everywhere}
    assert [path for path, said in flags.items() if said != TRUSTED_UNSEEN] == []


def test_what_is_loaded_early_is_there_and_no_module_is_signed(root: Path) -> None:
    """One that is missing would have the unit fail; a signature costs the time to check it."""
    listed = (root / "usr/lib/modules-load.d/easyplayer.conf").read_text().splitlines()
    modules = {path.stem.replace("-", "_"): path for path in (root / "usr/lib/modules").rglob("*.ko")}

    assert {line for line in listed if line and not line.startswith("#")} <= set(modules)
    assert [name for name, path in modules.items() if path.read_bytes().endswith(SIGNED)] == []


def test_no_program_gives_rights_and_nothing_can_be_written_by_all(root: Path) -> None:
    """Who gets into the box's own account stays there."""
    modes = {
        str(path.relative_to(root)): path.lstat().st_mode for path in root.rglob("*") if not path.is_symlink()
    }

    assert [name for name, mode in modes.items() if stat.S_ISREG(mode) and mode & 0o6000] == []
    assert {name for name, mode in modes.items() if mode & stat.S_IWOTH} == MAY_BE_WRITTEN_BY_ALL


def test_nobody_can_log_in(root: Path) -> None:
    """No account has a password, and no server is there to ask for a key."""
    passwords = {line.split(":")[1] for line in (root / "etc/shadow").read_text().splitlines()}

    assert all(password.startswith(("*", "!")) for password in passwords)
    assert not (root / "usr/sbin/sshd").exists()


def test_all_that_is_to_start_is_there(root: Path) -> None:
    """A link to a unit that is not would be a player that is silent and says nothing."""
    links = [path for path in (root / "etc/systemd/system").glob("*.wants/*") if path.is_symlink()]
    wanted = {path.name for path in links}

    assert {"easyplayer.service", "easyplayer-sound.service", "easyplayer-data.service"} <= wanted
    ends = {path: root / str(path.readlink()).lstrip("/") for path in links}
    assert [path.name for path, end in ends.items() if not end.exists()] == []


def test_the_boxs_own_account_has_the_number_that_its_data_have(root: Path) -> None:
    """What it wrote on the data partition stays its own under each image to come."""
    accounts = (root / "etc/passwd").read_text().splitlines()

    assert any(line.startswith("easyplayer:x:820:820:") for line in accounts)


def test_the_box_in_it_starts_and_has_its_music(root: Path) -> None:
    """The wheel is whole: the command tells its version, by the image's own Python."""
    told = run("chroot", root, "/opt/easyplayer/.venv/bin/easyplayer", "--version")
    count = "from easyplayer.fallback import *; print(len(demo_items(BROUGHT)))"

    assert told.startswith("easyplayer ")
    assert run("chroot", root, "/opt/easyplayer/.venv/bin/python", "-c", count) == "4\n"


def test_its_drivers_are_those_of_a_player(root: Path) -> None:
    """Sound of all kinds, sticks, the network, the watchdog and the screen."""
    there = {path.stem.replace("-", "_") for path in _files(root, "usr/lib/modules") if path.suffix == ".ko"}

    sound = {"snd_hda_intel", "snd_usb_audio", "snd_hda_codec_hdmi", "snd_hda_codec_realtek"}
    sticks = {"usb_storage", "uas", "vfat", "exfat", "ntfs3", "ext4", "nls_utf8"}
    network = {"virtio_net", "r8169", "e1000e", "igb", "igc", "r8152", "ax88179_178a"}
    others = {"i6300esb", "iTCO_wdt", "virtio_gpu", "i915", "usbhid", "hid_generic"}
    assert sound | sticks | network | others <= there


def test_the_initrd_is_what_the_kernel_reads(tmp_path: Path) -> None:
    """Its tools, its script, and the drivers of each kind of disk."""
    subprocess.run(
        ["cpio", "-id", "--quiet"], input=(BUILT / "initrd").read_bytes(), cwd=tmp_path, check=True
    )

    drivers = {path.stem.replace("-", "_") for path in tmp_path.rglob("*.ko")}
    assert {
        "squashfs",
        "overlay",
        "virtio_blk",
        "ahci",
        "sd_mod",
        "nvme",
        "vmd",
        "usb_storage",
        "mmc_block",
    } <= drivers
    assert (tmp_path / "bin/mount").readlink() == Path("busybox")
    assert (BUILT / "initrd").stat().st_size < 10 * MIB
