"""The control channel of a machine: QEMU's QMP, by :mod:`qemu.qmp`, for tests that know no event loop."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from qemu.qmp import ExecInterruptedError, ExecuteError, Message, QMPClient, QMPError, StateError

from .background import Background
from .errors import CommandError, GoneError, MachineError, NotRunningError, WaitTimeoutError
from .matching import is_part_of

Event = dict[str, Any]
"""An event as QEMU sends it: ``event``, mostly ``data``; and ``at``, as of :func:`time.monotonic`."""

COMMAND_MAY_TAKE_S = 30.0
"""How long a command may take, on a fast machine."""
_TAIL_EVENTS = 12

log = logging.getLogger(__name__)


class Control:
    """Commands to QEMU, and events from it.

    :param name: the machine's.
    :param record: the file in which all commands, replies and events are written down.
    :param how_ended: tells why the machine has ended, and its exit code.
    :param factor: what all time limits are multiplied with.
    """

    def __init__(
        self, name: str, record: Path, how_ended: Callable[[], tuple[str, int | None]], factor: float = 1.0
    ) -> None:
        self._name = name
        self._record = record
        self._how_ended = how_ended
        self._factor = factor
        self._more = threading.Condition()
        self._all: list[Event] = []
        self._pending: list[Event] = []
        self._ended = True
        self._background: Background | None = None
        self._client: QMPClient | None = None

    @property
    def seen(self) -> tuple[Event, ...]:
        """All events since the machine was made, also those that were taken."""
        with self._more:
            return tuple(self._all)

    def qmp(
        self,
        command: str,
        given: Mapping[str, object] | None,
        arguments: Mapping[str, object],
        timeout_s: float,
    ) -> dict[str, Any]:
        """Give a command, and return the whole reply, a refusal as well."""
        names = {name.replace("_", "-"): value for name, value in arguments.items()}
        message: dict[str, object] = {"execute": command, "arguments": {**(given or {}), **names}}
        if not message["arguments"]:
            del message["arguments"]
        background, client = self._background, self._client
        if not background or not client:
            raise NotRunningError(f"{command} needs a machine that runs: launch it first")
        limit_s = timeout_s * self._factor
        try:
            reply = background.call(_exchange(client, message), limit_s)
        except TimeoutError:
            raise WaitTimeoutError(f"the reply to {command}", limit_s, self.tail()) from None
        except (ExecInterruptedError, StateError, QMPError, EOFError, OSError) as error:
            raise self._gone(f"{command} was under way") from error
        self._note({"command": message, "reply": reply})
        return reply

    def command(
        self,
        command: str,
        given: Mapping[str, object] | None,
        arguments: Mapping[str, object],
        timeout_s: float,
    ) -> Any:
        """Give a command, and return its result.

        :raises CommandError: it was refused.
        """
        reply = self.qmp(command, given, arguments, timeout_s)
        if "error" in reply:
            raise CommandError(command, {**(given or {}), **arguments}, reply)
        return reply["return"]

    def take_events(self) -> list[Event]:
        """:return: all events that nobody has taken, and take them."""
        with self._more:
            taken, self._pending = self._pending, []
        return taken

    def wait_event(self, name: str, match: Mapping[str, object] | None, timeout_s: float) -> Event:
        """Wait for an event, and take it; one that came before and was not taken counts."""
        limit_s = timeout_s * self._factor
        until = monotonic() + limit_s
        with self._more:
            while True:
                for event in self._pending:
                    if event["event"] == name and is_part_of(match, event.get("data", {})):
                        self._pending.remove(event)
                        return event
                left_s = until - monotonic()
                if self._ended or left_s <= 0:
                    break
                self._more.wait(left_s)
            ended = self._ended
        wanted = f"event {name}" + (f" with {dict(match)}" if match else "")
        if ended:
            raise self._gone(f"waiting for {wanted}")
        raise WaitTimeoutError(wanted, limit_s, self.tail())

    def tail(self) -> str:
        """:return: the last events, one a line."""
        with self._more:
            last = self._all[-_TAIL_EVENTS:]
        return "\n".join(f"{event['event']} {json.dumps(event.get('data', {}))}" for event in last)

    def attach(self, background: Background, line: socket.socket, timeout_s: float) -> None:
        """Connect.  The machine does this at each launch.

        :raises TimeoutError: QEMU does not greet.
        :raises QMPError: it ended, or says what is no QMP.
        """
        self._background = background
        with self._more:
            self._ended = False
        background.call(self._open(line, timeout_s * self._factor))

    def detach(self) -> None:
        """Take the last events, and let go.  The machine does this at each end."""
        background, self._background = self._background, None
        if background:
            background.call(self._close())
        with self._more:
            self._ended = True
            self._more.notify_all()

    async def _open(self, line: socket.socket, timeout_s: float) -> None:
        self._client = client = QMPClient(self._name)
        client.logger.setLevel(
            logging.CRITICAL
        )  # that QEMU ends is told by us, and is mostly what was wanted
        self._task = asyncio.get_running_loop().create_task(self._pump(client))
        await asyncio.wait_for(client.connect(line), timeout_s)

    async def _close(self) -> None:
        client, self._client = self._client, None
        if not client:
            return
        with suppress(QMPError, EOFError, OSError):
            await client.disconnect()
        await asyncio.sleep(0)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        while not client.events.empty():
            self._take(await client.events.get())

    async def _pump(self, client: QMPClient) -> None:
        ends = asyncio.get_running_loop().create_task(self._watch(client))
        try:
            while True:
                self._take(await client.events.get())
        finally:
            ends.cancel()

    async def _watch(self, client: QMPClient) -> None:
        """Let those who wait know as soon as the connection is lost."""
        while (await client.runstate_changed()).name != "DISCONNECTING":
            continue
        await asyncio.sleep(0)
        while not client.events.empty():
            await asyncio.sleep(0)
        with self._more:
            self._ended = True
            self._more.notify_all()

    def _take(self, message: Message) -> None:
        event: Event = {**message, "at": monotonic()}
        with self._more:
            self._all.append(event)
            self._pending.append(event)
            self._more.notify_all()
        self._note({"event": event})

    def _note(self, what: Mapping[str, object]) -> None:
        with self._record.open("a") as record:
            record.write(json.dumps({"at": round(monotonic(), 3), **what}) + "\n")

    def _gone(self, wanted: str) -> MachineError:
        ending, code = self._how_ended()
        return GoneError(wanted, ending=ending, exit_code=code, tail=self.tail())


async def _exchange(client: QMPClient, message: dict[str, object]) -> dict[str, Any]:
    try:
        return {"return": await client.execute_msg(Message(message))}
    except ExecuteError as error:
        return {name: value for name, value in error.received.items() if name != "id"}
