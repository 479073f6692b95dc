"""What the system does for a box without rights: what it may be asked for, and what it is told then."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from easyplayer.drivers.device_watch import Stick
from easyplayer.drivers.mount_tool import AskedMounts
from easyplayer.drivers.power import Deed, SystemdPower
from easyplayer.drivers.system_hands import ask, end_sound_server, has_hands
from easyplayer.errors import DeviceError
from tests.drivers.apart import real, run_apart
from tests.drivers.sysfs import lay
from tests.systemd import real_hands
from tests.systemd.hands import Hands, Sysfs

SOON = 10.0
SAFE = "nosuid,nodev,noexec,noatime"
OWN = "uid=820,gid=820,umask=0077"
ON_A_STICK = "31 28 120:1 / {}/sticks/sdb1 ro - vfat /dev/sdb1 ro\n"
LOWER = "29 28 120:1 / /run/easyplayer-root/lower ro shared:12 - squashfs /dev/sdb1 ro\n"


@dataclass(frozen=True)
class Bench:
    """The hands, and a system manager that only writes down what it is to do.

    :ivar told: what it was told, a line each.
    """

    hands: Hands
    folder: Path

    @property
    def told(self) -> list[str]:
        log = self.folder / "told"
        return log.read_text().splitlines() if log.exists() else []

    def manager(self, *lines: str) -> None:
        """Have the manager do something beside."""
        script = self.folder / "manager"
        script.write_text("\n".join(["#!/bin/sh", f'echo "$*" >>{self.folder}/told', *lines]) + "\n")
        script.chmod(0o755)

    def systemctl(self) -> None:
        """Have systemctl only write down what it is told."""
        program = self.folder / "bin/systemctl"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\necho "$*" >>{self.folder}/told\n')
        program.chmod(0o755)

    def mountpoint(self) -> None:
        """Have every folder be one that something is mounted on."""
        program = self.folder / "bin/mountpoint"
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)

    def ask(self, request: str) -> None:
        ask(request, within_s=SOON, hands=self.hands.path)


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Iterator[Bench]:
    with Hands(tmp_path, _surroundings(tmp_path)) as hands:
        bench = Bench(hands, tmp_path)
        bench.manager()
        yield bench


@pytest.fixture(name="managed")
def _managed(tmp_path: Path) -> Iterator[Bench]:
    """Give hands that tell the system's own manager, which only writes down all words that it is told."""
    environment = _surroundings(tmp_path)
    del environment["EASYPLAYER_BY"]
    with Hands(tmp_path, environment) as hands:
        bench = Bench(hands, tmp_path)
        bench.manager()
        (tmp_path / "bin").mkdir()
        (tmp_path / "manager").rename(tmp_path / "bin/systemd-run")
        yield bench


def _surroundings(tmp_path: Path) -> dict[str, str]:
    sysfs = Sysfs(tmp_path / "sys")
    sysfs.add("sdb", "sdb1")
    sysfs.add("sdc", "sdc1", bus="ata1")
    sysfs.add("mmcblk0", "mmcblk0p1", bus="mmc0", removable="1")
    sysfs.add("sdd", "sdd1", name="easyplayer-boot")
    (tmp_path / "sticks").mkdir()
    (tmp_path / "mountinfo").write_text(f"28 1 0:26 / / rw - overlay root rw\n{ON_A_STICK.format(tmp_path)}")
    return {
        "EASYPLAYER_MOUNTS": str(tmp_path / "mountinfo"),
        "EASYPLAYER_SYSFS": str(sysfs.folder),
        "EASYPLAYER_STICKS": str(tmp_path / "sticks"),
        "EASYPLAYER_BY": str(tmp_path / "manager"),
        "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
    }


@pytest.mark.parametrize(
    ("kind", "drivers", "options"),
    [
        ("vfat", "vfat", f"ro,{SAFE},{OWN}"),
        ("exfat", "exfat", f"ro,{SAFE},{OWN}"),
        ("ntfs", "ntfs3,ntfs", f"ro,{SAFE},{OWN}"),
        ("ext2", "ext2,ext4", f"ro,{SAFE},errors=remount-ro"),
        ("ext4", "ext4", f"ro,{SAFE},errors=remount-ro,noload"),
    ],
)
def test_stick_is_mounted_so_that_nothing_of_it_is_obeyed(
    bench: Bench, kind: str, drivers: str, options: str
) -> None:
    """To be read only, and so that its files are the box's; a journal is left alone."""
    bench.ask(f"mount sdb1 {kind}")

    assert bench.told[0] == f"mount -t {drivers} -o {options} /dev/sdb1 {bench.folder}/sticks/sdb1"


def test_files_of_somebody_else_are_mapped_to_the_box(bench: Bench) -> None:
    """On a stick that keeps owners: whoever wrote the bundle, the box can read it."""
    bench.ask("mount sdb1 ext4")

    owner = (bench.folder / "sticks").stat()
    assert [line.split()[0] for line in bench.told] == ["mount", "umount", "mount"]
    assert f"X-mount.idmap=u:{owner.st_uid}:820:1 g:{owner.st_gid}:820:1" in bench.told[-1]


def test_only_what_maps_owners_may_say_who_is_who(managed: Bench) -> None:
    """Whoever mounts otherwise may make no user namespace, and take nobody's place."""
    managed.ask("mount sdb1 ext4")

    plain, *_, mapped = managed.told
    assert "X-mount.idmap" in mapped
    for words in ("RestrictNamespaces=user", "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SETUID CAP_SETGID"):
        assert f"--property={words} " in mapped
        assert words not in plain


def test_stick_without_partitions_is_mounted_as_a_whole(bench: Bench) -> None:
    """As some are formatted."""
    disk = bench.folder / "sys/devices/usb9/sde"
    disk.mkdir(parents=True)
    (bench.folder / "sys/class/block/sde").symlink_to(disk)

    bench.ask("mount sde vfat")
    bench.ask("writable sde vfat")

    assert [line.split()[0] for line in bench.told] == ["mount", "mount"]
    assert "/dev/sde" in bench.told[0]


def test_card_in_a_reader_is_a_stick_too(bench: Bench) -> None:
    """What is removable is plugged in."""
    bench.ask("mount mmcblk0p1 vfat")

    assert len(bench.told) == 1


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("mount sdc1 vfat", "sdc1 is no stick"),
        ("mount sdd1 vfat", "a system of ours is on sdd1"),
        ("mount sde1 vfat", "there is no device sde1"),
        ("mount ../sdb1 vfat", "that is no name of a device"),
        ("mount sdb1;reboot vfat", "that is no name of a device"),
        ("mount $(reboot) vfat", "that is no name of a device"),
        ("mount * vfat", "that is no name of a device"),
        ("mount sdb1 proc", "that file system is not known"),
        ("mount sdb1 vfat,exec", "that file system is not known"),
        ("mount sdb1 vfat suid", "that is too much"),
        ("mount sdb1", "that file system is not known"),
        ("mount", "that is no name of a device"),
        ("unmount ../../data", "that is no name of a device"),
        ("sh -c id", "that is nothing the box may ask for"),
        ("screen", "a screen can be turned on and off"),
        ("screen dim", "a screen can be turned on and off"),
        ("screen off now", "that is too much"),
        ("television cec0 on", "there is no device cec0"),
        ("television sdb1 on", "sdb1 is no television"),
        ("television ../cec0 off", "that is no name of a device"),
        ("television", "that is no name of a device"),
        ("halt", "that is nothing the box may ask for"),
        ("", "that is nothing the box may ask for"),
    ],
)
def test_whatever_else_is_asked_for_is_refused_in_words(bench: Bench, request_: str, words: str) -> None:
    """By a box that somebody has taken over; and nothing is done."""
    with pytest.raises(DeviceError, match=words):
        bench.ask(request_)

    assert bench.told == []


@pytest.mark.parametrize("request_", ["mount sdb1 vfat", "mount sdb ext4", "writable sdb1 vfat"])
def test_disk_that_the_machine_has_started_from_is_no_stick(bench: Bench, request_: str) -> None:
    """It may be on USB, and its partitions have lost their names; who writes to it is root after that."""
    (bench.folder / "mountinfo").write_text(LOWER)

    with pytest.raises(DeviceError, match="the system itself is on sdb"):
        bench.ask(request_)

    assert bench.told == []


@pytest.mark.parametrize(("word", "level"), [("on", "0"), ("off", "4")])
def test_displays_are_turned_on_and_off(bench: Bench, word: str, level: str) -> None:
    """Those of every graphics card."""
    lay(bench.folder / "sys/class/graphics", {"fb0/blank": "1", "fb1/blank": "1", "fbcon/cursor_blink": "1"})

    bench.ask(f"screen {word}")

    files = sorted((bench.folder / "sys/class/graphics").glob("fb*/blank"))
    assert [file.read_text().strip() for file in files] == [level, level]
    assert bench.told == []


def test_machine_without_a_graphics_card_says_so(bench: Bench) -> None:
    """There is nothing to turn."""
    with pytest.raises(DeviceError, match="no graphics card has a framebuffer"):
        bench.ask("screen off")


TELEVISION = ("case $* in *--playback*) printf '\\tPhysical Address           : 2.0.0.0\\n';; esac",)
"""What ``cec-ctl`` says that matters here."""


def test_television_is_turned_on_and_off_over_its_cable(bench: Bench) -> None:
    """It learns where the box is plugged in, and shows it."""
    lay(bench.folder / "sys/bus/cec/devices", {"cec0/dev": "249:0"})
    bench.manager(*TELEVISION)

    bench.ask("television cec0 on")
    bench.ask("television cec0 off")

    joined, spoken = "--playback --osd-name easyplayer", "cec-ctl --device /dev/cec0"
    assert bench.told == [
        f"{spoken} {joined}",
        f"{spoken} --to 0 --image-view-on",
        f"{spoken} --active-source phys-addr=2.0.0.0",
        f"{spoken} {joined}",
        f"{spoken} --to 0 --standby",
    ]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("echo '  Physical Address : f.f.f.f'",), "nothing is connected to cec0"),
        (("echo",), "nothing is connected to cec0"),
        ((*TELEVISION, "echo '  Tx, Not Acknowledged (4), Max Retries'"), "at cec0 does not answer"),
    ],
)
def test_television_that_is_not_there_is_told(bench: Bench, lines: tuple[str, ...], words: str) -> None:
    """By what is said, as cec-ctl itself ends well."""
    lay(bench.folder / "sys/bus/cec/devices", {"cec0/dev": "249:0"})
    bench.manager(*lines)

    with pytest.raises(DeviceError, match=words):
        bench.ask("television cec0 off")


def test_long_and_odd_bytes_do_no_harm(bench: Bench) -> None:
    """They are no request."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(bench.hands.path))
        line.sendall(b"mount " + bytes(range(1, 10)) * 1000 + b"\xff\xfe vfat\n")
        answer = line.recv(4096)

    assert answer.startswith(b"error that is ")
    assert bench.told == []


def test_system_s_own_words_are_told_when_it_fails(bench: Bench) -> None:
    """The first line of them, without the program's name; and the folder is gone."""
    bench.manager('echo "mount: /x: wrong fs type, bad option." >&2', "echo more >&2", "exit 32")

    with pytest.raises(DeviceError, match=r"^/x: wrong fs type, bad option$"):
        bench.ask("mount sdb1 vfat")

    assert not (bench.folder / "sticks/sdb1").exists()


def test_stick_is_mounted_anew_to_be_written_to(bench: Bench) -> None:
    """And back again: the box's own view of a mount that is only turned would stay read-only."""
    mounts = AskedMounts(bench.hands.path)
    stick = Stick(device="/dev/sdb1", name="MUSIC", filesystem="vfat", folder=bench.folder / "sticks/sdb1")
    stick.folder.mkdir()
    bench.mountpoint()

    mounts.turn(stick, writable=True)
    mounts.turn(stick, writable=False)

    taken, given_back = (
        f"mount -t vfat -o {mode},{SAFE},{OWN} /dev/sdb1 {stick.folder}" for mode in ("rw", "ro")
    )
    let_go = f"umount {stick.folder}"
    assert bench.told == [let_go, taken, let_go, given_back]


def test_stick_is_let_go_of_whoever_reads_it(bench: Bench) -> None:
    """Lazily; its folder goes, too."""
    folder = bench.folder / "sticks/sdb1"
    folder.mkdir()

    AskedMounts(bench.hands.path).unmount(folder)

    assert bench.told == [f"umount --lazy {folder}"]
    assert not folder.exists()


def test_sound_server_that_hangs_is_ended(bench: Bench) -> None:
    """As one that hangs has to be; systemd starts another one."""
    bench.systemctl()

    end_sound_server(bench.hands.path)

    assert bench.told == ["--no-ask-password kill --signal=KILL easyplayer-sound.service"]


@pytest.mark.parametrize("deed", Deed)
def test_machine_is_started_anew_or_switched_off(bench: Bench, deed: Deed) -> None:
    """Systemd is told to, and need not be waited for."""
    bench.systemctl()

    SystemdPower(hands=bench.hands.path).do(deed)

    assert bench.told == [f"--no-block --no-ask-password {deed}"]


def test_box_does_not_wait_for_ever(tmp_path: Path) -> None:
    """A stick that is broken may hang the system's hands; when they are done after all, it is told."""
    done: list[bool] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "hands"))
        listener.listen()
        with pytest.raises(DeviceError, match=r"has not done it in 0\.05 s"):
            ask("mount sdb1 vfat", within_s=0.05, hands=tmp_path / "hands", late=lambda: done.append(True))
        assert has_hands(tmp_path / "hands")
        listener.accept()[0].close()

        real_hands.wait_until(lambda: bool(done))


def test_where_nobody_answers_the_box_says_so(tmp_path: Path) -> None:
    """A machine without hands is one on which the box is root, or somebody else mounts."""
    assert not has_hands(tmp_path / "hands")
    with pytest.raises(DeviceError, match="the system does not answer"):
        ask("reboot", within_s=SOON, hands=tmp_path / "hands")


@real
@pytest.mark.slow
def test_real_sticks_by_the_system_s_hands() -> None:
    """Plugged, read, written to and pulled."""
    run_apart(real_hands.__file__)
