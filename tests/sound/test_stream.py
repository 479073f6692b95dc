"""Streams that stall, end and come back: something else is heard within eight seconds."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from easyplayer.drivers.deck import STARVED_AFTER_S
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from tests.sound.ear import amplitudes, decibels, gaps, heard, sounding
from tests.sound.radio import Radio
from tests.sound.real_booth import RealBooth, radio, song
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import LEVEL_DBFS, Signals

pytestmark = pytest.mark.sound

RADIO_HZ, MUSIC_HZ = 880, 440
RADIO_S = 120.0
FALLS_BACK_WITHIN_S = 8.0
WINDOW_S = 0.025


@pytest.fixture(name="music")
def _music(signals: Signals) -> PreparedItem:
    """Give what is to be heard where the stream is not."""
    return song(signals.sine(MUSIC_HZ, 60, "flac"), 60)


@pytest.fixture(name="mute")
def _mute() -> Iterator[str]:
    """Give the address of a server that takes calls and says nothing at all."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/radio"


@pytest.fixture(name="segments")
def _segments(signals: Signals, tmp_path: Path) -> Iterator[str]:
    """Give the address of a live stream in segments (HLS), three of them ready."""
    source = signals.sine(RADIO_HZ, 30, "wav")
    options = "-c:a aac -f hls -hls_time 10 -hls_list_size 0 -hls_flags omit_endlist"
    command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-i", str(source), *options.split()]
    subprocess.run([*command, str(tmp_path / "live.m3u8")], check=True, timeout=30)
    handler = partial(QuietFiles, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/live.m3u8"
        server.shutdown()


class QuietFiles(SimpleHTTPRequestHandler):
    """Serves files, and tells nobody."""

    def log_message(self, *_: Any) -> None:
        """Tell nobody."""


def music_heard_at(recording: Recording) -> float:
    """Tell the monotonic instant from which on the music is heard, to the end of the recording."""
    levels = decibels(amplitudes(recording, (MUSIC_HZ, RADIO_HZ), WINDOW_S)[:, 0])
    unheard = np.flatnonzero(levels < LEVEL_DBFS - 20)
    assert levels[-1] > LEVEL_DBFS - 1, "the music is not heard"
    return recording.monotonic(float(unheard[-1] + 1) * WINDOW_S)


@pytest.mark.parametrize(
    ("extension", "burst_s"), [("mp3", 0.0), ("mp3", 2.0), ("mp3", 12.0), ("ogg", 4.0), ("wav", 1.0)]
)
def test_stream_that_stalls_falls_back_within_eight_seconds(
    extension: str, burst_s: float, music: PreparedItem, ear: Recorder, signals: Signals
) -> None:
    """Counted from the last byte, whatever is buffered; the less that is, the longer is the silence."""
    with Radio(signals.sine(RADIO_HZ, RADIO_S, extension), RADIO_S, burst_s) as station:
        stream = radio(station.url)
        with RealBooth(stream, music) as booth:
            booth.play_until(stream, 2)
            booth.items.append(music)
            mark = booth.witness.now
            station.stall()
            booth.wait_for_item("item_failed", stream, since=mark, timeout_s=FALLS_BACK_WITHIN_S)
            booth.wait_for_item("item_started", music)
            ear.listen(1.0)
            recording = ear.stop()

    fell_back_s = music_heard_at(recording) - station.stalled_at
    silent = sum(gap.length_s for gap in gaps(sounding(recording), min_s=0.05))
    assert 2.0 < fell_back_s < FALLS_BACK_WITHIN_S
    assert silent < 4.5
    assert booth.last_end(stream) is Ended.FAILED


def test_stream_that_stutters_is_not_left(music: PreparedItem, ear: Recorder, signals: Signals) -> None:
    """Two seconds without data are waited for, and the stream goes on."""
    with Radio(signals.sine(RADIO_HZ, RADIO_S, "mp3"), RADIO_S, 2.0) as station:
        stream = radio(station.url)
        with RealBooth(stream, music) as booth:
            booth.play_until(stream, 2)
            for _ in range(2):
                station.stall()
                ear.listen(2.0)
                station.go_on()
                ear.listen(4.0)
            recording = ear.stop()

    assert booth.witness.all("item_failed") == []
    assert heard(recording.between(11.0), RADIO_HZ).any()


def test_stream_that_is_back_is_heard_without_a_gap(
    music: PreparedItem, ear: Recorder, signals: Signals
) -> None:
    """Music goes on until the stream is connected, and then the stream takes its place."""
    with Radio(signals.sine(RADIO_HZ, RADIO_S, "mp3"), RADIO_S, 1.0) as station:
        stream = radio(station.url)
        with RealBooth(stream, music) as booth:
            booth.play_until(stream, 2)
            station.stall()
            booth.wait_for_item("item_started", music, timeout_s=FALLS_BACK_WITHIN_S)
            booth.play_until(music, 1)
            fell_back = booth.witness.now
            booth.cue(stream, 0.0)
            failed = booth.wait_for_item("item_failed", stream, since=fell_back, timeout_s=10)
            station.go_on()
            back = booth.witness.now
            booth.cue(stream, 0.0)
            again = booth.wait_for_item("item_started", stream, since=back)
            left = booth.wait_for_item("item_finished", music, since=back)
            ear.listen(1.0)
            recording = ear.stop()

    after = recording.between(recording.second(failed.at) - 5.0)
    assert gaps(after, min_s=0.05) == []
    assert left.args[1] is Ended.CUT
    assert heard(recording.between(recording.second(again.at) + 1.2), RADIO_HZ).all()


def test_stream_whose_server_hangs_up_is_taken_up_again(
    music: PreparedItem, ear: Recorder, signals: Signals
) -> None:
    """A connection that breaks is made anew, and nobody hears it."""
    with Radio(signals.sine(RADIO_HZ, RADIO_S, "mp3"), RADIO_S, 2.0) as station:
        stream = radio(station.url)
        with RealBooth(stream, music) as booth:
            booth.play_until(stream, 2)
            station.hang_up()
            ear.listen(6.0)
            recording = ear.stop()

    assert booth.witness.all("item_failed") == []
    assert gaps(sounding(recording), min_s=0.3) == []


def test_stream_in_segments_is_not_left_between_two_of_them(
    music: PreparedItem, segments: str, ear: Recorder
) -> None:
    """Where sound comes in pieces of ten seconds, nothing comes for ten seconds; that is no stall."""
    stream = radio(segments)

    with RealBooth(stream, music) as booth:
        booth.play_until(stream, STARVED_AFTER_S + 2.0)
        recording = ear.stop()

    assert booth.witness.all("item_failed") == []
    assert gaps(sounding(recording), min_s=0.05) == []


@pytest.mark.parametrize("kind", ["refused", "mute"])
def test_stream_that_cannot_be_connected_to_gives_way_soon(
    kind: str, mute: str, music: PreparedItem, ear: Recorder
) -> None:
    """A server that is not there is passed over at once, and one that says nothing within eight seconds."""
    stream = radio("http://127.0.0.1:9/radio" if kind == "refused" else mute)

    with RealBooth(stream, music) as booth:
        began = time.monotonic()
        booth.wait_for_item("item_failed", stream, timeout_s=FALLS_BACK_WITHIN_S)
        booth.wait_for_item("item_started", music)
        ear.listen(0.5)
        recording = ear.stop()

    late_s = music_heard_at(recording) - began
    assert late_s < (1.0 if kind == "refused" else FALLS_BACK_WITHIN_S)
