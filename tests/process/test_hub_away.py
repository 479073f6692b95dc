"""A box in virtual time and a real hub: the hub is away for an hour, and nobody in the room notices."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from easyplayer.asking import Surroundings
from easyplayer.drivers.host import Host
from easyplayer.drivers.hub_link import HubLink, Keychain, Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.hub_parts import HubDrivers
from easyplayer.status_view import Status
from tests.fakes.deck import Medium
from tests.fakes.workshop_tools import FakeTools
from tests.house import FakeBox
from tests.hub import postgres
from tests.process.hub_process import HubProcess
from tests.process.paired import NAME, VENUE, ZONE

pytestmark = pytest.mark.process

SONGS = {name: Medium(length_s=100.0) for name in "abcdefg"}
HOUR_S = 3600.0
STEP_S = 0.2
QUIET_S = 1.0


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HubProcess]:
    """Give a real hub, on one database or the other, with a venue."""
    if request.param == "sqlite":
        with HubProcess(tmp_path / "hub") as process:
            yield with_venue(process)
        return
    with postgres.cluster() as folder:
        postgres.run(folder, "CREATE DATABASE hub")
        with HubProcess(tmp_path / "hub", postgres.url(folder, "hub")) as process:
            yield with_venue(process)


def with_venue(hub: HubProcess) -> HubProcess:
    """Let an operator set up a venue."""
    hub.tell("group", "add", "bars", "--name", "Bars")
    hub.tell("venue", "add", VENUE, "--name", NAME, "--time-zone", ZONE, "--group", "bars")
    return hub


class HubBox(FakeBox):
    """A whole box in virtual time, with the real way to a real hub."""

    def __init__(self, hub: HubProcess, state: Path) -> None:
        state.mkdir()
        tools = FakeTools(state)
        host: Surroundings = Host()
        drivers = HubDrivers(
            make_link=make_link, make_tunnel=lambda _spec, report: tools.tunnel.connect(report), host=host,
            tools=tools.tools,
        )  # fmt: skip
        super().__init__(SONGS, state=state, hub_drivers=drivers, hub={"url": hub.url})
        self.log = state / "as-run.sqlite"

    @property
    def status(self) -> Status:
        """The last status that was published."""
        status = self.last("status_published").args[0]
        assert isinstance(status, Status)
        return status

    def chain(self) -> tuple[int, dict[int, str]]:
        """Give up to which entry the hub has acknowledged the log, and its hashes by number."""
        with closing(sqlite3.connect(self.log)) as database:
            (acknowledged,) = database.execute("SELECT acknowledged FROM log").fetchone()
            return acknowledged, dict(database.execute("SELECT number, hash FROM chain"))

    def songs_started(self) -> int:
        """Count the songs that began to sound."""
        return len(self.witness.all("item_started"))


def make_link(way: Way, keychain: Keychain) -> HubLink:
    """Make the real way to the hub."""
    return WebLink(way, keychain)


def test_hub_that_is_away_for_an_hour_loses_nothing_gets_nothing_twice_and_is_not_heard(
    hub: HubProcess, tmp_path: Path
) -> None:
    """The log has every song in the end, the music has no gap, and the claim still holds."""
    with HubBox(hub, tmp_path / "box") as box:
        box.run_until(lambda: bool(box.told("claim_code_shown")) and bool(box.status.hub.claim_code))
        hub.tell("box", "claim", box.status.hub.claim_code, "--venue", VENUE)
        box.run_until(lambda: box.status.hub.place == f"{NAME}, main")
        box.run_for(200, STEP_S)

        hub.kill()
        before = box.songs_started()
        silent = [second for second in range(int(HOUR_S)) if not heard_in(box)]
        assert silent == []
        assert box.songs_started() - before >= HOUR_S // 100 - 1
        assert box.status.hub.trouble
        assert box.chain()[0] < len(box.chain()[1])

        hub.start()
        hub.await_health()
        box.run_until(lambda: box.chain()[0] == len(box.chain()[1]) > HOUR_S // 100, within_s=1500)
        box.run_until(lambda: box.status.hub.trouble == "", within_s=10)
        assert hub.stored() == box.chain()[1]
        assert len(set(hub.stored())) >= box.songs_started() - 2


def heard_in(box: HubBox) -> bool:
    """Let a second pass; tell whether something was heard at its end."""
    box.run_for(QUIET_S, STEP_S)
    return bool(box.heard)
