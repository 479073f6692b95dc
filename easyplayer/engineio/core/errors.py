"""Every error that the Engine.IO package raises on purpose.

::

    EngineIoError
    ├── PacketError            what should be a packet or a payload is none
    ├── FrameError             a WebSocket frame against RFC 6455
    ├── HandshakeError         an opening handshake of a WebSocket that cannot be agreed to
    ├── OptionsError           options that cannot be used, all problems at once
    ├── UnknownSessionError    there is no session of that name, or no longer
    ├── ConnectError           a client was not let in
    └── NotConnectedError      a client has no session to send over
"""


class EngineIoError(Exception):
    """The root of the tree."""


class PacketError(EngineIoError):
    """What should be a packet or a payload is none.

    The message says what is wrong, and shows nothing of the content.
    """


class FrameError(EngineIoError):
    """A frame, or what a message of frames holds, is against RFC 6455.

    :ivar code: of the close frame that tells the other side (RFC 6455, section 7.4.1).
    :ivar reason: what is wrong; up to 123 bytes, ASCII.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class HandshakeError(EngineIoError):
    """An opening handshake of a WebSocket that cannot be agreed to.

    :ivar status: of the answer, where it was a request.
    :ivar reason: what is wrong; ASCII.
    :ivar headers: that the answer needs beside the usual ones.
    """

    def __init__(self, status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


class OptionsError(EngineIoError):
    """Options that cannot be used.

    :ivar problems: every problem found, each with the name of its option.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the options cannot be used: " + "; ".join(problems))
        self.problems = problems


class UnknownSessionError(EngineIoError):
    """There is no session of that name, or no longer.

    :ivar sid: the name.
    """

    def __init__(self, sid: str) -> None:
        super().__init__("there is no such session, or no longer")
        self.sid = sid


class ConnectError(EngineIoError):
    """The server, or a proxy before it, did not let a client in.

    :ivar reason: in words.
    :ivar status: of the HTTP answer; 0 where there was none.
    :ivar body: of that answer, as far as it was read.
    :ivar retry_after_s: for how long the server wants to be left alone, where it has said so.
    """

    def __init__(
        self, reason: str, status: int = 0, body: bytes = b"", retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.body = body
        self.retry_after_s = retry_after_s


class NotConnectedError(EngineIoError):
    """A client has no session to send over."""
