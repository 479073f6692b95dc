"""What the machine has left for who comes later: what became of the technician's file, and of the data."""

from pathlib import Path

import msgspec

from easyplayer.appliance.setup_report import PLACE, SetupReport

REPORT = Path(PLACE)
DATA_TROUBLE = Path("/run/easyplayer-data/trouble")
"""Where the machine says why its data partition is not there."""


def setup_report() -> SetupReport:
    """Read what became of the technician's file; nothing where there never was one."""
    try:
        return msgspec.json.decode(REPORT.read_bytes(), type=SetupReport)
    except (OSError, ValueError, RecursionError):  # it is not there, or that of another version
        return SetupReport()


def data_trouble() -> str:
    """Tell why nothing that the box keeps will be there after a restart; empty where all will."""
    try:
        return DATA_TROUBLE.read_text(encoding="utf-8", errors="replace").strip().partition("\n")[0]
    except OSError:
        return ""


def troubles() -> tuple[str, ...]:
    """Tell what went wrong on the machine before the box started."""
    lost = data_trouble()
    kept = (f"nothing is kept over a restart: {lost}",) if lost else ()
    return (*kept, *(f"the technician's file: {one}" for one in setup_report().problems))
