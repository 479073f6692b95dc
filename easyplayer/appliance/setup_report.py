"""What became of the technician's file: for the screen, the log and the hub."""

from pathlib import PurePosixPath

from msgspec import Struct

PLACE = PurePosixPath("/run/easyplayer-setup/report.json")
"""Where it is on the box; gone with the power."""
BOOT, STICK = "the boot partition", "a stick"


class SetupReport(Struct, frozen=True, kw_only=True):
    """What became of the technician's file.

    :ivar source: where what is in force came from; empty where nothing was ever given.
    :ivar problems: what is wrong with the newest file, which is not in force then.
    :ivar notes: what was assumed, and what else a technician should know.
    """

    source: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
