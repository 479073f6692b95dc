"""The live channel, from the box's side: with the talk of heartbeats beside it, and a hub at both ends."""

import logging
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec import structs

from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.live_line import POLLING, WEBSOCKET, LineEnded, LineSpec
from easyplayer.errors import LinkError
from easyplayer.events import status_published
from easyplayer.hub_events import command_finished, forget_hub, go_offline
from easyplayer.lifeline import SPREAD_OVER, Lifeline, State
from easyplayer.live import LiveChannel
from easyplayer.pacing import FIRST_S, LONGEST_WAIT_S, SPREAD
from easyplayer.protocol.commands import CommandResult, Outcome, Reason
from easyplayer.protocol.heartbeat import Disk, Identity, Storage
from easyplayer.protocol.live import Orders, Wake, Watch, Welcome
from easyplayer.units import Seconds
from tests.fakes.hub_link import NEXT_S, FakeHub
from tests.fakes.live_line import LIVE_HEARTBEAT_S, FakeLiveHub
from tests.test_webclient import HUB, Line

WITHIN_S = NEXT_S * (1 + SPREAD) + 1


class LiveBox(Line):
    """A web client with a live channel beside it, and a hub.

    :ivar live: the hub's end of the lines.
    """

    def __init__(self, state: Path, hub: FakeHub | None = None, *, fresh: bool = False) -> None:
        super().__init__(state, hub, fresh=fresh)
        self.status = structs.replace(self.status, sink="bar")
        self.live = FakeLiveHub(self.hub)
        self.surround(self.live.pump)
        spec = LineSpec(way=Way(url=HUB), transports=(WEBSOCKET, POLLING), make_link=self._make_link)
        self.channel = LiveChannel(
            self.live.make_line, spec, self.membership, self.client.report, self.ticker, chance=Random(2)
        )
        self.open(self.channel)

    @property
    def lifeline(self) -> Lifeline:
        """What keeps the line."""
        return self.channel._lifeline

    @property
    def is_live(self) -> bool:
        """Whether the channel is live."""
        return self.lifeline.state is State.LIVE

    def go_live(self) -> "LiveBox":
        """Let the channel come up, and the heartbeat behind that be answered."""
        self.run_until(lambda: self.is_live)
        self.wait(WITHIN_S)
        return self

    def publish(self, seconds: float = 0.5, **fields: Any) -> None:
        """Change how the box is, and let it be published for a while."""
        self.status = structs.replace(self.status, **fields)
        for _ in range(round(seconds / 0.5)):
            self.wait(0.5)
            self.fire(status_published(None))


@pytest.fixture(name="box")
def _box(tmp_path: Path) -> LiveBox:
    """Give a box that is live, and whose heartbeats are stretched."""
    return LiveBox(tmp_path).go_live()


class TestComingUp:
    """From the first answer to the welcome."""

    def test_the_line_is_opened_once_the_hub_has_answered(self, tmp_path: Path) -> None:
        """By the token of the session that the heartbeat has opened."""
        box = LiveBox(tmp_path).meet()
        box.wait(FIRST_S + 1)

        assert box.is_live
        assert box.hub.asked.count("session") == 1
        assert box.told("live_opened") == [[WEBSOCKET, LIVE_HEARTBEAT_S]]

    def test_a_box_that_nobody_knows_has_none(self, tmp_path: Path) -> None:
        """It has one seconds after it was claimed."""
        box = LiveBox(tmp_path, fresh=True)
        box.wait(120)
        assert box.live.made == []
        box.hub.claimed = True
        box.wait(20)
        assert box.is_live

    def test_a_token_that_the_hub_does_not_take_is_renewed(self, box: LiveBox) -> None:
        """Once, as with a heartbeat."""
        box.hub.forget_sessions()
        box.live.hang_up()
        box.settle()
        box.run_until(lambda: box.is_live, within_s=SPREAD_OVER * NEXT_S + 1)
        assert box.hub.asked.count("session") == 2

    def test_the_line_is_not_live_before_the_welcome(self, tmp_path: Path) -> None:
        """And nothing is heeded that is said before it."""
        box = LiveBox(tmp_path)
        box.live.welcome = None
        box.meet()
        box.wait(FIRST_S + 1)
        box.live.tell(Wake())
        box.settle()
        assert box.told("heartbeat_wanted") == []
        box.live.tell(Welcome(heartbeat_s=Seconds(60.0)))
        box.settle()

        assert box.told("live_opened") == [[WEBSOCKET, 60.0]]

    def test_an_upgrade_is_told(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """It is the same channel, by another way."""
        caplog.set_level(logging.INFO)
        box = LiveBox(tmp_path)
        box.live.transport = POLLING
        box.go_live()
        box.live.upgrade()
        box.settle()

        assert [transport for transport, _ in box.told("live_opened")] == [POLLING, WEBSOCKET]
        assert "the live channel is up, by polling" in caplog.text
        assert "the live channel is up, by websocket" in caplog.text

    def test_another_welcome_changes_the_interval(self, box: LiveBox) -> None:
        """A hub may have more to do than it thought."""
        box.live.tell(Welcome(heartbeat_s=Seconds(600.0)))
        box.wait(LIVE_HEARTBEAT_S * 1.2)
        beats = box.beats
        box.wait(500)
        assert box.beats == beats


class TestGoingDown:
    """What ends it, and what then."""

    def test_a_line_that_breaks_is_opened_again(self, box: LiveBox, caplog: pytest.LogCaptureFixture) -> None:
        """The heartbeats bridge the gap."""
        caplog.set_level(logging.INFO)
        beats = box.beats
        box.live.hang_up(LineEnded(reason="the line broke off"))
        box.settle()
        assert box.told("live_closed") == [["the line broke off"]]
        assert "no live channel: the line broke off" in caplog.text
        box.live.silent = True
        box.wait(2 * NEXT_S + 1)
        assert box.beats > beats
        box.live.silent = False
        box.wait(600)
        assert box.is_live

    def test_why_there_is_none_is_told_once_for_each_reason(self, tmp_path: Path) -> None:
        """However often it is tried."""
        box = LiveBox(tmp_path)
        box.live.fault = LineEnded(reason="the proxy lets nothing through", status=502)
        box.wait(3 * LONGEST_WAIT_S)
        assert box.live.opened >= 3
        assert box.told("live_closed") == [["the proxy lets nothing through"]]
        box.live.fault = LineEnded(reason="busy", rest_s=Seconds(60.0))
        box.wait(2 * LONGEST_WAIT_S)
        assert box.told("live_closed")[1:] == [["busy"]]

    def test_a_hub_that_is_away_is_left_to_the_heartbeat(self, box: LiveBox) -> None:
        """The line comes back after the heartbeat has."""
        box.hub.fault = LinkError("nobody is there")
        box.live.fault = LineEnded(reason="nobody is there")
        box.live.hang_up()
        box.wait(3600)
        opened = box.live.opened
        assert opened <= 3
        box.hub.fault = box.live.fault = None
        box.run_until(lambda: box.is_live, within_s=LONGEST_WAIT_S + 2 * SPREAD_OVER * NEXT_S)

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            (go_offline(Seconds(300.0)), "the box rehearses being offline"),
            (forget_hub("an operator wants it"), "the hub is forgotten"),
        ],
        ids=["offline", "forget"],
    )
    def test_it_is_closed_at_once(self, event: Any, reason: str, box: LiveBox) -> None:
        """Where the hub is not to be talked to."""
        line = box.live.line
        box.hub.claimed = False
        box.fire(event)

        assert line.closed
        assert box.told("live_closed") == [[reason]]
        box.wait(290)
        assert box.live.lines == []

    def test_a_rehearsal_that_is_over_brings_it_back(self, box: LiveBox) -> None:
        """Within seconds."""
        box.fire(go_offline(Seconds(600.0)))
        box.wait(300)
        assert not box.is_live
        box.fire(go_offline(Seconds(0.0)))
        box.wait(2 + FIRST_S + 1)
        assert box.is_live

    def test_a_clone_loses_it(self, box: LiveBox) -> None:
        """And comes back as another box."""
        line = box.live.line
        box.hub.reply = structs.replace(box.hub.reply, identity=Identity.CLONED)
        box.live.tell(Wake())
        box.wait(2)
        assert line.closed
        box.hub.reply = structs.replace(box.hub.reply, identity=Identity.FINE)
        box.wait(60)
        assert box.is_live
        assert box.live.line is not line

    def test_a_hub_that_has_forgotten_the_box_ends_it(self, box: LiveBox) -> None:
        """As soon as a heartbeat finds that out."""
        line = box.live.line
        box.hub.forget_boxes()
        box.live.tell(Wake())
        box.wait(120)
        assert line.closed
        assert box.told("live_closed") == [["the hub does not know this box any more"]]

    def test_what_a_line_says_that_was_given_up_counts_for_nothing(self, box: LiveBox) -> None:
        """It may have been on its way to the loop."""
        line = box.live.line
        box.fire(go_offline(Seconds(5.0)))
        box.wait(30)
        assert box.is_live
        line.end(LineEnded(reason="an old story"))
        line.happen(LineEnded(reason="an old story"))
        box.settle()
        assert box.is_live

    def test_a_websocket_that_breaks_soon_is_followed_by_polls(self, box: LiveBox) -> None:
        """They prove first that something comes back through it."""
        box.live.hang_up()
        box.wait(600)
        assert box.is_live
        assert [line.spec.transports[0] for line in box.live.made] == [WEBSOCKET, POLLING]

    def test_the_end_of_the_box_is_the_end_of_it(self, box: LiveBox) -> None:
        """Nothing is opened any more."""
        line = box.live.line
        box.channel.close()
        box.wait(600)
        assert line.closed
        assert box.live.lines == []


class TestHeartbeats:
    """They are sent less often while it is up."""

    def test_they_are_stretched_and_become_usual_again(self, box: LiveBox) -> None:
        """Not at the instant at which the line breaks, but within two intervals."""
        beats = box.beats
        box.wait(10 * LIVE_HEARTBEAT_S)
        assert box.beats - beats in {9, 10, 11}
        box.live.silent = True
        box.live.hang_up()
        beats = box.beats
        box.settle()
        assert box.beats == beats
        box.wait(20 * NEXT_S)
        assert box.beats - beats in range(17, 24)

    def test_the_hub_can_wake_the_box(self, box: LiveBox) -> None:
        """At once, or at random within some time."""
        beats = box.beats
        box.live.tell(Wake())
        box.wait(0.5)
        assert box.beats == beats + 1
        box.live.tell(Wake(within_s=Seconds(30.0)))
        box.wait(31)
        assert box.beats == beats + 2

    @pytest.mark.parametrize(
        "change", [{"sink": ""}, {"state": "stopped"}, {"failures": 1}, {"verdict": "blocked"}], ids=str
    )
    def test_what_an_operator_must_know_is_told_at_once(self, change: dict[str, Any], box: LiveBox) -> None:
        """Though the next heartbeat would be minutes away."""
        box.publish(1.0)
        beats = box.beats
        box.publish(1.5, **change)

        assert box.beats == beats + 1
        assert box.hub.status is not None
        assert change.items() <= structs.asdict(box.hub.status).items()

    def test_what_else_changes_is_told_within_the_usual_time(self, box: LiveBox) -> None:
        """The hub's picture of a live box is no older than of one that is not, and chance spreads a fleet."""
        box.publish(1.0)
        beats = box.beats
        box.publish(1.0, volume=12)
        assert box.beats == beats
        box.publish(NEXT_S * (1 + SPREAD))

        assert box.beats == beats + 1
        assert box.hub.status is not None
        assert box.hub.status.volume == 12

    def test_what_changes_all_the_time_is_told_no_more_often_than_usual(self, box: LiveBox) -> None:
        """As if there were no live channel."""
        box.publish(1.0)
        beats = box.beats
        for number in range(100):
            box.publish(0.5, volume=number)
        assert box.beats - beats <= 50.0 / NEXT_S + 1

    def test_what_trembles_is_told_with_the_next_heartbeat_only(self, box: LiveBox) -> None:
        """Some bytes more or less on a disk, or a live box would send one after the other."""
        box.publish(1.0)
        beats = box.beats
        for free in range(20):
            disk = Disk(name="/media", free_bytes=2**30 + free)
            box.publish(5.0, storage=Storage(free_bytes=disk.free_bytes, disks=(disk,)))
        assert box.beats - beats <= 1

    def test_a_storm_of_it_is_not(self, box: LiveBox) -> None:
        """Every ten seconds at the most."""
        box.publish(1.0)
        beats = box.beats
        for number in range(60):
            box.publish(1.0, failures=number)
        assert box.beats - beats <= 7

    def test_a_box_that_is_not_live_does_not_hurry(self, box: LiveBox) -> None:
        """Its heartbeats are frequent enough, and a hub that is in trouble is not pressed."""
        box.live.silent = True
        box.live.hang_up()
        box.publish(1.0)
        box.publish(10.0, sink="")
        assert box.told("heartbeat_wanted") == []


class TestCommands:
    """They come by the channel."""

    def test_one_is_carried_out_at_once(self, box: LiveBox) -> None:
        """And its result goes by a heartbeat at once."""
        signed = box.hub.command("skip", number=1)
        box.live.tell(Orders(commands=(signed,)))
        box.settle()
        (command,) = box.told("carry_out")[0]
        box.fire(command_finished(CommandResult(command=command.id, outcome=Outcome.DONE)))
        box.wait(1)

        assert box.hub.results[command.id].outcome is Outcome.DONE

    def test_a_question_is_answered_at_once(self, box: LiveBox) -> None:
        """By a heartbeat."""
        box.live.tell(Orders(commands=(box.hub.command("status", number=1),)))
        box.wait(1)
        assert box.hub.results["command-1"].data["state"] == "playing"

    def test_one_that_must_not_be_done_is_refused(self, box: LiveBox) -> None:
        """The line is believed no more than the heartbeat is."""
        box.live.tell(Orders(commands=(box.hub.command("reboot", number=1, seed=b"x" * 32),)))
        box.wait(1)
        assert box.hub.results["command-1"].reason is Reason.BAD_SIGNATURE
        assert box.told("carry_out") == []

    def test_what_cannot_be_read_is_passed_over_and_told(
        self, box: LiveBox, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Once, and the channel stays; so does it with what only a newer hub knows."""
        for _ in range(3):
            box.live.tell('{"kind":"wake","within_s":"soon"}')
        box.live.tell('{"kind":"dance"}')
        box.settle()

        assert box.is_live
        assert caplog.text.count("cannot be read") == 1


class TestWatching:
    """Somebody looks at the box."""

    def test_it_reports_while_it_is_watched(self, box: LiveBox) -> None:
        """Twice a second; with what heartbeats tell of the hub's matters."""
        box.live.tell(Watch(seconds=Seconds(5.0)))
        box.publish(20.0)
        reports = box.live.line.reports

        assert len(reports) in {9, 10, 11}
        assert reports[0].status == box.client.report()[1]
        assert [report.status for report in reports[1:]] == [None] * (len(reports) - 1)

    def test_a_line_that_takes_nothing_costs_nothing(self, box: LiveBox) -> None:
        """The reports are lost, and the box goes on."""
        box.live.tell(Watch(seconds=Seconds(60.0)))
        box.live.line.stuck = True
        box.publish(10.0)
        assert box.live.line.reports == []
        assert box.is_live

    def test_a_line_that_was_clogged_shows_everything_again(self, box: LiveBox) -> None:
        """What was shown while it was would be missing else until the watch is renewed."""
        box.live.tell(Watch(seconds=Seconds(60.0)))
        box.live.line.stuck = True
        box.publish(2.0, volume=7)
        box.live.line.stuck = False
        box.publish(2.0)
        assert [report.status for report in box.live.line.reports] == [
            box.client.report()[1],
            None,
            None,
            None,
        ]

    def test_nothing_is_reported_to_nobody(self, box: LiveBox) -> None:
        """The line is silent but for its own pings."""
        box.publish(60.0)
        assert box.live.line.sent == []
