"""The command line of the hub: what there is, and how it ends."""

import argparse
import importlib
from types import SimpleNamespace

import pytest

from easyplayer import __version__
from easyplayer.errors import NotFoundError
from easyplayer.hub import main as way_in
from easyplayer.hub.main import COMMANDS, INTERRUPTED, READER_GONE, main, module_of


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there_and_tells_what_it_takes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has a module that declares its command line."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: easyplayer-hub {command}")
    assert " ".join(COMMANDS[command].split()[:3]) in " ".join(told.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is(command: str) -> None:
    """Also those of the verbs."""
    parser = argparse.ArgumentParser()
    importlib.import_module(module_of(command)).configure(parser)
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting.extend(action.choices.values())
            else:
                assert action.help, action.option_strings or action.dest


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it does."""
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert all(f"  {name}" in told and about in told for name, about in COMMANDS.items())


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Of the package, which box and hub share."""
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"easyplayer {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_what_is_no_command_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As shells have it: 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (NotFoundError("there is no bar"), NotFoundError.exit_code, "easyplayer-hub: there is no bar\n"),
        (KeyboardInterrupt(), INTERRUPTED, ""),
        (BrokenPipeError(), READER_GONE, ""),
    ],
)
def test_what_ends_a_command_is_told_by_its_exit_code(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """And an error in words, without a traceback."""

    def fail(_arguments: argparse.Namespace) -> int:
        raise error

    command = SimpleNamespace(configure=lambda _parser: None, run=fail)
    monkeypatch.setattr(way_in.importlib, "import_module", lambda _name: command)
    assert main(["serve"]) == code
    assert capfd.readouterr().err == told
