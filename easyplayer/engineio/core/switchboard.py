"""What all sessions share: the options, and which line is whose."""

from typing import Generic, TypeVar

from msgspec import json

from easyplayer.engineio.core.effects import Line
from easyplayer.engineio.core.options import POLLING, WEBSOCKET, Options
from easyplayer.engineio.core.packets import Opening, Packet, PacketType

Session = TypeVar("Session")


class Switchboard(Generic[Session]):
    """Sessions by their names and by their lines.

    :ivar options: of the engine.
    :ivar sessions: by name.
    :ivar lines: whose each open line is. One that is not among them is nobody's: it was answered or closed.
    """

    __slots__ = ("lines", "options", "sessions")

    def __init__(self, options: Options) -> None:
        self.options = options
        self.sessions: dict[str, Session] = {}
        self.lines: dict[Line, Session] = {}

    def opening(self, sid: str, transport: str) -> Packet:
        """Make the packet that tells a client of its session."""
        options = self.options
        may = options.allow_upgrades and transport == POLLING and WEBSOCKET in options.transports
        opening = Opening(
            sid=sid,
            upgrades=(WEBSOCKET,) if may else (),
            ping_interval=round((options.ping_interval_s + options.ping_grace_s) * 1000),
            ping_timeout=round(options.ping_timeout_s * 1000),
            max_payload=options.max_http_buffer_size,
        )
        return Packet(PacketType.OPEN, json.encode(opening).decode())
