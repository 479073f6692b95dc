"""A line to an mpv process: what it is asked, what it answers, and what it tells by itself.

Spoken is mpv's JSON IPC, a JSON object a line, over one end of a pair of sockets whose other end mpv
inherits: no file has to be found, guarded or cleared away, and an mpv whose line is cut ends by itself.
A thread listens, and posts what it hears to the thread that asks, so that nothing is to be locked.

Source: mpv's manual, "JSON IPC" and ``--input-ipc-client``.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from easyplayer.units import Monotonic, Seconds

ANSWER_WITHIN_S = Seconds(5.0)
"""A player that is well answers within milliseconds, on a machine that stalls within a second or two."""
PIECE_BYTES = 65_536
SUCCESS = "success"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What mpv says: an answer, which has a request's number, or an event, which has a name.

    :ivar event: name of an event, or the empty string.
    :ivar request_id: which request it answers.
    :ivar error: ``success``, or why not.
    :ivar data: what was asked for, or the property's new value.
    :ivar name: of an event about a property: which.
    :ivar playlist_entry_id: of an event about a file: which.
    :ivar reason: why a file ended.
    :ivar file_error: what was wrong with it.
    :ivar level: of a log message: how bad it is.
    :ivar prefix: of a log message: which part of mpv says it.
    :ivar text: of a log message: its text.
    """

    event: str = ""
    request_id: int = 0
    error: str = ""
    data: Any = None
    name: str = ""
    playlist_entry_id: int = 0
    reason: str = ""
    file_error: str = ""
    level: str = ""
    prefix: str = ""
    text: str = ""

    @property
    def good(self) -> bool:
        """Whether it answers that all went well."""
        return self.error == SUCCESS


Command = list[Any] | dict[str, Any]
"""A command's name and arguments, in a row or by their names."""
Then = Callable[[Said], object]
_decoder = msgspec.json.Decoder(Said)


class LineCutError(Exception):
    """mpv is gone, or takes nothing more."""


CUT = Said(event="line-cut")
"""The last that is heard: mpv has ended, or says what cannot be understood."""


class _Request(msgspec.Struct, frozen=True):
    what: str
    until: Monotonic
    then: Then | None


class MpvLine:
    """One end of the pair, with a thread that listens.

    :param end: our end, which the line closes.
    :param name: names the thread.
    :param post: called from that thread with all that mpv says, and at last with :data:`CUT`; what was
        posted is to be handed to :meth:`take`, on the thread that asks.
    """

    def __init__(self, end: socket.socket, name: str, post: Callable[[Said], object]) -> None:
        self._end = end
        self._end.settimeout(None)
        self._post = post
        self._asked = 0
        self._open: dict[int, _Request] = {}
        threading.Thread(target=self._listen, name=f"line-{name}", daemon=True).start()

    def ask(self, command: Command, then: Then | None = None, *, later: bool = False) -> None:
        """Send a command.

        :param then: called with the answer, from :meth:`take`.
        :param later: whether it may take as long as it likes, and others are carried out meanwhile.
        :raises LineCutError: mpv is gone, or reads no more.
        """
        self._asked += 1
        name = str(command["name"] if isinstance(command, dict) else command[0])
        until = Monotonic(float("inf") if later else time.monotonic() + ANSWER_WITHIN_S)
        self._open[self._asked] = _Request(name, until, then)
        request = {"command": command, "request_id": self._asked, "async": later}
        line = json.dumps(request, ensure_ascii=False).encode(errors="surrogateescape") + b"\n"
        try:
            sent = self._end.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError as error:
            message = f"mpv cannot be reached ({error.strerror})"
            raise LineCutError(message) from error
        if sent < len(line):
            message = "mpv reads no more"
            raise LineCutError(message)

    def take(self, said: Said) -> Said | None:
        """Match an answer with its request; give what is not an answer but an event."""
        if said.event:
            return said
        request = self._open.pop(said.request_id, None)
        if request is not None and request.then is not None:
            request.then(said)
        return None

    @property
    def due(self) -> Monotonic:
        """When the next answer is due; infinitely late where none is."""
        return min((one.until for one in self._open.values()), default=Monotonic(float("inf")))

    def overdue(self, now: Monotonic) -> str:
        """Name the first command whose answer should be here by now; empty where there is none."""
        return next((one.what for one in self._open.values() if one.until <= now), "")

    def close(self) -> None:
        """Cut the line; mpv ends."""
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)
        self._end.close()

    def _listen(self) -> None:
        """Post what comes, until nothing comes any more or it is not to be understood."""
        heard = b""
        with contextlib.suppress(OSError, msgspec.DecodeError):  # the line is cut, or should be
            while piece := self._end.recv(PIECE_BYTES):
                *lines, heard = (heard + piece).split(b"\n")
                for line in lines:
                    self._post(_decoder.decode(line.decode(errors="replace")))
        self._post(CUT)
