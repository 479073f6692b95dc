"""Sees every event of a box, and waits for them."""

import threading
import time
from collections.abc import Callable
from typing import Any

from circuits import handler
from circuits.core.events import Event, exception

from easyplayer.component import BoxComponent
from easyplayer.events import BoxEvent


class Seen:
    """One event, and when it was seen."""

    def __init__(self, event: Event, at: float) -> None:
        self.name = event.name
        self.args = list(event.args)
        self.at = at

    def __repr__(self) -> str:
        return f"{self.at:.3f} {self.name}{tuple(self.args)}"


class Witness(BoxComponent):
    """Records the box's events, in order; an exception in a handler is remembered as a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self.failures: list[str] = []
        self._news = threading.Condition()

    @handler(channel="*", priority=100)
    def _on_any(self, event: Event, *_args: Any, **_kwargs: Any) -> None:
        if isinstance(event, exception):
            self.failures.append(f"{event.args[1]!r} {event.args[-1]}")
        if isinstance(event, BoxEvent):
            with self._news:
                self.seen.append(Seen(event, time.monotonic()))
                self._news.notify_all()

    def all(self, name: str) -> list[Seen]:
        """Give all events of a name so far."""
        return [seen for seen in self.seen if seen.name == name]

    def wait_for(
        self,
        name: str,
        matches: Callable[..., bool] = lambda *_args: True,
        *,
        since: int = 0,
        timeout_s: float = 10.0,
    ) -> Seen:
        """Wait for an event whose arguments match, from a position in the record on."""
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                for seen in self.seen[since:]:
                    if seen.name == name and matches(*seen.args):
                        return seen
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    last = "\n".join(map(repr, self.seen[-15:]))
                    raise AssertionError(f"no {name} within {timeout_s} s; the last events:\n{last}")
                self._news.wait(left_s)

    @property
    def now(self) -> int:
        """The position in the record that the next event will have."""
        return len(self.seen)
