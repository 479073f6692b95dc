"""Safe mode in the box: what it starts, what it plays, what it tells, and how it comes and goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.events import take_program
from easyplayer.guard import Guard, Level, Verdict
from easyplayer.hub_parts import HubDrivers
from easyplayer.playout.catalogue import Program
from easyplayer.playout.listing import listed
from easyplayer.units import Instant
from easyplayer.warden import ANEW
from tests.fakes.clock import HeldClock
from tests.fakes.deck import Medium
from tests.fakes.hub_link import FakeHub, FakeHubLink
from tests.fakes.live_line import FakeLiveHub
from tests.fakes.workshop_tools import FakeTools
from tests.house import FakeBox, item_of
from tests.test_webclient import HUB, Desk

SONGS = {"a": Medium(length_s=30.0), "b": Medium(length_s=30.0)}
LOOKS_WITHIN_S = 6.0


def write(state: Path, **fields: object) -> None:
    """Write what the WatchDog has seen in this run of the machine."""
    GuardFile(state).save(structs.replace(Guard(boot=boot_id()), **fields))


@pytest.fixture(autouse=True)
def _no_spare_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


@contextmanager
def box(state: Path, level: Level, *, heeds: bool = True, **more: object) -> Iterator[FakeBox]:
    """Run a box."""
    with FakeBox(SONGS, state=state, level=level, heeds=heeds, **more) as running:
        yield running


def parts(running: FakeBox) -> set[str]:
    """Name the parts of a box."""
    return {type(part).__name__ for part in running.app.components}


@pytest.mark.parametrize("level", list(Level))
def test_a_box_plays_at_every_level(level: Level, tmp_path: Path) -> None:
    """Music is what remains."""
    write(tmp_path, level=int(level), until=2000.0)

    with box(tmp_path, level) as running:
        running.run_until_heard("a", within_s=5.0)
        running.run_for(20.0, step_s=0.5)
        assert running.witness.all("shut_down") == []


def test_a_bare_box_has_no_ledger_and_keeps_nothing(tmp_path: Path) -> None:
    """Nothing of its state is read, so that nothing of it can be the matter."""
    write(tmp_path, level=2, until=2000.0)
    for name in ("as-run.sqlite", "time.json", "bookmark.json", "memory.json"):
        (tmp_path / name).write_bytes(b"\xff" * 100)

    with box(tmp_path, Level.BARE) as running:
        running.run_until_heard("a", within_s=5.0)
        assert not parts(running) & {"Ledger", "Devices", "ProgramWatch"}

    assert (tmp_path / "as-run.sqlite").read_bytes() == b"\xff" * 100


def test_a_careful_box_writes_its_log_and_leaves_its_place_alone(tmp_path: Path) -> None:
    """The rights office hears of all that was played; and the program goes on later where it was."""
    write(tmp_path, level=1, until=2000.0)
    (tmp_path / "memory.json").write_bytes(b"as it was")

    with box(tmp_path, Level.CAREFUL) as running:
        running.run_for(40.0, step_s=0.5)
        assert "Ledger" in parts(running)

    assert (tmp_path / "memory.json").read_bytes() == b"as it was"


def test_safe_mode_that_is_over_ends_the_box_to_be_started_whole(tmp_path: Path) -> None:
    """It fades out, and exits as one that ends on purpose."""
    write(tmp_path, level=1, until=1010.0)

    with box(tmp_path, Level.CAREFUL) as running:
        running.run_for(9.0)
        assert running.witness.all("shut_down") == []
        running.run_until(lambda: bool(running.witness.all("shut_down")), within_s=LOOKS_WITHIN_S)
        running.run_until(lambda: running.ended, within_s=3.0)

    assert running.app.exit_code == ANEW


def test_a_box_that_was_started_before_the_verdict_was_written_ends_too(tmp_path: Path) -> None:
    """Circusd may be quicker than the disk."""
    with box(tmp_path, Level.FULL) as running:
        running.run_for(1.0)
        write(tmp_path, level=1, until=2000.0)
        running.run_until(lambda: bool(running.witness.all("shut_down")), within_s=LOOKS_WITHIN_S)


def test_a_box_that_nobody_would_start_again_goes_on(tmp_path: Path) -> None:
    """At a technician's desk the file is a thing to read, and no order."""
    write(tmp_path, level=1, until=2000.0)

    with box(tmp_path, Level.FULL, heeds=False) as running:
        running.run_for(20.0, step_s=0.5)
        assert running.witness.all("shut_down") == []


def test_what_was_written_in_another_run_of_the_machine_is_past(tmp_path: Path) -> None:
    """After a power cut the whole box starts."""
    GuardFile(tmp_path).save(Guard(boot="another", level=2, until=1e5, crashes=4, crashes_ever=9))

    with box(tmp_path, Level.FULL) as running:
        running.run_for(20.0, step_s=0.5)
        assert running.witness.all("shut_down") == []
        view = running.last("guard_told").args[0]
        assert (view.safe, view.crashes, view.crashes_ever) == (0, 0, 9)


def test_the_status_tells_all_of_it(tmp_path: Path) -> None:
    """Level, time left, counts, and the last verdict in words."""
    last = (Verdict(Instant(1.0), "it hung"),)
    counts = {"kills": 2, "crashes": 1, "kills_ever": 5, "crashes_ever": 1}
    write(tmp_path, level=1, until=1600.0, last=last, unguarded="its port is taken", **counts)

    with box(tmp_path, Level.CAREFUL) as running:
        running.run_for(2.0)
        seen = running.last("status_published").args[0].guard

    assert (seen.safe, seen.kills, seen.crashes, seen.kills_ever) == (1, 2, 1, 5)
    assert (seen.last, seen.unguarded) == ("it hung", "its port is taken")
    assert 590 < seen.safe_left_s <= 600


def test_a_program_that_comes_is_adapted(tmp_path: Path) -> None:
    """In safe mode a program's hours count, and its music does not."""
    program = structs.replace(listed((item_of("b"),)), name="bar")

    def own(_program: Program) -> Program:
        return structs.replace(listed((item_of("a"),)), name="safe")

    with FakeBox(SONGS, state=tmp_path, from_hub=True, adapt=own, level=Level.CAREFUL) as running:
        running.fire(take_program(program))
        running.run_until_heard("a", within_s=5.0)
        assert running.last("program_taken").args[0].name == "safe"


@pytest.mark.parametrize("level", list(Level))
def test_how_much_of_the_hubs_parts_there_is(level: Level, tmp_path: Path) -> None:
    """A careful box hears its hub, and can go back to another program; a bare one knows none."""
    write(tmp_path, level=int(level), until=2000.0)
    hub, tools = FakeHub(), FakeTools(tmp_path / "scratch")
    drivers = HubDrivers(
        make_link=lambda _way, _keychain: FakeHubLink(hub, _keychain, HeldClock(), HUB),
        make_tunnel=lambda _spec, report: tools.tunnel.connect(report),
        make_line=FakeLiveHub(hub).make_line,
        host=Desk(),
        tools=tools.tools,
    )
    with box(tmp_path, level, hub_drivers=drivers, hub={"url": HUB}) as running:
        running.run_until_heard("a", within_s=10.0)
        there = parts(running)

    always, whole = (
        {"Storage", "Reporter", "Workshop", "WebClient"},
        {"DownloadManager", "Scrubber", "LiveChannel"},
    )
    assert (
        there & (always | whole)
        == {
            Level.FULL: always | whole,
            Level.CAREFUL: always,
            Level.BARE: set(),
        }[level]
    )
