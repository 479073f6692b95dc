"""A box and a hub as real processes, paired, in a venue that can be listened to."""

import json
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from easyplayer.playout.catalogue import EachSongs, Entry, Order, Playlist, Program, Spot
from easyplayer.playout.items import Item
from easyplayer.playout.program_file import encode
from easyplayer.status_view import Status
from tests.process.box_process import RUN_PY, BoxProcess, plays
from tests.process.hub_process import HubProcess

VENUE, NAME, ZONE = "bar-lumiere", "Bar Lumière", "Europe/Paris"
STARTING_MAY_TAKE_S = 40.0
LOOK_EVERY_S = 0.3


class Paired:
    """A hub, and a box that is claimed for a venue of its.

    :param home: directory for the state of both.
    :param database: URL of the hub's database; empty is SQLite.
    :param env: the box's environment, such as that of its sound server.
    :param program: what starts the box.
    :param settings: the hub's, by name.
    :ivar reach: the URL by which the box reaches the hub; the hub's own unless a test changes it.
    :ivar box_id: what the hub calls the box.
    :ivar env: the box's environment; it counts when the box is started.
    """

    def __init__(
        self,
        home: Path,
        database: str,
        env: dict[str, str],
        program: Sequence[str] = RUN_PY,
        **settings: object,
    ) -> None:
        self.home = home
        self.hub = HubProcess(home / "hub", database, **settings)
        self.reach = self.hub.url
        self.box_id = ""
        self.env = env
        self._program = program
        self._media = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._pair()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _pair(self) -> None:
        self._stack.enter_context(self.hub)
        self.box = self.start_box()
        waiting = self.box.until(lambda status: bool(status.hub.claim_code), STARTING_MAY_TAKE_S)
        self.hub.tell("group", "add", "bars", "--name", "Bars")
        self.hub.tell("venue", "add", VENUE, "--name", NAME, "--time-zone", ZONE, "--group", "bars")
        self.hub.tell("box", "claim", waiting.hub.claim_code, "--venue", VENUE)
        self.box.until(lambda status: status.hub.place == f"{NAME}, main", STARTING_MAY_TAKE_S)
        (box,) = self.hub.ask("box", "list")
        self.box_id = box["id"]

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start_box(self) -> BoxProcess:
        """Start the box, for the first time or again."""
        env = {**self.env, "EASYPLAYER_HUB__URL": self.reach, "EASYPLAYER_RULES__CROSSFADE_MS": "300"}
        self.box = self._stack.enter_context(BoxProcess(self.home / "box", env=env, program=self._program))
        return self.box

    def end_box(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the box."""
        self.box.end(number)

    def publish(self, *music: Path, name: str = "evening", spots: Sequence[Path] = ()) -> None:
        """Publish a program to the venue that plays some files in order, and spots between them."""
        self._media = len({*music, *spots})
        file = self.home / f"{name}.json"
        file.write_bytes(encode(program_of(name, music, spots)))
        self.hub.tell("program", "import", file, "--id", name)
        self.hub.tell("program", "publish", name, "--venue", VENUE)

    def until_program(self, name: str) -> Status:
        """Wait until the box plays by a program of the hub's, and has all of its media."""
        deadline = time.monotonic() + STARTING_MAY_TAKE_S
        while not self._is_complete() and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
        return self.box.until(lambda status: status.program.startswith(f"{name},"), STARTING_MAY_TAKE_S)

    def _is_complete(self) -> bool:
        status = self.hub.ask("box", "show", self.box_id)["status"]
        there = (status or {}).get("storage", {})
        return there.get("items") == self._media and not there["missing"]

    def until_on_air(self, song: Path) -> Status:
        """Wait until a file of the program plays."""
        return self.box.until(
            lambda status: plays(status) and status.item is not None and status.item.title == song.stem,
            STARTING_MAY_TAKE_S,
        )

    def command(self, name: str, *arguments: str, save: Path | None = None) -> Any:
        """Tell the box something, and give what came of it."""
        words = ["command", "give", self.box_id, name, *arguments, "--wait", "--yes", "--why", "a test"]
        done = self.hub.run(*words, "--json", *(["--save", save] if save else []), timeout_s=120)
        (told,) = json.loads(done.stdout)
        return told


def program_of(name: str, music: Sequence[Path], spots: Sequence[Path]) -> Program:
    """Make a program that plays some files one after the other."""
    items = tuple(Item(id=path.stem, location=str(path), title=path.stem) for path in (*music, *spots))
    return Program(
        name=name,
        zone=ZONE,
        items=items,
        playlists=(
            Playlist(
                id="all", entries=tuple(Entry(item=path.stem) for path in music), order=Order.SEQUENTIAL
            ),
        ),
        spots=tuple(Spot(id=path.stem, items=(path.stem,), when=EachSongs(songs=2)) for path in spots),
        fallback="all",
    )
