"""The hub of a venue: a real one, on this host's loopback, which the machine reaches through its network."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from easyplayer.playout.catalogue import Program
from easyplayer.playout.program_file import encode
from tests.process.hub_process import HubProcess
from tests.process.paired import program_of
from tests.venue.faculties.network import HUB_NAME
from tests.venue.faculties.tracks import Track

VENUE, NAME, ZONE, GROUP = "bar-lumiere", "Bar Lumière", "Europe/Paris", "bars"
LOOK_EVERY_S = 2.0
"""Each look starts a process, and the machine needs the processors."""


class HubSaysOtherwiseError(AssertionError):
    """What was expected of the hub, or of what it knows of a box, did not come in time."""


class VenueHub:
    """A hub with one venue, and the operator who sits at it.

    :param state: a directory for what it keeps.
    :param settings: its settings, by name.
    :ivar process: the hub itself: ``kill()``, ``start()``, ``await_health()``.
    :ivar box_id: what it calls the box, once that is claimed.
    """

    URL = f"http://{HUB_NAME}"
    """Its base URL, as a box in the venue reaches it."""

    TECHNICIANS_FILE = f'[hub]\nurl = "{URL}"\n'
    """What a technician writes into ``easyplayer.toml``, so that a box finds it."""

    def __init__(self, state: Path, **settings: object) -> None:
        self.process = HubProcess(state)
        self.process.set(public_url=self.URL, **settings)
        self.box_id = ""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self.process)
        self.process.tell("group", "add", GROUP, "--name", "Bars")
        place = ("--name", NAME, "--time-zone", ZONE, "--group", GROUP)
        self.process.tell("venue", "add", VENUE, *place)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def port(self) -> int:
        """Its port (TCP) on this host, to be opened in the venue's network."""
        return self.process.port

    # -- its life --------------------------------------------------------------------------------

    def kill(self) -> None:
        """Take the power from it."""
        self.process.kill()

    def start(self, ahead_s: float = 0.0) -> None:
        """Start it again, with all that it knew.

        :param ahead_s: how far its clock is ahead of this host's.
        """
        self.process.ahead_s = ahead_s
        self.process.start()
        self.process.await_health()

    # -- its operator ----------------------------------------------------------------------------

    def claim(self, code: str) -> str:
        """Claim the box that shows a code, for the venue; give what the hub calls it."""
        self.process.tell("box", "claim", code, "--venue", VENUE)
        (box,) = self.process.ask("box", "list")
        self.box_id = str(box["id"])
        return self.box_id

    def publish(self, tracks: Sequence[Track], name: str = "evening") -> None:
        """Publish a program that plays some tracks one after the other, for ever."""
        self.publish_program(name, program_of(name, [track.path for track in tracks], ()))

    def publish_program(self, name: str, program: Program) -> None:
        """Publish any program."""
        file = self.process.state / f"{name}.json"
        file.write_bytes(encode(program))
        self.process.tell("program", "import", file, "--id", name)
        self.process.tell("program", "publish", name, "--venue", VENUE)

    def command(self, name: str, *arguments: str, timeout_s: float = 120.0) -> dict[str, Any]:
        """Tell the box something, and give what came of it."""
        words = [
            "command",
            "give",
            self.box_id,
            name,
            *arguments,
            "--wait",
            "--yes",
            "--why",
            "a story",
            "--json",
        ]
        done = self.process.run(*words, timeout_s=timeout_s)
        (told,) = json.loads(done.stdout)
        return dict(told)

    # -- what it knows ---------------------------------------------------------------------------

    def box(self) -> dict[str, Any]:
        """Tell all that the hub knows of the box."""
        return dict(self.process.ask("box", "show", self.box_id))

    def status(self) -> dict[str, Any]:
        """Give what the box said of itself in its last heartbeat; empty before the first."""
        return dict(self.box()["status"] or {})

    def until_waiting(self, timeout_s: float) -> None:
        """Wait until a box waits to be claimed.

        :raises HubSaysOtherwiseError: none does.
        """
        deadline_s = time.monotonic() + timeout_s
        while not self.process.ask("box", "waiting"):
            if time.monotonic() > deadline_s:
                raise HubSaysOtherwiseError(f"no box waits to be claimed within {timeout_s:.0f} s")
            time.sleep(LOOK_EVERY_S)

    def until_box(self, what: Callable[[dict[str, Any]], bool], timeout_s: float) -> dict[str, Any]:
        """Wait until something is true of what the hub knows of the box; give all of it.

        :raises HubSaysOtherwiseError: it did not become so; with what the hub knows.
        """
        deadline_s = time.monotonic() + timeout_s
        while not what(box := self.box()):
            if time.monotonic() > deadline_s:
                raise HubSaysOtherwiseError(f"not within {timeout_s:.0f} s; the hub knows: {box}")
            time.sleep(LOOK_EVERY_S)
        return box

    def until_program(self, tracks: Sequence[Track], timeout_s: float) -> dict[str, Any]:
        """Wait until the box has all tracks of the program that is published."""

        def is_whole(box: dict[str, Any]) -> bool:
            storage = (box["status"] or {}).get("storage", {})
            return storage.get("items") == len(tracks) and not storage["missing"]

        return self.until_box(is_whole, timeout_s)

    def as_run(self) -> list[dict[str, Any]]:
        """Give the rows of the as-run log that have come."""
        file = self.process.state / "as-run.jsonl"
        self.process.tell("log", "export", "--venue", VENUE, "--unheard", "-o", file)
        return [json.loads(line) for line in file.read_text().splitlines()]

    def gaps(self) -> list[Any]:
        """Tell what of the box's log is missing."""
        done = self.process.run("log", "gaps", self.box_id, "--json")
        return [gap for log in json.loads(done.stdout) for gap in log["gaps"]]
