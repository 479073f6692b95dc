"""Asks a hub over its API, and turns whatever goes wrong into the errors of the house."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import structs

from easyplayer import __version__
from easyplayer.errors import (
    EasyplayerError,
    HubError,
    LinkError,
    LinkRefusedError,
    ProgramError,
    ProtocolError,
    StateError,
    TooManyError,
    UnauthenticatedError,
)
from easyplayer.hub.cli.carrier import Carrier, CarrierError, HttpCarrier, Response, TooSlowError
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.web.views import Page
from easyplayer.protocol.foreign_text import tidied
from easyplayer.protocol.problem import Problem

MOST_WAIT_S = 30.0
"""How long a command waits, once, for a hub that asks for patience."""
PAGE_ITEMS = 500
JSON = "application/json"
IN_PATHS = "/:@!$&'()*+,;=%"
"""What stands in a path as it is; a part of it may have been quoted already."""

Answer = TypeVar("Answer")
Query: TypeAlias = Mapping[str, str | int | float | bool | None]
Content: TypeAlias = bytes | Iterable[bytes] | Callable[[], Iterable[bytes]] | None
_NOTHING: Query = {}
_NO_HEADERS: Mapping[str, str] = {}


class HubClient:
    """A hub, as commands ask it.

    :param where: which hub, and by which token.
    :param carrier: what carries the requests.
    :param wait: waits for so many seconds.
    """

    def __init__(
        self, where: Where, carrier: Carrier | None = None, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._carrier = carrier or HttpCarrier(where.url)
        self._headers = {"User-Agent": f"easyplayer-hub/{__version__}"}
        self._wait = wait
        self.ask_as(where)

    def __enter__(self) -> Self:
        """Open it for some requests."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._carrier.close()

    def ask_as(self, where: Where) -> None:
        """Ask by another token from now on."""
        self.where = where
        if where.token:
            self._headers["Authorization"] = f"Bearer {where.token}"

    @property
    def may_call(self) -> bool:
        """Whether a line to the hub can be opened as well: not where something else carries the requests."""
        return isinstance(self._carrier, HttpCarrier)

    def get(self, path: str, kind: type[Answer], query: Query = _NOTHING) -> Answer:
        """Ask for something.

        :param path: below ``/api/v1``, such as ``/venues``.
        :param query: what is ``None`` is left out.
        :raises HubError: the hub does not do it; each of its errors is the class that it was there.
        :raises LinkError: the hub cannot be reached, or is none.
        """
        return self._told(self.send("GET", path, query=query), kind)

    def post(self, path: str, body: Any, kind: type[Answer]) -> Answer:
        """Have something made, or done; raises like :meth:`get`."""
        return self._told(self.send("POST", path, body=body), kind)

    def patch(self, path: str, body: Any, kind: type[Answer]) -> Answer:
        """Have something changed; raises like :meth:`get`."""
        return self._told(self.send("PATCH", path, body=body), kind)

    def put(self, path: str, body: Any, kind: type[Answer]) -> Answer:
        """Have something put in the place of what was there; raises like :meth:`get`."""
        return self._told(self.send("PUT", path, body=body), kind)

    def delete(self, path: str) -> None:
        """Have something taken away; raises like :meth:`get`."""
        self.send("DELETE", path)

    def pages(
        self, path: str, kind: type[Answer], query: Query = _NOTHING, most: int | None = None
    ) -> Iterator[Answer]:
        """Ask for a list, page by page; raises like :meth:`get`.

        :param most: how many are wanted; ``None`` is all.
        """
        after, left = "", most
        while left is None or left > 0:
            limit = PAGE_ITEMS if left is None else min(left, PAGE_ITEMS)
            page = self.get(path, Page[kind], {**query, "limit": limit, "after": after or None})  # type: ignore[valid-type]
            yield from page.items
            if not page.next:
                return
            after, left = page.next, None if left is None else left - len(page.items)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Query = _NOTHING,
        body: Any = None,
        content: Content = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a request, once more where the hub asks to come back soon; raises like :meth:`get`.

        :param body: becomes JSON.
        :param content: in place of it, bytes as they are; a function gives them anew for each try.
        """
        for is_last in (False, True):
            sent = msgspec.json.encode(body) if content is None and body is not None else content
            told = {"Content-Type": JSON} if content is None and body is not None else {}
            response = self._sent(method, path, query, {**told, **(headers or {})}, sent)
            if _is_fine(response):
                self._read(response)
                return response
            error = self._error(response)
            if is_last or not isinstance(error, TooManyError) or error.retry_after_s > MOST_WAIT_S:
                raise error
            self._wait(error.retry_after_s)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def pause(self, seconds: float) -> None:
        """Wait, before asking once more."""
        self._wait(seconds)

    def save(self, path: str, file: Path, query: Query = _NOTHING) -> int:
        """Write what the hub answers into a file, in one step; raises like :meth:`get`.

        :returns: how many bytes it is.
        :raises StateError: the disk does not take it, or it is a folder.
        """
        if file.is_dir():
            message = f"{file}: is a folder: name a file in it"
            raise StateError(message)
        draft = file.with_name(f"{file.name}.part")
        response = self._sent("GET", path, query)
        try:
            if not _is_fine(response):
                raise self._error(response)
            with draft.open("wb") as out:
                for piece in response.pieces():
                    out.write(piece)
            draft.replace(file)
            return file.stat().st_size
        except OSError as error:
            message = f"{file}: cannot be written ({error.strerror}): free space, or name another file"
            raise StateError(message) from error
        except CarrierError as error:
            raise self._away(error) from error
        finally:
            response.close()
            draft.unlink(missing_ok=True)

    @contextmanager
    def reading(self, path: str, headers: Mapping[str, str]) -> Iterator[Response]:
        """Ask for a content that is read as it comes; raises like :meth:`get`, while it is read too."""
        response = self._sent("GET", path, _NOTHING, headers)
        try:
            if not _is_fine(response):
                raise self._error(response)
            yield response
        except CarrierError as error:
            raise self._away(error) from error
        finally:
            response.close()

    def _sent(
        self,
        method: str,
        path: str,
        query: Query,
        headers: Mapping[str, str] = _NO_HEADERS,
        content: Content = None,
    ) -> Response:
        params = urlencode({name: _written(value) for name, value in query.items() if value is not None})
        target = f"/api/v1{quote(path, safe=IN_PATHS)}{params and f'?{params}'}"
        given = content() if callable(content) else content
        try:
            return self._carrier.send(method, target, {**self._headers, **headers}, given)
        except CarrierError as error:
            raise self._away(error) from error

    def _read(self, response: Response) -> bytes:
        try:
            return response.read()
        except CarrierError as error:
            raise self._away(error) from error

    def _away(self, error: CarrierError) -> LinkError:
        hub, why = f"the hub at {self.where.url}", tidied(str(error))
        if isinstance(error, TooSlowError):
            return LinkError(f"{hub} takes too long ({why}): try again")
        return LinkError(
            f"{hub}, named by {self.where.known_from}, cannot be reached ({why}): is it running?"
        )

    def _error(self, response: Response) -> EasyplayerError:
        try:
            told = _tidied(msgspec.json.decode(response.read(), type=Problem))
        except (msgspec.MsgspecError, CarrierError):
            return LinkError(f"{self.where.url} is no hub, or something on the way to it: {_line(response)}")
        return self._as_it_was(told, response)

    def _as_it_was(self, told: Problem, response: Response) -> EasyplayerError:
        """Make the error that it was at the hub."""
        if told.code == ProgramError.code:
            return ProgramError(list(told.problems))
        if told.code == ProtocolError.code:
            return ProtocolError(told.detail)
        if told.code == UnauthenticatedError.code:
            return UnauthenticatedError(self._who_asks(told))
        kind = next((one for one in _kinds(HubError) if one.code == told.code), None)
        if kind is None or response.status < HTTPStatus.BAD_REQUEST:
            refused = "\n".join([told.detail, *(f"  - {one}" for one in told.problems)])
            return LinkRefusedError(refused, response.status, told.code)
        if issubclass(kind, TooManyError):
            return kind(told.detail, _retry_after(response))
        return kind(told.detail, told.problems)

    def _who_asks(self, told: Problem) -> str:
        if self.where.token:
            return (
                f"the hub at {self.where.url} does not take the token of {self.where.known_from}: log in anew"
            )
        return f"{told.detail}: log in with  easyplayer-hub login {self.where.url}"

    def _told(self, response: Response, kind: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(response.read(), type=kind)
        except msgspec.MsgspecError as error:
            message = (
                f"{self.where.url} answers something else than expected ({tidied(str(error))}):"
                " is it a hub of this version? easyplayer-hub --version tells this one's"
            )
            raise ProtocolError(message) from error


def _kinds(kind: type[HubError]) -> Iterator[type[HubError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _is_fine(response: Response) -> bool:
    return HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES


def _retry_after(response: Response) -> float:
    try:
        return max(0.0, float(response.header("Retry-After")))
    except ValueError:
        return MOST_WAIT_S


def _written(value: str | float | bool) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _line(response: Response) -> str:
    return f"it answers {response.status} {tidied(response.reason)}"


def _tidied(told: Problem) -> Problem:
    """Take out what would do something to the terminal: names that strangers have given are in there, too."""
    return structs.replace(told, detail=tidied(told.detail), problems=tuple(map(tidied, told.problems)))
