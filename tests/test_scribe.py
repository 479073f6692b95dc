"""Whoever writes the log loses nothing that the disk refuses, and tells how far the log has come."""

from collections.abc import Iterable
from pathlib import Path

from easyplayer.drivers.asrun_facts import Fact, RowBegun, RowTold
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.errors import StateError
from easyplayer.scribe import MOST_WAITING, Scribe, Written
from easyplayer.units import Monotonic, Seconds


class Disk(AsRunStore):
    """A store on a disk that a test fills.

    :ivar full: whether it takes nothing.
    :ivar offered: the facts that it was last offered.
    """

    full = False
    offered: tuple[Fact, ...] = ()

    def write(self, facts: Iterable[Fact]) -> None:
        self.offered = tuple(facts)
        if self.full:
            raise StateError("/state/asrun.db cannot be written")
        super().write(self.offered)


def song(at: float) -> tuple[Fact, Fact]:
    """Tell of a song from its start to its end."""
    started, over = Monotonic(at), Monotonic(at + 0.5)
    return (
        RowBegun(started=started, item="{}"),
        RowTold(started=started, over=over, heard_s=Seconds(0.5), ended="played"),
    )


def test_how_far_the_log_has_come_is_told_when_that_is_news(tmp_path: Path) -> None:
    """And nothing where there is nothing to write."""
    scribe = Scribe(Disk(tmp_path / "asrun.db", "boot-1"))
    written = [scribe.write(facts) for facts in ([], song(1), song(1), song(2))]
    scribe.close()

    assert [one.head and one.head.head for one in written] == [None, 1, None, 2]
    assert [one.kept for one in written] == [False, True, True, True]
    assert scribe.done == 4


def test_what_is_refused_goes_with_what_comes_next(tmp_path: Path) -> None:
    """In its order; the refusal is told once."""
    disk = Disk(tmp_path / "asrun.db", "boot-1")
    scribe = Scribe(disk)
    disk.full = True
    refused = [scribe.write(song(1)), scribe.write(song(2))]
    disk.full = False
    kept = scribe.write(song(3))
    scribe.close()

    assert refused == [Written(refused="/state/asrun.db cannot be written"), Written()]
    assert disk.offered == (*song(1), *song(2), *song(3))
    assert (kept.kept, kept.head and kept.head.head) == (True, 3)


def test_a_disk_that_never_answers_does_not_fill_the_memory(tmp_path: Path) -> None:
    """What is latest is worth most."""
    disk = Disk(tmp_path / "asrun.db", "boot-1")
    disk.full = True
    scribe = Scribe(disk)
    scribe.write(fact for at in range(MOST_WAITING) for fact in song(at))

    assert len(disk.offered) == MOST_WAITING
    assert disk.offered[-2:] == song(MOST_WAITING - 1)
