"""The commands about a venue whose program the hub sends."""

from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.cli import check, cleanup, explain, simulate
from easyplayer.cli.music import HUB, music
from easyplayer.cli.venue import as_last_started
from easyplayer.errors import ProgramError
from easyplayer.playout.engine import EngineState
from easyplayer.playout.program_file import encode
from easyplayer.program_store import store_in
from easyplayer.settings import HubSettings, MusicSettings, ProgramSettings, Settings
from easyplayer.tracker import Memory
from tests.cli.venues import Command, Disk
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.test_stocktaking import bring

URL = "http://hub.example"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Give a state directory of a box that has a hub."""
    monkeypatch.setenv("EASYPLAYER_HUB__URL", URL)
    return Disk(tmp_path, monkeypatch)


def kept(disk: Disk) -> None:
    """Let the hub have sent a program, and its media but for one."""
    store = store_in(disk.state)
    data = encode(program_of("Hub bar", "a", "b"))
    store.programs.stage(head_of(data, "Hub bar", 4), data)
    store.programs.switch()
    bring(store, "a")


def test_check_tells_of_the_program_that_is_kept(disk, monkeypatch, capsys):
    """And which of its media are missing."""
    kept(disk)
    command = Command(check, disk.state, monkeypatch, capsys)
    command("--json")
    assert command.json["program"]["name"] == "Hub bar"
    assert command.json["program"]["source"] == f"{URL}, revision 4"
    assert command.json["program"]["doubt"] == ""
    assert [one["item"] for one in command.json["media"]["wrong"]] == ["b"]


def test_check_of_a_box_that_waits_for_its_first_program_says_so(disk, monkeypatch, capsys):
    """With the way out; what the firmware brings along plays meanwhile."""
    command = Command(check, disk.state, monkeypatch, capsys)
    assert command() == ProgramError.exit_code
    assert command.told["WRONG"].startswith(f"{URL} has sent no program yet: claim the box there")


@pytest.mark.parametrize("module", [explain, simulate])
def test_other_commands_go_by_it_too(disk, monkeypatch, capsys, module):
    """They plan with the program, and pass over what is missing."""
    kept(disk)
    command = Command(module, disk.state, monkeypatch, capsys)
    command("--json")
    assert "a.flac" in "".join(command.said) or '"a"' in "".join(command.said)


def test_program_file_that_is_named_goes_before_the_hub(disk, monkeypatch, capsys):
    """A technician may look at another one."""
    kept(disk)
    command = Command(check, disk.state, monkeypatch, capsys)
    command("--json", "--program", disk.file)
    assert command.json["program"]["name"] == "Bar"


def test_cleanup_keeps_what_is_known_of_the_hubs_media(disk):
    """They belong to the box as much as any others."""
    kept(disk)
    store = store_in(disk.state)
    wanted = Settings(box=structs.replace(Settings().box, state=str(disk.state)), hub=HubSettings(url=URL))
    paths = {store.media.path(digest_of(content(name))) for name in "ab"}
    assert paths <= cleanup.belonging(wanted)


@pytest.mark.parametrize(
    ("sections", "first"),
    [
        ({}, "sample"),
        ({"hub": HubSettings(url=URL)}, HUB),
        ({"hub": HubSettings(url=URL), "program": ProgramSettings(file="bar.json")}, "program"),
        ({"hub": HubSettings(url=URL), "music": MusicSettings(places=("/music",))}, "/music"),
    ],
)
def test_what_is_named_on_the_box_goes_before_its_hub(sections, first):
    """And that before the sample."""
    found = music(Settings(**sections), date(2027, 3, 5))
    assert found.places[0] == first
    assert found.from_hub is (first == HUB)


def test_command_without_settings_finds_the_hub_that_the_box_was_started_with(disk, monkeypatch):
    """It has written that down."""
    monkeypatch.delenv("EASYPLAYER_HUB__URL")
    disk.keeping.place.memory.save(Memory(places=(HUB, URL), engine=EngineState()))
    found = as_last_started(Settings(box=structs.replace(Settings().box, state=str(disk.state))))
    assert found.hub.url == URL


def test_fresh_box_is_heard_by_what_it_makes_itself_until_the_hub_has_sent_a_program(disk: Disk) -> None:
    """From then on it plays nothing else, and makes nothing."""
    wanted = Settings(box=structs.replace(Settings().box, state=str(disk.state)), hub=HubSettings(url=URL))
    assert len(music(wanted, date(2026, 11, 21)).gather) == 2
    kept(disk)
    assert music(wanted, date(2026, 11, 21)).gather == ()
