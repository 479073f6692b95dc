"""What the hub asks of the machine before it answers."""

import resource
from collections.abc import Iterator

import pytest

from easyplayer.hub.serving import allow_open_files

FILES = resource.RLIMIT_NOFILE
USUAL = 1024


@pytest.fixture(name="most")
def _most() -> Iterator[int]:
    """Have as few files as programs are given at first; gives how many one may ask for."""
    before = resource.getrlimit(FILES)
    resource.setrlimit(FILES, (min(USUAL, before[1]), before[1]))
    yield before[1]
    resource.setrlimit(FILES, before)


def test_a_hub_may_hold_more_lines_than_programs_may_usually_open_files(most: int) -> None:
    """A fleet has thousands of lines, and each is an open file."""
    allow_open_files()
    assert resource.getrlimit(FILES) == (most, most)
