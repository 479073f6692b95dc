"""What the machine has left for who comes later: what became of the technician's file, and of the data."""

from pathlib import Path

import msgspec

from easyplayer.appliance.setup_report import PLACE, SetupReport

REPORT = Path(PLACE)
DATA = Path("/data")
DATA_NOTES = Path("/run/easyplayer-data")
"""Only on an appliance: what its data partition has to say."""
DATA_TROUBLE = DATA_NOTES / "trouble"
"""Where the machine says why that is not there."""
NOT_MOUNTED = f"{DATA} is not mounted; journalctl -u data.mount tells why"


def setup_report() -> SetupReport:
    """Read what became of the technician's file; nothing where there never was one."""
    try:
        return msgspec.json.decode(REPORT.read_bytes(), type=SetupReport)
    except (OSError, ValueError, RecursionError):  # it is not there, or that of another version
        return SetupReport()


def data_trouble() -> str:
    """Tell why nothing that the box keeps will be there after a restart; empty where all will."""
    try:
        told = DATA_TROUBLE.read_text(encoding="utf-8", errors="replace").strip().partition("\n")[0]
    except OSError:
        told = ""
    return told or (NOT_MOUNTED if DATA_NOTES.is_dir() and not DATA.is_mount() else "")


def troubles() -> tuple[str, ...]:
    """Tell what went wrong on the machine before the box started."""
    lost = data_trouble()
    kept = (f"nothing is kept over a restart: {lost}",) if lost else ()
    return (*kept, *(f"the technician's file: {one}" for one in setup_report().problems))
