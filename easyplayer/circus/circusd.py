"""circusd, as the WatchDog talks to it: questions whose answers come later, or never."""

import itertools
import json
import logging
import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

Answer = dict[str, Any]
PATIENCE_S = Seconds(10.0)
"""An answer that has not come by then is not waited for any more."""


class _Question(Struct, frozen=True):
    command: str
    asked_at: Monotonic
    then: Callable[[Answer], None]


class Circusd:
    """Asks circusd; nothing here waits.

    :param send: hands a message over to the line.
    :param clock: the monotonic clock.
    """

    def __init__(self, send: Callable[[bytes], object], clock: Callable[[], Monotonic]) -> None:
        self._send = send
        self._clock = clock
        self._numbers = itertools.count(1)
        self._open: dict[str, _Question] = {}
        self._refusals_told: set[tuple[str, str]] = set()

    def ask(self, command: str, about: Answer, then: Callable[[Answer], None] = lambda _: None) -> None:
        """Ask something about something; ``then`` gets the answer, if it comes in time and is no refusal."""
        now = self._clock()
        self._open = {key: one for key, one in self._open.items() if now - one.asked_at <= PATIENCE_S}
        number = f"watchdog-{next(self._numbers)}"
        self._open[number] = _Question(command, now, then)
        self._send(json.dumps({"id": number, "command": command, "properties": about}).encode())

    def take(self, frames: list[bytes]) -> None:
        """Take what has come; what cannot be understood, or is no answer to a question, is left alone."""
        answer = message_of(frames[-1]) if frames else {}
        question = self._open.pop(str(answer.get("id")), None)
        if question is None:
            return
        if answer.get("status") == "error":
            self._refused(question.command, str(answer.get("reason", "it does not say why")))
        elif self._clock() - question.asked_at <= PATIENCE_S:
            question.then(answer)

    def _refused(self, command: str, reason: str) -> None:
        """Tell of a refusal; whatever numbers are in it, the same one is told once."""
        kind = command, re.sub("[0-9]+", "0", reason)
        if kind not in self._refusals_told:
            self._refusals_told.add(kind)
            log.warning("circusd refuses to %s: %s; the same is not told again", command, reason)


def message_of(data: bytes) -> Answer:
    """Read a message; an empty one where it is none."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def topic_of(data: bytes) -> tuple[str, str]:
    """Tell which watcher a message is about, and what happened; a watcher's name may have dots in it.

    >>> topic_of(b"watcher.bar.zone-1.spawn")
    ('bar.zone-1', 'spawn')
    """
    watcher, _, action = data.decode(errors="replace").removeprefix("watcher.").rpartition(".")
    return watcher, action


def published_as(watcher: str) -> str:
    """Give a watcher's name as circusd writes it in its messages.

    >>> published_as("My Box")
    'my_box'
    """
    return watcher.lower().replace(" ", "_")
