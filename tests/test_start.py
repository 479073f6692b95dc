"""A box loads what the music needs, and nothing else before that."""

import subprocess
import sys

import pytest

LATE = {
    "cryptography",
    "h11",
    "icalendar",
    "mutagen",
    "psutil",
    "pyrage",
    "requests",
    "rich",
    "ssl",
    "urllib3",
}
"""Libraries that take long to load, and play nothing."""
BOX = "import easyplayer.cli.run"
HUB = """
from easyplayer.cli import process
from easyplayer.hub_parts import hub_parts
"""


@pytest.mark.parametrize(
    ("loaded", "late"), [(BOX, LATE), (HUB, LATE - {"psutil"})], ids=["alone", "with a hub"]
)
def test_what_plays_no_music_is_loaded_later(loaded: str, late: set[str]) -> None:
    """Whoever imports one of them at the top of a module that every box loads, delays the music."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{loaded}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name.partition(".")[0] for name in told.stdout.split()} & late == set()
