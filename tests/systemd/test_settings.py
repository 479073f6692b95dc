"""What is set beside the units: users, folders, the kernel, the log, the network, the time, and udev."""

import configparser
import re
from pathlib import Path

import pytest

from image.profile import load
from tests.systemd.system import SOURCE, System, Unit

BINARIES = {
    "journald.conf.d": "/usr/lib/systemd/systemd-journald",
    "network": "/usr/lib/systemd/systemd-networkd",
}
"""The programs that read a kind of file, and have the names of all keys in them."""
KERNEL_DOES_WITHOUT = {
    "kernel.kexec_load_disabled",
    "kernel.softlockup_panic",
    "kernel.sysrq",
    "kernel.watchdog_thresh",
    "kernel.yama.ptrace_scope",
}
"""What not every kernel that tests run on can be told; Debian's can."""
RULE = re.compile(r'^[A-Z_]+(\{[^}]+\})?(==|!=|\+=|=|:=)"[^"]*"$')


def files(kind: str) -> list[Path]:
    """Give our files of a kind."""
    return sorted((SOURCE / kind).iterdir())


def keys(file: Path) -> set[str]:
    """Give section and key of each line, as systemd's programs have them in their tables."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(file)
    return {f"{section}.{key}" for section in parser.sections() for key in parser[section]}


def test_box_has_a_user_of_its_own_with_a_fixed_number(system: System, tmp_path: Path) -> None:
    """It hears by the groups of sound, and is no one else's."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/group").write_text("audio:x:29:\nvideo:x:44:\nrender:x:105:\n")

    system.run("systemd-sysusers", f"--root={tmp_path}", str(SOURCE / "sysusers.d/easyplayer.conf"))

    (user,) = [line for line in (tmp_path / "etc/passwd").read_text().splitlines() if "easyplayer" in line]
    assert user.split(":")[2:4] == ["820", "820"]
    assert user.endswith(":/usr/sbin/nologin")
    groups = (tmp_path / "etc/group").read_text()
    assert re.search("^audio:.*:easyplayer$", groups, re.MULTILINE)


def test_folders_belong_to_whom_they_are_for(system: System, tmp_path: Path) -> None:
    """What the box keeps is nobody else's to read."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(
        "root:x:0:0::/:/bin/sh\neasyplayer:x:820:820::/:/bin/false\n_chrony:x:990:990::/:/bin/false\n"
    )
    (tmp_path / "etc/group").write_text(
        "root:x:0:\neasyplayer:x:820:\n_chrony:x:990:\nsystemd-journal:x:991:\n"
    )
    own = tmp_path / "usr/lib/tmpfiles.d/easyplayer.conf"
    own.parent.mkdir(parents=True)
    own.write_text((SOURCE / "tmpfiles.d/easyplayer.conf").read_text())

    system.run("systemd-tmpfiles", f"--root={tmp_path}", "--create", "easyplayer.conf")

    found = {path.name: path.stat() for path in (tmp_path / "data").iterdir()}
    assert oct(found["box"].st_mode) == "0o40700"
    assert {name: one.st_uid for name, one in found.items()} == {
        "box": 820,
        "settings": 0,
        "time": 990,
        "journal": 0,
    }


@pytest.mark.parametrize("kind", BINARIES)
def test_every_key_is_one_that_systemd_reads(kind: str) -> None:
    """What it does not know it would only warn of."""
    binary = Path(BINARIES[kind]).read_bytes()

    unknown = {key for file in files(kind) for key in keys(file) if f"{key}\0".encode() not in binary}

    assert not unknown


def test_hardware_starts_a_machine_anew_that_hangs() -> None:
    """Systemd feeds the watchdog, and lets it bite at a shutdown that hangs, too."""
    manager = configparser.ConfigParser()
    manager.read(files("system.conf.d"))

    assert manager["Manager"]["RuntimeWatchdogSec"] == "30s"
    assert "RebootWatchdogSec" in manager["Manager"]


def test_box_never_sleeps() -> None:
    """A lid, or a key of a remote control, would leave the room silent until somebody comes."""
    sleep = configparser.RawConfigParser()
    sleep.optionxform = str  # type: ignore[assignment,method-assign]
    sleep.read(files("sleep.conf.d"))
    (library,) = Path("/usr/lib").glob("*/systemd/libsystemd-shared-*.so")

    assert set(sleep["Sleep"].values()) == {"no"}
    assert all(f"{key}\0".encode() in library.read_bytes() for key in sleep["Sleep"])


def test_what_is_plugged_into_a_sound_card_later_is_heard() -> None:
    """A card that had nothing at the start is off, and has no output until somebody switches it on.

    Who does that has to be there before the cards are.
    """
    (script,) = SOURCE.glob("sound/*.pa")
    loaded = [line.split()[1] for line in script.read_text().splitlines() if line.startswith("load-module")]

    assert loaded.index("module-switch-on-port-available") < loaded.index("module-udev-detect")


def test_disk_is_told_what_is_free_though_the_box_is_turned_off_each_night(system: System) -> None:
    """An hour after the start, and then each week."""
    timer = Unit(SOURCE / "system/fstrim.timer.d/easyplayer.conf")

    assert "fstrim.timer" in system.wanted()
    assert "fstrim.timer" not in load("x86-64").masked
    assert timer.one("Timer", "OnCalendar") == ""
    assert timer.one("Timer", "OnBootSec") == "1h"


def test_kernel_takes_every_value() -> None:
    """The names are those of this kernel, as far as it has them."""
    lines = [line for file in files("sysctl.d") for line in file.read_text().splitlines() if "=" in line]
    names = {line.partition("=")[0].strip() for line in lines if not line.startswith("#")}

    missing = {name for name in names if not Path("/proc/sys", name.replace(".", "/")).exists()}

    assert missing <= KERNEL_DOES_WITHOUT
    assert {"kernel.panic", "kernel.panic_on_oops"} <= names


def test_rules_of_udev_are_written_as_it_reads_them() -> None:
    """Each word of them."""
    lines = [line for file in files("udev") for line in file.read_text().splitlines()]
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules
    assert not [word for rule in rules for word in rule.split(", ") if not RULE.match(word)]


def test_nobody_waits_for_the_network() -> None:
    """It is there when it is there."""
    (wired,) = files("network")
    network = configparser.RawConfigParser(strict=False)
    network.read(wired)

    assert network["Link"]["requiredforonline"] == "no"


def test_servers_that_prove_who_they_are_count_most() -> None:
    """Those of several people; others count where none is reached, which "prefer" would not allow.

    And a clock that is years off does not keep the first answer away.
    """
    lines = (SOURCE / "chrony/chrony.conf").read_text().splitlines()
    proven = [line for line in lines if line.startswith("server ")]

    assert len({line.split()[1].rpartition(".")[0] for line in proven}) >= 3
    assert all(line.endswith(" nts trust prefer") for line in proven)
    assert {"authselectmode ignore", "nocerttimecheck 1", "port 0"} <= set(lines)


def test_clock_that_is_far_off_jumps_however_late_the_right_time_comes() -> None:
    """A wrong date that was taken first is not there for years."""
    lines = (SOURCE / "chrony/chrony.conf").read_text().splitlines()

    assert [line for line in lines if line.startswith("makestep")] == ["makestep 1 -1"]
