"""What the box says of itself is said on the lines that the kernel was told of, and on no others."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.systemd.system import SOURCE, UNITS, System, Unit

GENERATOR = SOURCE / "generators/easyplayer-display"


def displays(folder: Path, consoles: str) -> set[str]:
    """Have units made for a kernel's consoles, and give those that are started."""
    active = folder / "sys/class/tty/console/active"
    active.parent.mkdir(parents=True)
    active.write_text(consoles)
    places = [folder / name for name in ("units", "early", "late")]
    subprocess.run(
        [GENERATOR, *places],
        env={"PATH": os.environ["PATH"], "EASYPLAYER_SYSFS": str(folder / "sys")},
        check=True,
        cwd="/",
    )
    wants = places[0] / "multi-user.target.wants"
    return {link.name for link in wants.iterdir()} if wants.exists() else set()


@pytest.mark.parametrize("line", ["ttyS0", "ttyAMA0", "ttymxc1", "hvc0"])
def test_serial_line_that_the_kernel_was_told_of_shows_the_box(tmp_path: Path, line: str) -> None:
    """Whatever the board calls it; the screen beside it is there anyway."""
    assert displays(tmp_path, f"tty1 {line}\n") == {f"easyplayer-display@{line}.service"}


@pytest.mark.parametrize("consoles", ["tty1\n", "tty0\n", "\n", ""])
def test_nothing_is_said_where_nobody_asked_for_it(tmp_path: Path, consoles: str) -> None:
    """A line may lead to a till, or to a door."""
    assert displays(tmp_path, consoles) == set()


def test_first_screen_is_always_told(system: System) -> None:
    """Whether or not there is a serial line, and as a screen; and systemd finds what makes the others."""
    assert "easyplayer-display@tty1.service" in system.wanted()
    screen = Unit(system.root / UNITS / "easyplayer-display@tty1.service.d/screen.conf")
    assert screen.one("Service", "Environment") == "TERM=linux"
    assert system.units["easyplayer-display@.service"].one("Service", "TTYReset") == "no"
    made = system.root / "usr/lib/systemd/system-generators/easyplayer-display"
    assert os.access(made, os.X_OK)
