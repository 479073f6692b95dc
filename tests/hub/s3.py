"""An S3 server of this machine, for the tests of what lies in one."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

BUCKET = "music"
TRIES = 8
"""Each waits twice as long as the one before, from half a second on."""


@contextmanager
def server() -> Iterator[str]:
    """Run one that has a bucket; gives its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=TRIES)) as client:
            client.put(f"{url}/{BUCKET}").raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait()


def name_in_environment(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Tell a hub where it is, and by which keys it is asked."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
