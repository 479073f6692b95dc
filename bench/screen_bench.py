"""``python -m bench.screen_bench``: what our screen costs beside bare mpv and VLC, and how it changes.

All show the same clips on a display in memory, one after the other in each round.  A camera looks at a small
part of the display: whether every frame was seen, and what was seen between two clips.  Writes the page
``docs/benchmarks/screen.md``, unless the run was a quick one.  The exit code is 1 where ours costs more than
bare mpv by a tenth.
"""

import argparse
import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median

from bench.players import REPOSITORY
from bench.screen_page import MOST, AllChanges, Changes, Cost, Costs, page, ratios
from bench.screen_players import Reel, ScreenPlayer, bare_mpv, cvlc, interpreter, ours
from bench.stack import Stack
from easyplayer.drivers.screen import OutputDriver
from tests.screen import reel as reels
from tests.screen.camera import Camera, Film
from tests.screen.xvfb import Xvfb

PAGE = REPOSITORY / "docs" / "benchmarks" / "screen.md"
WIDTH, HEIGHT = 1920, 1080
ROUNDS = 3
SETTLING_S = 4.0
WATCHED_S = 15.0
LONG_S, SHORT_S = 10.0, 2.0
PART = (64, 64, 1200, 700)
"""What the camera looks at: in the lower half, and not in the middle, where VLC has its cone."""
COLOURS = ("red", "green", "blue")
MEBIBYTE = 2**20
WINDOW = OutputDriver.WINDOW


def main() -> int:
    options = arguments()
    rounds = 1 if options.quick else options.rounds
    watched_s = WATCHED_S / 2 if options.quick else WATCHED_S
    costs: Costs = {
        one: [] for one in (interpreter(), ours(WINDOW), bare_mpv(WINDOW), cvlc()) if one.is_there
    }
    changes: AllChanges = {
        one: []
        for one in (ours(WINDOW), ours(WINDOW, planned=False), bare_mpv(WINDOW), cvlc())
        if one.is_there
    }
    with tempfile.TemporaryDirectory(prefix="bench-screen-") as directory:
        home = Path(directory)
        home.chmod(0o755)
        made = reels.Reel(options.clips or home)
        lively = Reel(tuple(made.lively(number, LONG_S) for number in (1, 2)), LONG_S)
        plain = Reel(tuple(made.plain(colour, SHORT_S) for colour in COLOURS), SHORT_S)
        for number in range(1, rounds + 1):
            for player, some in costs.items():
                some.append(cost_of(player, lively, home, watched_s))
                print(f"round {number}: {player.name}: {some[-1]}", file=sys.stderr, flush=True)
            for player, others in changes.items():
                others.append(changes_of(player, plain, home, watched_s))
                print(f"round {number}: {player.name}: {others[-1]}", file=sys.stderr, flush=True)
    told = page(costs, changes, rounds)
    print(told)
    if not options.quick:
        PAGE.write_text(told, encoding="utf-8")
    return 0 if max(ratios(costs)) <= MOST else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.screen_bench", description="Our screen beside bare mpv and VLC."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each one shows ({ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="one short round, and leave the page alone")
    parser.add_argument(
        "--clips", type=Path, help="a folder, readable for everybody, in which clips are kept"
    )
    return parser.parse_args()


def cost_of(player: ScreenPlayer, reel: Reel, home: Path, watched_s: float) -> Cost:
    """Let a player show lively clips, and tell what it costs after its start."""
    with (
        Xvfb(WIDTH, HEIGHT) as display,
        Stack(player.command(reel), _environment(display, home), home) as stack,
    ):
        stack.watch(SETTLING_S)
        with Camera(display, home, part=PART) as camera:
            usages = stack.watch(watched_s)
            film = camera.film()
    lasted_s = usages[-1].monotonic - usages[0].monotonic
    return Cost(
        cpu=100 * (usages[-1].cpu_s - usages[0].cpu_s) / lasted_s,
        pss_mib=median(usage.pss_bytes for usage in usages) / MEBIBYTE,
        frames=pictures_seen(film) / (film.frames[-1].at - film.frames[0].at),
    )


def pictures_seen(film: Film) -> int:
    """Count frames that differ from the one before: in lively clips every one does."""
    frames = film.frames
    return sum((one.pixels != two.pixels).any() for one, two in pairwise(frames))


def changes_of(player: ScreenPlayer, reel: Reel, home: Path, watched_s: float) -> Changes:
    """Let a player show short clips of plain colours, and tell what is seen between them."""
    with (
        Xvfb(WIDTH, HEIGHT) as display,
        Stack(player.command(reel), _environment(display, home), home) as stack,
    ):
        stack.watch(SETTLING_S)
        with Camera(display, home, part=PART) as camera:
            stack.watch(watched_s)
            film = camera.film()
    return between_clips(film, reel.length_s)


def between_clips(film: Film, length_s: float) -> Changes:
    """Tell what was seen from the first whole clip on."""
    found = Changes([], [], [])
    seen = [*film.colours, ("end", film.frames[-1].at)]
    clips = [place for place, (colour, _) in enumerate(seen) if colour in COLOURS][1:]
    for this, following in pairwise(clips):
        lasted = {"black": 0.0, "mixed": 0.0, "white": 0.0}
        for place in range(this + 1, following):
            lasted[seen[place][0]] += seen[place + 1][1] - seen[place][1]
        found.added_ms.append(1000 * (seen[following][1] - seen[this][1] - length_s))
        found.black_ms.append(1000 * lasted["black"])
        found.other_ms.append(1000 * (lasted["mixed"] + lasted["white"]))
    return found


def _environment(display: Xvfb, home: Path) -> dict[str, str]:
    hidden = {"WAYLAND_DISPLAY", "PULSE_SERVER", "XDG_RUNTIME_DIR"}
    known = {name: value for name, value in os.environ.items() if name not in hidden}
    return known | display.env | {"HOME": str(home)}


if __name__ == "__main__":
    sys.exit(main())
