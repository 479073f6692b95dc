"""A box from its start to its end: the command line, signals, power cuts, exit codes."""

import json
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from easyplayer.playout.catalogue import Entry, Playlist, Program
from easyplayer.playout.items import Item
from easyplayer.playout.program_file import encode
from tests.process.box_process import BoxProcess, easyplayer, plays
from tests.sound.broken import Broken
from tests.sound.ear import gaps, heard, sounding
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]

FIRST_PIECE = "demo:harbour-at-dawn"
STARTS_WITHIN_S = 30.0
PIECES_TAKE_S = 120.0
"""The first piece plays as soon as it is made, and again until another one is."""


@pytest.fixture
def song(signals: Signals) -> str:
    """Give a long song."""
    return str(signals.sine(440, 60, "flac"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_box_ends_softly_within_three_seconds(
    number: signal.Signals, sound_server: SoundServer, song: str, tmp_path: Path
) -> None:
    """SIGTERM and SIGINT fade the music out and end the box with exit code 0."""
    with BoxProcess(tmp_path, "--music", song) as box:
        box.until(plays)
        code, took_s = box.end(number)

    assert code == 0
    assert took_s < 3
    assert "fading → stopped" in box.output


def test_box_ends_in_time_even_if_its_sound_server_hangs(
    sound_server: SoundServer, song: str, tmp_path: Path
) -> None:
    """A sound server that no longer answers does not keep the box from ending within three seconds."""
    with BoxProcess(tmp_path, "--music", song) as box:
        box.until(plays)
        sound_server.freeze()
        _, took_s = box.end()
        sound_server.thaw()

    assert took_s < 3.2


def test_box_that_is_killed_goes_on_at_its_position(
    sound_server: SoundServer, song: str, signals: Signals, tmp_path: Path
) -> None:
    """After ``kill -9`` the same song goes on, within two seconds, at its position within five."""
    other = str(signals.sine(880, 60, "flac"))
    with BoxProcess(tmp_path, "--music", other, song) as box:
        box.until(plays)
    with BoxProcess(tmp_path, "--music", other, song) as box:
        before = box.until(lambda status: plays(status) and status.position_s > 7, timeout_s=15)
        box.end(signal.SIGKILL)
    with BoxProcess(tmp_path, "--music", other, song) as box:
        after = box.until(plays, timeout_s=2)

    assert after.item is not None
    assert before.item is not None
    assert after.item.location == before.item.location
    assert after.position_s == pytest.approx(before.position_s, abs=5)


def test_box_without_sound_server_plays_to_nobody_and_says_so(
    song: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine without a sound server the box starts a silent one, and the log and status tell."""
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    with BoxProcess(tmp_path, "--music", song) as box:
        status = box.until(plays)
        box.end()

    assert status.silent_sink
    assert "starting a silent one" in box.output


def test_second_box_is_refused(sound_server: SoundServer, song: str, tmp_path: Path) -> None:
    """Two boxes cannot share a state directory: the second says which, and ends with its own code."""
    with BoxProcess(tmp_path, "--music", song) as first:
        first.until(plays)
        second = easyplayer("--state", tmp_path, "--music", song)

    assert second.returncode == 75
    assert str(tmp_path) in second.stderr


def test_demo_plays_without_any_music(sound_server: SoundServer, ear: Recorder, tmp_path: Path) -> None:
    """A box without music of its own plays the sample program, audibly, one piece after the other."""
    with BoxProcess(tmp_path, env={"TZ": where_it_is_one_o_clock()}) as box:
        status = box.until(plays, STARTS_WITHIN_S)
        assert status.item is not None
        assert status.item.title == "Harbour at Dawn"
        box.until(lambda status: status.next is not None and status.next.id != FIRST_PIECE, PIECES_TAKE_S)
        ear.listen(2)

    assert gaps(sounding(ear.stop()), min_s=0.5) == []


def where_it_is_one_o_clock() -> str:
    """Name a zone in which the sample's bar is open now; POSIX counts zones westwards."""
    return f"Etc/GMT{datetime.now(UTC).hour - 13:+d}"


def test_wrong_settings_are_told_all_at_once(tmp_path: Path) -> None:
    """Every wrong line is named with its place and the way out, and the exit code is 78."""
    file = tmp_path / "settings.toml"
    file.write_text('[sound]\nvolum = 30\n[rules]\ncrossfade_ms = "long"\n')

    ended = easyplayer("--settings", file, "--state", tmp_path)

    assert ended.returncode == 78
    assert "[sound] volum" in ended.stderr
    assert "did you mean 'volume'" in ended.stderr
    assert "[rules] crossfade_ms" in ended.stderr


def test_unwritable_state_is_told(tmp_path: Path) -> None:
    """A state directory that cannot be made is named, with the way out."""
    (tmp_path / "file").write_text("")

    ended = easyplayer("--state", tmp_path / "file" / "state")

    assert ended.returncode == 73
    assert "--state" in ended.stderr


def test_play_plays_once_and_ends(
    sound_server: SoundServer, ear: Recorder, signals: Signals, broken: Broken, tmp_path: Path
) -> None:
    """``easyplayer play`` plays its list once, leaves out what is broken, and ends with 0."""
    first, last = signals.sine(440, 3, "flac"), signals.sine(880, 3, "flac")

    ended = easyplayer("play", "--state", tmp_path, first, broken.text(), last)

    music = sounding(ear.stop())
    assert ended.returncode == 0, ended.stderr
    assert heard(music, 440).any()
    assert heard(music, 880).any()
    assert "left out" in ended.stderr


def test_play_of_nothing_playable_fails(sound_server: SoundServer, broken: Broken, tmp_path: Path) -> None:
    """``easyplayer play`` ends with 66 where nothing of its list can be played."""
    ended = easyplayer("play", "--state", tmp_path, broken.text(), broken.zero_byte())

    assert ended.returncode == 66, ended.stderr


def test_status_is_told_for_people_and_for_programs(
    sound_server: SoundServer, song: str, tmp_path: Path
) -> None:
    """``easyplayer status`` tells what plays in words, and with ``--json`` all there is."""
    with BoxProcess(tmp_path, "--music", song) as box:
        box.until(plays)
        told, as_json = (
            easyplayer("status", "--state", tmp_path),
            easyplayer("status", "--state", tmp_path, "--json"),
        )
        box.end()
    silent = easyplayer("status", "--state", tmp_path)

    assert told.returncode == as_json.returncode == 0
    assert "playing" in told.stdout
    assert json.loads(as_json.stdout)["item"]["location"] == song
    assert silent.returncode == 69
    assert "is it running" in silent.stderr


def test_tracebacks_are_dumped_on_request(sound_server: SoundServer, song: str, tmp_path: Path) -> None:
    """SIGUSR1 writes what every thread is doing, and the music goes on."""
    with BoxProcess(tmp_path, "--music", song) as box:
        before = box.until(plays)
        box.process.send_signal(signal.SIGUSR1)
        box.until(lambda status: status.position_s > before.position_s + 1)
        box.end()

    assert "Current thread" in box.output
    assert "mpv_deck.py" in box.output


def test_program_that_changes_is_taken_and_at_once_on_hang_up(
    sound_server: SoundServer, song: str, signals: Signals, tmp_path: Path
) -> None:
    """A bad one is refused; the box plays on by the one before."""
    other = str(signals.sine(880, 60, "flac"))
    file = tmp_path / "bar.json"

    def write(name: str, location: str) -> None:
        items = (Item(id=name, location=location),)
        lists = (Playlist(id="all", entries=(Entry(item=name),)),)
        file.write_bytes(encode(Program(name=name, zone="UTC", items=items, playlists=lists, fallback="all")))

    write("one", song)
    with BoxProcess(tmp_path / "state", "--program", str(file)) as box:
        box.until(lambda status: plays(status) and status.program.startswith("one"))
        file.write_text("{")
        box.until(lambda status: any("not JSON" in problem.text for problem in status.problems))
        write("two", other)
        box.until(lambda status: status.program.startswith("two"))
        box.process.send_signal(signal.SIGHUP)
        box.until(lambda status: plays(status) and status.item is not None and status.item.location == other)
        code, _ = box.end()

    assert code == 0


def test_progress_is_told_to_the_watchdog(sound_server: SoundServer, song: str, tmp_path: Path) -> None:
    """While music plays, datagrams ``pid;timestamp`` reach the WatchDog's port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(10)
        port = str(line.getsockname()[1])
        env = {"EASYPLAYER_WATCHDOG__PORT": port, "EASYPLAYER_WATCHDOG__EVERY_S": "1"}
        with BoxProcess(tmp_path, "--music", song, env=env) as box:
            beats = [line.recv(100).decode().partition(";")[0] for _ in range(3)]
            pid = box.process.pid

    assert beats == [str(pid)] * 3


def test_doctor_tells_what_is_wrong(
    sound_server: SoundServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``easyplayer doctor`` finds a good machine good, and one without sound bad, with advice."""
    good = easyplayer("doctor", "--state", tmp_path, "--json")
    missing = easyplayer("doctor", "--state", tmp_path, "--sink", "kitchen")
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    bad = easyplayer("doctor", "--state", tmp_path)

    assert good.returncode == 0, good.stdout
    assert {finding["place"] for finding in json.loads(good.stdout)} >= {
        "sound",
        "mpv",
        "disk",
        "clock",
        "network",
    }
    assert missing.returncode == 1
    assert "venue" in missing.stdout
    assert bad.returncode == 1
    assert "PulseAudio" in bad.stdout
