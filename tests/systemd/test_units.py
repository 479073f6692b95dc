"""The units: that systemd understands them, what they may do, what they wait for, that they come again."""

import re
from pathlib import Path

import pytest

from tests.systemd.system import SOURCE, UNITS, System, Unit, instance

SERVICES = sorted(one.name for one in (SOURCE / "system").glob("*.service"))
STAYING = ("easyplayer.service", "easyplayer-sound.service", "easyplayer-display@.service")
"""Services that are there for as long as the machine runs."""
MOST_EXPOSED = 2.0
TOO_LATE = re.compile(r"network|time-sync|sound\.target|settle|resolved|chrony|multi-user|basic\.target|udev")
"""What the music must not wait for."""
ENDING = {"stop": 5, "start": 90}


def test_systemd_understands_every_unit(system: System) -> None:
    """It has nothing to say about them: no key is unknown, no program missing, no order circular."""
    units = [instance(name) for name in system.units]

    said = system.run(
        "systemd-analyze", "verify", f"--root={system.root}", "--man=no", "--recursive-errors=one", *units
    )

    assert said == ""


def test_systemd_finds_no_circle_in_the_whole_start(system: System) -> None:
    """Ours among all of Debian's."""
    said = system.run("systemd-analyze", "verify", f"--root={system.root}", "--man=no", "multi-user.target")

    assert not [line for line in said.splitlines() if "cycle" in line or "easyplayer" in line]


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_exposed_little(system: System, name: str) -> None:
    """By systemd's own measure, from 0 to 10."""
    said = system.run(
        "systemd-analyze", "security", f"--root={system.root}", "--offline=yes", "--no-pager", instance(name)
    )

    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found, said
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_comes_again_for_ever(system: System, name: str) -> None:
    """However often it fails: there is no count after which the room stays silent."""
    unit = system.units[name]

    assert unit.one("Service", "Restart") == "always"
    assert unit.one("Unit", "StartLimitIntervalSec") == "0"


def test_music_waits_for_its_disk_and_the_technician_only(system: System) -> None:
    """No network, no clock, no sound card; and nothing that waits for one of these itself."""
    waits = waited_for(system, "easyplayer.service")

    assert {"easyplayer-data.service", "data.mount", "easyplayer-setup.service"} <= waits
    assert not [name for name in waits if TOO_LATE.search(name)]


def test_music_has_the_processor_while_the_machine_starts(system: System) -> None:
    """All that its chain consists of, before whatever else starts at the same time."""
    for name in ("easyplayer-data", "easyplayer-setup", "easyplayer"):
        assert system.units[f"{name}.service"].one("Service", "StartupCPUWeight") == "10000"
    assert system.units["easyplayer-sound.service"].one("Service", "CPUWeight") == "10000"


def test_nothing_takes_the_processor_from_the_sound_server(system: System) -> None:
    """Not the box either, which analyses songs; also where only the server was started anew."""
    sound, box = (system.units[f"easyplayer{name}.service"] for name in ("-sound", ""))

    assert not sound.all("Service", "StartupCPUWeight")
    assert int(sound.one("Service", "CPUWeight")) >= 10 * int(box.one("Service", "CPUWeight"))


def test_box_begins_without_a_disk_that_is_looked_at_for_long(system: System) -> None:
    """The script lets go by itself, well before systemd would end it."""
    patience = re.search(r"EASYPLAYER_PATIENCE:-(\d+)", (SOURCE / "lib/data").read_text())

    assert patience
    timeout = int(system.units["easyplayer-data.service"].one("Service", "TimeoutStartSec"))
    assert int(patience[1]) <= 45 < timeout


def test_boxs_own_folder_is_made_before_it_and_after_its_disk(system: System) -> None:
    """Setup makes it; a unit that may write to a folder is refused that where it is missing."""
    assert "easyplayer-setup.service" in system.units["easyplayer.service"].all("Unit", "After")
    assert "data.mount" in system.units["easyplayer-setup.service"].all("Unit", "After")
    assert "/data" in system.units["easyplayer-setup.service"].all("Service", "ReadWritePaths")


def waited_for(system: System, name: str) -> set[str]:
    """Follow the order of units to what comes before all."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        one = ahead.pop()
        file = system.root / UNITS / one
        unit = Unit(file) if file.is_file() else None
        if unit is None or one in found:
            continue
        found.add(one)
        ahead += unit.all("Unit", "After")
        if one.endswith(".service") and unit.one("Unit", "DefaultDependencies") != "no":
            ahead.append("basic.target")
    return found - {name}


def test_box_is_guarded_and_ends_in_time(system: System) -> None:
    """It says that it is well, or is killed; what it started does not outlive it."""
    unit = system.units["easyplayer.service"]

    assert unit.one("Service", "Type") == "notify"
    assert unit.one("Service", "WatchdogSec") == "60"
    assert int(unit.one("Service", "TimeoutStopSec")) <= ENDING["stop"]
    assert int(unit.one("Service", "TimeoutStartSec")) <= ENDING["start"]
    assert unit.one("Service", "KillMode") == "mixed"


def test_box_and_its_sound_are_the_last_to_go_where_memory_is_short(system: System) -> None:
    """And a helper that was killed does not take the box with it."""
    box, sound = (system.units[name] for name in ("easyplayer.service", "easyplayer-sound.service"))

    assert int(sound.one("Service", "OOMScoreAdjust")) <= int(box.one("Service", "OOMScoreAdjust")) <= -500
    assert box.one("Service", "OOMPolicy") == "continue"


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_is_not_root(system: System, name: str) -> None:
    """It is the box's own user, and can become no other."""
    unit = system.units[name]

    assert unit.one("Service", "User") == "easyplayer"
    assert unit.all("Service", "CapabilityBoundingSet") == []
    assert unit.one("Service", "NoNewPrivileges") == "yes"


def test_box_may_use_graphics_cards_and_no_other_device(system: System) -> None:
    """By the kernel's number: a name that the kernel does not know yet, without its driver, allows none."""
    unit = system.units["easyplayer.service"]

    assert unit.one("Service", "DevicePolicy") == "closed"
    assert unit.all("Service", "DeviceAllow") == ["char-226", "rw"]


def test_every_file_is_installed_and_every_link_leads_somewhere(system: System) -> None:
    """Nothing is forgotten, and what starts by itself is there."""
    installed = {path.name for path in system.root.rglob("*")}
    links = [link for link in (system.root / "etc/systemd/system").glob("*.wants/*") if ours(link)]

    assert {path.name for path in SOURCE.rglob("*") if path.is_file()} - {"install"} <= installed
    assert links
    assert all((system.root / UNITS / link.readlink().name).is_file() for link in links)


def test_what_says_when_it_is_started_is_started_so(system: System) -> None:
    """The links that install makes are those that the units name."""
    for name, unit in system.units.items():
        for target in unit.all("Install", "WantedBy"):
            named = name.replace("@.", f"@{unit.one('Install', 'DefaultInstance')}.")
            assert (system.root / f"etc/systemd/system/{target}.wants/{named}").is_symlink(), name


def test_install_may_be_run_again(system: System) -> None:
    """An update runs it over what is there."""
    before = sorted(system.root.rglob("*"))

    system.run(str(SOURCE / "install"), str(system.root))

    assert sorted(system.root.rglob("*")) == before


def ours(link: Path) -> bool:
    """Tell whether a link is to a unit of ours."""
    return "easyplayer" in link.name or link.suffix == ".mount"
