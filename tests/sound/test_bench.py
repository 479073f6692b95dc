"""The benchmark turns what was heard and watched into the right figures, and tells them plainly."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bench.measure import FREQUENCIES, Figures, evaluate, longest_run
from bench.peers import Liquidsoap, Mpd
from bench.players import EasyPlayer, TwoMpv
from bench.report import COLUMNS, FADING, LEVEL, PSS, Result, aims, multiples, page, table
from bench.stack import Usage
from tests.sound.ear import NotHeardError
from tests.sound.recording import Recording
from tests.sound.signals import sine
from tests.sound.venue_sound import RATE

STEADY_S, FADE_S = 6.0, 4.0
MIB = 2**20
FIGURES = Figures(80.0, 90.0, 1.0, 2.0, 1.3, 500.0, -0.04, 5.9, 0.0)


def crossfaded(first: int, second: int, *, equal_power: bool) -> Recording:
    """Two tracks in a recording that begins one second before the first of them."""
    seconds = 2 * STEADY_S + FADE_S
    progress = np.clip((np.arange(round(seconds * RATE)) / RATE - STEADY_S) / FADE_S, 0, 1)[:, None]
    rise, fall = (np.sin(part * np.pi / 2) if equal_power else part for part in (progress, 1 - progress))
    music = fall * sine(first, seconds) + rise * sine(second, seconds)
    return Recording(np.concatenate([np.zeros((RATE, 2)), music]), RATE, 1000.0)


def usages() -> list[Usage]:
    """Four readings a second: 1 % of a core, but 3 % from the second 7 to 11, in which both sound."""
    instants = np.arange(0, 17, 0.25)
    rate = np.where((instants >= 7) & (instants < 11), 0.03, 0.01)
    spent = np.concatenate([[0], np.cumsum(rate * 0.25)[:-1]])
    return [Usage(1000 + at, cpu, 80 * MIB, 90 * MIB) for at, cpu in zip(instants, spent, strict=True)]


def test_good_performance_is_measured() -> None:
    """Every figure of an equal-power crossfade is what was put into it."""
    figures = evaluate(crossfaded(*FREQUENCIES, equal_power=True), usages(), 0.5)
    assert (figures.pss_mib, figures.rss_mib, figures.cold_start_ms, figures.silent_ms) == (80, 90, 500, 0)
    assert figures.cpu_playing == pytest.approx(1, abs=0.05)
    assert figures.cpu_fading == pytest.approx(3, abs=0.2)
    assert 1 < figures.cpu_in_all < 3
    assert figures.level_db == pytest.approx(0, abs=0.05)
    assert figures.both_s == pytest.approx(FADE_S, abs=0.1)


def test_order_of_the_tracks_does_not_matter() -> None:
    """A player that begins with the second track is measured alike, here with curves that dip."""
    figures = evaluate(crossfaded(*FREQUENCIES[::-1], equal_power=False), usages(), 0.5)
    assert figures.level_db == pytest.approx(-3.01, abs=0.05)


def test_silence_makes_the_level_unknown() -> None:
    """A dropout is told as silence, and is not mistaken for the player's curve."""
    recording = crossfaded(*FREQUENCIES, equal_power=True)
    recording.samples[5 * RATE : 5 * RATE + RATE // 10] = 0
    figures = evaluate(recording, usages(), 0.5)
    assert math.isnan(figures.level_db)
    assert figures.silent_ms == pytest.approx(100, abs=1)


def test_player_that_stays_with_one_track_is_refused() -> None:
    """Without a second track there is no transition to measure."""
    with pytest.raises(NotHeardError, match="both tracks"):
        evaluate(Recording(sine(FREQUENCIES[0], 8.0)), usages(), 0.5)


def test_longest_run_of_marks() -> None:
    """The longest stretch counts; without a mark it is nothing."""
    assert longest_run(np.array([True, False, True, True, False])) == 2
    assert longest_run(np.zeros(3, dtype=bool)) == 0


def test_cell_tells_median_and_range() -> None:
    """Rounds that agree are one number, others a median with its range, unknown ones are left out."""
    rounds = [replace(FIGURES, pss_mib=size) for size in (82.0, 80.0, 97.0)]
    rounds[0] = replace(rounds[0], level_db=math.nan)
    result = Result(EasyPlayer(), rounds)
    assert result.cell(PSS) == "82 (80 to 97)"
    assert result.cell(LEVEL) == "-0.04"
    assert Result(EasyPlayer(), [replace(FIGURES, level_db=math.nan)]).cell(LEVEL) == "n/a"


def test_table_has_a_row_for_each_player_that_played() -> None:
    """Who did not play stands in the list of players, with the reason, not in the table."""
    absent = Result(Mpd(), trouble="Not measured: not installed (apt install mpd mpc).")
    results = [Result(EasyPlayer(), [FIGURES]), absent]
    assert "MPD" not in table(results)
    assert table(results).splitlines()[0].count("|") == len(COLUMNS) + 2
    assert "apt install mpd mpc" in page(results, results[0], "Three rounds.")


def test_peers_are_told_as_multiples_of_ours() -> None:
    """Twice our memory reads 2.00."""
    ours = Result(EasyPlayer(), [FIGURES])
    others = Result(TwoMpv(), [replace(FIGURES, pss_mib=160.0)])
    assert (
        multiples([ours, others], ours).splitlines()[-1].startswith("| two mpv, bare script | 2.00 | 1.00 |")
    )


def test_aims_are_judged() -> None:
    """Each aim is told with its limit, the figure, and whether it is met."""
    ours = Result(EasyPlayer(), [FIGURES])
    peer = Result(Liquidsoap(), [replace(FIGURES, cpu_playing=2.0, cpu_fading=1.5, cpu_in_all=1.9)])
    verdicts = list(aims([ours, peer], ours))
    assert [verdict.endswith(", met") for verdict in verdicts] == [True, True, True, False, True]
    assert "**not met**" in verdicts[3]
    assert ours.median(FADING) == 2.0
