"""Records what a venue would hear: the monitor of the sound server's sink."""

import os
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Self

import numpy as np

from tests.sound.recording import Recording
from tests.sound.venue_sound import RATE, SINK

CHANNELS = 2
BYTES_PER_FRAME = 2 * CHANNELS
FULL_SCALE = 32_768
LATENCY_MS = 20
PATIENCE_S = 5.0


class RecorderError(Exception):
    """Nothing came from the sink's monitor, or not in time."""


class Recorder:
    """Listens at a sink's monitor between :meth:`start` and :meth:`stop`.

    ``env`` are the variables of the sound server to listen to.  A recorder may be started again;
    it then begins a new recording.  When the server dies the recording ends there, and
    :attr:`listening` tells so.
    """

    def __init__(self, env: dict[str, str], sink: str = SINK) -> None:
        self._env = env
        self._sink = sink
        self._chunks: list[bytes] = []
        self._arrivals: list[tuple[int, float]] = []
        self._news = threading.Condition()
        self._parec: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self.listening = False
        """Whether sound (or silence) still comes in."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def start(self) -> None:
        """Begin a new recording; returns when the first chunk has come."""
        self._end()
        self._chunks, self._arrivals, self.listening = [], [], True
        self._parec = subprocess.Popen(
            [
                *("parec", "-d", f"{self._sink}.monitor", "--raw", "--format=s16le"),
                *(f"--rate={RATE}", f"--channels={CHANNELS}", f"--latency-msec={LATENCY_MS}"),
            ],
            env=os.environ | self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read, args=(self._parec,), name="ear", daemon=True)
        self._reader.start()
        self._wait(lambda: self._frames > 0, PATIENCE_S)

    def stop(self) -> Recording:
        """End the recording and return it."""
        self._end()
        return self.so_far()

    def so_far(self) -> Recording:
        """Return what has been recorded until now; recording goes on."""
        with self._news:
            arrivals = np.array(self._arrivals, dtype=np.float64).reshape(-1, 2)
            raw = b"".join(self._chunks)
        samples = np.frombuffer(raw, dtype="<i2").reshape(-1, CHANNELS) / FULL_SCALE
        recording = Recording(samples, RATE, 0.0, arrivals)
        return replace(recording, started_at_monotonic=recording.monotonic(0.0))

    def listen(self, seconds: float) -> None:
        """Wait until so much more sound has come in, counted by the sink's clock."""
        wanted = self._frames + round(seconds * RATE)
        self._wait(lambda: self._frames >= wanted, 2 * seconds + PATIENCE_S)

    def wait_for_sound(self, timeout_s: float, threshold_dbfs: float = -60.0) -> float:
        """Wait until something sounds; return the monotonic instant of its first sample.

        Only what comes in after the call counts.
        """
        threshold = FULL_SCALE * 10 ** (threshold_dbfs / 20)
        checked = len(self._chunks)
        found: list[int] = []

        def heard() -> bool:
            nonlocal checked
            while checked < len(self._chunks) and not found:
                values = np.frombuffer(self._chunks[checked], dtype="<i2").astype(np.int32)
                start = self._arrivals[checked][0] - len(values) // CHANNELS
                found.extend(start + np.flatnonzero(np.abs(values) > threshold)[:1] // CHANNELS)
                checked += 1
            return bool(found)

        self._wait(heard, timeout_s)
        return self.so_far().monotonic(int(found[0]) / RATE)

    @property
    def _frames(self) -> int:
        return self._arrivals[-1][0] if self._arrivals else 0

    def _wait(self, condition: Callable[[], bool], timeout_s: float) -> None:
        with self._news:
            self._news.wait_for(lambda: condition() or not self.listening, timeout_s)
            if not condition():
                why = "in time" if self.listening else "before the recording ended"
                msg = f"what was waited for was not heard {why} ({self._frames / RATE:.2f} s recorded)"
                raise RecorderError(msg)

    def _read(self, parec: subprocess.Popen[bytes]) -> None:
        assert parec.stdout is not None
        rest = b""
        while chunk := os.read(parec.stdout.fileno(), 65_536):
            now = time.monotonic()
            data = rest + chunk
            whole = len(data) - len(data) % BYTES_PER_FRAME
            data, rest = data[:whole], data[whole:]
            with self._news:
                self._chunks.append(data)
                self._arrivals.append((self._frames + whole // BYTES_PER_FRAME, now))
                self._news.notify_all()
        with self._news:
            self.listening = False
            self._news.notify_all()

    def _end(self) -> None:
        if self._parec is None or self._reader is None or self._parec.stdout is None:
            return
        self._parec.kill()
        self._reader.join(PATIENCE_S)
        self._parec.stdout.close()
        self._parec.wait(PATIENCE_S)
        self._parec = None
