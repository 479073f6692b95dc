"""The ear of a venue: reads what a virtual sound card plays, as it plays it, and judges it from outside."""

import contextlib
import fcntl
import os
import select
import threading
import time
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import numpy as np

from tests.venue.faculties.hearing import (
    CHANNELS,
    FRAME_BYTES,
    RATE,
    Hearing,
    Levels,
    Samples,
    Silence,
    WavStream,
)
from tests.venue.faculties.pitch import Heard, pitch_hz, tell_tracks, track_of

PIPE_BYTES = 1 << 20
"""As much as a pipe may hold: five seconds of sound, so that QEMU never waits for us."""

READ_BYTES = PIPE_BYTES
"""All that may have come, at one go: its end has come just now, and so each part has its place in time."""

LOOK_EVERY_S = 0.05
COMES_LATE_S = 0.15
"""What was not heard within this time of an instant was not there at it."""

STEADY_S = 0.5
"""Sound of this length without a break is music, and not the click of a card that opens."""

EAR_ENDS_S = 5.0


class NoMusicError(AssertionError):
    """No music was heard within the time it may take."""


class Sound:
    """Listens at a named pipe into which QEMU writes what its sound card plays.

    The pipe is there before QEMU is, and stays over its restarts and restores; it is drained at all times,
    for a full one would hold the whole machine up. All that was heard is kept as samples in a sparse file,
    in which each has its place in time.

    :param folder: a directory for the pipe and what was heard.
    :param clock: the monotonic clock, in seconds.
    :ivar fifo: the pipe's path, for QEMU's ``-audiodev wav,path=…``.
    :ivar begin_s: when the hearing began, by that clock.
    """

    def __init__(
        self, folder: Path, clock: Callable[[], float] = time.monotonic, name: str = "sound"
    ) -> None:
        self.fifo = folder / f"{name}.fifo"
        self.begin_s = clock()
        self._clock = clock
        self._samples = folder / f"{name}.s16"
        self._hearing = Hearing(self.begin_s)
        self._stream = WavStream()
        self._lock = threading.Lock()
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        os.mkfifo(self.fifo)
        # Open for both, so that there is always a reader and a writer: no end of file comes between two
        # QEMUs.
        pipe = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)
        self._open.callback(os.close, pipe)
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._file = self._open.enter_context(self._samples.open("w+b", buffering=0))
        stop, self._stop = os.pipe()
        self._open.callback(os.close, stop)
        self._thread = threading.Thread(target=self._listen, args=(pipe, stop), name="ear", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._stop)
        self._thread.join(EAR_ENDS_S)
        self._open.close()
        self.fifo.unlink()

    # -- what is heard ---------------------------------------------------------------------------

    def levels(self, since_s: float | None = None) -> Levels:
        """Tell how loud it was since an instant (default: since the beginning) up to just now."""
        now_s = self._clock() - COMES_LATE_S
        with self._lock:
            return self._hearing.levels(self.begin_s if since_s is None else since_s, now_s)

    def silences(self, longer_than_s: float, since_s: float | None = None) -> list[Silence]:
        """Give all times without sound that were longer; also the one that still goes on."""
        return self.levels(since_s).silences(longer_than_s)

    def longest_silence_s(self, since_s: float | None = None) -> float:
        """Give the length of the longest time without sound since an instant."""
        return self.levels(since_s).longest_silence_s()

    def wait_for_music(self, timeout_s: float, since_s: float | None = None) -> float:
        """Wait until it sounds without a break for a moment; give the instant at which that began.

        :param since_s: what was heard before this instant does not count; default: now.
        :raises NoMusicError: when it does not within the time.
        """
        since_s = self._clock() if since_s is None else since_s
        deadline_s = self._clock() + timeout_s
        while self._clock() < deadline_s:
            levels = self.levels(since_s)
            if levels.sounding_for_s() >= STEADY_S:
                return levels.end_s - levels.sounding_for_s()
            time.sleep(LOOK_EVERY_S)
        loudest = max(self.levels(since_s).dbfs, default=float("nan"))
        raise NoMusicError(f"no music within {timeout_s:.1f} s; the loudest block had {loudest:.1f} dBFS")

    def wait_for_track(self, track: str, tracks: Mapping[str, float], timeout_s: float) -> float:
        """Wait until a track is heard; give the instant at which it was.

        :raises NoMusicError: when it is not within the time.
        """
        deadline_s = self._clock() + timeout_s
        heard = ""
        while self._clock() < deadline_s:
            heard = self.track_now(tracks)
            if heard == track:
                return self._clock()
            time.sleep(LOOK_EVERY_S)
        raise NoMusicError(
            f"{track} was not heard within {timeout_s:.1f} s, but {heard or 'none of the tracks'}"
        )

    def track_now(self, tracks: Mapping[str, float]) -> str:
        """Name the track that sounds just now; empty where none of them does."""
        now_s = self._clock() - COMES_LATE_S
        return track_of(pitch_hz(self.samples(now_s - STEADY_S, now_s)), tracks)

    def tracks(self, tracks: Mapping[str, float], since_s: float | None = None) -> list[Heard]:
        """Tell which tracks were heard one after the other."""
        since_s = self.begin_s if since_s is None else since_s
        return tell_tracks(self.samples(since_s, self._clock() - COMES_LATE_S), since_s, tracks)

    def samples(self, since_s: float, until_s: float) -> Samples:
        """Give what was heard between two instants, as samples; silence where there was nothing."""
        with self._lock:
            first, last = self._hearing.frame_at(since_s), self._hearing.frame_at(until_s)
        data = os.pread(self._file.fileno(), (last - first) * FRAME_BYTES, first * FRAME_BYTES)
        data = data.ljust((last - first) * FRAME_BYTES, b"\0")
        return np.frombuffer(data, dtype="<i2").reshape(-1, CHANNELS)

    def save(self, path: Path, last_s: float | None = None) -> None:
        """Keep what was heard as a WAV file, with its silences.

        :param last_s: only so many seconds up to now; default: all of it.
        """
        heard_s = self._clock() - self.begin_s
        first = 0 if last_s is None else max(0, int(heard_s - last_s))
        with wave.open(str(path), "wb") as file:
            file.setnchannels(CHANNELS)
            file.setsampwidth(FRAME_BYTES // CHANNELS)
            file.setframerate(RATE)
            for second in range(first, int(heard_s) + 1):
                begin_s = self.begin_s + second
                file.writeframes(self.samples(begin_s, begin_s + 1).tobytes())

    # -- the thread ------------------------------------------------------------------------------

    def _listen(self, pipe: int, stop: int) -> None:
        while stop not in select.select([pipe, stop], [], [])[0]:
            data = os.read(pipe, READ_BYTES)
            arrived_s = self._clock()
            samples = self._stream.take(data)
            with self._lock:
                begin = self._hearing.hear(samples, arrived_s)
            os.pwrite(self._file.fileno(), samples.tobytes(), begin * FRAME_BYTES)
