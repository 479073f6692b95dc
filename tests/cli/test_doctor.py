"""``easyplayer doctor`` looks at the machine, one thing after the other."""

import argparse
import json
import shutil
import socket
from collections import namedtuple
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.cli import doctor
from easyplayer.cli.doctor import Finding, Health, supervision
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.drivers.sound_server import ServerDown, ServerReport, ServerUp, Sink
from easyplayer.guard import Guard, Verdict
from easyplayer.playout.standing import MADE_ON
from easyplayer.protocol.heartbeat import Disk
from easyplayer.protocol.heartbeat import Health as DiskHealth
from easyplayer.settings import BoxSettings, Settings, StorageSettings
from easyplayer.sound import NULL
from easyplayer.units import Instant, Monotonic, Percent
from tests.strangers import EVIL, steering

Space = namedtuple("Space", "total used free")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[[ServerReport], None]:
    """Let the sound server answer something."""
    return lambda report: monkeypatch.setattr(doctor, "ask_server", lambda: report)


def healths(findings: list[Finding]) -> list[str]:
    """Tell how each thing is."""
    return [str(finding.health) for finding in findings]


@pytest.mark.parametrize("as_json", [True, False])
def test_what_was_found_does_nothing_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """Sticks and sound cards have names, too."""
    found = [Finding(EVIL, Health.GOOD, EVIL, EVIL)]
    monkeypatch.setattr(doctor, "examine", lambda _arguments: found)
    assert doctor.run(argparse.Namespace(json=as_json)) == 0
    assert steering(capsys.readouterr().out) == ""


def test_clock_before_the_firmware_was_made_is_bad() -> None:
    """Any other may be right."""
    assert doctor.clock(MADE_ON - timedelta(days=1)).health is Health.BAD
    assert doctor.clock(MADE_ON).health is not Health.BAD


def test_clock_that_no_server_keeps_right_is_doubtful() -> None:
    """The kernel knows, whichever service does it."""
    assert doctor.clock(MADE_ON, lambda: False).health is Health.DOUBTFUL
    assert doctor.clock(MADE_ON, lambda: True).health is Health.GOOD


def test_disk_that_can_be_written_and_has_room_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the trial stays; little room is doubtful."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Space(0, 0, 2**40))
    assert doctor.disk(tmp_path / "state").health is Health.GOOD
    assert list((tmp_path / "state").iterdir()) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Space(0, 0, 2**20))
    assert doctor.disk(tmp_path / "state").health is Health.DOUBTFUL


def test_disk_that_cannot_be_written_is_bad(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "state").touch()
    finding = doctor.disk(tmp_path / "state")
    assert (finding.health, finding.advice) == (Health.BAD, "name another --state")


def test_slow_disk_is_doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that is worn writes for seconds."""
    monkeypatch.setattr(doctor, "SLOW_SYNC_S", -1.0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Space(0, 0, 2**40))
    assert "worn" in doctor.disk(tmp_path).advice


def test_programs_that_are_missing_are_bad(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each with the package that has it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = [one for one in doctor.programs() if one.place.startswith("ff")]
    assert [(one.health, one.advice) for one in findings] == [(Health.BAD, "apt install ffmpeg")] * 2


def test_network_is_asked_for_the_servers_of_the_streams_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without streams none is needed."""
    monkeypatch.setattr(doctor, "NETWORK_MAY_TAKE_S", 1.0)
    assert [one.what for one in doctor.network(("/music",))] == ["not needed: no streams are set"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        answers = list(doctor.network((f"http://dj:secret@127.0.0.1:{port}/live", "/music")))
    silent = list(doctor.network((f"http://127.0.0.1:{port}/live",)))
    assert (healths(answers), healths(silent)) == (["good"], ["bad"])
    assert "secret" not in str(answers + silent)


def test_server_that_does_not_answer_is_bad(server: Callable[[ServerReport], None]) -> None:
    """The box would play where nobody hears it."""
    server(ServerDown("no socket"))
    (finding,) = doctor.sound("")
    assert finding.health is Health.BAD
    assert "no socket" in finding.what


def test_output_that_is_set_and_not_there_is_bad(server: Callable[[ServerReport], None]) -> None:
    """With those that are; so is one that is turned off."""
    hall = Sink(
        name="hall", description="Hall", monitor="m", volume=Percent(100), muted=True, suspended=False
    )
    server(ServerUp((hall,), "hall"))
    findings = list(doctor.sound("kitchen"))
    assert healths(findings) == ["good", "bad", "bad"]
    assert findings[1].advice == "choose one of: hall"
    assert "turned off" in findings[2].what


def test_silent_output_is_doubtful() -> None:
    """Somebody has set it on purpose."""
    assert healths(list(doctor.sound(NULL))) == ["doubtful"]


def test_everything_is_told_and_the_worst_is_the_exit_code(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    server: Callable[[ServerReport], None],
) -> None:
    """As a table, or as JSON; settings that cannot be used are one finding for each problem."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    server(ServerDown("no socket"))
    (tmp_path / "bad.toml").write_text("[sound]\nvolume = 200\nsinc = 'x'")
    parser = argparse.ArgumentParser()
    doctor.configure(parser)
    words = ["--settings", str(tmp_path / "bad.toml"), "--state", str(tmp_path / "state")]

    assert doctor.run(parser.parse_args([*words, "--json"])) == 1
    told = json.loads(capsys.readouterr().out)
    assert doctor.run(parser.parse_args(words)) == 1
    table = capsys.readouterr().out
    assert "no socket" in table
    assert "[sound] volume" in table
    assert [one["place"] for one in told[:2]] == ["settings", "settings"]
    assert {"mpv", "sound", "disk", "clock", "network"} <= {one["place"] for one in told}


def test_disks_for_the_hubs_media_are_looked_at(tmp_path: Path) -> None:
    """Each of them; one that is not plugged in is bad."""
    box = BoxSettings(state=str(tmp_path / "state"))
    (tmp_path / "other").mkdir()
    disks = (str(tmp_path / "other"), str(tmp_path / "pulled"))
    findings = [*doctor.storage(Settings(box=box, storage=StorageSettings(disks=disks)))]
    assert [finding.health for finding in findings] == [Health.GOOD, Health.GOOD, Health.BAD]
    assert "mount it" in findings[2].advice


@pytest.mark.parametrize(
    ("health", "judged", "advice"),
    [
        (DiskHealth.FULL, Health.DOUBTFUL, "make room"),
        (DiskHealth.READ_ONLY, Health.BAD, "look at the disk"),
        (DiskHealth.FAILING, Health.BAD, "look at the disk"),
    ],
)
def test_sick_disk_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, health: DiskHealth, judged: Health, advice: str
) -> None:
    """Full is not broken."""
    monkeypatch.setattr(MediaLibrary, "disks", lambda _library: (Disk(name="/m", health=health),))
    (finding,) = doctor.storage(Settings(box=BoxSettings(state=str(tmp_path))))
    assert finding.health is judged
    assert finding.advice.startswith(advice)


def test_a_box_that_has_ended_badly_is_doubtful_and_one_in_safe_mode_is_bad() -> None:
    """What the WatchDog has seen is told while no box answers, too."""
    now = Monotonic(100.0)
    well = Guard(boot="this run")
    fell = structs.replace(well, crashes=1, last=(Verdict(Instant(1.0), "it fell"),))
    safe = structs.replace(fell, level=1, until=400.0)

    findings = [supervision(guard, "this run", now) for guard in (well, fell, safe)]

    assert [finding.health for finding in findings] == [Health.GOOD, Health.DOUBTFUL, Health.BAD]
    assert findings[1].what.endswith("the last one ever: it fell")
    assert findings[2].what.startswith("safe mode (careful) for 5 min")


def test_a_box_that_nobody_guards_is_bad() -> None:
    """It plays as well as any other, until it hangs."""
    finding = supervision(Guard(boot="this run", unguarded="its port is taken"), "this run", Monotonic(1.0))

    assert finding.health is Health.BAD
    assert finding.what.startswith("nobody starts the box anew if it hangs: its port is taken")
