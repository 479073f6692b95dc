"""Whatever happens to a library, in whatever order: it says what is on its disks, and loses nothing."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from easyplayer.drivers.media_library import Arrival, MediaLibrary
from easyplayer.errors import StateError
from easyplayer.protocol.heartbeat import Health
from easyplayer.units import Instant
from tests.drivers.media import DATA, LENGTH, bring, put

pytestmark = pytest.mark.slow

MEDIA = st.sampled_from([*DATA])
EVER = Instant(1e9)


class LibraryInAnyOrder(RuleBasedStateMachine):
    """A library on two disks, one of which comes and goes, beside what should be on them."""

    @initialize()
    def begin(self) -> None:
        """Start with nothing."""
        self.home = Path(tempfile.mkdtemp(prefix="media-"))
        self.file = self.home / "media.sqlite"
        self.inner, self.card = self.home / "media", self.home / "card"
        self.card.mkdir()
        self.there: dict[Path, set[str]] = {self.inner: set(), self.card: set()}
        self.checked: dict[str, float] = {}
        self.now = 1.0
        self.fresh = False
        self.open()

    def open(self) -> None:
        """Start the process."""
        self.library = MediaLibrary(self.inner, [self.card], keep_free=0)
        self.fresh = False

    def teardown(self) -> None:
        """Leave nothing."""
        if hasattr(self, "home"):
            self.library.close()
            shutil.rmtree(self.home)

    @property
    def away(self) -> Path:
        """Where the card is while it is pulled out."""
        return self.home / "away"

    def seen(self) -> set[str]:
        """Tell what is on the disks that are there."""
        return self.there[self.inner] | (set() if self.away.exists() else self.there[self.card])

    # -- what the box does ---------------------------------------------------------------------

    @rule(sha256=MEDIA)
    def fetch(self, sha256: str) -> None:
        """Bring a medium, whole."""
        if sha256 not in self.seen():
            assert bring(self.library, sha256) is Arrival.COMPLETE
            self.there[Path(self.library.disk_of(sha256))].add(sha256)
            self.checked.pop(sha256, None)

    @rule(sha256=MEDIA, upto=st.integers(1, LENGTH - 1))
    def fetch_a_part(self, sha256: str, upto: int) -> None:
        """Bring the begin of one: the line breaks."""
        if sha256 not in self.seen():
            before = self.library.part_bytes(sha256)
            assert bring(self.library, sha256, max(before, upto)) is Arrival.SHORT
            assert self.library.part_bytes(sha256) == max(before, upto)

    @rule(sha256=MEDIA)
    def remove(self, sha256: str) -> None:
        """Nobody needs it any more."""
        self.library.remove(sha256)
        self.there[self.inner].discard(sha256)
        if not self.away.exists():
            self.there[self.card].discard(sha256)
        assert self.library.part_bytes(sha256) == 0
        self.checked.pop(sha256, None)

    @rule(sha256=MEDIA)
    def check(self, sha256: str) -> None:
        """Read one."""
        assert self.library.is_right(sha256, lambda: False) is (sha256 in self.seen())
        self.now += 1.0
        self.library.note_right(sha256, Instant(self.now))
        if sha256 in self.seen():
            self.checked[sha256] = self.now

    @rule()
    def tidy(self) -> None:
        """Put all in order."""
        self.library.tidy()
        self.fresh = True
        parts = {path.stem for path in self.home.rglob("*.part")}
        assert not parts & self.seen()

    @rule()
    def rebuild(self) -> None:
        """Make the database anew."""
        rebuilt = self.library.rebuild()
        assert (rebuilt.media, rebuilt.bytes) == (len(self.seen()), len(self.seen()) * LENGTH)
        self.checked.clear()
        self.fresh = True

    # -- what happens to it --------------------------------------------------------------------

    @rule()
    def restart(self) -> None:
        """Kill the process, and start it again."""
        self.library.close()
        self.open()

    @rule(how=st.sampled_from(["gone", "overwritten", "torn"]))
    def damage_database(self, how: str) -> None:
        """Lose the database while nobody looks."""
        self.library.close()
        if self.file.exists():
            match how:
                case "gone":
                    self.file.unlink()
                case "overwritten":
                    self.file.write_bytes(b"something else" * 1000)
                case "torn":
                    self.file.write_bytes(self.file.read_bytes()[:4096])
        self.checked.clear()
        self.open()

    @precondition(lambda self: not self.away.exists())
    @rule()
    def pull_card(self) -> None:
        """Pull a disk out."""
        self.card.rename(self.away)
        assert self.library.disks()[1].health is Health.MISSING

    @precondition(lambda self: self.away.exists())
    @rule()
    def plug_card(self) -> None:
        """Put it back."""
        self.away.rename(self.card)
        for sha256 in self.there[self.card]:
            self.checked.pop(sha256, None)
        assert self.library.disks()[1].health is Health.WELL

    @precondition(lambda self: not self.away.exists())
    @rule(sha256=MEDIA)
    def copy_by_hand(self, sha256: str) -> None:
        """Copy a medium onto the card."""
        put(self.card, sha256)
        self.there[self.card].add(sha256)
        self.checked.pop(sha256, None)
        self.fresh = False

    @rule(sha256=MEDIA)
    def delete_by_hand(self, sha256: str) -> None:
        """Delete a medium."""
        (self.inner / sha256[:2] / sha256).unlink(missing_ok=True)
        self.there[self.inner].discard(sha256)
        self.checked.pop(sha256, None)
        self.fresh = False

    # -- what holds ----------------------------------------------------------------------------

    @invariant()
    def it_says_what_is_there(self) -> None:
        """Each time, whatever the database holds."""
        if not hasattr(self, "library"):
            return
        for sha256 in DATA:
            assert self.library.has(sha256, LENGTH) is (sha256 in self.seen())
            path = self.library.path(sha256)
            assert path.exists() is (sha256 in self.seen())
        assert {one for one in self.library.digests() if self.library.size_of(one)} == self.seen()

    @invariant()
    def what_is_to_be_checked_is_there(self) -> None:
        """And was not checked since."""
        if hasattr(self, "library") and self.fresh:
            unchecked = self.library.least_checked(EVER)
            assert (unchecked is None) is (not self.seen())
            assert unchecked is None or unchecked in self.seen()
            recent = self.library.least_checked(Instant(self.now))
            assert recent is None or self.checked.get(recent, 0.0) < self.now

    @invariant()
    def counts_are_right_after_tidying(self) -> None:
        """As long as nobody lends a hand."""
        if hasattr(self, "library") and self.fresh and not self.away.exists():
            told = [disk.media for disk in self.library.disks()]
            assert told == [len(self.there[self.inner]), len(self.there[self.card])]


class TestEveryday(LibraryInAnyOrder.TestCase):
    """A few of all ways."""

    settings = settings(max_examples=10, stateful_step_count=15, deadline=None)


@pytest.mark.slow
class TestLong(LibraryInAnyOrder.TestCase):
    """Many of them."""

    settings = settings(max_examples=80, stateful_step_count=30, deadline=None, phases=[Phase.generate])


def test_library_in_a_place_where_nothing_can_be_is_told(tmp_path: Path) -> None:
    """Here below a file; it is said for each disk, and nothing is thrown."""
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    library = MediaLibrary(tmp_path / "state" / "media")
    (disk,) = library.disks()
    assert disk.health is Health.FAILING
    assert disk.trouble
    with pytest.raises(StateError):
        library.space()
