"""The guide tells of every unit, and of each what is true."""

import re

import pytest

from tests.systemd.system import ROOT, SOURCE, System

PAGE = (ROOT / "docs/guide/services.md").read_text()
ROW = re.compile(r"^\| `([\w.@-]+)` \| .+? \| *(\w*) *\| *([\d.]*) *\|$", re.MULTILINE)
ROWS = {name: (user, exposure) for name, user, exposure in ROW.findall(PAGE)}


def test_table_names_every_unit_and_no_other(system: System) -> None:
    """In `docs/guide/services.md`."""
    assert set(ROWS) == set(system.units)


@pytest.mark.parametrize("name", [name for name in sorted(ROWS) if name.endswith(".service")])
def test_table_tells_whose_a_service_is(system: System, name: str) -> None:
    """Root's, where the unit names nobody."""
    assert ROWS[name][0] == (system.units[name].one("Service", "User") or "root")


def test_what_a_technician_can_type_is_there() -> None:
    """Each path that the page names is one that is installed, or made by a unit."""
    files = {path.name for path in SOURCE.rglob("*")}

    named = re.findall(r"/usr/lib/easyplayer/(\w+)", PAGE)

    assert named
    assert set(named) <= files
