"""A root directory with our part of the system in it, as ``systemd/install`` puts it there."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "systemd"
UNITS = "usr/lib/systemd/system"
LINKS = "etc/systemd/system"
OTHERS = (
    "opt/easyplayer/.venv/bin/circusd",
    "opt/easyplayer/.venv/bin/easyplayer",
    "usr/bin/pulseaudio",
    "usr/bin/mount",
    "usr/bin/umount",
)
"""Programs that our units start, and that come from elsewhere."""
IN_FILES = (".service", ".socket", ".mount", ".path")


class Unit:
    """A unit file; a key that comes more than once has all of its values."""

    def __init__(self, file: Path) -> None:
        self._values: dict[tuple[str, str], list[str]] = {}
        section = ""
        for line in file.read_text().splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif "=" in line and not line.startswith(("#", ";")):
                key, _, value = line.partition("=")
                self._values.setdefault((section, key), []).append(value)

    def all(self, section: str, key: str) -> list[str]:
        """Give every word of a key."""
        return [word for value in self._values.get((section, key), []) for word in value.split()]

    def one(self, section: str, key: str) -> str:
        """Give the last value of a key; empty where there is none."""
        return (self._values.get((section, key)) or [""])[-1]


@dataclass(frozen=True)
class System:
    """Our part of the system, installed into a root directory.

    :ivar root: that directory.
    """

    root: Path

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Our units, by the names of their files."""
        there = sorted((SOURCE / "system").iterdir())
        return {one.name: Unit(one) for one in there if one.suffix in IN_FILES}

    @property
    def services(self) -> dict[str, Unit]:
        """Those that are services."""
        return {name: unit for name, unit in self.units.items() if name.endswith(".service")}

    def wanted(self) -> set[str]:
        """Name what starts by itself."""
        return {link.name for link in (self.root / LINKS).glob("*.wants/*")}

    def run(self, *command: str) -> str:
        """Run one of systemd's tools, and give all that it says.

        :raises AssertionError: it fails.
        """
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return said


def install(root: Path) -> System:
    """Install our part of the system, beside the units of Debian that are on this machine."""
    for name in OTHERS:
        program = root / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    shutil.copytree("/usr/lib/systemd/system", root / UNITS, symlinks=True)
    subprocess.run([SOURCE / "install", root], check=True)
    return System(root)


def instance(name: str) -> str:
    """Name a unit that can be started: one of a template, such as ``sdb1``."""
    return name.replace("@.", "@sdb1.")
