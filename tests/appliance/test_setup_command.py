"""``easyplayer setup``: what it does with a file, and what it leaves when the power goes."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from easyplayer.appliance.succession import Memory
from easyplayer.drivers.kept_settings import MARK, memory_of
from easyplayer.errors import SettingsError, StateError
from easyplayer.main import main
from tests.appliance.vfat import ROOT


def given(folder: Path, text: str) -> Path:
    """Put a technician's file into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "easyplayer.toml").write_text(text)
    return folder


def setup(folder: Path, mark: str, text: str) -> int:
    """Run the command with a file on the boot partition."""
    (folder / "kept").mkdir(exist_ok=True)
    places = {"kept": folder / "kept", "root": folder / "root", "report": folder / "report.json"}
    words = [word for name, path in places.items() for word in (f"--{name}", str(path))]
    return main(["setup", "--boot", str(given(folder / "boot", text)), "--mark", mark, *words])


def test_file_can_be_looked_at_on_any_computer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before it is carried to the box, whatever it is called there."""
    file = given(tmp_path, '[hub]\nurl = "https://hub.example"\n') / "easyplayer.toml"
    file = file.rename(tmp_path / "bar lumière.toml")
    assert main(["setup", "--check", str(file)]) == 0
    assert "can be used" in capsys.readouterr().out
    file.write_text("[hub]\nurrl = 1\n")
    assert main(["setup", "--check", str(file)]) == SettingsError.exit_code
    assert "did you mean 'url'?" in capsys.readouterr().err
    assert main(["setup", "--check", str(tmp_path / "nothing")]) == StateError.exit_code


def test_file_to_be_looked_at_may_name_what_lies_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it will on the box; what was assumed is told."""
    text = '[hub]\nca = "easyplayer-ca.pem"\n[network]\naddress = "10.0.0.2/24"\n'
    file = given(tmp_path, text) / "easyplayer.toml"
    (tmp_path / "easyplayer-ca.pem").write_text("certificate")
    assert main(["setup", "--check", str(file)]) == 0
    assert "no name servers" in capsys.readouterr().out


def test_memory_that_cannot_be_read_is_no_reason_to_stop(tmp_path: Path) -> None:
    """The box takes what lies on the boot partition."""
    setup(tmp_path, "one", "[network]\nhostname = 'one'\n")
    memory_of(tmp_path / "kept").write_bytes(b"\0\0")
    assert setup(tmp_path, "two", "[network]\nhostname = 'two'\n") == 0
    assert (tmp_path / "root/etc/hostname").read_text() == "two\n"


def test_what_a_newer_firmware_does_not_understand_stays_as_the_older_one_has_made_it(tmp_path: Path) -> None:
    """The command says so by its exit code, and keeps all as it was."""
    setup(tmp_path, "one", "[network]\nhostname = 'one'\n")
    file = memory_of(tmp_path / "kept")
    memory = msgspec.json.decode(file.read_bytes(), type=Memory)
    assert memory.good is not None
    outdated = msgspec.structs.replace(
        memory, good=msgspec.structs.replace(memory.good, files={"easyplayer.toml": b"[gone]\n"})
    )
    file.write_bytes(msgspec.json.encode(outdated))
    mark = (tmp_path / "kept" / MARK).read_text()
    assert setup(tmp_path, "two", "[network]\nhostname = 'one'\n") == SettingsError.exit_code
    assert (tmp_path / "kept" / MARK).read_text() == mark
    assert b"there is no such section" in (tmp_path / "report.json").read_bytes()


@pytest.mark.process
def test_power_may_go_at_any_step(tmp_path: Path) -> None:
    """What is kept is the old or the new, each whole, and nothing is left beside it in the end."""
    text = "[network]\nhostname = '{}'\naddress = '10.0.0.2/24'\n"
    setup(tmp_path, "old", text.format("old"))
    given(tmp_path / "boot", text.format("new"))
    command = [sys.executable, "-m", "tests.appliance.cut_short", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    cuts = sorted(tmp_path.glob("cut-*"), key=lambda one: int(one.name[4:]))
    seen = [whole(one) for one in cuts]
    assert seen[0] == "old"
    assert seen[-1] == "new"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) > 20
    assert sorted(one.name for one in cuts[-1].iterdir()) == [
        *sorted(one.name for one in cuts[-1].glob("made-*")),
        MARK,
    ]
    assert len([*cuts[-1].glob("made-*")]) == 1


def whole(kept: Path) -> str:
    """Tell which is kept, and hold that all of it is."""
    mark, folder = (kept / MARK).read_text().split()
    sums = (kept / folder / "sums").read_text().splitlines()
    for line in sums:
        digest, name = line.split("  ")
        assert sha256((kept / folder / name).read_bytes()).hexdigest() == digest
    assert len(sums) >= 7
    memory = msgspec.json.decode(memory_of(kept).read_bytes(), type=Memory)
    assert memory.good is not None
    assert f"'{mark}'".encode() in memory.good.files["easyplayer.toml"]
    assert (kept / folder / "root/etc/hostname").read_text() == f"{mark}\n"
    return mark
