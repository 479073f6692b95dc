"""ffmpeg's tools run at low priority, within limits, and leave nothing behind."""

import logging
import os
from pathlib import Path
from threading import Event

import pytest

from easyplayer.analysis.ffmpeg import Finished, require_tools, run
from easyplayer.analysis.leash import Leash
from easyplayer.errors import AnalysisError
from easyplayer.units import Seconds
from tests.analysis.media import fake_tool

SONG = Path("song.mp3")
HANG = 'echo "my id is $$" >&2; exec tail -f /dev/null'


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Put a script in the place of ffmpeg."""

    def replace(script: str) -> None:
        fake_tool(tmp_path / "bin", "ffmpeg", script)

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return replace


def start(*, leash: Leash | None = None, keep=lambda _: True) -> Finished:
    return run("ffmpeg", [], leash or Leash(SONG, Event()), keep)


def test_both_outputs_are_read_to_their_ends(tool):
    """More than a pipe holds, on either, in any order, the last line unfinished."""
    tool("seq 50000; seq 50000 >&2; printf last >&2; seq 3")
    finished = start()
    assert finished.output.split()[-4:] == [b"50000", b"1", b"2", b"3"]
    assert finished.lines[:2] == ["1", "2"]
    assert "last" in finished.lines


def test_only_what_matters_is_kept_and_all_is_logged(tool, caplog):
    """A damaged file makes ffmpeg say a line for each frame: they are not to fill the memory."""
    tool("echo noise >&2; echo Summary: >&2")
    with caplog.at_level(logging.DEBUG, "easyplayer.analysis.ffmpeg"):
        finished = start(keep=lambda line: line.startswith("Summary"))
    assert finished.lines == ["Summary:"]
    assert [record.getMessage() for record in caplog.records][:2] == ["noise", "Summary:"]


def test_the_music_goes_first(tool):
    """The box plays while it analyses."""
    tool("nice")
    assert int(start().output) == min(os.nice(0) + 10, 19)


def test_a_tool_is_the_first_to_go_where_memory_is_short(tool):
    """It inherits what the box has, which is among the last."""
    tool('until [ "$(cat /proc/$$/oom_score_adj)" = 500 ]; do sleep 0.02; done; echo 500')
    assert start().output == b"500\n"


def test_a_tool_speaks_plain_english(tool):
    """Its report is read by a program."""
    tool('echo "$LC_ALL"; cat')
    assert start().output == b"C\n"


def test_a_ctrl_c_at_the_terminal_does_not_reach_the_tool(tool):
    """It would end in good order, with a measurement of half the file."""
    tool("read -r stat < /proc/$$/stat; echo $$ ${stat#*) }")
    own_id, _state, _parent, group = start().output.split()[:4]
    assert own_id == group


def test_a_missing_tool_says_what_to_install(monkeypatch, tmp_path):
    """Before anything is tried."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AnalysisError, match=r"ffmpeg was not found on the PATH; install ffmpeg"):
        require_tools()
    with pytest.raises(AnalysisError, match=r"apt install ffmpeg"):
        start()


def test_the_tools_are_there():
    """These tests need them anyway."""
    require_tools()


@pytest.mark.parametrize("how", ["stopped", "out of time"])
def test_a_run_that_is_given_up_leaves_no_process_behind(tool, how):
    """It is killed and waited for, however it hangs."""
    tool(HANG)
    stop, ids = Event(), []
    leash = Leash(SONG, stop, Seconds(0.3 if how == "out of time" else 60.0))

    def hear(line: str) -> bool:
        ids.append(int(line.rsplit(maxsplit=1)[-1]))
        if how == "stopped":
            stop.set()
        return False

    with pytest.raises(AnalysisError, match=r"song\.mp3 was (not analysed within|stopped)"):
        start(leash=leash, keep=hear)

    with pytest.raises(ProcessLookupError):
        os.kill(ids[0], 0)


def test_a_crash_is_told_from_an_end(tool):
    """A file that crashes ffmpeg's decoder would crash the player, which has the same."""
    tool("kill -SEGV $$")
    assert start().crashed
    tool("exit 1")
    assert not start().crashed


@pytest.mark.parametrize("script", ["kill -KILL $$", "kill -TERM $$", "exit 255"])
def test_a_run_that_was_ended_from_outside_says_nothing_about_the_file(tool, script):
    """Short of memory, or at shutdown; ffmpeg exits with 255 when it is interrupted."""
    tool(script)
    with pytest.raises(AnalysisError, match=r"ended from outside while it read song\.mp3"):
        start()


def test_a_tool_that_lacks_its_libraries_is_to_be_installed_again(tool):
    """The dynamic linker exits with 127."""
    tool("exit 127")
    with pytest.raises(AnalysisError, match=r"does not start \(exit code 127\); install ffmpeg again"):
        start()


def test_a_machine_out_of_processes_says_so(tool, monkeypatch):
    """That is no fault of the file."""
    tool("exit 0")

    def refuse(*_args: object, **_options: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("subprocess.Popen", refuse)
    with pytest.raises(AnalysisError, match="could not be started"):
        start()


def test_what_it_writes_can_be_heard_as_it_comes(tool):
    """Whoever wants to know how far it is need not wait for its end."""
    heard: list[bytes] = []
    tool("printf half; printf ' more'")
    finished = run("ffmpeg", [], Leash(SONG, Event()), hear=heard.append)
    assert (b"".join(heard), finished.output) == (b"half more", b"")
