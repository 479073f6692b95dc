"""Several processes that answer at one port; they share the database, and hand polls on to one another."""

import multiprocessing
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from types import FrameType

from easyplayer.errors import UnavailableError
from easyplayer.hub.app import build_application, build_hub
from easyplayer.hub.live.worker import Worker
from easyplayer.hub.log import set_up
from easyplayer.hub.serving import GRACE_S, serve
from easyplayer.hub.settings import HubSettings

LOOK_EVERY_S = 0.2
END_WITHIN_S = GRACE_S + 1.7
"""How long the workers have to end, before they are ended: also to tell those who hold a line."""
TRY_AGAIN_S = 5.0
SOCKETS = "easyplayer-hub-"
"""Begins the name of the folder where the workers reach one another: a socket's path must be short."""


def serve_by_workers(
    settings: HubSettings, listener: socket.socket, verbosity: int, ready: Callable[[], None]
) -> None:
    """Answer by several processes until SIGTERM or SIGINT.

    :param ready: called once all of them answer.
    :raises UnavailableError: one has ended by itself; then all do, and whoever
        watches the hub starts it anew.
    """
    with tempfile.TemporaryDirectory(prefix=SOCKETS) as folder:
        workers = [Worker(number=number, sockets=Path(folder)) for number in range(settings.workers)]
        _serve(settings, workers, listener, verbosity, ready)


def _serve(
    settings: HubSettings,
    parts: Sequence[Worker],
    listener: socket.socket,
    verbosity: int,
    ready: Callable[[], None],
) -> None:
    context = multiprocessing.get_context("spawn")
    started = context.Semaphore(0)
    workers = [
        context.Process(target=_work, args=(settings, part, listener, verbosity, started), daemon=True)
        for part in parts
    ]
    ending = _Ending()
    try:
        for worker in workers:
            worker.start()
        waiting = len(workers)
        while not ending.asked:
            if wait([worker.sentinel for worker in workers], LOOK_EVERY_S) and not ending.asked:
                message = "a worker has ended by itself: see above why"
                raise UnavailableError(message, TRY_AGAIN_S)
            while waiting and started.acquire(block=False):
                waiting -= 1
                if waiting == 0:
                    ready()
    finally:
        _end(workers)


class _Ending:
    """Whether the hub is asked to end."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True


def _end(workers: list[SpawnProcess]) -> None:
    alive = [worker for worker in workers if worker.is_alive()]
    for worker in alive:
        worker.terminate()
    deadline = time.monotonic() + END_WITHIN_S
    for worker in alive:
        worker.join(max(0.0, deadline - time.monotonic()))
        if worker.is_alive():
            worker.kill()
            worker.join()


def _work(
    settings: HubSettings, worker: Worker, listener: socket.socket, verbosity: int, started: Semaphore
) -> None:
    set_up(verbosity)
    hub = build_hub(settings, worker=worker)
    try:
        serve(build_application(hub), listener, started.release)
    finally:
        hub.database.close()
