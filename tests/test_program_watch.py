"""The program's file: read, watched, refused where it is bad, and never lost."""

import signal
from pathlib import Path

import pytest
from circuits.core.events import signal as signalled

from easyplayer.errors import ProgramError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import decode, encode
from easyplayer.program_watch import ProgramWatch, read_program
from tests.fakes.work import HeldWorker
from tests.house import Stage

BAD = b'{"name": "bad", "zone": "Nowhere/Here"}'


def program(name: str) -> bytes:
    return encode(Program(name=name, zone="UTC"))


class Shelf(Stage):
    """A watch over a file, with a disk that a test holds."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.file, self.copy = folder / "given.json", folder / "program.json"
        self.disk = HeldWorker(self.root.fire)
        self.surround(self.disk.pump)
        self.part = ProgramWatch(self.file, self.copy, self.ticker, self.disk)

    def begin(self) -> "Shelf":
        self.open(self.part)
        return self

    @property
    def taken(self) -> list[tuple[str, bool]]:
        """The names of the programs that were told, and whether at once."""
        return [(program.name, at_once) for program, at_once in self.told("take_program")]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Give a shelf with a good program."""
    made = Shelf(tmp_path)
    made.file.write_bytes(program("one"))
    return made


def test_program_is_told_at_the_start(shelf: Shelf) -> None:
    """And a copy of it is kept."""
    assert shelf.begin().taken == [("one", False)]
    assert decode(shelf.copy.read_bytes()).name == "one"


def test_program_that_changes_is_told_within_seconds(shelf: Shelf) -> None:
    """What plays is heard to its end."""
    shelf.begin()
    shelf.run_for(5, step_s=0.5)
    shelf.file.write_bytes(program("another"))
    shelf.run_for(3, step_s=0.5)

    assert shelf.taken == [("one", False), ("another", False)]


def test_hang_up_has_it_read_and_take_effect_at_once(shelf: Shelf) -> None:
    """As daemons do; other signals are none of its business."""
    shelf.begin()
    for number in (signal.SIGUSR2, signal.SIGHUP):
        shelf.fire(signalled(number, None))

    assert shelf.taken == [("one", False), ("one", True)]


def test_bad_program_is_refused_with_all_that_is_wrong_and_the_one_before_it_stays(shelf: Shelf) -> None:
    """It is told once, and the copy is still the good one."""
    shelf.begin()
    shelf.file.write_bytes(BAD)
    shelf.run_for(10, step_s=0.5)

    (refused,) = shelf.told("program_refused")
    assert "Nowhere/Here" in refused[0]
    assert "the one before it plays on" in refused[0]
    assert decode(shelf.copy.read_bytes()).name == "one"


def test_file_that_is_gone_for_a_moment_is_no_news(shelf: Shelf) -> None:
    """Editors write a file by taking it away first."""
    shelf.begin()
    shelf.file.unlink()
    shelf.run_for(5, step_s=0.5)
    shelf.file.write_bytes(program("another"))
    shelf.run_for(3, step_s=0.5)

    assert shelf.told("program_refused") == []
    assert shelf.taken[-1] == ("another", False)


@pytest.mark.parametrize("content", [BAD, b"", b"\xff\x00", None])
def test_box_that_starts_with_a_bad_program_plays_by_the_last_good_one(
    shelf: Shelf, content: bytes | None
) -> None:
    """Also where the file is gone, or was cut short."""
    shelf.begin()
    again = Shelf(shelf.file.parent)
    if content is None:
        again.file.unlink()
    else:
        again.file.write_bytes(content)

    assert again.begin().taken == [("one", False)]


def test_box_that_never_had_a_good_program_is_told_so(tmp_path: Path) -> None:
    """Then it plays what it brings along."""
    shelf = Shelf(tmp_path).begin()

    assert shelf.taken == []
    assert "given.json: cannot be read (No such file or directory)" in shelf.told("program_refused")[0][0]


def test_files_of_a_program_lie_beside_it(tmp_path: Path) -> None:
    """But for those that say where they are, and for streams."""
    items = (
        Item(id="a", location="music/a.flac"),
        Item(id="b", location="/srv/b.flac"),
        Item(id="c", location="http://radio/c", kind=ItemKind.STREAM),
    )
    (tmp_path / "given.json").write_bytes(encode(Program(name="one", zone="UTC", items=items)))

    read = read_program(tmp_path / "given.json")

    assert [item.location for item in read.items] == [
        str(tmp_path / "music/a.flac"),
        "/srv/b.flac",
        "http://radio/c",
    ]


def test_every_fault_names_the_file(tmp_path: Path) -> None:
    """Whoever reads the log knows where to look."""
    (tmp_path / "given.json").write_bytes(BAD)
    with pytest.raises(ProgramError) as error:
        read_program(tmp_path / "given.json")
    assert all(str(tmp_path / "given.json") in problem for problem in error.value.problems)


def test_disk_that_takes_no_copy_costs_no_program(shelf: Shelf) -> None:
    """The program plays all the same."""
    shelf.copy.mkdir()
    shelf.copy.with_name("program.json.new").mkdir()

    assert shelf.begin().taken == [("one", False)]
