"""The disks that fail."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.disks import FaultyDisk, NoSuchDiskError, SmallDisk, faulty_disk, small_disk

_numbers = itertools.count()


@pytest.fixture(scope="session", name="mounted")
def _mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyDisk]:
    """Mount a disk that fails, once for all tests."""
    try:
        with faulty_disk(tmp_path_factory.mktemp("fuse")) as disk:
            yield disk
    except NoSuchDiskError as error:
        pytest.skip(str(error))


@pytest.fixture
def faulty(mounted: FaultyDisk) -> Iterator[FaultyDisk]:
    """Give a folder of its own on a disk that fails when it is told to, and is well at first."""
    disk = mounted.folder_of(str(next(_numbers)))
    disk.be_well()
    yield disk
    disk.be_well()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a small disk."""
    try:
        with small_disk(tmp_path) as disk:
            yield disk
    except NoSuchDiskError as error:
        pytest.skip(f"no disk can be mounted here: {error}")
