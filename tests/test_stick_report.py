"""What a box leaves on a stick: its as-run log as the network would carry it, sealed, signed and whole."""

import io
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pyrage
import pytest
from msgspec import Struct

from easyplayer.drivers.asrun_facts import RowBegun, RowTold
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.errors import DeviceError, StateError
from easyplayer.protocol.asrun import Batch, broken_at
from easyplayer.protocol.bundle import StickReport
from easyplayer.protocol.codec import decode
from easyplayer.protocol.heartbeat import Status
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, openssh_private_key, public_key, verified
from easyplayer.stick_report import Sender, StickReporter
from easyplayer.units import Instant, Monotonic, Seconds
from tests.fakes.stick import BOX, BOX_SEED, HUB_SEED

NOW = Instant(1_804_000_000.5)
SENDER = Sender(box=BOX, seed=BOX_SEED, hub=public_key(HUB_SEED))


class Given(Struct):
    """A box with a log, and a stick."""

    as_run: AsRunStore
    stick: Path
    scratch: Path

    def reporter(self, *lines: str) -> StickReporter:
        """Give what makes its reports."""
        return StickReporter(self.as_run, lambda _most: lines, self.scratch, lambda: NOW)

    def leave(self, *lines: str, after: int = 0, status: Status | None = None) -> dict[str, bytes]:
        """Leave a report; give its members, as the hub reads them."""
        name = self.reporter(*lines).leave(self.stick, SENDER, after, status)
        return members_of(self.stick / "easyplayer/reports" / name)


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Given]:
    """Give a box that has played nothing yet."""
    (tmp_path / "stick").mkdir()
    as_run = AsRunStore(tmp_path / "as-run.sqlite", "boot")
    yield Given(as_run, tmp_path / "stick", tmp_path / "scratch")
    as_run.close()


def play(as_run: AsRunStore, count: int) -> None:
    """Play so many songs."""
    for number in range(count):
        at = Monotonic(10.0 * number)
        over = RowTold(started=at, over=Monotonic(at + 9), heard_s=Seconds(9.0), ended="played")
        as_run.write([RowBegun(started=at, item='{"id":"song","location":"a"}'), over])


def members_of(report: Path) -> dict[str, bytes]:
    """Open a report as the hub does."""
    identity = pyrage.ssh.Identity.from_buffer(openssh_private_key(HUB_SEED))
    plain = pyrage.decrypt(report.read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]


def test_report_is_signed_and_names_all_that_is_in_it(given: Given) -> None:
    """The first member vouches for the others."""
    play(given.as_run, 3)
    members = given.leave("one", "two", status=Status(version="1"))
    assert [*members] == ["report.json", "as-run/00001.json", "status.json", "log.txt"]
    signed = decode(members.pop("report.json"), Signed)
    report = verified(signed, Purpose.REPORT, StickReport, [public_key(BOX_SEED)])
    assert report == StickReport(
        box=BOX,
        hub=public_key(HUB_SEED),
        made=NOW,
        files={name: sha256(data).hexdigest() for name, data in members.items()},
    )
    assert members["log.txt"] == b"one\ntwo\n"
    assert decode(members["status.json"], Status) == Status(version="1")


def test_log_goes_as_it_goes_over_the_network(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches, in order and without a gap, from the first entry that the hub has not."""
    monkeypatch.setattr("easyplayer.drivers.asrun_chain.MOST_ENTRIES", 5)
    play(given.as_run, 15)
    members = given.leave(after=7)
    batches = [msgspec.json.decode(members[f"as-run/0000{number}.json"], type=Batch) for number in (1, 2)]
    assert batches[0] == given.as_run.next_batch(7)
    numbers = [entry.number for batch in batches for entry in batch.entries]
    assert numbers == [*range(8, 16)]
    assert [broken_at(batch.previous, batch.entries) for batch in batches] == [None, None]


def test_box_that_has_played_nothing_reports_all_the_same(given: Given) -> None:
    """It may be just that which somebody wants to know."""
    assert [*given.leave()] == ["report.json", "log.txt"]


def test_log_that_is_very_long_goes_in_parts(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest goes into the next report, when the hub has said what it has."""
    monkeypatch.setattr("easyplayer.drivers.asrun_chain.MOST_ENTRIES", 5)
    play(given.as_run, 9)
    monkeypatch.setattr("easyplayer.stick_report.MOST_LOG_BYTES", 1)
    assert [*given.leave()] == ["report.json", "as-run/00001.json", "log.txt"]


def test_lines_of_the_log_hide_passwords(given: Given) -> None:
    """As when they are collected over the network."""
    assert given.leave("plays http://dj:secret@radio/live")["log.txt"] == b"plays http://dj:***@radio/live\n"


def test_nothing_stays_on_the_disk(given: Given) -> None:
    """Neither when it is done, nor when the stick does not take it."""
    given.leave()
    given.stick = given.stick / "gone"
    with pytest.raises(DeviceError):
        given.leave()
    assert [*given.scratch.iterdir()] == []


def test_disk_that_takes_nothing_is_told(given: Given) -> None:
    """It is not the stick's fault."""
    given.scratch.write_text("no folder")
    with pytest.raises(StateError, match="free space, or check the disk"):
        given.leave()


def test_damaged_log_is_told(given: Given) -> None:
    """Half a log would be taken for all of it."""
    given.as_run.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StateError, match="cannot be read"):
        given.leave()
