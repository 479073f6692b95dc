"""``easyplayer analyse`` tells a person or a script what files really are."""

import argparse
import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from easyplayer.cli.analyse import clock, configure, run
from easyplayer.errors import AnalysisError, MediaError
from easyplayer.units import Seconds
from tests.analysis.media import fake_tool, render, tone
from tests.strangers import steering

pytestmark = pytest.mark.slow

PROGRAM = "import sys; from easyplayer.main import console; sys.argv[1:1] = ['analyse']; console()"


@pytest.fixture
def music(tmp_path):
    """Give a folder with a song, a silent track, and a file that is no music."""
    folder = tmp_path / "music"
    folder.mkdir()
    render(folder / "a song.flac", tone(1.5), "-metadata", "title=Alfie", "-metadata", "artist=Dionne")
    render(folder / "b silence.flac", "anullsrc=r=44100:cl=stereo:d=1")
    (folder / "c diary.mp3").write_text("Dear diary")
    return folder


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def analyse(state, capsys):
    """Run the command; give its exit code and what it wrote."""

    def call(*words: str | Path) -> tuple[int, list[str]]:
        parser = argparse.ArgumentParser()
        configure(parser)
        code = run(parser.parse_args(["--state", str(state), *map(str, words)]))
        return code, capsys.readouterr().out.splitlines()

    return call


def test_a_file_is_a_line_with_tabs_where_no_terminal_is(analyse, music):
    """So that cut and grep can read it."""
    code, (line,) = analyse(music / "a song.flac")
    path, title, artist, length, loudness, peak, cue_in, cue_out, problem = line.split("\t")
    assert code == 0
    assert (path, title, artist) == (str(music / "a song.flac"), "Alfie", "Dionne")
    assert (length, cue_in, cue_out, problem) == ("0:01.5", "0:00.0", "0:01.5", "")
    assert -25 < float(loudness) < -15
    assert -25 < float(peak) < -15


@pytest.mark.parametrize("at_a_terminal", [True, False])
def test_tags_do_nothing_to_the_terminal(analyse, music, monkeypatch, at_a_terminal):
    """Whoever made the file wrote them."""
    render(music / "d.flac", tone(1.5), "-metadata", "title=\x1b[2JAlfie", "-metadata", "artist=\u202eDionne")
    monkeypatch.setattr("sys.stdout.isatty", lambda: at_a_terminal)
    monkeypatch.setenv("TERM", "dumb")
    _, lines = analyse(music / "d.flac")
    told = "\n".join(lines)
    assert "[2JAlfie" in told
    assert steering(told) == ""


def test_every_file_of_a_folder_is_told_with_its_problem(analyse, music):
    """One bad file does not keep the others back, but shows in the exit code."""
    code, lines = analyse(music)
    problems = [line.split("\t")[-1] for line in lines]
    assert code == 1
    assert problems[:2] == ["", "silent"]
    assert "c diary.mp3 is no music or film" in problems[2]


def test_a_script_gets_json_lines(analyse, music):
    """Facts for a good file, code and message for a bad one."""
    code, lines = analyse("--json", music)
    song, silence, diary = map(json.loads, lines)
    assert code == 1
    assert song["tags"] == {"title": "Alfie", "artist": "Dionne"}
    assert (song["path"], song["duration_s"]) == (str(music / "a song.flac"), 1.5)
    assert silence["loudness_lufs"] is None
    assert set(diary) == {"path", "error"}
    assert diary["error"]["code"] == MediaError.code
    assert "Dear diary" not in diary["error"]["message"]


def test_a_path_of_any_bytes_comes_back_from_json(analyse, music):
    """Old sticks carry old encodings; a script must be able to open what it was told of."""
    odd = (music / "a song.flac").rename(music / os.fsdecode(b"caf\xe9\n.flac"))
    _, (line,) = analyse("--json", odd)
    assert os.fsencode(json.loads(line)["path"]) == os.fsencode(odd)


def test_what_is_known_is_not_found_out_again(analyse, music, monkeypatch):
    """Without the tools' work, the second answer is the first."""
    first = analyse("--json", music)
    monkeypatch.setattr("easyplayer.analysis.cache.examine", None)
    assert analyse("--json", music) == first


def test_what_is_known_is_found_out_again_on_request(analyse, music, monkeypatch):
    """The option says so."""
    analyse(music / "a song.flac")
    monkeypatch.setattr("easyplayer.analysis.cache.examine", None)
    with pytest.raises(TypeError):
        analyse("--again", music / "a song.flac")


def test_the_box_shares_what_was_found_out(analyse, music, state):
    """Both keep it in the same corner of the state directory."""
    analyse(music / "a song.flac")
    assert len(list((state / "analysis").rglob("*.json"))) == 2


def test_without_a_state_directory_it_is_that_of_the_settings(music, monkeypatch, tmp_path, capsys):
    """The box and the tool look in the same place, whoever named it."""
    monkeypatch.setenv("EASYPLAYER_BOX__STATE", str(tmp_path / "home"))
    parser = argparse.ArgumentParser()
    configure(parser)
    run(parser.parse_args([str(music / "a song.flac")]))
    assert (tmp_path / "home" / "analysis").is_dir()
    assert "Alfie" in capsys.readouterr().out


def test_several_files_at_a_time_are_told_in_order(analyse, music):
    """Whichever is done first."""
    assert analyse("--jobs", "3", "--again", music) == analyse(music)


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_a_number_of_jobs_is_a_number(analyse, music, jobs, capsys):
    """The message says which will do."""
    with pytest.raises(SystemExit):
        analyse(f"--jobs={jobs}", music)
    assert "give 1 or more" in capsys.readouterr().err


def test_a_folder_without_music_says_so(analyse, tmp_path):
    """Perhaps the files have unusual names."""
    (tmp_path / "notes.txt").touch()
    with pytest.raises(MediaError, match=r"no media file was found in .*; name the files themselves"):
        analyse(tmp_path)


def test_without_ffmpeg_nothing_is_tried(analyse, music, monkeypatch, tmp_path):
    """One message, not one for each file."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AnalysisError, match="install ffmpeg"):
        analyse(music)


def test_an_analysis_that_failed_is_told_and_weighs_most(analyse, music, monkeypatch, tmp_path):
    """It says nothing about the file: the exit code is the analyser's."""
    fake_tool(tmp_path / "bin", "ffprobe", "kill -TERM $$")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    code, lines = analyse("--json", music)
    assert code == AnalysisError.exit_code
    assert {json.loads(line)["error"]["code"] for line in lines} == {AnalysisError.code}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00.0"), (59.94, "0:59.9"), (59.96, "1:00.0"), (3599.99, "1:00:00.0")]
)
def test_a_duration_is_written_as_people_read_it(seconds, text):
    """Rounded, and then carried over."""
    assert clock(Seconds(seconds)) == text


def at_a_terminal(*words: str | Path, out: int | None = None) -> str:
    """Run the command at a terminal of its own; give what the person sees."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    calm = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=theirs if out is None else out, stderr=theirs, env=calm):
        os.close(theirs)
        seen = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux tells that the other side of a terminal is closed
        return b""


def test_a_person_sees_a_bar_and_then_a_table(music, state):
    """What is wrong stands below, in full."""
    seen = at_a_terminal("--state", state, music)
    table = seen[seen.index("Title") :]
    assert "Analysing" in seen
    assert "Alfie" in table
    assert "silent" in table
    assert table.index("see below") < table.index("c diary.mp3 is no music or film, or is damaged")


def test_a_bar_does_not_swallow_what_goes_to_a_file(music, state, tmp_path):
    """The bar is for the person, the lines are for the script."""
    with (tmp_path / "out").open("wb") as out:
        seen = at_a_terminal("--state", state, "--json", music, out=out.fileno())
    assert "Analysing" in seen
    assert len((tmp_path / "out").read_text().splitlines()) == 3


def test_a_bar_does_not_tear_the_lines_on_the_same_screen(music, state):
    """A person who wants JSON gets nothing but JSON."""
    seen = at_a_terminal("--state", state, "--json", music)
    assert [set(json.loads(line)) & {"path"} for line in seen.splitlines()] == [{"path"}] * 3


@pytest.mark.slow
def test_ctrl_c_ends_at_once_and_keeps_what_is_known(music, state, tmp_path):
    """A tool that hangs is taken down as well; nothing stays behind."""
    signs = tmp_path / "signs"
    os.mkfifo(signs)
    fake_tool(tmp_path / "bin", "ffprobe", f"echo $$ > {signs}; exec tail -f /dev/null")
    path = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    python = ["env", "--default-signal=INT", sys.executable]  # in a shell's background it would be ignored
    command = [*python, "-c", PROGRAM, "--state", str(state), str(music)]
    reader = os.open(signs, os.O_RDONLY | os.O_NONBLOCK)

    with subprocess.Popen(command, stderr=subprocess.PIPE, env=path) as process:
        assert select.select([reader], [], [], 20)[0], "the tool was never started"
        tool = int(os.read(reader, 100))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    os.close(reader)

    assert process.returncode == 130
    assert said.decode().strip() == "stopped; what was found out so far is kept"
    with pytest.raises(ProcessLookupError):
        os.kill(tool, 0)
