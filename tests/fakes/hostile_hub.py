"""A hub whose line, proxy or store does everything wrong that can be done wrong, on real sockets."""

import select
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from enum import Enum

from tests.fakes.hub_link import FakeHub
from tests.fakes.hub_server import Answer, HubServer, RequestHandler, packed

DRIP_S = 0.02
SPEAKS_FOR_S = 60.0
"""What is endless ends then at the latest, so that a failed test does."""
PAGE = b"<!DOCTYPE html><html><body>Welcome! Accept our terms to go online.</body></html>"
ELSEWHERE = "/elsewhere"


class Kind(Enum):
    """What is asked for."""

    SESSION = "session"
    PROGRAM = "program"
    TICKET = "ticket"
    MEDIUM = "medium"


class Fault(Enum):
    """What happens in place of an answer; in the words of the table in ``docs/guide/downloads.md``."""

    CUT = "The line breaks in the middle"
    CUT_IN_HEAD = "The line breaks before anything has come"
    STALL = "Nothing more comes, and the line stays open"
    SILENT = "The connection is taken, and nothing is ever said"
    DRIP = "A byte comes now and then"
    DRIP_IN_HEAD = "The head of the answer comes byte by byte"
    ENDLESS_HEAD = "The head of the answer has no end"
    ENDLESS_WAIT = "The answer is announced again and again"
    GARBAGE = "What answers does not speak HTTP"
    LENGTH_TOO_LONG = "The length that is told is more than comes"
    LENGTH_TOO_SHORT = "The length that is told is less than the medium's"
    ENDS_EARLY = "No length is told, and the line ends early"
    WRONG_BYTES = "Wrong bytes come"
    TOO_MANY = "More comes than the medium has"
    WHOLE = "The whole comes where a part was asked for"
    ANOTHER = "The whole comes under another ETag"
    UNTOLD_PART = "A part comes that does not say which"
    OTHER_PART = "Another part comes than was asked for"
    WRONG_PART = "Another part comes and says that it is the right one"
    OTHER_SIZE = "The part is one of something longer"
    WEAK_ETAG = "The ETag is weak, and the line breaks"
    NO_ETAG = "There is no ETag, and the line breaks"
    NEW_ETAG = "The ETag is another one each time, and the line breaks"
    PACKED = "It comes packed"
    SPENT = "403: the address has expired"
    NOT_FOUND = "404: the store does not have it"
    GONE = "410: the store does not have it any more"
    TOO_OFTEN = "429, with a time to wait"
    BROKEN = "500"
    AWAY = "503, with a time to wait"
    REDIRECT = "302 to somewhere else"
    LOOP = "302 to where it was asked"
    PORTAL = "A page on which to log in"
    PORTAL_UNNAMED = "Such a page that does not say that it is one"
    LOG_IN_FIRST = "511: log in first"


OF_PARTS = {
    Fault.WHOLE,
    Fault.ANOTHER,
    Fault.UNTOLD_PART,
    Fault.OTHER_PART,
    Fault.WRONG_PART,
    Fault.OTHER_SIZE,
}
"""They happen to a medium of which a part is there."""
OF_ETAGS = {Fault.WEAK_ETAG, Fault.NO_ETAG, Fault.NEW_ETAG}
OF_MEDIA = OF_PARTS | OF_ETAGS
"""What is not a medium knows nothing of them."""


class HostileHub(HubServer):
    """Serves a hub, and does wrong by what it is told.

    :ivar next: by kind, or by a medium's digest, what is done wrong, in turn.
    :ivar always: what is always done wrong where a path ends so.
    :ivar requests: what was asked for, in order: its kind, and the last piece of its path.
    :ivar came: set by each request.
    :ivar strayed: how often somebody followed it to where nobody should.
    """

    def __init__(self, hub: FakeHub) -> None:
        super().__init__(hub)
        self.next: defaultdict[Kind | str, deque[Fault]] = defaultdict(deque)
        self.always: dict[str, Fault] = {}
        self.requests: list[tuple[Kind, str]] = []
        self.strayed = 0
        self.came = threading.Event()
        self.count = 0
        self._server.RequestHandlerClass = type("Handler", (_Hostile,), {"owner": self})

    def spoil(self, what: Kind | str, faults: Iterable[Fault]) -> None:
        """Do wrong with the next requests of a kind, or for a medium."""
        self.next[what].extend(faults)

    @property
    def done_with(self) -> bool:
        """Whether all has been done wrong that was to be."""
        return not any(self.next.values())

    def well(self) -> None:
        """Do no more wrong."""
        self.always.clear()
        self.next.clear()

    def asked_for(self, name: str) -> int:
        """Tell how often a medium was asked for."""
        return self.requests.count((Kind.MEDIUM, name))

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Note a request; tell what is to be done wrong with it."""
        self.strayed += path == ELSEWHERE
        kind, name = _kind_of(method, path), path.rpartition("/")[2]
        if kind is None:
            return None
        self.requests.append((kind, name))
        self.came.set()
        if kind is Kind.MEDIUM and name in self.always:
            return self.always[name]
        waiting = (kind is Kind.MEDIUM and self.next[name]) or self.next[kind]
        return waiting.popleft() if waiting else None


def _kind_of(method: str, path: str) -> Kind | None:
    if path.startswith("/media/"):
        return Kind.MEDIUM
    if path.startswith("/api/v1/box/programs/"):
        return Kind.PROGRAM
    if path.startswith("/api/v1/session"):
        return Kind.SESSION
    return Kind.TICKET if method == "POST" and path.startswith("/api/v1/box/media/") else None


class _Hostile(RequestHandler):
    """Answers well, or as badly as it is told to."""

    owner: HostileHub

    def serve(self) -> None:
        """Answer one request."""
        fault = self.owner.fault_for(self.command, self.path)
        if fault is None:
            super().serve()
            return
        self.close_connection = True
        asked = self.asked()
        try:
            DEEDS[fault](self, self.owner.answer(*asked))
        except OSError:
            return  # the box has hung up

    def whole(self) -> bytes:
        """Give all of the medium that was asked for."""
        return self.owner.hub.media.get(self.path.rpartition("/")[2], b"")

    def begins(self) -> int:
        """Tell from where on it was asked for."""
        return int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])

    def send(self, answer: Answer, length: int | None = None, *, told: bool = True) -> None:
        """Send an answer; its length is told, or another one, or none."""
        status, headers, data = answer
        shown = {"Content-Length": str(len(data) if length is None else length)} if told else {}
        self.send_response_only(status)
        for name, value in {"Connection": "close", **shown, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def hold(self) -> None:
        """Do nothing until the box hangs up."""
        select.select([self.connection], [], [], SPEAKS_FOR_S)

    def drip(self, data: bytes) -> None:
        """Send byte by byte until the box hangs up."""
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if select.select([self.connection], [], [], DRIP_S)[0]:
                return

    def repeat(self, line: bytes) -> None:
        """Send a line until the box hangs up."""
        while not select.select([self.connection], [], [], DRIP_S / 10)[0]:
            self.wfile.write(line)


Deed = Callable[[_Hostile, Answer], None]


def _half(answer: Answer) -> Answer:
    """Take the first half of an answer, at least a byte."""
    status, headers, data = answer
    return status, headers, data[: max(len(data) // 2, 1)]


def _cut(box: _Hostile, answer: Answer) -> None:
    box.send(_half(answer), len(answer[2]))


def _cut_in_head(box: _Hostile, _answer: Answer) -> None:
    box.wfile.write(b"HTTP/1.1 2")


def _stall(box: _Hostile, answer: Answer) -> None:
    _cut(box, answer)
    box.hold()


def _drip(box: _Hostile, answer: Answer) -> None:
    status, headers, data = answer
    box.send((status, headers, b""), len(data))
    box.drip(data)


def _drip_in_head(box: _Hostile, _answer: Answer) -> None:
    box.drip(b"HTTP/1.1 200 OK\r\nServer: " + b"slow" * 1000)


def _endless_head(box: _Hostile, _answer: Answer) -> None:
    box.wfile.write(b"HTTP/1.1 200 OK\r\n")
    box.repeat(b"Cookie: crumbs\r\n")


def _endless_wait(box: _Hostile, _answer: Answer) -> None:
    box.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")


def _garbage(box: _Hostile, _answer: Answer) -> None:
    box.wfile.write(b"\x00\xffSSH-2.0-something\r\n" * 10)


def _length_too_long(box: _Hostile, answer: Answer) -> None:
    box.send(answer, len(answer[2]) + 10)


def _length_too_short(box: _Hostile, answer: Answer) -> None:
    status, headers, data = answer
    box.send((status, headers, data[: len(data) - 10]))


def _wrong_bytes(box: _Hostile, answer: Answer) -> None:
    status, headers, data = answer
    box.send((status, headers, bytes(one ^ 1 for one in data)))


def _too_many(box: _Hostile, answer: Answer) -> None:
    status, headers, data = answer
    box.send((status, headers, data + b"more"), told=False)


def _another(box: _Hostile, _answer: Answer) -> None:
    box.send((200, {"ETag": '"another"'}, box.whole()))


def _untold_part(box: _Hostile, _answer: Answer) -> None:
    box.send((206, {"ETag": '"x"'}, box.whole()[box.begins() :]))


def _part(box: _Hostile, told: int, begins: int, size: int | None = None) -> None:
    data = box.whole()
    headers = {
        "ETag": f'"{box.path[7:]}"',
        "Content-Range": f"bytes {told}-{len(data) - 1}/{size or len(data)}",
    }
    box.send((206, headers, data[begins : begins + len(data) - told]))


def _with_etag(etag: str) -> Deed:
    """Cut, under an ETag; an empty one is none."""

    def send(box: _Hostile, answer: Answer) -> None:
        status, headers, data = answer
        box.owner.count += 1
        given = {"ETag": etag.format(box.owner.count)} if etag else {}
        others = {name: value for name, value in headers.items() if name != "ETag"}
        _cut(box, (status, {**others, **given}, data))

    return send


def _packed(box: _Hostile, answer: Answer) -> None:
    status, headers, data = packed(answer)
    box.send((status, {**headers, "ETag": '"packed"'}, data))


def _status(status: int, body: bytes = b"", **headers: str) -> Deed:
    """Answer with a status, and what belongs to it."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda box, _answer: box.send((status, given, body))


DEEDS: dict[Fault, Deed] = {
    Fault.CUT: _cut,
    Fault.CUT_IN_HEAD: _cut_in_head,
    Fault.STALL: _stall,
    Fault.SILENT: lambda box, _answer: box.hold(),
    Fault.DRIP: _drip,
    Fault.DRIP_IN_HEAD: _drip_in_head,
    Fault.ENDLESS_HEAD: _endless_head,
    Fault.ENDLESS_WAIT: _endless_wait,
    Fault.GARBAGE: _garbage,
    Fault.LENGTH_TOO_LONG: _length_too_long,
    Fault.LENGTH_TOO_SHORT: _length_too_short,
    Fault.ENDS_EARLY: lambda box, answer: box.send(_half(answer), told=False),
    Fault.WRONG_BYTES: _wrong_bytes,
    Fault.TOO_MANY: _too_many,
    Fault.WHOLE: lambda box, answer: box.send((200, {"ETag": answer[1]["ETag"]}, box.whole())),
    Fault.ANOTHER: _another,
    Fault.UNTOLD_PART: _untold_part,
    Fault.OTHER_PART: lambda box, _answer: _part(box, box.begins() - 1, box.begins() - 1),
    Fault.WRONG_PART: lambda box, _answer: _part(box, box.begins(), 1),
    Fault.OTHER_SIZE: lambda box, _answer: _part(box, box.begins(), box.begins(), 10**9),
    Fault.WEAK_ETAG: _with_etag('W/"weak"'),
    Fault.NO_ETAG: _with_etag(""),
    Fault.NEW_ETAG: _with_etag('"{}"'),
    Fault.PACKED: _packed,
    Fault.SPENT: _status(403),
    Fault.NOT_FOUND: _status(404),
    Fault.GONE: _status(410),
    Fault.TOO_OFTEN: _status(429, Retry_After="120"),
    Fault.BROKEN: _status(500, b"<html>oops</html>", Content_Type="text/html"),
    Fault.AWAY: _status(503, Retry_After="120"),
    Fault.REDIRECT: lambda box, _answer: box.send((302, {"Location": box.owner.url + ELSEWHERE}, PAGE)),
    Fault.LOOP: lambda box, _answer: box.send((302, {"Location": box.owner.url + box.path}, b"")),
    Fault.PORTAL: _status(200, PAGE, Content_Type="text/html; charset=utf-8"),
    Fault.PORTAL_UNNAMED: _status(200, PAGE),
    Fault.LOG_IN_FIRST: _status(511, PAGE, Content_Type="text/html"),
}
