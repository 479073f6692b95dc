"""A whole box with a live channel: what the hub wants is heard at once, and nothing depends on the line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from easyplayer.cli.status import rows
from easyplayer.drivers.live_line import POLLING, WEBSOCKET, LineEnded
from easyplayer.hub_parts import HubDrivers
from easyplayer.lifeline import State
from easyplayer.live import LiveChannel
from easyplayer.protocol.commands import Outcome
from easyplayer.protocol.live import Orders, Wake, Watch
from easyplayer.status_view import Status
from easyplayer.units import Seconds
from tests.fakes.deck import Medium
from tests.fakes.hub_link import FakeHub, FakeHubLink
from tests.fakes.live_line import FakeLiveHub
from tests.fakes.workshop_tools import FakeTools
from tests.house import FakeBox
from tests.test_webclient import HUB, Desk

SONGS = {name: Medium(length_s=60.0) for name in "ab"}


class WholeBox(FakeBox):
    """A whole box, and a hub that a test holds in its hand.

    :ivar hub: the hub; ``live`` is its end of the lines.
    """

    def __init__(self, state: Path, **hub_settings: Any) -> None:
        self.hub = FakeHub()
        self.hub.claimed = True
        self.live = FakeLiveHub(self.hub)
        self.tools = FakeTools(state / "scratch")
        drivers = HubDrivers(
            make_link=lambda _way, keychain: FakeHubLink(self.hub, keychain, self.clock, HUB),
            make_tunnel=lambda _spec, report: self.tools.tunnel.connect(report),
            make_line=self.live.make_line,
            host=Desk(),
            tools=self.tools.tools,
        )
        super().__init__(SONGS, state=state, hub_drivers=drivers, hub={"url": HUB, **hub_settings})
        self.hub.wall = self.wall.now

    def world(self) -> tuple[Callable[[], bool], ...]:
        """Give the drivers, the workers, and the lines."""
        return (*super().world(), self.live.pump, self.tools.pump)

    def go_live(self) -> None:
        """Let the channel come up, while the first song plays."""
        self.run_until_heard("a", within_s=5.0)
        self.run_until(lambda: self.part(LiveChannel)._lifeline.state is State.LIVE, within_s=20.0)

    @property
    def shown(self) -> dict[str, str]:
        """What the status says, name by name."""
        self.run_for(0.6)
        status = self.last("status_published").args[0]
        assert isinstance(status, Status)
        return dict(rows(status, 0.0))


def test_a_command_is_heard_at_once(tmp_path: Path) -> None:
    """And the hub has its result within seconds, though heartbeats are minutes apart."""
    with WholeBox(tmp_path) as box:
        box.go_live()
        box.run_for(40.0)
        box.live.tell(Orders(commands=(box.hub.command("skip", number=1),)))
        box.run_until(lambda: "b" in box.heard, within_s=0.3)
        box.run_until(lambda: "command-1" in box.hub.results, within_s=5.0)
        assert box.hub.results["command-1"].outcome is Outcome.DONE


def test_the_status_shows_how_it_goes(tmp_path: Path) -> None:
    """Of the technician, and of the hub."""
    with WholeBox(tmp_path, live="polling") as box:
        box.go_live()
        box.live.tell(Wake())
        box.run_for(1.5)
        assert box.live.line.spec.transports == (POLLING, WEBSOCKET)
        assert box.shown["live"] == "by websocket"
        assert box.hub.status is not None
        assert box.hub.status.live == WEBSOCKET
        box.live.fault = LineEnded(reason="the proxy lets nothing through")
        box.live.hang_up(LineEnded(reason="the line broke off"))
        assert box.shown["live"] == "no: the line broke off"


def test_who_watches_sees_it_play(tmp_path: Path) -> None:
    """Level, position and title, twice a second."""
    with WholeBox(tmp_path) as box:
        box.go_live()
        box.live.tell(Watch(seconds=Seconds(5.0)))
        box.run_for(4.0)
        first, *others = box.live.line.reports

        assert first.status is not None
        assert first.status.item is not None
        assert first.status.item.id == "a"
        positions = [report.now.position_s for report in (first, *others)]
        assert len(positions) in {7, 8}
        assert positions == sorted(positions)
        assert others[-1].now.level_db > -60


def test_a_rehearsal_closes_it_and_the_music_goes_on(tmp_path: Path) -> None:
    """The command comes by the line that it closes."""
    with WholeBox(tmp_path) as box:
        box.go_live()
        signed = box.hub.command("rehearse_offline", number=1, args={"minutes": 1})
        box.live.tell(Orders(commands=(signed,)))
        box.run_until(lambda: box.live.line.closed, within_s=5.0)
        box.run_for(30.0)
        assert box.live.lines == []
        box.run_until(lambda: bool(box.live.lines) and "command-1" in box.hub.results, within_s=90.0)
        assert box.hub.results["command-1"].outcome is Outcome.DONE


def test_the_box_ends_while_a_line_is_being_opened(tmp_path: Path) -> None:
    """Whatever hangs there."""
    box = WholeBox(tmp_path)
    box.live.silent = True
    with box:
        box.run_until(lambda: bool(box.live.made), within_s=20.0)
    assert box.live.line.closed


@pytest.mark.parametrize("live", ["off", "websocket"])
def test_it_can_be_turned_off(live: str, tmp_path: Path) -> None:
    """Everything else goes by heartbeat then."""
    with WholeBox(tmp_path, live=live) as box:
        box.run_for(12.0)
        assert bool(box.live.made) is (live != "off")
        assert len(box.hub.heartbeats) == 1
