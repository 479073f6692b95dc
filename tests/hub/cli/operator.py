"""An operator at a terminal: types commands, and reads what they tell."""

import argparse
import importlib
from typing import Any

import httpx
import msgspec
import pytest

from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.main import COMMANDS, module_of
from tests.hub.cli.through import Through
from tests.hub.conftest import PUBLIC_URL


class Operator:
    """Does what is typed, at the hub that is behind a client.

    :ivar waited: for how long the commands have waited, each time that they did.
    """

    def __init__(self, http: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
        where = Where(url=PUBLIC_URL, token="", known_from="the test")
        self.waited: list[float] = []
        self.hub = HubClient(where, Through(http), wait=self.waited.append)
        self._capsys = capsys

    def types(self, line: str, *more: str) -> int:
        """Do what stands in a line, and give the exit code.

        :param more: words behind it that may have spaces in them.
        """
        self._capsys.readouterr()
        command, *words = *line.split(), *more
        assert command in COMMANDS
        module = importlib.import_module(module_of(command))
        parser = argparse.ArgumentParser()
        module.configure(parser)
        arguments = parser.parse_args(words)
        act = getattr(arguments, "act", None) or module.tell
        return int(act(self.hub, arguments) or 0)

    def reads(self, line: str, *more: str) -> str:
        """Do it, and give what a pipe gets."""
        assert self.types(line, *more) == 0
        return self._capsys.readouterr().out

    def asks(self, line: str, *more: str) -> Any:
        """Do it, and give what a script gets."""
        assert self.types(line, *more, "--json") == 0
        return msgspec.json.decode(self._capsys.readouterr().out)
