"""A whole box in this process, with the real drivers, on a real sound server."""

import signal
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from circuits.core.events import Event
from msgspec import structs

from easyplayer import settings
from easyplayer.backstage import Music
from easyplayer.cli.process import real_drivers
from easyplayer.core import build
from easyplayer.drivers.wall_clock import WallClock
from easyplayer.events import shut_down
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item
from easyplayer.playout.listing import listed
from easyplayer.sources import Gathered
from tests.witness import Seen, Witness

ENDING_MAY_TAKE_S = 5.0


class RealBox:
    """Plays items from start to end of a ``with`` block; fails the test where a handler failed.

    :param program: what to play by, in place of the items in their order.
    :param wall: a wall clock in place of the machine's.
    :param end_sound_server: what the machine does where its sound server hangs.
    """

    def __init__(
        self,
        state: Path,
        items: Sequence[Item | Path],
        *,
        sink: str = "venue",
        fallback: Sequence[Path] = (),
        sound: Mapping[str, Any] | None = None,
        program: Program | None = None,
        wall: WallClock | None = None,
        end_sound_server: Callable[[], None] | None = None,
        **rules: Any,
    ) -> None:
        state.mkdir(exist_ok=True)
        self.witness = Witness()
        wanted = settings.load(
            environment={},
            command_line={
                "box": {"state": str(state)},
                "sound": {"sink": sink, "volume": 100, **(sound or {})},
                "watchdog": {"port": 0},
                "rules": {"target_lufs": -16.0, **rules},
            },
        )
        found = tuple(one if isinstance(one, Item) else item(one) for one in items)
        music = Music(
            places=tuple(one.location for one in found),
            gather=(partial(Gathered, found, ()),),
            fallback=partial(Gathered, tuple(map(item, fallback)), ()),
            compose=listed if program is None else lambda _items: program,
            planned=program is not None,
        )
        drivers = real_drivers()
        drivers = structs.replace(drivers, wall=wall or drivers.wall, end_sound_server=end_sound_server)
        self._own_server = drivers.own_server
        self.app = build(wanted, music, drivers)
        self.app.furnish(self.witness)

    def __enter__(self) -> "RealBox":
        self._thread, _ = self.app.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.app.fire(shut_down(0))
        self._thread.join(ENDING_MAY_TAKE_S)
        assert not self._thread.is_alive(), "the box did not end"
        if kind is None:
            assert self.witness.failures == []

    def fire(self, event: Event) -> None:
        """Fire an event into the box."""
        self.app.fire(event)

    def hurt_own_server(self, harm: str) -> None:
        """Kill or freeze the sound server that the box has started for itself."""
        daemon = self._own_server._daemon
        daemon.send_signal({"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}[harm])

    def wait_for(self, name: str, matches: Any = lambda *_args: True, **options: Any) -> Seen:
        """Wait for an event; see :meth:`tests.witness.Witness.wait_for`."""
        return self.witness.wait_for(name, matches, **options)

    def started(self, path: Path, **options: Any) -> Seen:
        """Wait until an item has started."""
        return self.wait_for(
            "item_started", lambda prepared, _at: prepared.item.location == str(path), **options
        )


def item(path: Path, **fields: Any) -> Item:
    """Make an item of a file, played at the level it has."""
    return Item(id=str(path), location=str(path), **{"gain_db": 0.0, **fields})
