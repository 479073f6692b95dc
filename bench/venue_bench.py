"""``make bench``: our box beside other players, in one run on one machine.

Every player in turn, round by round, each on a fresh sound server without hardware.  Prints the
table, and writes the page ``docs/benchmarks/players.md``, unless the run was a quick one or our box did
not play, for which the exit code is 1.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.measure import FREQUENCIES, perform
from bench.peers import Liquidsoap, Mpd
from bench.players import REPOSITORY, EasyPlayer, Stage, TwoMpv
from bench.report import Result, aims, multiples, page, table
from bench.stack import StackError
from tests.sound.ear import NotHeardError
from tests.sound.recorder import RecorderError
from tests.sound.signals import Signals
from tests.sound.venue_sound import SINK

PAGE = REPOSITORY / "docs" / "benchmarks" / "players.md"
TRACK_S = 20.0
CROSSFADE_S = 6.0
ROUNDS = 3
CONDITIONS = """\
Made by `make bench` (`python -m bench.venue_bench`): {rounds} rounds, every player in turn, one at a time,
with the same two tracks of {track_s:.0f} s (FLAC, 44.1 kHz, stereo), the same {crossfade_s:.0f} s crossfade,
and the same kind of sink (a null sink of PulseAudio at 44.1 kHz)."""


def main() -> int:
    options = arguments()
    rounds = 1 if options.quick else options.rounds
    ours = Result(EasyPlayer())
    results = [ours, *map(Result, (TwoMpv(), Mpd(), Liquidsoap()))]
    with tempfile.TemporaryDirectory(prefix="bench-music-") as directory:
        stage = new_stage(Path(directory))
        for number in range(1, rounds + 1):
            for result in results:
                play_round(result, stage, f"round {number} of {rounds}")
    print(table(results))
    if ours.rounds:
        print("", multiples(results, ours), "", *aims(results, ours), sep="\n")
    if ours.rounds and not options.quick:
        conditions = CONDITIONS.format(rounds=rounds, track_s=TRACK_S, crossfade_s=CROSSFADE_S)
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(results, ours, conditions))
        print(f"written: {PAGE.relative_to(REPOSITORY)}")
    return 0 if ours.rounds else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.venue_bench", description="Our box beside other players.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each one plays ({ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="one round, and leave the page alone")
    return parser.parse_args()


def new_stage(directory: Path) -> Stage:
    """Make the music; home and sound server are each performance's own."""
    signals = Signals(directory)
    tracks = tuple(signals.sine(frequency, TRACK_S, "flac") for frequency in FREQUENCIES)
    return Stage(directory, tracks, TRACK_S, CROSSFADE_S, SINK, {})


def play_round(result: Result, stage: Stage, title: str) -> None:
    """Let a player perform, unless it is not there or has failed before."""
    player = result.player
    if not player.is_there():
        result.trouble = f"Not measured: not installed (apt install {player.package})."
    if result.trouble:
        print(f"{title}, {player.name}: {result.trouble}", file=sys.stderr)
        return
    print(f"{title}, {player.name} ...", file=sys.stderr)
    try:
        result.rounds.append(perform(player, stage))
    except (StackError, RecorderError, NotHeardError, TimeoutError) as error:
        print(error, file=sys.stderr)
        result.trouble = f"Did not play in {title}."


if __name__ == "__main__":
    sys.exit(main())
