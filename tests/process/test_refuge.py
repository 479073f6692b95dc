"""A box whose state directory cannot be used plays from another one, and goes back to its own."""

from pathlib import Path

import pytest

from easyplayer.fallback import gather_first
from easyplayer.guard import Level
from tests.process.box_process import BoxProcess, plays
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]

GUARDED_AND_QUICK = """
import sys
from easyplayer import main
from easyplayer.cli import refuge, run
run.guardian = lambda: "systemd"
refuge.Home.go_back.__defaults__ = (0.2,)
sys.exit(main.main(sys.argv[1:]))
"""


def test_it_ends_to_be_started_anew_when_its_directory_can_be_used(
    sound_server: SoundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Softly, and with the code that says so; nothing but that ends it, whatever the WatchDog's file says."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert gather_first(tmp_path / "easyplayer-state/demo").items
    (tmp_path / "easyplayer-state").chmod(0o700)
    state = tmp_path / "state"
    state.write_text("no directory")
    with BoxProcess(state, program=("-c", GUARDED_AND_QUICK)) as box:
        status = box.until(plays)
        state.unlink()

        assert box.wait(timeout_s=15) == 75

    assert status.guard.safe == Level.CAREFUL
    assert f"{state} can be used again: the box ends" in box.output
