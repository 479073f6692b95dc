"""The command line finds its command, and every end has an exit code."""

import argparse
import ast
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

from easyplayer import __version__, main
from easyplayer.errors import BoxBusyError, EasyplayerError, SettingsError
from easyplayer.main import COMMANDS, IN_MEMORY, INTERRUPTED, module_of
from tests.strangers import steering


def test_full_disk_without_room_for_temporary_files_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries want such a place as they are loaded; there is one in memory."""

    def refuse() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    monkeypatch.setattr(tempfile, "tempdir", None)
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert tempfile.tempdir == IN_MEMORY


class FakeCommand(ModuleType):
    """A command that remembers what it was called with, and ends as it is told."""

    def __init__(self, outcome: int | BaseException = 0) -> None:
        super().__init__("command")
        self.outcome = outcome
        self.given: list[argparse.Namespace] = []

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the tests need."""
        parser.add_argument("--sink")
        parser.add_argument("-v", "--verbose", action="count", default=0)
        parser.add_argument("places", nargs="*")

    def run(self, arguments: argparse.Namespace) -> int:
        """Do nothing, and end."""
        self.given.append(arguments)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


@pytest.fixture(name="commands")
def _commands(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeCommand]:
    """Put a fake command in the place of each real one."""
    fakes = {name: FakeCommand() for name in COMMANDS}
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, module_of(name), fake)
    return fakes


def source(command: str) -> ast.Module:
    """Read the module of a command without running it."""
    spec = importlib.util.find_spec(module_of(command))
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


class TestDispatch:
    """Which command is run, and with what."""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_command_gets_the_rest_of_the_line(self, name: str, commands: dict[str, FakeCommand]) -> None:
        """Options behind the command belong to the command, and no other command is run."""
        assert main.main([name, "--sink", "bar", "-vv", "a.mp3"]) == 0
        assert [one for one, fake in commands.items() if fake.given] == [name]
        (given,) = commands[name].given
        assert (given.sink, given.verbose, given.places) == ("bar", 2, ["a.mp3"])

    @pytest.mark.parametrize("line", [[], ["-v"], ["--sink", "bar"]])
    def test_without_a_command_the_box_runs(self, line: list[str], commands: dict[str, FakeCommand]) -> None:
        """A technician who types the bare name gets a box, with options or without."""
        assert main.main(line) == 0
        assert [one for one, fake in commands.items() if fake.given] == ["run"]

    def test_the_command_line_is_that_of_the_process(
        self, commands: dict[str, FakeCommand], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Unless a test hands in another."""
        monkeypatch.setattr(sys, "argv", ["easyplayer", "status", "--sink", "bar"])
        assert main.main() == 0
        assert commands["status"].given[0].sink == "bar"

    def test_the_installed_command_ends_the_process(
        self, commands: dict[str, FakeCommand], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The exit code reaches whoever started it."""
        monkeypatch.setattr(sys, "argv", ["easyplayer", "status"])
        commands["status"].outcome = 1
        with pytest.raises(SystemExit) as end:
            main.console()
        assert end.value.code == 1


class TestEnds:
    """How a command may end."""

    def test_the_exit_code_is_that_of_the_command(self, commands: dict[str, FakeCommand]) -> None:
        """What it returns is handed on."""
        commands["doctor"].outcome = 3
        assert main.main(["doctor"]) == 3

    @pytest.mark.parametrize(
        "error",
        [BoxBusyError("another box plays here"), SettingsError(["a.toml: no"]), EasyplayerError("no")],
    )
    def test_an_error_becomes_a_message_and_its_exit_code(
        self, error: EasyplayerError, commands: dict[str, FakeCommand], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The technician reads a sentence, not a traceback; a script reads the code."""
        commands["run"].outcome = error
        assert main.main([]) == error.exit_code
        told = capsys.readouterr()
        assert told.err == f"easyplayer: {error}\n"
        assert told.out == ""

    def test_a_message_keeps_its_lines_and_steers_nothing(
        self, commands: dict[str, FakeCommand], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It names files and titles, whatever they are called."""
        commands["check"].outcome = SettingsError(["\x1b[2J: no", "two\x9b"])
        main.main(["check"])
        told = capsys.readouterr().err
        assert steering(told) == ""
        assert len(told.splitlines()) == len(str(commands["check"].outcome).splitlines())

    def test_what_nobody_foresaw_is_not_hidden(self, commands: dict[str, FakeCommand]) -> None:
        """A defect ends in a traceback that can be sent to us."""
        commands["run"].outcome = ZeroDivisionError("a defect")
        with pytest.raises(ZeroDivisionError):
            main.main([])

    def test_ctrl_c_is_an_end_like_another(self, commands: dict[str, FakeCommand]) -> None:
        """Shells know this exit code."""
        commands["play"].outcome = KeyboardInterrupt()
        assert main.main(["play", "a.mp3"]) == INTERRUPTED == 130


class TestHelp:
    """What is told without running anything."""

    def test_the_version_is_told(
        self, commands: dict[str, FakeCommand], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One line, for a person and for a script, and no box starts."""
        with pytest.raises(SystemExit) as end:
            main.main(["--version"])
        assert end.value.code == 0
        assert capsys.readouterr().out == f"easyplayer {__version__}\n"
        assert not commands["run"].given

    @pytest.mark.parametrize("option", ["-h", "--help"])
    def test_help_lists_every_command(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Each stands on a line of its own, with what it does."""
        with pytest.raises(SystemExit) as end:
            main.main([option])
        assert end.value.code == 0
        listed = capsys.readouterr().out.splitlines()[-len(COMMANDS) :]
        assert dict(line.split(maxsplit=1) for line in listed) == COMMANDS

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_command_has_its_own_help(
        self, name: str, commands: dict[str, FakeCommand], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It begins with how the command is typed, and says what it does."""
        with pytest.raises(SystemExit) as end:
            main.main([name, "--help"])
        assert end.value.code == 0
        told = " ".join(capsys.readouterr().out.split())
        assert told.startswith(f"usage: easyplayer {name} ")
        assert COMMANDS[name] in told

    def test_an_unknown_command_is_told_with_the_choice(
        self, commands: dict[str, FakeCommand], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whoever mistypes sees what there is, and nothing is run."""
        with pytest.raises(SystemExit) as end:
            main.main(["palsy"])
        assert end.value.code == 2
        told = capsys.readouterr().err
        assert "'palsy'" in told
        assert all(name in told for name in COMMANDS)
        assert not any(fake.given for fake in commands.values())

    def test_an_unknown_option_is_told_by_the_command(
        self, commands: dict[str, FakeCommand], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The command whose option it would be is named."""
        with pytest.raises(SystemExit):
            main.main(["play", "--loud"])
        assert "easyplayer play: error: unrecognized arguments: --loud" in capsys.readouterr().err


class TestCommands:
    """The real commands."""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_a_module_that_keeps_the_agreement(self, name: str) -> None:
        """It can declare its command line and run, and its documentation says how it is typed."""
        module = source(name)
        functions = {one.name: len(one.args.args) for one in module.body if isinstance(one, ast.FunctionDef)}
        assert functions["configure"] == functions["run"] == 1
        assert (ast.get_docstring(module) or "").startswith(
            f"``easyplayer {name}``" if name != "run" else "``easyplayer``"
        )

    def test_every_module_of_a_command_is_listed(self) -> None:
        """No command is there that nobody can call."""
        folder = Path(main.__file__).parent / "cli"
        modules = {path.stem for path in folder.glob("*.py")}
        runnable = {name for name in modules if "def configure(" in (folder / f"{name}.py").read_text()}
        assert {f"easyplayer.cli.{name}" for name in runnable} == {module_of(name) for name in COMMANDS}

    def test_help_carries_no_engine(self) -> None:
        """Only the command that is run is imported: asking for the version is quick on the smallest box."""
        script = "import sys, easyplayer.main; print(*{name.partition('.')[0] for name in sys.modules})"
        loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
        assert {"circuits", "rich", "mpv", "pulsectl", "msgspec"}.isdisjoint(loaded.stdout.split())
