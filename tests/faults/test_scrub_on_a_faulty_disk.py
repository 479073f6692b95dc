"""The scrubber on a disk that really gives errors: a bad spot is noticed, a loose plug empties nothing."""

import errno
from collections.abc import Iterator

import pytest

from easyplayer.scrubber import REST_S
from easyplayer.units import Instant
from tests.faults.disks import FaultyDisk
from tests.faults.faulty_fs import Failing
from tests.test_scrubber import Cellar

pytestmark = pytest.mark.slow


@pytest.fixture
def cellar(faulty: FaultyDisk) -> Iterator[Cellar]:
    """Give a scrubber over four media on that disk."""
    made = Cellar(faulty.folder)
    made.digests = made.bring("a", "b", "c", "d")
    yield made
    faulty.be_well()
    made.library.close()


def live(cellar: Cellar, seconds: float) -> None:
    """Let time pass, in which the storage looks at the disk as it does each minute."""
    for _ in range(round(seconds / 60)):
        cellar.seconds(60)
        cellar.library.disks()


def test_bad_spot_costs_one_medium(cellar: Cellar, faulty: FaultyDisk) -> None:
    """Which is thrown away and told; the others are read."""
    bad, *others = cellar.digests
    faulty.fail(Failing(calls=("read",), named=bad))
    cellar.begin()
    live(cellar, 2 * REST_S)
    assert cellar.scrubbed == (3, [bad])
    assert cellar.library.size_of(bad) is None
    assert all(cellar.library.size_of(one) for one in others)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENODEV])
def test_loose_plug_costs_nothing(cellar: Cellar, faulty: FaultyDisk, error: int) -> None:
    """All is read when the disk is there again."""
    faulty.fail(Failing(calls=("read",), named="/media/", error=error))
    cellar.begin()
    live(cellar, 2 * REST_S)
    assert cellar.scrubbed == (0, [])
    faulty.be_well()
    live(cellar, 2 * REST_S)
    assert cellar.scrubbed == (4, [])
    assert all(cellar.library.size_of(one) for one in cellar.digests)


def test_plug_that_comes_loose_while_a_medium_is_read_costs_nothing(
    cellar: Cellar, faulty: FaultyDisk
) -> None:
    """Whichever read is the first to fail."""
    for first in range(0, 12, 2):
        faulty.fail(Failing(calls=("read",), named="/media/", first=first))
        if not first:
            cellar.begin()
        live(cellar, REST_S)
        faulty.be_well()
        live(cellar, REST_S)
        for sha256 in cellar.digests:
            cellar.library.note_right(sha256, Instant(cellar.wall.now() - 10**8))
    assert cellar.scrubbed[1] == []
    assert all(cellar.library.size_of(one) for one in cellar.digests)


def test_bad_medium_stays_where_it_cannot_be_thrown_away(cellar: Cellar, faulty: FaultyDisk) -> None:
    """It is not told as thrown away; when the disk takes something again, it goes."""
    bad = cellar.digests[0]
    cellar.spoil(bad)
    faulty.fail(Failing(calls=("unlink",), error=errno.EROFS))
    cellar.begin()
    live(cellar, 2 * REST_S)
    assert cellar.scrubbed[1] == []
    faulty.be_well()
    live(cellar, 3 * REST_S)
    assert cellar.scrubbed[1] == [bad]
