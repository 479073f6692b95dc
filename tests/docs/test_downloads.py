"""The page about downloads: each thing that can go wrong has its row, and each row can happen."""

import inspect
import re

from easyplayer.drivers import disk_errors, media_disk
from easyplayer.protocol.heartbeat import Health
from tests.docs.pages import sections
from tests.fakes.hostile_hub import Fault

PAGE, SECTION = "guide/downloads.md", "What happens, and what the box does"
DISKS = "When a disk fails"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (?:`(.+?)`|nothing) \|$", re.MULTILINE)


def rows(section: str = SECTION) -> dict[str, str]:
    """Give what the box says, by what happens."""
    return {happens: says for happens, _does, says in ROW.findall(sections(PAGE)[section])}


def told_of(fault: Fault) -> list[str]:
    """Give the words that the box says when something happens, without what differs."""
    return [words for words in rows()[fault.value].split("…") if words]


def test_each_fault_that_is_tried_has_a_row_and_each_row_is_tried() -> None:
    """What the box says of it is held against the page where it is tried."""
    assert list(rows()) == [fault.value for fault in Fault]


def test_what_is_said_of_a_disk_is_said_so() -> None:
    """Word for word, but for what differs."""
    sources = "".join(inspect.getsource(module) for module in (disk_errors, media_disk))
    assert len(rows(DISKS)) == len(Health) - len({Health.WELL, Health.UNKNOWN})
    for says in rows(DISKS).values():
        for words in filter(str.strip, says.split("…")):
            assert words in sources
