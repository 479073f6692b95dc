"""Which requests are refused, before any session hears of them: judged in the reference server's order."""

from typing import Final

from easyplayer.engineio.core.downlink import State
from easyplayer.engineio.core.http import Request
from easyplayer.engineio.core.options import WEBSOCKET, Options
from easyplayer.engineio.core.refusals import Refusal
from easyplayer.engineio.core.responses import origin_allowed, readable
from easyplayer.engineio.core.session import Session

PROTOCOL: Final = "4"


def refusal_of(
    request: Request, options: Options, session: Session | None, *, by_socket: bool
) -> Refusal | None:
    """Tell why a request is refused, if it is.

    :param session: the one that it names, where there is such a one.
    :param by_socket: whether it would open a WebSocket.
    """
    if request.query.get("transport", "") not in options.transports:
        return Refusal.UNKNOWN_TRANSPORT
    if not readable(request.header("origin")):
        return Refusal.BAD_REQUEST
    if not origin_allowed(request, options):
        return Refusal.BAD_ORIGIN
    if request.query.get("sid", ""):
        refusal = refusal_of_more(request, options, session, by_socket=by_socket)
    else:
        refusal = refusal_of_first(request, by_socket=by_socket)
    if refusal is not None or request.query.get("EIO") == PROTOCOL:
        return refusal
    return Refusal.UNSUPPORTED_VERSION


def refusal_of_more(
    request: Request, options: Options, session: Session | None, *, by_socket: bool
) -> Refusal | None:
    """Tell why a request of a session is refused, if it is. A name that nobody was told yet was guessed."""
    if session is None or session.state is State.CONNECTING:
        return Refusal.UNKNOWN_SID
    over_socket = request.query["transport"] == WEBSOCKET
    if by_socket:
        return None if over_socket and options.allow_upgrades else Refusal.BAD_REQUEST
    fits = not over_socket and session.socket is None and request.method in {"GET", "POST"}
    return None if fits else Refusal.BAD_REQUEST


def refusal_of_first(request: Request, *, by_socket: bool) -> Refusal | None:
    """Tell why a request that would begin a session is refused, if it is."""
    if request.method != "GET":
        return Refusal.BAD_METHOD
    if (request.query["transport"] == WEBSOCKET) is not by_socket:
        return Refusal.BAD_REQUEST
    return None
