"""Safe mode where the box starts: its settings, and what it plays."""

import os
from datetime import date
from pathlib import Path

import pytest

from easyplayer.cli import safely
from easyplayer.cli.safely import in_its_hours, level_now, music_for, started_as, without_settings
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.errors import SettingsError
from easyplayer.fallback import gather_first
from easyplayer.guard import Guard, Level
from easyplayer.playout.catalogue import Volume
from easyplayer.sample import hotel_bar
from easyplayer.settings import Settings, load
from easyplayer.ticker import monotonic

TODAY = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a state directory, and none of the environment's settings."""
    for name in [name for name in os.environ if name.startswith("EASYPLAYER_")]:
        monkeypatch.delenv(name)
    for name in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EASYPLAYER_BOX__STATE", str(tmp_path))


def wanted(**sections: dict[str, object]) -> Settings:
    """Make settings."""
    return load(Path(os.devnull), command_line=sections)


def go_careful(state: Path, level: Level = Level.CAREFUL) -> None:
    """Write down that the box is to be careful."""
    GuardFile(state).save(Guard(boot=boot_id(), level=int(level), until=monotonic() + 100))


def test_a_box_that_nobody_guards_starts_whole(tmp_path: Path) -> None:
    """Whatever the file says."""
    go_careful(tmp_path)

    assert started_as(Path(os.devnull), {}, heeds=False)[1] is Level.FULL
    assert started_as(Path(os.devnull), {}, heeds=True)[1] is Level.CAREFUL


def test_a_box_that_never_fell_starts_whole(tmp_path: Path) -> None:
    """Where there is no file there is no safe mode."""
    assert level_now(tmp_path) is Level.FULL


def test_bad_settings_end_the_box_until_it_is_careful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then it goes on without them, but for where its state is, and says what is wrong all the same."""
    monkeypatch.setenv("EASYPLAYER_SOUND__VOLUME", "loud")
    monkeypatch.setenv("EASYPLAYER_WATCHDOG__PORT", "7000")
    with pytest.raises(SettingsError):
        started_as(None, {}, heeds=True)
    go_careful(tmp_path)

    found, level = started_as(None, {}, heeds=True)

    assert level is Level.CAREFUL
    assert (found.state, found.watchdog.port, found.sound.volume) == (tmp_path, 7000, Settings().sound.volume)
    assert "'loud' cannot be used" in capsys.readouterr().err
    with pytest.raises(SettingsError):
        started_as(None, {}, heeds=False)


def test_the_command_lines_state_directory_counts(tmp_path: Path) -> None:
    """It is what the box was told to use."""
    assert without_settings({"box": {"state": str(tmp_path / "x")}}).state == tmp_path / "x"


def test_a_file_that_cannot_be_used_names_no_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that can does, though the environment is wrong elsewhere; there the WatchDog writes, too."""
    file = tmp_path / "settings.toml"
    monkeypatch.delenv("EASYPLAYER_BOX__STATE")
    file.write_text('[box]\nstate = "/srv/box"\n')
    monkeypatch.setenv("EASYPLAYER_SOUND__VOLUME", "loud")
    assert without_settings({}, file).state == Path("/srv/box")

    file.write_text('[box]\nstate = "/srv/box"\n[sound]\nvolume = "loud"\n')

    assert without_settings({}, file).state == Settings().state


def test_a_bare_box_plays_the_firmwares_music_and_asks_for_nothing_else() -> None:
    """No hub, no program file."""
    music = music_for(Level.BARE, wanted(hub={"url": "https://hub.example"}), TODAY)

    assert (music.places, music.watched, music.from_hub) == ((safely.SAFE,), (), False)


def test_a_careful_box_reads_its_program_for_its_hours(tmp_path: Path) -> None:
    """From a file or from the hub; where there is neither, there is nothing to read."""
    of_file = music_for(Level.CAREFUL, wanted(program={"file": str(tmp_path / "bar.json")}), TODAY)
    of_hub = music_for(Level.CAREFUL, wanted(hub={"url": "https://hub.example"}), TODAY)
    of_list = music_for(Level.CAREFUL, wanted(music={"places": ["/srv/music"]}), TODAY)

    assert of_file.watched
    assert of_hub.from_hub
    assert of_file.adapt is not None
    assert of_hub.adapt is not None
    assert (of_list.places, of_list.adapt) == ((safely.SAFE,), None)


def test_a_whole_box_plays_what_it_is_told() -> None:
    """Nothing is in its way."""
    assert music_for(Level.FULL, wanted(music={"places": ["/srv/music"]}), TODAY).places == ("/srv/music",)


@pytest.mark.slow
def test_the_firmwares_music_plays_in_the_hours_of_the_program(tmp_path: Path) -> None:
    """And as loud as that: a closed venue stays silent at night."""
    assert gather_first(tmp_path).items
    bar = hotel_bar(tmp_path, "Europe/Paris", 2027)

    program = in_its_hours(tmp_path, bar)

    assert (program.zone, program.hours, program.volume) == (bar.zone, bar.hours, bar.volume)
    assert program.volume != Volume()
    assert [item.id.partition(":")[0] for item in program.items] == ["demo"]
