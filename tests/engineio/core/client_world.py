"""A client's session and a real engine, and lines on which a test lets things arrive when it likes."""

from collections import deque
from collections.abc import Callable
from functools import partial
from itertools import count

from easyplayer.engineio.core import client_effects as to_do
from easyplayer.engineio.core import effects as done
from easyplayer.engineio.core.client_effects import ClientOptions, Ended, Fault
from easyplayer.engineio.core.client_session import ClientSession
from easyplayer.engineio.core.engine import Engine
from easyplayer.engineio.core.http import Request
from easyplayer.engineio.core.options import Options
from easyplayer.engineio.core.packets import Packet, PacketType, payload_of

Arrival = Callable[[], None]
MOMENT_S = 0.2
BROKEN = Fault("the line broke")


class World:
    """Both ends.  What is sent lies in a channel until :meth:`arrive` lets it arrive.

    :param sockets: whether there is a way for WebSockets.
    :ivar client: the client's session.
    :ivar heard: the messages that the client has been given, and ``served`` those that the server has.
    :ivar told: what else the client was told, in order.
    :ivar ended: how the session ended, for the client; ``None`` while it has not.
    """

    def __init__(
        self, wanted: ClientOptions | None = None, options: Options | None = None, *, sockets: bool = True
    ) -> None:
        names = count(1)
        self.engine = Engine(options or Options(), lambda: f"s{next(names)}")
        self.client = ClientSession(wanted or ClientOptions())
        self.sockets = sockets
        self.now = 100.0
        self.heard: list[str | bytes] = []
        self.served: list[str | bytes] = []
        self.told: list[str] = []
        self.ended: Ended | None = None
        self.sid = ""
        self._channels: dict[str, deque[Arrival]] = {}
        self._lines = count(1)
        self._posts: set[int] = set()
        self._socket = 0
        self.do(self.client.start(self.now))

    # -- what a test does ------------------------------------------------------------------------

    @property
    def channels(self) -> list[str]:
        """Those on which something is under way."""
        return [name for name, waiting in self._channels.items() if waiting]

    def arrive(self, channel: str) -> None:
        """Let the next thing of a channel arrive."""
        self._channels[channel].popleft()()

    def settle(self) -> None:
        """Let everything arrive, also what an engine lets go of a moment later."""
        for _ in range(3):
            while self.channels:
                self.arrive(self.channels[0])
            self.pass_time(MOMENT_S)

    def send(self, data: str | bytes) -> None:
        """Send from the client."""
        self.do(self.client.send(data))

    def serve(self, data: str | bytes) -> None:
        """Send from the server."""
        self.react(self.engine.send(self.sid, Packet(PacketType.MESSAGE, data), self.now))

    def break_socket(self) -> None:
        """Let the WebSocket die, and with it all that was on its way."""
        line, self._socket = self._socket, 0
        if line:
            for way in ("up", "down"):
                self._channels.pop(f"{way} {line}", None)
            self.react(self.engine.socket_gone(line, self.now, failed=True))
            self.do(self.client.socket_gone(BROKEN, self.now))

    def pass_time(self, seconds: float) -> None:
        """Let time pass, for both."""
        self.now += seconds
        self.do(self.client.tick(self.now))
        self.react(self.engine.tick(self.now))

    # -- what the client wants -------------------------------------------------------------------

    def do(self, effects: to_do.Effects) -> None:
        """Do what the client's session wants."""
        for effect in effects:
            match effect:
                case to_do.Poll():
                    self._ask("GET", b"")
                case to_do.Post(payload=payload):
                    self._ask("POST", payload)
                case to_do.OpenSocket():
                    self._open_socket()
                case to_do.Say(message=message):
                    self._put(f"up {self._socket}", partial(self._said, self._socket, message))
                case to_do.CloseSocket() | to_do.DropSocket():
                    self._close_socket(tells=isinstance(effect, to_do.CloseSocket))
                case _:
                    self._hear(effect)

    def _hear(self, effect: to_do.Effect) -> None:
        match effect:
            case to_do.Received(data=data):
                self.heard.append(data)
            case to_do.Ended():
                self.ended = effect
                self.told.append("ended")
            case to_do.Opened(transport=transport):
                self.told.append(f"opened {transport}")
            case to_do.Upgraded():
                self.told.append("upgraded")

    def _said(self, line: int, message: str | bytes) -> None:
        self.react(self.engine.message(line, message, self.now))

    def _query(self, transport: str) -> dict[str, str]:
        sid = {"sid": self.client.sid} if self.client.sid else {}
        return {"EIO": "4", "transport": transport, **sid}

    def _ask(self, method: str, body: bytes) -> None:
        line = next(self._lines)
        if method == "POST":
            self._posts.add(line)
        request = Request(method=method, path="/engine.io/", query=self._query("polling"), body=body)
        self._put(f"request {line}", lambda: self.react(self.engine.http(line, request, self.now)))

    def _open_socket(self) -> None:
        line = self._socket = next(self._lines)
        if not self.sockets:
            self._put(f"down {line}", lambda: self.do(self.client.socket_gone(BROKEN, self.now)))
            return
        request = Request(method="GET", path="/engine.io/", query=self._query("websocket"))
        self._put(f"up {line}", lambda: self.react(self.engine.upgrade(line, request, self.now)))

    def _close_socket(self, *, tells: bool) -> None:
        line = self._socket
        self._put(f"up {line}", lambda: self._gone(line, tells=tells))
        if not tells:
            self._channels.pop(f"down {line}", None)
            self._socket = 0

    def _gone(self, line: int, *, tells: bool) -> None:
        self.react(self.engine.socket_gone(line, self.now))
        if tells:
            gone = Fault("closed")
            self._put(f"down {line}", lambda: self.do(self.client.socket_gone(gone, self.now, orderly=True)))

    # -- what the server does --------------------------------------------------------------------

    def react(self, effects: list[done.Effect]) -> None:
        """Do what the engine wants."""
        for effect in effects:
            match effect:
                case done.Respond(line=line, response=response):
                    self._put(f"answer {line}", partial(self._answered, line, response.status, response.body))
                case done.AcceptSocket(line=line):
                    self._put(f"down {line}", lambda: self.do(self.client.socket_opened()))
                case done.Send(line=line, packet=packet):
                    self._put(f"down {line}", partial(self._told, packet))
                case done.CloseSocket(line=line) | done.RefuseSocket(line=line):
                    self._put(f"down {line}", partial(self._hung_up, line))
                case done.Connecting(sid=sid):
                    self.sid = sid
                    self.react(self.engine.accept(sid, self.now))
                case done.Received(data=data):
                    self.served.append(data)

    def _told(self, packet: Packet) -> None:
        self.do(self.client.socket_message(packet.message, self.now))

    def _hung_up(self, line: int) -> None:
        if line == self._socket:
            self._socket = 0
            self.do(self.client.socket_gone(Fault("hung up"), self.now, orderly=True))
            self.react(self.engine.socket_gone(line, self.now))

    def _answered(self, line: int, status: int, body: bytes) -> None:
        if status != 200:
            self.do(self.client.request_failed(Fault(f"status {status}", status, body)))
        elif line in self._posts:
            self.do(self.client.posted(self.now))
        else:
            self.do(self.client.polled(body, self.now))

    def _put(self, channel: str, arrival: Arrival) -> None:
        """Send something on its way; what is for a WebSocket that was dropped is lost."""
        dropped = channel.startswith("down") and channel != f"down {self._socket}"
        if not dropped and self.ended is None:
            self._channels.setdefault(channel, deque()).append(arrival)


def payload(*packets: tuple[PacketType, str]) -> bytes:
    """Write what a poll brings."""
    return payload_of(Packet(kind, data) for kind, data in packets)
