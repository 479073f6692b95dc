"""A machine with UEFI: its firmware's variables are its own, and go with its saved state."""

from pathlib import Path

import pytest

from tests.venue.machine import Machine, tiny

pytestmark = pytest.mark.venue

CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
LOOKS_FOR_A_DISK = "BdsDxe"


def test_uefi_boots_is_saved_and_resets(tmp_path: Path) -> None:
    """It looks for something to boot; restored, it goes on doing so, and after a reset it begins anew."""
    spec = tiny.spec(tmp_path, memory_mib=128, firmware=CODE, firmware_vars=VARIABLES)
    with Machine(spec, folder=tmp_path / "first") as machine:
        machine.launch()
        machine.console.wait(LOOKS_FOR_A_DISK, 20)
        saved = machine.save(tmp_path / "saved")

    with Machine(spec, folder=tmp_path / "second") as machine:
        machine.restore(saved)
        mark = machine.console.mark()
        machine.reset()
        machine.console.wait(LOOKS_FOR_A_DISK, 20, since=mark)

    assert (saved.folder / "variables.fd").stat().st_size == VARIABLES.stat().st_size
