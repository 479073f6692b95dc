"""Groups, venues, boxes, commands and the log: as an operator types it, with boxes that answer."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from easyplayer.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ProtocolError,
)
from easyplayer.hub.cli import status
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES, Name, Outcome
from easyplayer.protocol.heartbeat import OnAir, Screen, ScreenOutput, Status
from tests.hub.boxes import ABox, chain, clock, done, log_head, paired, part, picture, place, song
from tests.hub.cli.operator import Operator

pytestmark = pytest.mark.slow


@pytest.fixture(name="box")
def _box(client: TestClient, admin: TestClient) -> ABox:
    """Give a box that is paired, and has told how it is."""
    box = paired(client, admin)
    item = OnAir(id="dawn", title="Dawn", artist="Ada")
    box.reply(status=Status(version="1.0", program="Bar, version 3", state="playing", item=item))
    return box


def lines(told: str) -> list[list[str]]:
    return [line.split("\t") for line in told.splitlines()]


def pairs(told: str) -> dict[str, str]:
    return {row[0]: row[1] for row in lines(told)}


class TestPlaces:
    """``group``, ``venue`` and ``zone``."""

    def test_a_venue_is_made_and_changed(self, boss: Operator) -> None:
        """In a group, with its zones; what is not named stays."""
        boss.types("group add bars --name Bars")
        told = boss.reads("venue add lumiere --time-zone Europe/Paris --group bars --name", "Bar Lumière")
        assert told == "lumiere: Bar Lumière, Europe/Paris\n"
        assert boss.reads("zone add lumiere terrace --name Terrace") == "lumiere/terrace: Terrace\n"
        assert lines(boss.reads("venue list --group bars")) == [
            ["lumiere", "Bar Lumière", "Europe/Paris", "bars", "main, terrace", ""]
        ]
        boss.types("venue change lumiere --time-zone Europe/London")
        shown = pairs(boss.reads("venue show lumiere"))
        assert (shown["name"], shown["time zone"]) == ("Bar Lumière", "Europe/London")

    def test_a_venue_can_leave_its_groups(self, boss: Operator) -> None:
        """By naming none."""
        boss.types("group add bars")
        boss.types("venue add lumiere --time-zone Etc/UTC --group bars")
        assert boss.asks("venue change lumiere --group", "")["groups"] == []

    def test_what_is_in_use_stays(self, boss: Operator, box: ABox) -> None:
        """The hub says what is in the way."""
        for line in ("group delete bars", "venue delete bar", "zone delete bar main"):
            with pytest.raises(ConflictError):
                boss.types(f"{line} --yes")

    def test_what_is_empty_can_go(self, boss: Operator) -> None:
        """Zone, venue and group, in this order."""
        boss.types("group add bars")
        boss.types("group rename bars", "All Bars")
        boss.types("venue add x --time-zone Etc/UTC --group bars")
        boss.types("zone add x terrace")
        assert boss.reads("zone delete x terrace --yes") == "x/terrace is deleted\n"
        assert [row[0] for row in lines(boss.reads("zone list x"))] == ["main"]
        boss.types("venue delete x --yes")
        assert lines(boss.reads("group list")) == [["bars", "All Bars", "0"]]
        boss.types("group delete bars --yes")
        assert boss.asks("group list") == []

    def test_a_venue_is_silenced_and_let_play(self, boss: Operator, box: ABox) -> None:
        """Its boxes hear of it with the reason."""
        boss.types("venue block bar --yes", "rent is due")
        assert box.reply().blocked == "rent is due"
        assert boss.reads("venue unblock bar") == "bar may play\n"
        assert box.reply().blocked == ""

    def test_a_venue_without_a_program_is_silent_and_says_why(self, boss: Operator) -> None:
        """The preview tells it, for an instant and for a day."""
        boss.types("venue add x --time-zone Etc/UTC")
        assert pairs(boss.reads("venue preview x --at 2026-12-24T18:07"))["program"] == "none is published"
        assert boss.types("venue preview x --day 2026-12-24") == 1


class TestBoxes:
    """``box`` and ``status``."""

    def test_one_is_claimed_by_its_code(self, boss: Operator, client: TestClient, admin: TestClient) -> None:
        """Typed as people do; the list of those that wait does not tell it."""
        place(admin)
        box = ABox(client)
        code = box.pairing().claim_code
        told = boss.reads("box waiting")
        assert lines(told)[0][:2] == [box.id, "bar box"]
        assert code not in told
        typed = code.replace("-", "").lower()
        assert boss.reads(f"box claim {typed} --venue bar --name Counter") == (
            f"Counter ({box.id}) is in bar/main\n"
        )
        assert boss.reads("box waiting") == ""

    def test_a_wrong_code_is_told(self, boss: Operator, admin: TestClient) -> None:
        """One that can be none differs from one that no box shows."""
        place(admin)
        with pytest.raises(NotFoundError):
            boss.types("box claim 0000-0000 --venue bar")
        with pytest.raises(ProtocolError, match="7K2M-Q9XD"):
            boss.types("box claim 123 --venue bar")

    def test_it_tells_how_it_is(self, boss: Operator, box: ABox) -> None:
        """By its id, or by its name."""
        shown = pairs(boss.reads("box show", "bar box"))
        assert shown == pairs(boss.reads(f"box show {box.id}"))
        assert shown["plays"].startswith("Ada - Dawn (playing")
        assert shown["program"] == "Bar, version 3, revision -"
        assert lines(boss.reads("box list --only online"))[0][1:4] == ["bar box", "bar/main", "online"]

    def test_a_name_that_is_none_or_not_the_only_one_is_told(
        self, boss: Operator, box: ABox, client: TestClient, admin: TestClient
    ) -> None:
        """With what to do."""
        with pytest.raises(NotFoundError, match="box list"):
            boss.types("box show nobody")
        other = paired(client, admin, number=2)
        with pytest.raises(BadRequestError, match=f"several .*{min(box.id, other.id)}"):
            boss.types("box show", "bar box")

    def test_it_is_moved_renamed_silenced_and_forgotten(self, boss: Operator, box: ABox) -> None:
        """Each is told as what it is now."""
        boss.types("venue add x --time-zone Etc/UTC")
        boss.types("zone add x terrace")
        assert boss.reads(f"box move {box.id} --venue x --zone terrace") == "bar box is in x/terrace\n"
        assert boss.reads(f"box rename {box.id} Counter") == f"{box.id} is called Counter\n"
        assert boss.reads("box block Counter --yes noise") == "Counter may not play: noise\n"
        assert box.reply().blocked == "noise"
        assert boss.reads("box unblock Counter") == "Counter may play\n"
        assert "is forgotten" in boss.reads("box forget Counter --yes")
        assert box.beat().status_code == 401

    def test_the_fleet_is_well_or_needs_a_look(
        self, boss: Operator, box: ABox, client: TestClient, admin: TestClient
    ) -> None:
        """The exit code says it to a script."""
        assert pairs(boss.reads("status"))["online"] == "1"
        paired(client, admin, number=2)
        assert boss.types("status --venue bar") == 1

    def test_boxes_that_are_not_listed_are_told_of(
        self,
        boss: Operator,
        client: TestClient,
        admin: TestClient,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Who reads the list does not take it for all of them."""
        monkeypatch.setattr(status, "MOST_SHOWN", 2)
        for number in (1, 2):
            paired(client, admin, number=number)
        boss.types("status --json")
        assert json.loads(capsys.readouterr().out)["cut"] == []
        paired(client, admin, number=3)
        assert boss.types("status --json") == 1
        told = json.loads(capsys.readouterr().out)
        assert (len(told["look_after"]), told["cut"]) == (2, ["never"])
        boss.types("status")
        assert capsys.readouterr().err == (
            "easyplayer-hub: never: there are more than the 2 listed; box list tells all\n"
        )

    def test_a_screen_that_is_down_is_worth_a_look(
        self, boss: Operator, box: ABox, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The fleet's figures tell of it, and so does the box."""
        assert boss.types("status") == 0
        tv = ScreenOutput(name="tv", trouble="it is unplugged")
        screen = Screen(outputs=(tv,), wanted=True, reason="no display")
        box.reply(status=Status(version="1.0", screen=screen), digest="d2")

        assert boss.types("status") == 1
        assert ["screen down", "1"] in lines(capsys.readouterr().out)
        assert lines(boss.reads("box list --screen down"))[0][7] == "down"
        assert boss.asks("box list --screen up") == []
        shown = pairs(boss.reads(f"box show {box.id}"))
        assert (shown["SCREEN DOWN"], shown["DISPLAY"]) == ("no display", "tv: it is unplugged")

    def test_others_venues_are_nobodys_business(
        self, box: ABox, operator_as: Callable[..., Operator]
    ) -> None:
        """They are not listed, and not there."""
        anna = operator_as("anna")
        assert anna.asks("box list") == []
        with pytest.raises(NotFoundError):
            anna.types(f"box show {box.id}")


class TestCommands:
    """``command``."""

    def answer(self, box: ABox, **about: object) -> None:
        """Have a box do what waits for it."""
        (command,) = box.commands(box.reply())
        box.reply(results=(done(command, **about),))

    def test_one_is_given_done_and_told(self, boss: Operator, box: ABox) -> None:
        """With its arguments as their types."""
        given = boss.asks(f"command give {box.id} set_volume volume=40")
        assert [(one["name"], one["args"], one["state"]) for one in given] == [
            ("set_volume", {"volume": 40}, "waiting")
        ]
        self.answer(box, text="volume is 40", data={"volume": 40})
        shown = pairs(boss.reads(f"command show {given[0]['id']}"))
        assert (shown["outcome"], shown["in words"], shown["volume"]) == ("done", "volume is 40", "40")
        assert lines(boss.reads(f"command list {box.id}"))[0][2] == "set_volume volume=40"

    @pytest.mark.parametrize(("outcome", "code"), [(Outcome.DONE, 0), (Outcome.REFUSED, 1)])
    def test_its_result_can_be_waited_for(
        self, boss: Operator, box: ABox, outcome: Outcome, code: int
    ) -> None:
        """The exit code says whether it was done."""

        class Waits(list[float]):
            """The box answers while the operator waits."""

            def append(inner, seconds: float) -> None:  # noqa: N805
                """Answer at the second time."""
                super().append(seconds)
                if len(inner) == 2:
                    self.answer(box, outcome=outcome)

        waits = Waits()
        boss.hub._wait = waits.append
        assert boss.types("command give --wait --venue bar skip") == code
        assert waits == [0.05, 0.1]

    def test_what_comes_with_a_result_is_saved(self, boss: Operator, box: ABox, tmp_path: Path) -> None:
        """Into a file."""
        (given,) = boss.asks(f"command give {box.id} collect_logs lines=10")
        (command,) = box.commands(box.reply())
        headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "text/plain"}
        path = f"/api/v1/box/commands/{command.id}/attachment"
        assert box.client.put(path, content=b"all is well\n", headers=headers).is_success
        box.reply(results=(done(command, attached=12),))
        file = tmp_path / "log.txt"
        boss.types(f"command show {given['id']} --save", str(file))
        assert file.read_text() == "all is well\n"
        assert file.stat().st_size < MOST_ATTACHED_BYTES

    @pytest.mark.parametrize("attached", [True, False])
    def test_what_is_to_be_saved_and_does_not_come_is_told(
        self, boss: Operator, box: ABox, tmp_path: Path, capsys: pytest.CaptureFixture[str], attached: bool
    ) -> None:
        """A script that goes on with the file hears of it, though the command was done."""

        def answered(_seconds: float) -> None:
            (command,) = box.commands(box.reply())
            headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "text/plain"}
            if attached:
                path = f"/api/v1/box/commands/{command.id}/attachment"
                box.client.put(path, content=b"all is well\n", headers=headers)
            box.reply(results=(done(command, attached=12 if attached else 0),))

        boss.hub._wait = answered
        file = tmp_path / "log.txt"
        code = boss.types(f"command give {box.id} collect_logs --save", str(file))
        told = capsys.readouterr().err
        assert (code, file.exists()) == ((0, True) if attached else (1, False))
        why = f"easyplayer-hub: {file} is not written: nothing to save has come from {box.id}\n"
        assert told == ("" if attached else why)

    def test_a_venue_and_a_group_are_told_box_by_box(
        self, boss: Operator, box: ABox, client: TestClient, admin: TestClient
    ) -> None:
        """Each box has a command of its own."""
        other = paired(client, admin, number=2)
        for target in ("--venue bar", "--group bars"):
            given = boss.asks(f"command give {target} skip")
            assert {one["box"] for one in given} == {box.id, other.id}

    def test_a_venue_and_a_group_at_once_are_refused(
        self, boss: Operator, box: ABox, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One of them would be passed over."""
        with pytest.raises(SystemExit):
            boss.types("command give --venue bar --group bars skip")
        assert "not allowed with" in capsys.readouterr().err
        assert boss.asks(f"command list {box.id}") == []

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            ("set_volume volume=101", "<= 100"),
            ("set_volume", "volume"),
            ("set_volume volume", "write it as name=value"),
            ("skip fast=true", "fast"),
        ],
    )
    def test_wrong_arguments_are_told_before_anything_is_sent(
        self, boss: Operator, box: ABox, words: str, told: str
    ) -> None:
        """With the command's name and the place."""
        with pytest.raises(ProtocolError, match=told):
            boss.types(f"command give {box.id} {words}")
        assert boss.asks(f"command list {box.id}") == []

    def test_a_command_that_there_is_none_of_is_told(self, boss: Operator, box: ABox) -> None:
        """By the hub, with those that there are."""
        with pytest.raises(BadRequestError, match="there is no command 'dance'"):
            boss.types(f"command give {box.id} dance")

    def test_for_whom_is_asked_for(self, boss: Operator) -> None:
        """A word alone can be no box and a command."""
        with pytest.raises(BadRequestError, match="for whom"):
            boss.types("command give skip")

    def test_what_is_grave_is_asked_about_once_more(self, boss: Operator, box: ABox) -> None:
        """Where nobody can be asked, it is not done."""
        with pytest.raises(BadRequestError, match="reboot: is that really meant"):
            boss.types(f"command give {box.id} reboot")
        assert boss.asks(f"command give {box.id} reboot --yes")[0]["name"] == "reboot"

    def test_who_may_not_is_told(self, box: ABox, operator_as: Callable[..., Operator]) -> None:
        """A viewer sees, and tells nobody anything."""
        with pytest.raises(ForbiddenError):
            operator_as("vera", bars="viewer").types(f"command give {box.id} skip")

    def test_all_names_are_told(self, boss: Operator) -> None:
        """With what each takes."""
        told = {row[0]: row[1] for row in lines(boss.reads("command names"))}
        assert set(told) == {*Name} - {Name.UNKNOWN}
        assert "minutes" in told[Name.OPEN_SUPPORT]


class TestLog:
    """``log``."""

    @pytest.fixture(name="heard")
    def _heard(self, box: ABox) -> ABox:
        """Deliver a log of two songs."""
        box.receipt(chain(clock(0, 1_799_990_000.0), song(1), song(2)))
        return box

    def test_what_was_played_is_listed(self, boss: Operator, heard: ABox) -> None:
        """In order, as many rows as are wanted, of a span of time."""
        assert [row[2] for row in lines(boss.reads("log show --venue bar"))] == ["Song 1", "Song 2"]
        assert len(boss.asks("log show --most 1")) == 1
        assert boss.asks("log show --to 2001-01-01") == []
        assert len(boss.asks("log show --from 2001-01-01 --box", "bar box")) == 2

    @pytest.mark.parametrize("name", ["log.csv", "log.jsonl"])
    def test_it_is_written_into_a_file(self, boss: Operator, heard: ABox, tmp_path: Path, name: str) -> None:
        """Its suffix says how."""
        file = tmp_path / name
        boss.types("log export --group bars -o", str(file))
        written = file.read_text().splitlines()
        if name.endswith("csv"):
            assert written[0].startswith("venue,zone,box")
            assert len(written) == 3
        else:
            assert [json.loads(line)["title"] for line in written] == ["Song 1", "Song 2"]

    def test_pictures_are_told_where_they_are_asked_for(
        self, boss: Operator, heard: ABox, tmp_path: Path
    ) -> None:
        """And of one campaign alone; no list of music has them."""
        whole = chain(
            clock(0, 1_799_990_000.0), song(1), song(2), picture(3, source="menu"), picture(4, source="rum")
        )
        heard.receipt(part(whole, 4, 5))
        shown = lines(boss.reads("log show --what pictures"))
        assert [(row[2], row[4], row[7]) for row in shown] == [("menu.png", "", "0:10")] * 2
        file = tmp_path / "proof.jsonl"
        boss.types("log export --what pictures --source rum -o", str(file))
        (row,) = map(json.loads, file.read_text().splitlines())
        assert (row["sequence"], row["shown_s"]) == (4, 10.0)
        assert len(boss.asks("log show")) == 2
        assert len(boss.asks("log show --what all")) == 4

    def test_the_format_can_be_named(self, boss: Operator, heard: ABox, tmp_path: Path) -> None:
        """Over the suffix."""
        file = tmp_path / "log.txt"
        boss.types("log export --format jsonl -o", str(file))
        assert json.loads(file.read_text().splitlines()[0])["title"] == "Song 1"

    def test_what_is_missing_is_told(self, boss: Operator, heard: ABox) -> None:
        """The exit code says it to a script."""
        heard.reply(log=log_head(3, 3))
        assert lines(boss.reads("log gaps", "bar box"))[0][1:4] == ["3 of 3", "2", ""]
        other = "cd" * 16
        heard.receipt(chain(song(3), song(6), log=other))
        assert boss.types(f"log gaps {heard.id}") == 1

    def test_a_time_that_is_none_is_refused(self, boss: Operator, capsys: pytest.CaptureFixture[str]) -> None:
        """Before anything is asked for."""
        with pytest.raises(SystemExit):
            boss.types("log show --from yesterday")
        assert "'yesterday' is no time: write 2026-12-31" in capsys.readouterr().err
