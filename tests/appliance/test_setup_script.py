"""What is on the boot partition or a stick comes into force: the real script, and real vfat file systems."""

import subprocess
from pathlib import Path

import pytest

from image.build import EXAMPLE
from tests.appliance.vfat import ROOT, Machine, make_disk

pytestmark = pytest.mark.process

FILE = b'[hub]\r\nurl = "https://hub.example"\r\nname = "Caf\xe9"\r\n[network]\r\naddress = "10.0.0.2/24"\r\n'
REMARKS = b"# Settings of this box\n\n#[hub]\n#url = 1\n"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Give a machine that has never been started."""
    return Machine(tmp_path)


def named(name: str) -> dict[str, bytes]:
    """Make a technician's file that names the box."""
    return {"easyplayer.toml": f'[network]\nhostname = "{name}"\n'.encode()}


def test_script_is_one_for_any_shell() -> None:
    """The image's is dash."""
    subprocess.run(["dash", "-n", str(ROOT / "systemd/lib/setup")], check=True)


@pytest.mark.parametrize(
    "files", [{}, {"easyplayer.toml": REMARKS}, {"EASYPLAYER.TOML": REMARKS.replace(b"\n", b"\r\n")}]
)
def test_blank_box_starts_no_python(machine: Machine, files: dict[str, bytes]) -> None:
    """It would take longer than all else before the music; remarks alone give nothing."""
    assert "nothing is given" in machine.start(files)
    assert machine.starts_of_python() == 0


def test_file_comes_into_force_and_is_only_copied_at_the_next_start(machine: Machine) -> None:
    """As Windows has written it, under the name that Windows has given it."""
    machine.start({"EASYPLAYER.TOML.txt": FILE})
    settings, network = machine.read("etc/easyplayer/settings.toml"), "run/systemd/network/10-venue.network"
    assert 'name = "Café"' in settings
    assert "Address=10.0.0.2/24" in machine.read(network)
    assert '"source":"the boot partition"' in machine.report()
    assert machine.starts_of_python() == 1
    report = machine.report()
    assert "as at the start before" in machine.start()
    assert machine.starts_of_python() == 0
    assert machine.read("etc/easyplayer/settings.toml") == settings
    assert (machine.root / "etc/easyplayer/settings.toml").stat().st_mode & 0o777 == 0o640
    assert machine.read(network)
    assert machine.report() == report


def test_boot_partition_is_the_first_of_the_disk_that_the_machine_started_from(machine: Machine) -> None:
    """The kernel has forgotten its name at the first start; and another disk may have one of that name."""
    for name, number in (("vdb1", "1"), ("vdb2", "2"), ("vdc1", "1")):
        folder = machine.blocks.parent / name[:3] / name
        folder.mkdir(parents=True)
        (folder / "partition").write_text(f"{number}\n")
        (folder / "uevent").write_text("DEVTYPE=partition\n")
        (machine.blocks / name).symlink_to(folder)
    mounts = machine.mounts.read_text()
    lower = "29 28 254:18 / /run/easyplayer-root/lower ro shared:12 - squashfs /dev/vdb2 ro\n"
    machine.mounts.write_text(mounts + lower)
    make_disk(machine.disk("vdb1"), named("ours"))
    machine.start(named("another"))
    assert machine.read("etc/hostname") == "ours\n"


def test_certificate_beside_the_file_is_taken_along(machine: Machine) -> None:
    """And nothing else that lies there."""
    machine.start({
        "easyplayer.toml": b'[hub]\nca = "easyplayer-ca.pem"\n',
        "Easyplayer-CA.pem": b"certificate",
        "easyplayer-other.pem": b"other",
        "vmlinuz": b"kernel",
    })  # fmt: skip
    given = machine.root / "etc/easyplayer/given"
    assert [one.name for one in given.iterdir()] == ["easyplayer-ca.pem"]
    assert (given / "easyplayer-ca.pem").read_bytes() == b"certificate"


def test_bad_file_leaves_the_last_good_one_in_force_at_each_start(machine: Machine) -> None:
    """Its errors are told each time, without being found anew."""
    machine.start(named("one"))
    machine.start({"easyplayer.toml": b"[network]\nhostnam = 1\n"})
    machine.starts_of_python()
    for _ in range(2):
        assert machine.read("etc/hostname") == "one\n"
        assert "did you mean 'hostname'?" in machine.report()
        machine.start()
    assert machine.starts_of_python() == 0


def test_new_software_looks_at_it_anew(machine: Machine) -> None:
    """It may make something else of it."""
    machine.start(named("one"))
    machine.release.write_text("IMAGE_VERSION=2\n")
    machine.starts_of_python()
    machine.start()
    assert machine.starts_of_python() == 1
    assert machine.read("etc/hostname") == "one\n"


def test_stick_is_put_in_force_at_once_and_stays_so(machine: Machine) -> None:
    """The box starts anew with it; a stick that brings nothing new, or is none of ours, changes nothing."""
    machine.start(named("one"))
    assert "starts anew" in machine.plug(named("two"))
    assert machine.read("etc/hostname") == "two\n"
    assert '"source":"a stick"' in machine.report()
    assert "try-restart easyplayer.service" in machine.told()
    before = machine.told()
    machine.plug(named("two"))
    machine.starts_of_python()
    machine.plug({"holiday.jpg": b"x"})
    assert machine.starts_of_python() == 0
    assert machine.told() == before
    assert "as at the start before" in machine.start()
    assert machine.read("etc/hostname") == "two\n"
    machine.start(named("three"))
    assert machine.read("etc/hostname") == "three\n"


def test_stick_outlives_the_next_start_beside_the_example_that_the_image_brings(machine: Machine) -> None:
    """That was there before, and says nothing; an empty file put there takes the stick's back."""
    machine.start({"easyplayer.toml": EXAMPLE.read_bytes()})
    assert "starts anew" in machine.plug(named("two"))
    machine.plug(named("three"))
    machine.starts_of_python()
    assert "as at the start before" in machine.start()
    assert machine.starts_of_python() == 0
    assert machine.read("etc/hostname") == "three\n"
    machine.start({"easyplayer.toml": b""})
    assert machine.read("etc/hostname") == "easyplayer\n"


def test_bad_stick_beside_the_example_changes_nothing(machine: Machine) -> None:
    """The music goes on over it, and the next start asks no Python."""
    machine.start({"easyplayer.toml": EXAMPLE.read_bytes()})
    assert "starts anew" not in machine.plug({"easyplayer.toml": b"hello"})
    assert "key = value" in machine.report()
    assert "try-restart" not in machine.told()
    machine.starts_of_python()
    machine.start()
    assert machine.starts_of_python() == 0
    assert "key = value" not in machine.report()


def test_network_of_before_goes_when_a_stick_names_none(machine: Machine) -> None:
    """What a file does not say, does not hold."""
    machine.start({"easyplayer.toml": FILE})
    machine.plug(named("two"))
    assert not machine.read("run/systemd/network/10-venue.network")
    assert "easyplayer" not in machine.read("etc/hostname")


def test_stick_is_not_even_mounted_where_none_are_wanted(machine: Machine) -> None:
    """It could be made to harm the kernel that reads it; only the boot partition opens that door again."""
    closed = b"[network]\nhostname = 'one'\n[devices]\nsticks = false\n"
    for files in ({"easyplayer.toml": closed}, None):
        machine.start(files)
        machine.starts_of_python()
        assert "is left alone: [devices] sticks is false" in machine.plug(named("two"))
        assert machine.starts_of_python() == 0
        assert "sdb1" not in machine.mounted()
    machine.start(named("one"))
    assert "starts anew" in machine.plug(named("two"))
    assert machine.mounted() == ["vda1", "sdb1"]


def test_folder_of_the_box_is_made_where_it_is_missing(machine: Machine) -> None:
    """In memory, or on a disk that was mended; what is in one that is there stays."""
    own = machine.kept.with_name("box")
    machine.start()
    assert own.stat().st_mode & 0o777 == 0o700
    (own / "identity").touch()
    machine.start()
    assert (own / "identity").exists()


def test_bad_stick_changes_nothing_and_is_told(machine: Machine) -> None:
    """Until the next start."""
    machine.start(named("one"))
    machine.plug({"easyplayer.toml": b"hello"})
    assert "key = value" in machine.report()
    assert machine.read("etc/hostname") == "one\n"
    assert "try-restart" not in machine.told()
    machine.start()
    assert "key = value" not in machine.report()


def test_boot_partition_that_cannot_be_read_leaves_all_in_force(machine: Machine) -> None:
    """The box was set up once, and goes on."""
    machine.start(named("one"))
    machine.disk("vda1").write_bytes(bytes(512))
    assert "cannot be read" in machine.start()
    assert machine.read("etc/hostname") == "one\n"


def test_box_without_a_data_partition_takes_it_from_the_boot_partition_at_each_start(
    machine: Machine,
) -> None:
    """And says that it keeps nothing."""
    machine.kept.rmdir()
    machine.kept.write_text("no folder")
    for _ in range(2):
        machine.start(named("one"))
        assert machine.read("etc/hostname") == "one\n"
        assert "takes nothing" in machine.report()


def test_what_is_kept_and_has_rotted_is_made_anew(machine: Machine) -> None:
    """A file that is not what it was is not copied."""
    machine.start(named("one"))
    (kept,) = machine.kept.glob("made-*/root/etc/hostname")
    kept.write_text("rotten\n")
    machine.start()
    assert machine.read("etc/hostname") == "one\n"


def test_python_that_fails_leaves_all_in_force(machine: Machine) -> None:
    """Whatever the reason: the box plays with what it had."""
    machine.start(named("one"))
    (machine.python.parent / "easyplayer").write_text("#!/bin/sh\nexit 70\n")
    assert "exit code 70" in machine.start(named("two"))
    assert machine.read("etc/hostname") == "one\n"
    assert "could not be looked at" in machine.report()


def test_box_does_not_wait_for_long(machine: Machine) -> None:
    """It starts with what was in force, and starts anew when what is new has been looked at after all."""
    machine.start(named("one"))
    assert "takes long" in machine.start_impatiently(named("two"))
    assert machine.read("etc/hostname") == "one\n"
    assert "try-restart" not in machine.told()
    machine.let_it_look()
    assert machine.read("etc/hostname") == "two\n"
    assert "try-restart easyplayer.service" in machine.told()
    assert machine.left() == ["lock", "mark", "report.json"]


def test_box_that_did_not_wait_for_a_bad_file_goes_on(machine: Machine) -> None:
    """Its errors are told; nothing starts anew."""
    machine.start(named("one"))
    machine.start_impatiently({"easyplayer.toml": b"hello"})
    machine.let_it_look()
    assert "key = value" in machine.report()
    assert machine.read("etc/hostname") == "one\n"
    assert "try-restart" not in machine.told()


def test_nothing_of_what_was_given_stays_in_memory(machine: Machine) -> None:
    """There may be passwords in it, and the disk is let go of."""
    machine.start({"easyplayer.toml": b'[network]\nproxy = "http://anna:s3cret@proxy"\n'})
    machine.plug(named("two"))
    assert machine.left() == ["lock", "mark", "report.json"]


def test_no_password_is_logged(machine: Machine) -> None:
    """Neither of a good file nor of a bad one."""
    good = b'[network]\nproxy = "http://anna:s3cret@proxy"\n'
    for text in (good, good.replace(b"http", b"htp"), good + b"x = s3cret\n"):
        words = machine.start({"easyplayer.toml": text})
        assert "s3cret" not in words + machine.report()
