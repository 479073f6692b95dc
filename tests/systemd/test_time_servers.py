"""Time servers that the venue's network names, handed on to chrony."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.systemd.system import SOURCE, System

SCRIPT = SOURCE / "lib/time-servers"


class Bench:
    """The script, networkd's state, and a chronyc that only writes down what it is told."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / "state"
        self._told = folder / "told"
        self.sources = folder / "network.sources"
        chronyc = folder / "bin/chronyc"
        chronyc.parent.mkdir()
        chronyc.write_text(f'#!/bin/sh\necho "$*" >>{self._told}\n')
        chronyc.chmod(0o755)
        self._environment = {
            "PATH": f"{chronyc.parent}:{os.environ['PATH']}",
            "EASYPLAYER_STATE": str(self._state),
            "EASYPLAYER_SOURCES": str(self.sources),
        }

    @property
    def told(self) -> list[str]:
        """What chronyc was told."""
        return self._told.read_text().splitlines() if self._told.exists() else []

    def network_names(self, servers: str) -> str:
        """Have the network name servers, and give what chrony reads then."""
        self._state.write_text(f"OPER_STATE=routable\nNTP={servers}\nDOMAINS=venue\n")
        self.run()
        return self.sources.read_text()

    def run(self) -> str:
        """Run the script, and give what it says."""
        return subprocess.run(
            [SCRIPT], env=self._environment, check=True, cwd="/", capture_output=True, text=True
        ).stderr


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_servers_that_the_network_names_are_asked(bench: Bench) -> None:
    """By name, and by either kind of address; chrony is told to read them."""
    sources = bench.network_names("10.0.2.2 ntp.venue.example fd00::2")

    assert sources == "server 10.0.2.2 iburst\nserver ntp.venue.example iburst\nserver fd00::2 iburst\n"
    assert bench.told == ["reload sources"]


def test_chrony_is_left_alone_while_nothing_changes(bench: Bench) -> None:
    """Networkd writes its state often."""
    bench.network_names("10.0.2.2")
    bench.network_names("10.0.2.2")

    assert bench.told == ["reload sources"]
    assert bench.network_names("") == ""
    assert len(bench.told) == 2


def test_script_is_run_at_the_start_whatever_the_network_has_said_by_then(
    bench: Bench, system: System
) -> None:
    """A lease from before anybody listened is told as well; a network that is not up yet is no error."""
    assert "easyplayer-time-servers.service" in system.wanted()
    after = system.units["easyplayer-time-servers.service"].all("Unit", "After")
    assert "easyplayer-time-servers.path" in after
    assert bench.run() == ""
    assert bench.sources.read_text() == ""


@pytest.mark.parametrize("odd", ["-x", "*", "$(reboot)", "a;b", "10.0.2.2,trust", "ä"])
def test_network_can_say_nothing_but_names(bench: Bench, odd: str) -> None:
    """Whatever else it says is left out."""
    assert bench.network_names(f"{odd} 10.0.2.2") == "server 10.0.2.2 iburst\n"
