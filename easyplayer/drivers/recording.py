"""Records what a sink plays, where it leaves for the loudspeaker, as a WAV file."""

import threading
import wave
from pathlib import Path
from typing import Any, Protocol

from easyplayer.errors import SoundError
from easyplayer.units import Seconds

RATE_HZ = 44_100
CHANNELS = 2
SAMPLE_BYTES = 2
BLOCK_BYTES = RATE_HZ // 10 * CHANNELS * SAMPLE_BYTES
"""A tenth of a second."""


class Recorder(Protocol):
    """Records what a sink plays."""

    def record(self, sink: str, seconds: Seconds, path: Path, stop: threading.Event) -> None:
        """Record for some time into a WAV file; blocks until that is over, or it is told to stop.

        :raises SoundError: if that sink cannot be listened to.
        :raises OSError: if the disk does not take it.
        """


class PulseRecorder:
    """The contract :class:`Recorder`, kept by PulseAudio or PipeWire through libpulse-simple."""

    def record(self, sink: str, seconds: Seconds, path: Path, stop: threading.Event) -> None:
        """Record the sink's monitor."""
        import pasimple

        left = round(seconds * RATE_HZ) * CHANNELS * SAMPLE_BYTES
        try:
            with self._connect(sink) as stream, wave.open(str(path), "wb") as file:
                file.setnchannels(CHANNELS)
                file.setsampwidth(SAMPLE_BYTES)
                file.setframerate(RATE_HZ)
                while left > 0 and not stop.is_set():
                    block = stream.read(min(BLOCK_BYTES, left))
                    file.writeframesraw(block)
                    left -= len(block)
        except pasimple.PaSimpleError as error:
            message = f"{sink} cannot be listened to ({error}): look at the sound server"
            raise SoundError(message) from error

    def _connect(self, sink: str) -> Any:
        import pasimple

        return pasimple.PaSimple(
            pasimple.PA_STREAM_RECORD,
            pasimple.PA_SAMPLE_S16LE,
            channels=CHANNELS,
            rate=RATE_HZ,
            app_name="easyplayer",
            stream_name="listen",
            device_name=f"{sink}.monitor",
            fragsize=BLOCK_BYTES,
        )
