"""Commands to a whole box: what is heard of them, and what the hub is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from easyplayer.crafts import CRAFTS
from easyplayer.crafts.playing import VOLUME_SETTLES_S
from easyplayer.events import play_emergency
from easyplayer.hub_events import carry_out
from easyplayer.player_events import spot_finished
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Volume
from easyplayer.playout.items import Item, ItemKind, Layer, Origin, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.commands import Command, CommandResult, Name, Outcome, Reason
from easyplayer.storage_events import media_fetched, media_refused
from easyplayer.units import Percent
from easyplayer.workshop import Making, Workshop
from tests.fakes.commands import Hub
from tests.fakes.deck import Medium
from tests.fakes.work import HeldWorker, facts
from tests.fakes.workshop_tools import FakeTools
from tests.house import FakeBox
from tests.test_program_box import DAY, NIGHT, SOUNDS, VENUE, item, program, songs, wall
from tests.workbench import journal_in

MEDIUM = "a1" * 32
CALL_S = 4.0


class DirectedBox(FakeBox):
    """A whole box with a Workshop; the test is its hub, and its downloads.

    :param state: where its journal is.
    """

    def __init__(self, state: Path, **fields: Any) -> None:
        given = {"program": VENUE, "wall": wall("2027-03-01T12:00"), **fields}
        sounds = {**SOUNDS, **songs("spot", length_s=CALL_S)}
        super().__init__(given.pop("sounds", sounds), **given)
        self.hub = Hub()
        self.fakes = FakeTools(state)
        self.disk = HeldWorker(self.root.fire)
        making = Making(journal_in(state), "boot", CRAFTS, self.fakes.tools, self.fakes.tunnel.connect)
        self.app.furnish(Workshop(making, self.app._ticker, self.disk))

    def world(self) -> tuple[Any, ...]:
        """Give all that is pumped."""
        return (*super().world(), self.disk.pump, self.fakes.pump)

    def order(self, name: Name, **args: Any) -> Command:
        """Give a command."""
        command = self.hub.command(name, **args)
        self.fire(carry_out(command))
        return command

    def outcome(self, command: Command, within_s: float = 60.0) -> CommandResult:
        """Let time pass until a command has its result."""
        self.run_until(lambda: bool(self._results(command)), within_s)
        (result,) = self._results(command)
        return result

    def obey(self, name: Name, **args: Any) -> CommandResult:
        """Give a command, and wait for its result."""
        return self.outcome(self.order(name, **args))

    def bring(self, length_s: float = CALL_S) -> None:
        """Let a medium be downloaded."""
        path = Path("/media") / MEDIUM
        self.decks.media[str(path)] = Medium(length_s=length_s)
        self.facts.to_find[path] = facts(length_s)
        self.fire(media_fetched(MEDIUM, path))

    def _results(self, command: Command) -> list[CommandResult]:
        return [one for (one,) in self.told("command_finished") if one.command == command.id]


@pytest.fixture(name="box")
def _box(tmp_path: Path) -> Iterator[DirectedBox]:
    """Give a box that plays."""
    with DirectedBox(tmp_path) as box:
        box.run_until_heard("a")
        yield box


class TestPlayer:
    """Play, pause, resume, skip and fade out."""

    def test_it_is_paused_and_plays_on_where_it_was(self, box: DirectedBox) -> None:
        """As if a person stood before it."""
        paused = box.obey(Name.PAUSE)
        box.run_for(5)
        assert (paused.outcome, box.heard, box.state) == (Outcome.DONE, [], PlayerState.PAUSED)

        resumed = box.obey(Name.RESUME)
        box.run_for(1)
        assert (resumed.outcome, box.heard) == (Outcome.DONE, ["a"])
        assert box.names("item_started").count("b") == 0

    def test_what_is_so_already_is_done(self, box: DirectedBox) -> None:
        """A person who presses twice gets no error."""
        assert box.obey(Name.RESUME).outcome is Outcome.DONE
        assert box.obey(Name.PLAY).outcome is Outcome.DONE
        box.obey(Name.PAUSE)
        assert box.obey(Name.PAUSE).outcome is Outcome.DONE

    def test_a_skip_tells_what_plays_now(self, box: DirectedBox) -> None:
        """Its result comes when the next item is heard."""
        result = box.obey(Name.SKIP)

        assert (result.outcome, result.data) == (Outcome.DONE, {"item": "b"})
        box.run_for(1)
        assert box.told("item_finished")[0][1] is Ended.SKIPPED

    def test_faded_out_it_is_silent_until_it_is_told_to_play(self, box: DirectedBox) -> None:
        """However long that takes."""
        result = box.obey(Name.FADE_OUT, seconds=2.0)
        assert (result.outcome, box.state) == (Outcome.DONE, PlayerState.STOPPED)
        assert result.took_s == pytest.approx(2.0, abs=0.1)
        box.run_for(300, step_s=0.5)
        assert box.heard == []

        assert box.obey(Name.PLAY).outcome is Outcome.DONE
        box.run_for(1)
        assert box.heard

    @pytest.mark.parametrize("name", [Name.PAUSE, Name.RESUME, Name.SKIP])
    def test_a_silent_box_says_why_it_cannot(self, box: DirectedBox, name: Name) -> None:
        """The reason is that of the player."""
        box.obey(Name.FADE_OUT)

        result = box.obey(name)

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
        assert "faded out" in result.text

    def test_a_box_that_may_not_play_says_why(self, tmp_path: Path) -> None:
        """In the words of who decides that."""
        with DirectedBox(tmp_path, box={"opening": "18:00-23:00"}) as box:
            box.run_for(2)
            result = box.obey(Name.PLAY)

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
        assert "closed until 18:00" in result.text

    def test_a_box_without_output_says_so(self, box: DirectedBox) -> None:
        """It plays by itself as soon as there is one."""
        box.server.unplug("venue")
        box.run_for(2)

        result = box.obey(Name.PLAY)

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
        assert "no-sound" in result.text


class TestVolume:
    """The volume, and what the limits make of it."""

    def test_the_result_tells_what_it_became(self, box: DirectedBox) -> None:
        """Where nothing limits it, what was asked for."""
        result = box.obey(Name.SET_VOLUME, volume=40)

        assert (result.outcome, result.data) == (Outcome.DONE, {"volume": 40})

    def test_the_result_comes_as_soon_as_it_is_so(self, box: DirectedBox) -> None:
        """Only where nothing changes is it waited for, as a busy box may still be about to turn it."""
        result = box.outcome(box.order(Name.SET_VOLUME, volume=40), within_s=VOLUME_SETTLES_S / 2)

        assert result.outcome is Outcome.DONE

    def test_the_same_volume_once_more_has_a_result_too(self, box: DirectedBox) -> None:
        """Though nobody tells of a change."""
        box.obey(Name.SET_VOLUME, volume=40)

        assert box.obey(Name.SET_VOLUME, volume=40).data == {"volume": 40}

    def test_the_limits_of_program_and_settings_hold(self, tmp_path: Path) -> None:
        """And the result says that they did."""
        quiet = replace(VENUE, volume=Volume(ceiling=Percent(60)))
        with DirectedBox(tmp_path, program=quiet, sound={"volume_lowest": 20}) as box:
            box.run_until_heard("a")
            loud, soft = box.obey(Name.SET_VOLUME, volume=90), box.obey(Name.SET_VOLUME, volume=5)

        assert (loud.data, soft.data) == ({"volume": 60}, {"volume": 20})
        assert "limits" in loud.text


class TestAnnouncement:
    """Something is said over the music, now."""

    def test_an_item_of_the_program_is_said_over_the_music(self, box: DirectedBox) -> None:
        """The music goes down and comes back; the result comes when it was heard."""
        command = box.order(Name.ANNOUNCE, item="spot")
        box.run_until(lambda: "spot" in box.heard)
        ducked = box.music_db
        result = box.outcome(command)

        assert (result.outcome, result.text) == (Outcome.DONE, "it was heard")
        assert result.took_s >= CALL_S
        box.run_for(3)
        assert box.heard == ["a"]
        assert ducked < box.music_db - 10

    def test_it_is_measured_before_it_is_heard(self, box: DirectedBox) -> None:
        """So that it is as loud as it should be."""
        box.outcome(box.order(Name.ANNOUNCE, item="spot"))

        (cued,) = [args for args in box.told("cue_spot") if args[0].item.id == "spot"]
        assert cued[0].cue_out_s == CALL_S

    def test_measuring_is_not_waited_for_for_long(self, box: DirectedBox) -> None:
        """Better too loud than too late."""
        box.workers["analysis"].busy = True
        result = box.outcome(box.order(Name.ANNOUNCE, item="spot"))

        assert result.outcome is Outcome.DONE
        assert result.took_s < CALL_S + 6

    @pytest.mark.parametrize("over", ["pause", "cut"])
    def test_the_music_is_silent_where_that_is_wanted(self, box: DirectedBox, over: str) -> None:
        """Nothing but the announcement is heard, and then there is music again."""
        command = box.order(Name.ANNOUNCE, item="spot", over=over)
        box.run_until(lambda: "spot" in box.heard)
        box.run_for(1)
        assert box.heard == ["spot"]

        assert box.outcome(command).outcome is Outcome.DONE
        box.run_for(4)
        assert box.heard in (["a"], ["b"])

    def test_a_medium_is_fetched_first(self, box: DirectedBox) -> None:
        """It need not be one of the program."""
        command = box.order(Name.ANNOUNCE, item="fire drill", media=MEDIUM, title="Fire drill")
        assert box.told("fetch_media") == [[MEDIUM]]
        box.run_for(20)
        box.bring()
        result = box.outcome(command)

        assert result.outcome is Outcome.DONE
        assert box.last("spot_started").args[0].item.title == "Fire drill"

    def test_a_spot_of_the_programs_is_not_taken_for_it(self, box: DirectedBox) -> None:
        """Though it is the same recording, and ends just then."""
        command = box.order(Name.ANNOUNCE, item="spot")
        chime = PreparedItem(item=item("spot"), origin=Origin(layer=Layer.SHARP_SPOT, source="chime"))
        box.fire(spot_finished(chime, Ended.PLAYED))
        assert box._results(command) == []

        assert box.outcome(command).took_s >= CALL_S

    def test_a_medium_that_cannot_be_had_is_told(self, box: DirectedBox) -> None:
        """In the words of the download."""
        command = box.order(Name.ANNOUNCE, item="fire drill", media=MEDIUM)
        box.fire(media_refused(MEDIUM, "the hub has none such"))

        result = box.outcome(command)

        assert (result.outcome, result.text) == (Outcome.FAILED, "the hub has none such")

    def test_a_file_that_is_gone_is_told(self, box: DirectedBox) -> None:
        """Nothing is heard, and the music plays on."""
        path = Path("/media") / MEDIUM
        command = box.order(Name.ANNOUNCE, item="fire drill", media=MEDIUM)
        box.fire(media_fetched(MEDIUM, path))

        result = box.outcome(command)

        assert result.outcome is Outcome.FAILED
        assert "not there" in result.text
        assert box.heard == ["a"]

    def test_one_that_breaks_off_has_failed(self, box: DirectedBox) -> None:
        """Half an announcement is none."""
        box.decks.media["/music/spot.flac"] = Medium(length_s=CALL_S, breaks_at_s=1.0)

        assert box.obey(Name.ANNOUNCE, item="spot").outcome is Outcome.FAILED

    @pytest.mark.parametrize(
        ("before", "why"), [(Name.FADE_OUT, "stopped"), (Name.PAUSE, "paused")], ids=["stopped", "paused"]
    )
    def test_over_no_music_nothing_is_said(self, box: DirectedBox, before: Name, why: str) -> None:
        """A person has wished it silent."""
        box.obey(before)

        result = box.obey(Name.ANNOUNCE, item="spot")

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
        assert why in result.text

    def test_over_an_emergency_nothing_is_said(self, box: DirectedBox) -> None:
        """Nothing may drown that."""
        box.obey(Name.EMERGENCY, item="n")

        result = box.obey(Name.ANNOUNCE, item="spot")

        assert "emergency" in result.text

    def test_an_emergency_that_is_declared_meanwhile_goes_before_it(self, box: DirectedBox) -> None:
        """It is not heard over that, and whoever wanted it said learns why at once."""
        box.workers["analysis"].busy = True
        command = box.order(Name.ANNOUNCE, item="spot")
        box.run_for(1)
        box.obey(Name.EMERGENCY, item="n")
        result = box.outcome(command)
        box.run_for(10)

        assert result.outcome is Outcome.FAILED
        assert "emergency" in result.text
        assert box.told("cue_spot") == []

    def test_an_emergency_that_is_declared_before_it_is_begun_goes_before_it(self, box: DirectedBox) -> None:
        """It is begun once that is on the disk, which may take its time."""
        box.disk.busy = True
        command = box.order(Name.ANNOUNCE, item="spot")
        box.fire(play_emergency(item("n")))
        box.disk.busy = False
        result = box.outcome(command)
        box.run_for(10)

        assert result.outcome is Outcome.FAILED
        assert box.told("announce_item") == []

    def test_a_medium_that_comes_in_an_emergency_is_not_said(self, box: DirectedBox) -> None:
        """It was asked for before."""
        command = box.order(Name.ANNOUNCE, item="fire drill", media=MEDIUM)
        box.obey(Name.EMERGENCY, item="n")
        box.bring()
        box.run_for(10)

        assert "emergency" in box.outcome(command).text
        assert box.told("announce_item") == []

    def test_an_item_that_nobody_knows_is_refused(self, box: DirectedBox) -> None:
        """By its name."""
        result = box.obey(Name.ANNOUNCE, item="nonsense")

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.BAD_ARGUMENTS)
        assert "nonsense" in result.text

    def test_a_second_one_waits_for_the_hub_to_ask_again(self, box: DirectedBox) -> None:
        """Two at once would be heard by nobody."""
        first = box.order(Name.ANNOUNCE, item="spot")

        assert box.obey(Name.ANNOUNCE, item="spot").reason is Reason.BUSY
        assert box.outcome(first).outcome is Outcome.DONE

    def test_a_stream_is_no_announcement(self, tmp_path: Path) -> None:
        """It would never be over."""
        radio = program(DAY, streams=("http://radio/fm",), more=("http://radio/fm",), fallback="day")
        with DirectedBox(tmp_path, program=radio) as box:
            box.run_until_heard("a")
            result = box.obey(Name.ANNOUNCE, item="http://radio/fm")

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.BAD_ARGUMENTS)


class TestEmergency:
    """One item, again and again, whatever is planned."""

    def test_it_is_heard_until_it_is_ended(self, box: DirectedBox) -> None:
        """Then the program goes on."""
        result = box.obey(Name.EMERGENCY, item="n")
        box.run_for(100, step_s=0.1)
        assert (result.outcome, box.heard) == (Outcome.DONE, ["n"])

        assert box.obey(Name.EMERGENCY).outcome is Outcome.DONE
        box.run_for(5)
        assert box.heard != ["n"]

    def test_it_sounds_where_a_person_has_silenced_the_box(self, box: DirectedBox) -> None:
        """Nobody may be left without warning."""
        box.obey(Name.FADE_OUT)

        assert box.obey(Name.EMERGENCY, item="n").outcome is Outcome.DONE
        box.run_until_heard("n", within_s=1)

    def test_it_sounds_where_a_person_has_paused_the_box(self, box: DirectedBox) -> None:
        """Likewise."""
        box.obey(Name.PAUSE)

        assert box.obey(Name.EMERGENCY, item="n").outcome is Outcome.DONE

    def test_it_sounds_in_closed_hours(self, tmp_path: Path) -> None:
        """And when it is over, it is silent again."""
        with DirectedBox(tmp_path, box={"opening": "18:00-23:00"}) as box:
            box.run_for(2)
            result = box.obey(Name.EMERGENCY, item="n")
            box.run_until_heard("n", within_s=1)
            assert result.outcome is Outcome.DONE
            box.obey(Name.EMERGENCY)
            box.run_for(5)
            assert box.heard == []

    def test_a_medium_is_fetched_first(self, box: DirectedBox) -> None:
        """It need not be one of the program."""
        command = box.order(Name.EMERGENCY, item="leave", media=MEDIUM, title="Leave the building")
        box.bring(30.0)

        assert box.outcome(command).outcome is Outcome.DONE
        assert box.last("item_started").args[0].item.title == "Leave the building"

    def test_one_that_is_not_heard_is_told(self, box: DirectedBox) -> None:
        """It stays declared, for the output may come back."""
        box.server.unplug("venue")
        box.run_for(2)

        result = box.obey(Name.EMERGENCY, item="n")

        assert result.outcome is Outcome.FAILED
        assert "not heard yet" in result.text

    def test_where_there_is_none_there_is_none_to_end(self, box: DirectedBox) -> None:
        """That is no error."""
        assert box.obey(Name.EMERGENCY).text == "there was no emergency"

    def test_what_is_nothing_to_be_heard_is_refused(self, tmp_path: Path) -> None:
        """A picture is no warning."""
        still = Item(id="picture", location="/p.png", kind=ItemKind.STILL)
        with DirectedBox(
            tmp_path, program=replace(program(NIGHT, fallback="night"), items=(*program(NIGHT).items, still))
        ) as box:
            box.run_for(2)
            result = box.obey(Name.EMERGENCY, item="picture")

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.BAD_ARGUMENTS)
