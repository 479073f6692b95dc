"""Asks a hub over its API, and turns whatever goes wrong into the errors of the house."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

import httpx
import msgspec

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
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.web.views import Page
from easyplayer.protocol.problem import Problem

MOST_WAIT_S = 30.0
"""How long a command waits, once, for a hub that asks for patience."""
PATIENCE_S = 60.0
"""How long the hub may take for an answer."""
PAGE_ITEMS = 500
JSON = "application/json"

Answer = TypeVar("Answer")
Query: TypeAlias = Mapping[str, str | int | float | bool | None]
Content: TypeAlias = Iterable[bytes] | Callable[[], Iterable[bytes]] | None
_NOTHING: Query = {}


class HubClient:
    """A hub, as commands ask it.

    :param where: which hub, and by which token.
    :param http: what carries the requests.
    :param wait: waits for so many seconds.
    """

    def __init__(
        self, where: Where, http: httpx.Client | None = None, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = http or httpx.Client(base_url=where.url, timeout=PATIENCE_S, follow_redirects=False)
        self._http.headers["User-Agent"] = f"easyplayer-hub/{__version__}"
        self._wait = wait
        self.ask_as(where)

    def __enter__(self) -> Self:
        """Open it for some requests."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._http.close()

    def ask_as(self, where: Where) -> None:
        """Ask by another token from now on."""
        self.where = where
        if where.token:
            self._http.headers["Authorization"] = f"Bearer {where.token}"

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
    ) -> httpx.Response:
        """Send a request, once more where the hub asks to come back soon; raises like :meth:`get`.

        :param body: becomes JSON.
        :param content: in place of it, bytes as they are; a function gives them anew for each try.
        """
        for is_last in (False, True):
            request = self._request(method, path, query=query, body=body, content=content, headers=headers)
            response = self._sent(request)
            if response.is_success:
                response.read()
                return response
            error = self._error(response)
            response.close()
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
        :raises StateError: the disk does not take it.
        """
        draft = file.with_name(f"{file.name}.part")
        response = self._sent(self._request("GET", path, query=query))
        try:
            if not response.is_success:
                raise self._error(response)
            with draft.open("wb") as out:
                for piece in response.iter_bytes():
                    out.write(piece)
            draft.replace(file)
            return file.stat().st_size
        except OSError as error:
            message = f"{file}: cannot be written ({error.strerror}): free space, or name another file"
            raise StateError(message) from error
        except httpx.HTTPError as error:
            raise self._away(error) from error
        finally:
            response.close()
            draft.unlink(missing_ok=True)

    @contextmanager
    def reading(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Ask for a content that is read as it comes; raises like :meth:`get`, while it is read too."""
        response = self._sent(self._request("GET", path, query=_NOTHING, headers=headers))
        try:
            if not response.is_success:
                raise self._error(response)
            yield response
        except httpx.HTTPError as error:
            raise self._away(error) from error
        finally:
            response.close()

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Query,
        body: Any = None,
        content: Content = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        params = {name: _written(value) for name, value in query.items() if value is not None}
        sent = msgspec.json.encode(body) if content is None and body is not None else content
        told = {"Content-Type": JSON} if content is None and body is not None else {}
        return self._http.build_request(
            method,
            f"/api/v1{path}",
            params=params,
            content=sent() if callable(sent) else sent,
            headers={**told, **(headers or {})},
        )

    def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            raise self._away(error) from error

    def _away(self, error: httpx.HTTPError) -> LinkError:
        hub, why = f"the hub at {self.where.url}", str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            return LinkError(f"{hub} takes too long ({why}): try again")
        return LinkError(
            f"{hub}, named by {self.where.known_from}, cannot be reached ({why}): is it running?"
        )

    def _error(self, response: httpx.Response) -> EasyplayerError:
        try:
            told = msgspec.json.decode(response.read(), type=Problem)
        except (msgspec.MsgspecError, httpx.HTTPError):
            return LinkError(f"{self.where.url} is no hub, or something on the way to it: {_line(response)}")
        return self._as_it_was(told, response)

    def _as_it_was(self, told: Problem, response: httpx.Response) -> EasyplayerError:
        """Make the error that it was at the hub."""
        if told.code == ProgramError.code:
            return ProgramError(list(told.problems))
        if told.code == ProtocolError.code:
            return ProtocolError(told.detail)
        if told.code == UnauthenticatedError.code:
            return UnauthenticatedError(self._who_asks(told))
        kind = next((one for one in _kinds(HubError) if one.code == told.code), None)
        if kind is None or response.status_code < HTTPStatus.BAD_REQUEST:
            refused = "\n".join([told.detail, *(f"  - {one}" for one in told.problems)])
            return LinkRefusedError(refused, response.status_code, told.code)
        if issubclass(kind, TooManyError):
            return kind(told.detail, _retry_after(response))
        return kind(told.detail, told.problems)

    def _who_asks(self, told: Problem) -> str:
        if self.where.token:
            return (
                f"the hub at {self.where.url} does not take the token of {self.where.known_from}: log in anew"
            )
        return f"{told.detail}: log in with  easyplayer-hub login {self.where.url}"

    def _told(self, response: httpx.Response, kind: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            message = (
                f"{self.where.url} answers something else than expected ({error}):"
                " is it a hub of this version? easyplayer-hub --version tells this one's"
            )
            raise ProtocolError(message) from error


def _kinds(kind: type[HubError]) -> Iterator[type[HubError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _retry_after(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return MOST_WAIT_S


def _written(value: str | float | bool) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _line(response: httpx.Response) -> str:
    return f"it answers {response.status_code} {response.reason_phrase}"
