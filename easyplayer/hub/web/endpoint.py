"""One endpoint of the API: its path, who may call it, what it takes and what it answers.

The routes, the checks of everything that comes in and the OpenAPI document are all made from these.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, TypeVar

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from easyplayer.errors import EasyplayerError
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.access import Caller

KIB = 1024
MOST_BODY_BYTES = 1024 * KIB
"""How long the body of a request may be that says nothing else."""


class Nothing(Struct, frozen=True, kw_only=True):
    """Takes the place of a query, or a body, that there is none of."""


class Needs(StrEnum):
    """Who may call an endpoint at all; what a user may do there is asked in the handler."""

    NOTHING = "nothing"
    VISITOR = "visitor"
    """Anyone; who sends a user's token is that user."""
    BOX = "box"
    """The token of a box's session."""
    USER = "user"
    """A user's session cookie or API token."""


Query = TypeVar("Query", bound=Struct)
Body = TypeVar("Body")


class Call(Struct, Generic[Query, Body], frozen=True):
    """One call of an endpoint, with all that came in checked.

    :ivar path: the parameters of the path, by name.
    :ivar request: the request itself, for those that stream.
    """

    hub: Hub
    caller: Caller
    path: dict[str, str]
    query: Query
    body: Body
    request: Request


class Endpoint(Struct, frozen=True, kw_only=True):
    """One endpoint.

    :ivar path: such as ``/api/v1/venues/{venue}``.
    :ivar summary: what it does, in a sentence of the imperative.
    :ivar handle: takes a :class:`Call`; what it returns is the answer: a structure, a list of them, or a
        Starlette response.  A coroutine runs in the loop; any other function in a thread.
    :ivar query: structure of the query's parameters; values are text, numbers and booleans.
    :ivar body: type of the JSON body; ``bytes`` for one that is taken as it comes, and ``None`` for none or
        one that the handler streams itself.
    :ivar streams: whether the handler reads a body by itself, as it comes.
    :ivar answers: type of the answer, for the OpenAPI document; ``bytes`` for what is no JSON.
    :ivar also: with which other statuses it answers where all is well.
    :ivar subject: the tag that it stands under.
    :ivar refuse: answers what was refused, for people; without it that is a problem, for programs.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[Call[Any, Any]], Any]
    needs: Needs = Needs.USER
    query: type[Struct] = Nothing
    body: Any = None
    answers: Any = None
    status: int = 200
    also: tuple[int, ...] = ()
    streams: bool = False
    most_bytes: int = MOST_BODY_BYTES
    subject: str = ""
    refuse: Callable[[Request, EasyplayerError], Response] | None = None
