"""The smallest engine that can crossfade: two bare mpv players and a deadline.

It proves the measuring kit and stands beside our box in the benchmark.  Both fades are part of
the players' own filter chains, so no Python runs while they last; only the moment at which B is
unpaused matters.
"""

import statistics
import time
from pathlib import Path
from typing import Self

import mpv

CLOCK_READINGS = 10
READING_INTERVAL_S = 0.01
LOAD_TIMEOUT_S = 5.0
BUFFER_MS = 500
TAIL_S = 2.0
"""A deck is idle up to a second before the last of its track has sounded."""


def new_deck(sink: str) -> mpv.MPV:
    """Return a player of one track at a time, on a sink of the sound server."""
    return mpv.MPV(
        ao="pulse",
        audio_device=f"pulse/{sink}",
        pulse_buffer=BUFFER_MS,
        gapless_audio="weak",
        vid="no",
        config=False,
        load_scripts=False,
        ytdl=False,
    )


class BareDecks:
    """Plays tracks of one known length one after the other, with an equal-power crossfade.

    ``seconds`` is the length of every track.  A deck that has ended its track is free for the
    next but one.
    """

    def __init__(self, sink: str, seconds: float, crossfade_s: float) -> None:
        self._on_air, self._standby = new_deck(sink), new_deck(sink)
        self._mix_point = seconds - crossfade_s
        self._crossfade_s = crossfade_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._on_air.terminate()
        self._standby.terminate()

    def play(self, track: Path) -> None:
        """Play the first track, from its first sample."""
        self._load(self._on_air, track, self._fade_out)
        self._on_air.pause = False

    def prepare(self, track: Path) -> None:
        """Load the next track, ready to sound at once, when the deck's last one has ended."""
        if not self._standby.idle_active:
            self._standby.wait_for_property("idle-active")
            time.sleep(TAIL_S)
        self._load(self._standby, track, f"{self._fade_in},{self._fade_out}")

    def segue(self) -> float:
        """Wait for the mix point, then crossfade; return the monotonic instant that was meant."""
        mix_point = _clock_zero(self._on_air) + self._mix_point
        time.sleep(max(0.0, mix_point - time.monotonic()))
        self._standby.pause = False
        self._on_air, self._standby = self._standby, self._on_air
        return mix_point

    @property
    def _fade_in(self) -> str:
        return f"afade=t=in:st=0:d={self._crossfade_s}:curve=qsin"

    @property
    def _fade_out(self) -> str:
        return f"afade=t=out:st={self._mix_point}:d={self._crossfade_s}:curve=qsin"

    def _load(self, deck: mpv.MPV, track: Path, fades: str) -> None:
        chain = f"lavfi=[{fades}]"
        deck.pause = True
        with deck.prepare_and_wait_for_event("playback_restart", timeout=LOAD_TIMEOUT_S):
            deck.loadfile(str(track), af=f"%{len(chain)}%{chain}")


def _clock_zero(deck: mpv.MPV) -> float:
    """Return the instant at which the deck's position was zero: the median of some readings."""
    readings: list[float] = []
    while len(readings) < CLOCK_READINGS:
        position = deck.audio_pts
        if position:
            readings.append(time.monotonic() - position)
        time.sleep(READING_INTERVAL_S)
    return statistics.median(readings)
