"""Takes the requests of the commands to a hub in this process, or to whatever a test puts in its place."""

from collections.abc import Iterable, Iterator, Mapping

import httpx

from easyplayer.hub.cli.carrier import CarrierError, TooSlowError


class Through:
    """A :class:`~easyplayer.hub.cli.carrier.Carrier` by a client of tests."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | Iterable[bytes] | None
    ) -> "Came":
        """Send a request."""
        if not isinstance(content, bytes) and content is not None:
            content = iter(content)
        request = self._http.build_request(method, target, headers=dict(headers), content=content)
        try:
            return Came(self._http.send(request, stream=True))
        except httpx.TimeoutException as error:
            raise TooSlowError(str(error)) from error
        except httpx.HTTPError as error:
            raise CarrierError(str(error) or type(error).__name__) from error

    def close(self) -> None:
        """Leave the client to the test."""


class Came:
    """What has come."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.reason = response.reason_phrase

    def header(self, name: str) -> str:
        """Give a header."""
        return str(self._response.headers.get(name, ""))

    def read(self) -> bytes:
        """Give all of it."""
        try:
            return self._response.read()
        except httpx.HTTPError as error:
            raise CarrierError(str(error)) from error

    def pieces(self) -> Iterator[bytes]:
        """Give it as it comes."""
        try:
            yield from self._response.iter_bytes()
        except httpx.HTTPError as error:
            raise CarrierError(str(error)) from error

    def close(self) -> None:
        """Want no more."""
        self._response.close()
