"""One performance of one player: recorded, watched, and turned into figures."""

import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.players import Player, Stage
from bench.stack import Stack, Usage
from tests.sound.ear import (
    WINDOW_S,
    NotHeardError,
    amplitudes,
    decibels,
    gaps,
    level_through_crossfade,
    sounding,
)
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.venue_sound import SoundServer

Marks = NDArray[np.bool_]
"""True for each window of a recording that is meant."""

FREQUENCIES = (440, 880)
AUDIBLE_DBFS = -60.0
COLD_START_TIMEOUT_S = 20.0
SETTLING_S = 3.0
"""After the first sound a player still works at its start; steady play begins after this."""
ENOUGH_S = 6.0
"""So long after the crossfade the recording goes on."""
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Figures:
    """What was measured in one performance; not a number where it could not be told."""

    pss_mib: float
    rss_mib: float
    cpu_playing: float
    """Percent of one core while one track plays."""
    cpu_fading: float
    """Percent of one core while both tracks sound."""
    cpu_in_all: float
    """Percent of one core from steady play on, through the crossfade, to the end."""
    cold_start_ms: float
    """From execution to the first sample at the sink that is not silent."""
    level_db: float
    """Level where it is farthest from steady, from one track through the crossfade to the next."""
    both_s: float
    """How long both tracks sounded."""
    silent_ms: float
    """Silence between the first sound and the last."""


def perform(player: Player, stage: Stage) -> Figures:
    """Let a player perform once on a sound server of its own, and measure it."""
    with SoundServer(stage.sink) as server, tempfile.TemporaryDirectory(prefix="bench-") as home:
        stage = replace(stage, home=Path(home), sound=server.env)
        player.prepare(stage)
        environment = player.environment(stage)
        with Recorder(server.env) as recorder, Stack(player.command(stage), environment, stage.home) as stack:
            first_sound = recorder.wait_for_sound(COLD_START_TIMEOUT_S)
            usages = stack.watch(stage.track_s + ENOUGH_S)
            return evaluate(recorder.stop(), usages, first_sound - stack.executed_at)


def evaluate(recording: Recording, usages: list[Usage], cold_start_s: float) -> Figures:
    """Turn what was recorded and watched into figures."""
    gains = amplitudes(recording, FREQUENCIES)
    audible = decibels(gains) > AUDIBLE_DBFS
    if not audible.any(axis=0).all():
        msg = f"not both tracks were heard in {recording.seconds:.1f} s"
        raise NotHeardError(msg)
    settled = int(audible.max(axis=1).argmax()) + round(SETTLING_S / WINDOW_S)
    first = int(gains[settled].argmax())
    both: Marks = np.logical_and(*audible.T)
    one: Marks = np.logical_xor(*audible.T)
    one[:settled] = False
    silences = gaps(sounding(recording))
    return Figures(
        pss_mib=float(np.median([usage.pss_bytes for usage in usages])) / MEBIBYTE,
        rss_mib=float(np.median([usage.rss_bytes for usage in usages])) / MEBIBYTE,
        cpu_playing=processor_share(usages, recording, one),
        cpu_fading=processor_share(usages, recording, both),
        cpu_in_all=processor_share(usages, recording, both | one),
        cold_start_ms=1000 * cold_start_s,
        level_db=math.nan if silences else worst_level(recording, FREQUENCIES[first], FREQUENCIES[1 - first]),
        both_s=longest_run(both) * WINDOW_S,
        silent_ms=1000 * sum(silence.length_s for silence in silences),
    )


def processor_share(usages: list[Usage], recording: Recording, when: Marks) -> float:
    """Return the percentage of one core that was used in the windows of a recording marked in ``when``."""
    instants = np.array([usage.monotonic for usage in usages])
    used = np.diff([usage.cpu_s for usage in usages])
    middles = (instants[:-1] + instants[1:]) / 2
    windows = ((middles - recording.started_at_monotonic) / WINDOW_S).astype(int)
    counted = when[np.clip(windows, 0, len(when) - 1)]
    lasting = float(np.diff(instants)[counted].sum())
    return 100 * float(used[counted].sum()) / lasting if lasting else math.nan


def worst_level(recording: Recording, first: float, second: float) -> float:
    """Return the level in dB where it is farthest from 0, on the way from one track to the next."""
    level = level_through_crossfade(recording, first, second)
    return float(level[np.abs(level).argmax()])


def longest_run(marked: Marks) -> int:
    """Return the length of the longest unbroken run of True."""
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    return int((edges[1::2] - edges[0::2]).max(initial=0))
