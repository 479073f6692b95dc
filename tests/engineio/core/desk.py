"""An engine with a held clock, and words for what clients do to it."""

from collections.abc import Iterable
from itertools import count
from typing import TypeVar

from msgspec import json

from easyplayer.engineio.core.effects import (
    AcceptSocket,
    CloseSocket,
    Connecting,
    Disconnected,
    Effect,
    Line,
    Reason,
    Received,
    RefuseSocket,
    Respond,
    Send,
)
from easyplayer.engineio.core.engine import Engine
from easyplayer.engineio.core.http import Request, Response, request_of
from easyplayer.engineio.core.options import Options
from easyplayer.engineio.core.packets import Opening, Packet, PacketType

Kind = TypeVar("Kind", bound=Effect)
ADDRESS = "192.0.2.7"


class Desk:
    """An engine, its clock, and the lines that clients have to it.

    :param options: of the engine.
    :param lets_in: whether clients are let in at once.
    """

    def __init__(self, options: Options | None = None, *, lets_in: bool = True) -> None:
        names = count(1)
        self.options = options if options is not None else Options()
        self.engine = Engine(self.options, lambda: f"s{next(names)}")
        self.now = 1000.0
        self.lets_in = lets_in
        self._lines = count(1)

    def line(self) -> Line:
        """Give a line its number."""
        return next(self._lines)

    # -- what clients do --------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        query: str,
        body: bytes = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
        address: str = ADDRESS,
    ) -> Request:
        """Make a request."""
        return request_of(method, f"/engine.io/?{query}", headers, body, address)

    def open_polling(self, headers: Iterable[tuple[bytes, bytes]] = (), address: str = ADDRESS) -> str:
        """Open a session by polling, and tell its name."""
        asking = self.ask("GET", "EIO=4&transport=polling", headers=headers, address=address)
        return self.let_in(self.engine.http(self.line(), asking, self.now))

    def open_socket(self) -> tuple[str, Line]:
        """Open a session over a WebSocket, and tell its name and its line."""
        line = self.line()
        sid = self.let_in(self.engine.upgrade(line, self.ask("GET", "EIO=4&transport=websocket"), self.now))
        return sid, line

    def let_in(self, effects: list[Effect]) -> str:
        """Let in who asks."""
        (connecting,) = of(Connecting, effects)
        if self.lets_in:
            self.engine.accept(connecting.sid, self.now)
        return connecting.sid

    def poll(self, sid: str) -> tuple[Line, list[Effect]]:
        """Poll."""
        line = self.line()
        asking = self.ask("GET", f"EIO=4&transport=polling&sid={sid}")
        return line, self.engine.http(line, asking, self.now)

    def post(self, sid: str, body: bytes) -> list[Effect]:
        """Post a payload."""
        asking = self.ask("POST", f"EIO=4&transport=polling&sid={sid}", body)
        return self.engine.http(self.line(), asking, self.now)

    def socket(self, sid: str) -> tuple[Line, list[Effect]]:
        """Open a WebSocket for a session that there is."""
        line = self.line()
        asking = self.ask("GET", f"EIO=4&transport=websocket&sid={sid}")
        return line, self.engine.upgrade(line, asking, self.now)

    def probed(self, sid: str) -> Line:
        """Open a WebSocket for a session, and have it answered."""
        line, _ = self.socket(sid)
        assert said(line, self.engine.message(line, "2probe", self.now)) == ["3probe"]
        return line

    def upgraded(self, sid: str) -> Line:
        """Go over to a WebSocket, and take what waits."""
        line = self.probed(sid)
        self.engine.message(line, "5", self.now)
        return line

    # -- what the application does ------------------------------------------------------------------

    def send(self, sid: str, data: str | bytes) -> list[Effect]:
        """Send a message."""
        return self.engine.send(sid, Packet(PacketType.MESSAGE, data), self.now)

    # -- time -------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> list[Effect]:
        """Let time pass, and do all that is due meanwhile at its instant."""
        until, effects = self.now + seconds, []
        while (due := self.engine.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            effects += self.engine.tick(self.now)
        self.now = until
        return effects


def of(kind: type[Kind], effects: Iterable[Effect]) -> list[Kind]:
    """Choose the effects of a kind."""
    return [effect for effect in effects if isinstance(effect, kind)]


def answer(effects: Iterable[Effect], line: Line | None = None) -> Response:
    """Tell the one answer among effects, to a line or to any."""
    (found,) = [one for one in of(Respond, effects) if line is None or one.line == line]
    return found.response


def brief(effects: Iterable[Effect], line: Line | None = None) -> tuple[int, bytes]:
    """Tell the status and the body of the one answer."""
    response = answer(effects, line)
    return response.status, response.body


def refusal(effects: Iterable[Effect]) -> tuple[int, object]:
    """Tell the status and what is in the body of a refused request, be it for a WebSocket or not."""
    (found,) = [effect for effect in effects if isinstance(effect, Respond | RefuseSocket)]
    return found.response.status, json.decode(found.response.body)


def said(line: Line, effects: Iterable[Effect]) -> list[str | bytes]:
    """Tell what goes out over a socket."""
    return [one.packet.message for one in of(Send, effects) if one.line == line]


def heard(effects: Iterable[Effect]) -> list[str | bytes]:
    """Tell which messages came to the application."""
    return [one.data for one in of(Received, effects)]


def ended(effects: Iterable[Effect]) -> list[Reason]:
    """Tell why sessions ended."""
    return [one.reason for one in of(Disconnected, effects)]


def closed(effects: Iterable[Effect]) -> list[tuple[Line, int, str]]:
    """Tell which sockets were closed, and how."""
    return [(one.line, one.code, one.reason) for one in of(CloseSocket, effects)]


def accepted(effects: Iterable[Effect]) -> list[Line]:
    """Tell which sockets were agreed to."""
    return [one.line for one in of(AcceptSocket, effects)]


def opening(content: str | bytes) -> Opening:
    """Read an open packet."""
    text = content.decode() if isinstance(content, bytes) else content
    assert text.startswith("0")
    return json.decode(text[1:], type=Opening)
