"""How a cut of the power is looked into, with a machine that is none."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.venue.faculties.cuts import Cut, Doing
from tests.venue.faculties.sound import NoMusicError
from tests.venue.machine import Disk, RestoreError, Spec
from tests.venue.machine.images import make_overlay
from tests.venue.machine.saved import Saved
from tests.venue.stories.test_plug_pulled import STEADY_S, look_after
from tests.venue.test_remains import disk_of

CUT = Cut(Doing.PLAY, 3, 7)


class Evening:
    """A venue, a run and a saved state, as far as a cut needs them; all is well."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "evening"
        self.folder.mkdir()
        self.disk = disk_of(folder)
        self.venue, self.run = Mock(), Mock()
        self.venue.machine.spec = Spec(disks=(Disk(path=self.disk),))
        self.venue.machine.accelerator.patience = 1.0
        self.venue.machine.folder = folder
        self.venue.sound.longest_silence_s.return_value = 0.0
        self.run.disk.before = self.disk
        self.run.disk.crash_image = self._crash
        self.run.programs, self.run.faults.return_value = ((), ()), []
        make_overlay(self.disk, "raw", folder / "disk0.qcow2")
        monkeypatch.setattr("tests.venue.stories.test_plug_pulled.until_heard", Mock())
        (folder / "saved").mkdir()
        self._saved = Saved(folder / "saved")

    def faults(self) -> list[str]:
        """Cut the power once; whatever comes of it, nothing is left of that for the next time."""
        found = list(look_after(self.venue, self._saved, self.run, CUT, self.folder))
        self.venue.machine.shutdown.assert_called_once_with(soft=False)
        assert not (self.folder / "crash.img").exists()
        assert not (self.folder / "at-gate").exists()
        return found

    def _crash(self, to: Path, cut: int, seed: int) -> Path:
        assert (cut, seed) == (CUT.at, CUT.seed)
        to.write_bytes(self.disk.read_bytes())
        return to


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evening:
    """Make an evening at which all is well."""
    return Evening(tmp_path, monkeypatch)


def test_cut_at_which_nothing_is_lost_has_no_faults(evening: Evening) -> None:
    """The box is switched on upon what is left, listened to, and its disk is read once more."""
    assert evening.faults() == []
    evening.venue.machine.restore.assert_called_once()
    evening.venue.cut_power.assert_called_once()
    evening.venue.expect_silence_below.assert_called_once_with(STEADY_S)


def test_cut_that_breaks_the_machine_is_a_fault_and_no_end(evening: Evening) -> None:
    """With all that was found before that."""
    evening.run.faults.return_value = ["a loss"]
    evening.venue.machine.restore.side_effect = RestoreError("no such state")
    assert evening.faults() == ["a loss", "RestoreError: no such state"]


def test_disk_that_cannot_be_mended_is_a_fault_and_no_end(evening: Evening) -> None:
    """No box is started upon it."""
    evening.disk.write_bytes(bytes(1 << 24))
    (fault,) = evening.faults()
    assert fault.startswith("UnmendableError: e2fsck -y")
    evening.venue.machine.restore.assert_not_called()


def test_box_that_does_not_play_is_looked_into_all_the_same(evening: Evening) -> None:
    """What its start has left on the disk may tell why."""
    evening.venue.wait_for_music.side_effect = NoMusicError("no music within 20.0 s")
    assert evening.faults() == ["no music within 20.0 s"]
    evening.venue.cut_power.assert_called_once()


def test_box_that_falls_silent_again_is_a_fault(evening: Evening) -> None:
    """Half a second of music is not all that is promised."""
    evening.venue.sound.longest_silence_s.return_value = 3.0
    assert evening.faults() == ["it played, and was silent again for 3.0 s"]
