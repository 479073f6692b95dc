"""A recording knows when each of its samples sounded."""

import numpy as np
import pytest

from tests.sound.recording import Recording
from tests.sound.venue_sound import RATE

CHUNK = 882


def arrivals(delays: np.ndarray) -> np.ndarray:
    """Make chunks of 20 ms from the instant 1000 on, each so many seconds late."""
    frames = CHUNK * (1 + np.arange(len(delays)))
    return np.stack([frames, 1000 + frames / RATE + delays], axis=1)


def recorded(delays: np.ndarray) -> Recording:
    return Recording(np.zeros((CHUNK * len(delays), 2)), RATE, 1000.0, arrivals(delays))


def test_late_chunks_do_not_move_the_clock() -> None:
    """Chunks that come up to 100 ms late leave the time of the samples as it is."""
    late = np.random.default_rng(1).uniform(0, 0.1, 500)
    late[::10] = 0
    recording = recorded(late)
    assert [recording.monotonic(second) for second in (0, 2.5, 9.9)] == pytest.approx([1000, 1002.5, 1009.9])


def test_stall_of_the_server_moves_the_clock() -> None:
    """After the sink stood still for 300 ms, what sounds does so 300 ms later."""
    recording = recorded(np.where(np.arange(500) < 250, 0.0, 0.3))
    assert recording.monotonic(3) == pytest.approx(1003)
    assert recording.monotonic(8) == pytest.approx(1008.3)


def test_second_is_the_inverse_of_monotonic() -> None:
    """An instant is found in the recording, before a stall and after it."""
    recording = recorded(np.where(np.arange(500) < 250, 0.0, 0.3))
    assert recording.second(recording.monotonic(2)) == pytest.approx(2)
    assert recording.second(recording.monotonic(8)) == pytest.approx(8)


def test_made_up_recording_counts_from_its_start() -> None:
    """Without arrivals, time runs evenly from the start."""
    recording = Recording(np.zeros((RATE, 2)), RATE, 50.0)
    assert recording.monotonic(0.5) == 50.5
    assert recording.second(50.5) == 0.5


def test_piece_keeps_its_time() -> None:
    """A piece of a recording sounded when it sounded."""
    recording = recorded(np.zeros(500))
    piece = recording.between(2.0, 5.0)
    assert piece.seconds == pytest.approx(3)
    assert piece.started_at_monotonic == pytest.approx(1002)
    assert piece.monotonic(1.0) == pytest.approx(recording.monotonic(3.0))
