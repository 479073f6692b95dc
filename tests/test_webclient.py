"""The talk with the hub, from both of its sides."""

import logging
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec import structs

from easyplayer.asking import Self
from easyplayer.component import Background
from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import LinkError, StateError
from easyplayer.events import clock_stepped
from easyplayer.hub_events import (
    command_finished,
    forget_hub,
    go_offline,
    log_ready,
    log_received,
    sync_with_hub,
)
from easyplayer.interval import PATIENCE_S
from easyplayer.membership import Kept, Membership
from easyplayer.pacing import FIRST_S, LONGEST_WAIT_S
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.commands import CommandResult, Outcome, Reason
from easyplayer.protocol.heartbeat import Identity, LogHead, Machine, Now, Place, Reply, Status
from easyplayer.protocol.versions import Versions
from easyplayer.storage_events import storage_switched
from easyplayer.units import Instant, Seconds
from easyplayer.webclient import WebClient
from tests.fakes.clock import HeldWall
from tests.fakes.hub_link import NEXT_S, WALL, FakeHub, FakeHubLink, HeldLog
from tests.fakes.work import HeldWorker
from tests.house import Stage

HUB = "https://hub.example"
STEP = 0.25


class Desk:
    """A machine that is always the same."""

    def measure(self) -> Machine:
        return Machine(name="box")

    def fingerprint(self) -> str:
        return "f" * 64


class Line(Stage):
    """A web client and a hub.

    :param state: the state directory of the box.
    :param hub: the hub; it knows the box unless ``fresh`` is said.
    :param fresh: whether the box is a new one, which waits to be claimed.
    """

    def __init__(
        self, state: Path, hub: FakeHub | None = None, *, fresh: bool = False, in_sync: bool = True
    ) -> None:
        super().__init__()
        self.hub = hub or FakeHub()
        self.hub.wall = lambda: WALL + self.clock()
        self.hub.claimed = self.hub.claimed or not fresh
        self.wall = HeldWall(self.clock, WALL + self.clock(), in_sync=in_sync)
        self.membership = membership(state, self)
        self.status = Status(version="1", state="playing")
        self.links: list[FakeHubLink] = []
        self.log = HeldLog()
        self.workers: dict[str, HeldWorker] = {}
        me = Self(name="till", boot="boot-1", host=Desk(), report=self._report, wall=self.wall)
        self.client = WebClient(
            self.membership, self._make_link, me, self.log, self.ticker,
            make_worker=self._make_worker, chance=Random(1),
        )  # fmt: skip
        self.open(self.client)

    def _report(self) -> tuple[Now, Status]:
        return Now(uptime_s=Seconds(1.0), time=self.wall.now()), self.status

    def _make_link(self) -> FakeHubLink:
        self.links.append(FakeHubLink(self.hub, self.membership, self.clock, HUB))
        return self.links[-1]

    def _make_worker(self, fire: Any, name: str) -> HeldWorker:
        worker = self.workers.setdefault(name, HeldWorker(fire, name))
        self.surround(worker.pump)
        return worker

    def wait(self, seconds: float) -> None:
        """Let time pass, in steps that are good enough here."""
        self.run_for(seconds, step_s=STEP)

    def meet(self) -> "Line":
        """Let the first heartbeat be answered."""
        self.run_until(lambda: bool(self.hub.heartbeats))
        return self

    @property
    def beats(self) -> int:
        """How many heartbeats have come to the hub."""
        return len(self.hub.heartbeats)


def membership(state: Path, stage: Stage, **given: Any) -> Membership:
    """Make a membership that is kept in a directory."""
    file = StateFile(state / "hub.json", Kept)
    options = {"boot": "boot-1", "clock": stage.clock, **given}
    return Membership(HUB, file, BoxKey(state / "box.key"), **options)


@pytest.fixture(name="line")
def _line(tmp_path: Path) -> Line:
    """Give a client that is claimed, and whose first heartbeat was answered."""
    return Line(tmp_path).meet()


class TestPairing:
    """A box that nobody knows."""

    def test_it_shows_its_code_until_it_is_claimed(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """And sends its first heartbeat at once then."""
        caplog.set_level(logging.INFO)
        line = Line(tmp_path, fresh=True)
        line.wait(30)
        (code,) = line.told("claim_code_shown")[0]
        assert line.beats == 0
        line.hub.claimed = True
        line.wait(10)

        assert line.told("claim_code_shown") == [[code], [""]]
        assert line.beats == 1
        assert f"claim code {code}" in caplog.text
        assert line.hub.pairings[0].hub == HUB
        assert line.hub.pairings[0].machine == "f" * 64

    def test_a_box_that_was_paired_needs_no_pairing(self, tmp_path: Path) -> None:
        """It knows its hub, and its session goes on."""
        hub = FakeHub()
        Line(tmp_path, hub).meet()
        hub.asked.clear()
        Line(tmp_path, hub).wait(FIRST_S + 1)

        assert hub.asked == ["heartbeat"]

    def test_a_hub_that_has_lost_the_box_pairs_it_again_under_its_name(self, line: Line) -> None:
        """The key stays, and so does the box; a new code is shown."""
        box = line.hub.box
        line.hub.forget_boxes()
        line.wait(120)
        line.hub.claimed = True
        line.wait(30)

        assert line.hub.box == box
        assert line.told("claim_code_shown")[-1] == [""]
        assert len(line.told("claim_code_shown")) == 2

    def test_another_hub_in_its_place_is_not_talked_to(
        self, line: Line, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Somebody has taken its address: nothing is told to it, and no command taken."""
        line.hub.seeds = [bytes(32)]
        line.hub.forget_sessions()
        line.hub.command("reboot", number=1)
        before = line.beats
        line.wait(120)

        assert line.beats == before
        assert line.told("carry_out") == []
        assert "has other keys" in line.told("hub_lost")[-1][0]

    def test_a_hub_that_changes_its_key_in_steps_is_followed(self, line: Line) -> None:
        """As long as one of its keys is known."""
        line.hub.seeds = [b"n" * 32, *line.hub.seeds]
        line.hub.forget_sessions()
        line.wait(NEXT_S * 2)
        line.hub.command("skip", number=1)
        line.wait(NEXT_S * 2)

        assert [event.name for (event,) in line.told("carry_out")][:1] == ["skip"]

    def test_the_way_without_encryption_is_told(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once; on the machine itself it is as good as any."""
        monkeypatch.setattr("tests.test_webclient.HUB", "http://hub.example")
        Line(tmp_path)
        monkeypatch.setattr("tests.test_webclient.HUB", "http://127.0.0.1:8000")
        Line(tmp_path)

        assert caplog.text.count("is not encrypted") == 1


class TestHeartbeat:
    """What the hub hears, and when."""

    def test_the_first_comes_soon_and_tells_all(self, tmp_path: Path) -> None:
        """Within seconds after the start."""
        line = Line(tmp_path)
        line.wait(FIRST_S + 0.5 + 2)
        (first,) = line.hub.heartbeats

        assert (first.sequence, first.boot, first.machine) == (1, "boot-1", "f" * 64)
        assert first.status is not None
        assert first.status.machine.name == "box"
        assert line.told("hub_reached") == [[HUB]]

    def test_it_comes_when_the_hub_wants_it(self, line: Line) -> None:
        """About as often; ten minutes are twenty times."""
        line.wait(20 * NEXT_S)
        assert 18 <= line.beats <= 23

    def test_what_the_hub_knows_is_not_told_again(self, line: Line) -> None:
        """Until it changes."""
        line.wait(2 * NEXT_S)
        line.status = structs.replace(line.status, state="paused")
        line.wait(2 * NEXT_S)
        told = [beat.status.state for beat in line.hub.heartbeats if beat.status]

        assert told == ["playing", "paused"]
        assert line.beats >= 4
        assert len({beat.digest for beat in line.hub.heartbeats}) == 2

    def test_however_little_changes_it_is_told_now_and_then(self, line: Line) -> None:
        """Figures that change a little at a time go along then."""
        line.wait(2000)
        assert [bool(beat.status) for beat in line.hub.heartbeats].count(True) == 3

    def test_a_hub_that_wants_to_know_all_is_told(self, line: Line) -> None:
        """It has lost its memory."""
        line.hub.reply = structs.replace(line.hub.reply, wants_status=True)
        line.wait(5 * NEXT_S)
        assert [bool(beat.status) for beat in line.hub.heartbeats[:4]] == [True, False, True, True]

    def test_somebody_who_wants_it_now_has_it_now(self, line: Line) -> None:
        """But no more than once in a second."""
        line.wait(5)
        for _ in range(5):
            line.fire(sync_with_hub())
        line.wait(0.5)

        assert line.beats == 2

    def test_two_runs_are_told_apart(self, tmp_path: Path) -> None:
        """Each draws a name of its own, and counts from 1."""
        hub = FakeHub()
        for _ in range(2):
            Line(tmp_path, hub).wait(FIRST_S + 1)
        one, other = hub.heartbeats

        assert one.run != other.run
        assert one.sequence == other.sequence == 1

    def test_a_hub_of_another_time_is_told_as_trouble(self, line: Line) -> None:
        """The status says what to do."""
        line.hub.reply = structs.replace(line.hub.reply, protocol=Versions(current=9, lowest=9))
        line.wait(3 * NEXT_S)
        assert line.hub.status is not None
        assert line.hub.status.trouble == ("box and hub speak no common version: update this box",)


class TestAway:
    """A hub that does not answer."""

    def test_it_is_told_once_and_asked_ever_more_seldom(
        self, line: Line, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Never more seldom than every five minutes."""
        line.hub.fault = LinkError("nobody is there")
        line.hub.asked.clear()
        line.wait(4 * 3600)
        asked = len(line.hub.asked)

        assert line.told("hub_lost") == [["nobody is there"]]
        assert caplog.text.count("nobody is there") == 1
        assert 4 * 3600 / LONGEST_WAIT_S < asked < 400

    def test_it_is_back_and_told(self, line: Line) -> None:
        """And all goes on."""
        line.hub.fault = LinkError("nobody is there")
        line.wait(600)
        line.hub.fault = None
        line.wait(LONGEST_WAIT_S + 1)

        assert line.told("hub_reached") == [[HUB], [HUB]]
        assert line.beats >= 2

    def test_the_courier_that_finds_it_back_is_believed(self, line: Line) -> None:
        """The next heartbeat does not wait for its turn, which may be minutes away."""
        line.hub.fault = LinkError("away")
        line.wait(20 * LONGEST_WAIT_S)
        line.hub.fault = None
        before = len(line.told("hub_answered"))

        line.fire(log_received(Receipt(log="a" * 32, acknowledged=1)))
        line.wait(2.0)

        assert len(line.told("hub_answered")) == before + 1

    def test_one_that_wants_to_be_left_alone_is(self, line: Line) -> None:
        """For as long as it said, whatever there would be to tell."""
        line.hub.fault = LinkError("busy", 503, 600.0)
        line.wait(NEXT_S * 1.2)
        line.hub.fault = None
        line.hub.asked.clear()
        line.fire(command_finished(CommandResult(command="command-1", outcome=Outcome.DONE)))
        line.wait(560)

        assert line.hub.asked == []
        line.wait(120)
        assert "command-1" in line.hub.results

    def test_a_rehearsal_looks_like_it(self, line: Line) -> None:
        """Nothing is asked; afterwards all goes on at once."""
        line.hub.asked.clear()
        line.fire(go_offline(Seconds(300.0)))
        line.fire(sync_with_hub())
        line.wait(299)
        assert line.hub.asked == []
        assert "rehearses" in line.told("hub_lost")[0][0]
        line.wait(3)

        assert line.hub.asked == ["heartbeat"]

    def test_a_rehearsal_can_be_ended(self, line: Line) -> None:
        """Before its time."""
        line.fire(go_offline(Seconds(3000.0)))
        line.wait(60)
        line.hub.asked.clear()
        line.fire(go_offline(Seconds(0.0)))
        line.wait(3)

        assert line.hub.asked == ["heartbeat"]

    def test_one_that_hangs_is_given_up(self, line: Line) -> None:
        """The way to it is broken off, and another one is taken."""
        line.workers["hub"].busy = True
        line.wait(NEXT_S + PATIENCE_S + 10)
        assert line.links[0].closed
        line.workers["hub"].busy = False
        line.wait(2 * NEXT_S)

        assert len(line.links) == 2
        assert line.beats >= 2

    def test_the_client_closes_whatever_hangs(self, line: Line) -> None:
        """And what comes back late changes nothing."""
        line.wait(NEXT_S - 5)
        line.workers["hub"].busy = True
        line.wait(NEXT_S)
        line.client.close()
        line.workers["hub"].busy = False
        line.wait(3600)

        assert line.links[0].closed
        assert line.beats == 1
        assert line.told("hub_lost") == []

    def test_a_fault_of_our_own_is_one_failure(self, line: Line, caplog: pytest.LogCaptureFixture) -> None:
        """The client asks again."""
        line.hub.faults["heartbeat"] = ZeroDivisionError("oops")
        line.wait(NEXT_S * 1.2)
        line.hub.faults.clear()
        line.wait(LONGEST_WAIT_S)

        assert "asking the hub failed" in caplog.text
        assert line.beats >= 2


class TestCommands:
    """What the hub wants."""

    def test_a_command_goes_to_the_workshop_and_its_result_to_the_hub(self, line: Line) -> None:
        """The result goes at once, until it is confirmed."""
        line.hub.command("skip", number=1)
        line.wait(NEXT_S * 1.2)
        (command,) = line.told("carry_out")[0]
        line.fire(command_finished(CommandResult(command=command.id, outcome=Outcome.DONE)))
        line.wait(3)

        assert line.hub.results[command.id].outcome is Outcome.DONE
        assert line.told("results_confirmed") == [[(command.id,)]]
        beats = line.beats
        line.wait(NEXT_S * 2)
        assert all(beat.results == () for beat in line.hub.heartbeats[beats:])

    def test_a_result_is_repeated_until_it_is_confirmed(self, line: Line) -> None:
        """A hub that loses its answer is told again."""
        line.hub.confirms = False
        line.fire(command_finished(CommandResult(command="command-1", outcome=Outcome.DONE)))
        line.wait(4 * NEXT_S)
        assert [len(beat.results) for beat in line.hub.heartbeats[1:4]] == [1, 1, 1]
        line.hub.confirms = True
        line.wait(2 * NEXT_S)

        assert line.told("results_confirmed") == [[("command-1",)]]

    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("player_info", {"state", "reason", "item", "position_s", "next", "volume", "sink", "level_db"}),
            ("program_data", {"program", "revision", "digest", "autonomy", "storage"}),
        ],
    )
    def test_a_web_command_is_answered_at_once(self, name: str, fields: set[str], line: Line) -> None:
        """Within seconds after it has come."""
        line.hub.command(name, number=1)
        line.wait(NEXT_S * 1.2)
        result = line.hub.results["command-1"]

        assert (result.outcome, set(result.data)) == (Outcome.DONE, fields)
        assert line.told("carry_out") == []

    def test_status_tells_all(self, line: Line) -> None:
        """What the heartbeat would tell."""
        line.hub.command("status", number=1)
        line.wait(NEXT_S * 1.2)
        data = line.hub.results["command-1"].data

        assert (data["state"], data["uptime_s"], data["version"]) == ("playing", 1.0, "1")

    def test_one_that_must_not_be_done_is_refused_and_the_hub_knows_why(
        self, line: Line, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Signed by nobody it knows; the box does nothing."""
        line.hub.command("reboot", number=1, seed=b"x" * 32)
        line.wait(NEXT_S * 1.2)

        assert line.hub.results["command-1"].reason is Reason.BAD_SIGNATURE
        assert line.told("carry_out") == []
        assert "a command of the hub is refused" in caplog.text

    def test_it_expires_by_the_hubs_clock(self, line: Line) -> None:
        """The box's own may show anything."""
        line.wall.set_to(100.0)
        line.hub.command("skip", number=1, expires=WALL + line.clock() + 60)
        line.hub.command("pause", number=2, expires=WALL + line.clock() + 1)
        line.wait(NEXT_S * 1.2)

        assert [command.name for (command,) in line.told("carry_out")][:1] == ["skip"]
        assert line.hub.results["command-2"].reason is Reason.EXPIRED


class TestPlace:
    """Where the box is, and whether it may play."""

    def test_it_is_told_when_it_changes_and_at_the_start(self, tmp_path: Path) -> None:
        """Also without a network."""
        hub, place = FakeHub(), Place(name="bar", venue="v1", zone="main")
        line = Line(tmp_path, hub).meet()
        hub.reply = Reply(time=Instant(0), next_s=NEXT_S, blocked="not paid", place=place)
        line.wait(2 * NEXT_S)
        hub.fault = LinkError("away")
        again = Line(tmp_path, hub)
        again.wait(60)

        for one in (line, again):
            assert one.told("box_blocked")[-1] == ["not paid"]
            assert one.told("box_placed")[-1] == [place]
        assert len(line.told("box_blocked")) == 2
        assert len(again.told("box_blocked")) == 1

    def test_it_is_let_play_again(self, line: Line) -> None:
        """As soon as the hub says so."""
        line.hub.reply = structs.replace(line.hub.reply, blocked="not paid")
        line.wait(NEXT_S * 1.2)
        line.hub.reply = structs.replace(line.hub.reply, blocked="")
        line.wait(NEXT_S * 1.2)

        assert line.told("box_blocked") == [[""], ["not paid"], [""]]


class TestPrograms:
    """The program that the hub wants played."""

    def test_it_is_offered_until_it_is_taken(self, line: Line) -> None:
        """And the hub is told at once that it was."""
        head = line.hub.publish(b"a program", revision=1)
        line.wait(NEXT_S * 2.2)
        assert line.told("program_offered")[:2] == [[head], [head]]
        line.fire(storage_switched(head))
        line.wait(2)
        count = len(line.told("program_offered"))
        line.wait(NEXT_S * 2)

        assert line.hub.heartbeats[-1].revision == 1
        assert line.hub.status is not None
        assert (line.hub.status.revision, line.hub.status.digest) == (1, head.digest)
        assert len(line.told("program_offered")) == count

    def test_an_old_one_is_refused_and_told(self, line: Line, tmp_path: Path) -> None:
        """Also after a restart; somebody may have kept it to send it again."""
        old = line.hub.publish(b"old", revision=1)
        old_signed = line.hub.head
        line.fire(storage_switched(line.hub.publish(b"new", revision=2)))
        again = Line(tmp_path, line.hub)
        line.hub.head = old_signed
        again.wait(NEXT_S * 2.2)

        assert [old] not in again.told("program_offered")
        assert line.hub.status is not None
        assert "is an old one" in line.hub.status.trouble[0]

    def test_the_trouble_goes_with_its_cause(self, line: Line) -> None:
        """A program that is right takes the place of one that was not."""
        line.hub.publish(b"a program", revision=1, box="0" * 16)
        line.wait(NEXT_S * 2.2)
        assert line.hub.status is not None
        assert "is for box" in line.hub.status.trouble[0]
        line.hub.publish(b"a program", revision=1)
        line.wait(NEXT_S * 2.2)

        assert line.hub.status.trouble == ()


class TestForget:
    """A box that is to be nobody's."""

    def test_it_becomes_another_one_that_waits_to_be_claimed(self, line: Line) -> None:
        """With a new key; what the old hub said holds no longer."""
        box = line.hub.box
        line.hub.reply = structs.replace(line.hub.reply, blocked="not paid", place=Place(name="bar"))
        line.wait(NEXT_S * 1.2)
        line.hub.claimed = False
        line.fire(forget_hub("an operator wants it"))
        line.wait(10)
        assert len(line.told("claim_code_shown")) == 1
        line.hub.claimed = True
        line.wait(10)

        assert line.hub.box != box
        assert line.told("box_blocked")[2] == [""]
        assert line.told("box_placed")[2] == [Place()]

    def test_a_copy_of_another_machine_becomes_a_box_of_its_own(
        self, line: Line, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It says why."""
        box = line.hub.box
        line.hub.reply = structs.replace(line.hub.reply, identity=Identity.CLONED)
        line.wait(NEXT_S * 1.2)
        line.hub.reply = structs.replace(line.hub.reply, identity=Identity.FINE)
        line.wait(10)

        assert line.hub.box != box
        assert "another machine has the same key" in line.told("forget_hub")[0][0]
        assert "another machine has the same key" in caplog.text

    def test_a_disk_that_takes_no_key_is_tried_again(
        self, line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The box stays what it was until then."""
        box = line.hub.box
        with monkeypatch.context() as full:
            full.setattr(BoxKey, "renew", _no_space)
            line.fire(forget_hub("an operator wants it"))
            line.wait(60)
            assert line.hub.box == box
            assert "no space" in line.told("hub_lost")[-1][0]
        line.wait(LONGEST_WAIT_S)

        assert line.hub.box != box


def _no_space(_key: BoxKey) -> bytes:
    raise StateError("box.key cannot be written: no space")


class TestLog:
    """The as-run log on its way."""

    def test_it_is_delivered_as_it_grows(self, line: Line) -> None:
        """Entry by entry, once each."""
        line.fire(log_ready(line.log.write(3)))
        line.fire(log_ready(line.log.write(2)))

        assert sorted(line.hub.entries) == [1, 2, 3, 4, 5]
        assert [receipt.acknowledged for (receipt,) in line.told("log_received")] == [3, 5]

    def test_a_box_that_is_not_claimed_delivers_nothing(self, tmp_path: Path) -> None:
        """It does once it is."""
        line = Line(tmp_path, fresh=True)
        line.fire(log_ready(line.log.write(3)))
        line.wait(20)
        assert line.hub.entries == {}
        line.hub.claimed = True
        line.wait(20)

        assert len(line.hub.entries) == 3

    def test_a_hub_that_was_restored_is_told_what_it_has_lost(self, line: Line) -> None:
        """From where it has it."""
        line.fire(log_ready(line.log.write(9)))
        for number in (7, 8, 9):
            del line.hub.entries[number]
        line.wait(NEXT_S * 2.2)

        assert len(line.hub.entries) == 9
        assert [receipt.acknowledged for (receipt,) in line.told("log_received")] == [9, 6, 9]

    def test_the_heartbeat_tells_how_far_it_has_come(self, line: Line) -> None:
        """So that the hub sees what it does not have."""
        line.hub.faults["deliver"] = LinkError("no")
        line.fire(log_ready(line.log.write(9)))
        line.wait(NEXT_S * 1.2)

        assert line.hub.heartbeats[-1].log == LogHead(log=line.log.log, head=9, acknowledged=0)


class TestClocks:
    """The time, as the hub tells it."""

    def test_a_clock_that_nobody_keeps_right_is_compared_every_hour(self, tmp_path: Path) -> None:
        """And at once after it was set."""
        line = Line(tmp_path, in_sync=False)
        line.wait(7100)
        assert len(line.told("time_told")) == 2
        line.fire(clock_stepped(Seconds(60.0)))
        line.wait(NEXT_S * 1.2)

        (told,) = line.told("time_told")[2]
        assert told.wall - told.at == pytest.approx(WALL)

    def test_one_that_is_kept_right_is_not(self, line: Line) -> None:
        """There is somebody who knows better."""
        line.wait(7100)
        assert line.told("time_told") == []

    def test_a_hub_that_does_not_tell_it_is_talked_to_all_the_same(self, tmp_path: Path) -> None:
        """It may be an old one."""
        line = Line(tmp_path, in_sync=False)
        line.hub.faults["time"] = LinkError("no")
        line.wait(120)

        assert line.beats >= 4
        assert line.told("hub_lost") == []


def test_the_real_thread_serves_as_well(tmp_path: Path) -> None:
    """What is asked aside comes back to the loop."""
    stage = Stage()
    heard: list[Any] = []
    background = Background(heard.append)
    hub = FakeHub()
    hub.claimed = True
    known = membership(tmp_path, stage)
    link = FakeHubLink(hub, known, stage.clock)
    now = Now(uptime_s=Seconds(0), time=Instant(0))
    me = Self(
        name="till",
        boot="b",
        host=Desk(),
        report=lambda: (now, Status(version="1")),
        wall=HeldWall(stage.clock, 0.0),
    )
    client = WebClient(
        known, lambda: link, me, HeldLog(), stage.ticker, make_worker=lambda _fire, _name: background
    )
    stage.open(client)
    stage.run_for(FIRST_S + 1)
    assert background.close(5.0)

    assert [event.name for event in heard] == ["hub_asked"]
    assert known.kept.claimed
