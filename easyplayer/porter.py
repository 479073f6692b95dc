"""Carries in what a USB stick brings, while the music plays, and leaves a report where the hub wants one.

A stick may be pulled at any instant.  What has been copied is on the disk, also the part of a medium; there
it goes on when the stick, or another one with the same bundle, is plugged in again, or over the network.
"""

import threading
from functools import partial

from circuits import handler

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.device_watch import Stick
from easyplayer.stick_visit import Post, Visit


class Porter(BoxComponent):
    """Serves sticks, one after the other.

    :param worker: the thread on which it is waited for stick and disk.
    """

    def __init__(self, post: Post, worker: Background) -> None:
        super().__init__()
        self._post = post
        self._worker = worker
        self._gone: dict[str, threading.Event] = {}
        self._closed = False

    def open(self) -> None:
        """Work behind all others."""
        self._worker.do(self._post.give_way)

    def close(self) -> None:
        """Leave off; what has come stays."""
        self._closed = True
        self._worker.close(0.0)

    @handler("stick_plugged")
    def _on_plugged(self, stick: Stick) -> None:
        gone = self._gone[stick.device] = threading.Event()
        visit = Visit(stick, self._post, self.fire, gone=gone, closing=self._is_closed)
        self._worker.do(partial(visit.serve, self._post.status()))

    @handler("stick_pulled")
    def _on_pulled(self, stick: Stick) -> None:
        gone = self._gone.pop(stick.device, None)
        if gone is not None:
            gone.set()

    def _is_closed(self) -> bool:
        return self._closed
