"""Writes the heads of HTTP/1.1 answers."""

from http import HTTPStatus

from easyplayer.engineio.core.http import Response


def head_of(response: Response, date: bytes) -> list[bytes]:
    """Write the status line and the headers of an answer, but for the empty line behind them."""
    phrase = HTTPStatus(response.status).phrase
    head = [f"HTTP/1.1 {response.status} {phrase}\r\n".encode("latin-1"), b"date: ", date, b"\r\n"]
    head += [f"{name}: {value}\r\n".encode("latin-1") for name, value in response.headers]
    return head
