"""A venue on the disk for tests: a program, its files, and what a box has kept of it."""

import argparse
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec import structs

from easyplayer.keeping import Keeping
from easyplayer.playout.calendar import instant_of, zone_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.engine import EngineState
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item
from easyplayer.playout.program_file import encode
from easyplayer.tracker import Bookmark, Memory
from easyplayer.units import Instant, Seconds
from tests.playout.test_simulate import PARIS, called, daypart, house, listing, song

NOW = "2027-03-05T12:00"
BAR = structs.replace(
    house(
        listing("a"),
        listing("b"),
        items=[song("bell", 20)],
        dayparts=(daypart("tea", "15:00", "17:00", "b"),),
        spots=(called("bell", "16:00"),),
    ),
    name="Bar",
    version=7,
)
"""Three songs of ten minutes, three others at tea, and a bell over them."""


def at(text: str) -> Instant:
    """Give a time of the venue."""
    return instant_of(datetime.fromisoformat(text), zone_of(PARIS))


class Disk:
    """A program file beside its media, and a state directory.

    :ivar program: the program as the box reads it.
    :ivar file: where it lies.
    """

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, program: Program = BAR) -> None:
        self.home, self.state = home, home / "state"
        self.file = home / "bar.json"
        self._monkeypatch = monkeypatch
        self.state.mkdir()
        for variable in ("EASYPLAYER_PROGRAM__FILE", "EASYPLAYER_MUSIC__PLACES"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("TZ", PARIS)
        self.lay_down(program)

    @property
    def keeping(self) -> Keeping:
        """What the box keeps."""
        return Keeping(self.state)

    def lay_down(self, program: Program) -> None:
        """Write a program file, and empty media beside it."""
        self.write(program)
        for item in self.program.items:
            if not item.endless:
                Path(item.location).touch()

    def write(self, program: Program) -> None:
        """Write a program file whose media lie beside it."""
        self.program = structs.replace(program, items=tuple(map(self._beside, program.items)))
        self.file.write_bytes(encode(self.program))

    def _beside(self, item: Item) -> Item:
        if item.endless:
            return item
        return structs.replace(item, location=str(self.home / Path(item.location).name))

    def remember(
        self,
        state: EngineState,
        on_air: Decision | None = None,
        position_s: float = 0.0,
        noted: str = NOW,
        places: Sequence[str] = (),
    ) -> None:
        """Keep what a box would: how far it is, and what is on air since when."""
        named = tuple(places) or ("program", str(self.file))
        place = self.keeping.place
        place.memory.save(Memory(places=named, engine=state))
        if on_air is not None:
            bookmark = Bookmark(places=named, decision=on_air, position_s=Seconds(position_s), at=at(noted))
            place.bookmark.save(bookmark)


class Command:
    """A command of the technician's, at a time.

    :ivar said: what it wrote at last, line by line.
    :ivar warned: what it wrote for the person at last.
    """

    def __init__(
        self,
        module: ModuleType,
        state: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._module = module
        self._state = state
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.said: list[str] = []
        self.warned = ""

    def __call__(self, *words: str | Path, now: str = NOW) -> int:
        """Run it; give its exit code."""
        if hasattr(self._module, "wall"):
            self._monkeypatch.setattr(self._module, "wall", lambda: at(now))
        parser = argparse.ArgumentParser()
        self._module.configure(parser)
        arguments = parser.parse_args(["--state", str(self._state), *map(str, words)])
        code: int = self._module.run(arguments)
        told = self._capsys.readouterr()
        self.said, self.warned = told.out.splitlines(), told.err
        return code

    @property
    def json(self) -> Any:
        """What it wrote, as JSON."""
        return json.loads("\n".join(self.said))

    @property
    def told(self) -> dict[str, str]:
        """What it wrote beside each heading; the last one of several."""
        pairs = (line.split("\t") for line in self.said)
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
