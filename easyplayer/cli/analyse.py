"""``easyplayer analyse``: what media files really are, for a person or for a script."""

import argparse
import json
import sys
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Event

import msgspec
from msgspec import Struct

from easyplayer import settings
from easyplayer.analysis import FactsCache, MediaFacts, find_media, require_tools, shown
from easyplayer.errors import AnalysisError, EasyplayerError, MediaError
from easyplayer.protocol.foreign_text import tidied, tidied_lines
from easyplayer.units import Seconds

SOME_UNPLAYABLE = 1
INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

COLUMNS = ("Title", "Artist", "Length", "LUFS", "Peak", "In", "Out", "Problem")
_WORDS = 2


class Outcome(Struct, frozen=True):
    """What came of one file."""

    path: Path
    result: MediaFacts | EasyplayerError

    @property
    def exit_code(self) -> int:
        """What the command is to exit with if this is its worst."""
        match self.result:
            case MediaError():
                return SOME_UNPLAYABLE
            case EasyplayerError() as error:
                return error.exit_code
            case _:
                return 0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.epilog = "Every file is decoded from end to end, once: what was found out is kept by content."
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", type=Path, help="a file, or a folder to search for media files"
    )
    parser.add_argument("--json", action="store_true", help="write one JSON object per file")
    parser.add_argument("--settings", metavar="FILE", type=Path, help="settings file (TOML)")
    parser.add_argument(
        "--state", metavar="DIR", type=Path, help="the state directory, which keeps what was found out"
    )
    parser.add_argument("--again", action="store_true", help="analyse even what is known already")
    parser.add_argument(
        "-j", "--jobs", metavar="N", type=_count, default=1, help="files at a time (%(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out.

    :return: 0 if every file can be played, 1 if some cannot, an error's own exit code if some
        could not be analysed, 130 after Ctrl-C.
    :raises MediaError: no media file was found.
    :raises AnalysisError: ffmpeg is missing.
    """
    require_tools()
    paths = list(find_media(arguments.paths))
    if not paths:
        places = ", ".join(map(shown, arguments.paths))
        raise MediaError(
            f"no media file was found in {places}; name the files themselves, whatever they are called"
        )
    given = {"box": {"state": str(arguments.state)}} if arguments.state else {}
    cache = FactsCache(settings.load(arguments.settings, command_line=given).state / "analysis")
    report, worst = _choose_report(as_json=arguments.json), 0
    try:
        with closing(_analyse(cache, paths, again=arguments.again, jobs=arguments.jobs)) as outcomes:
            for outcome in _watched(outcomes, len(paths)) if _has_bar(arguments) else outcomes:
                report.add(outcome)
                worst = max(worst, outcome.exit_code)
    except KeyboardInterrupt:
        print("stopped; what was found out so far is kept", file=sys.stderr)
        worst = INTERRUPTED
    report.close()
    return worst


class Report:
    """Brings the outcomes to whoever asked, one line each: cells with tabs between, the path first."""

    def add(self, outcome: Outcome) -> None:
        """Take the next outcome."""
        print(
            shown(outcome.path),
            *map(tidied, _cells(outcome)),
            tidied(_problem(outcome)),
            sep="\t",
            flush=True,
        )

    def close(self) -> None:
        """Say what is still to be said."""


class JsonReport(Report):
    """One JSON object on each line; a path that is no UTF-8 has its bytes as lone surrogates."""

    def add(self, outcome: Outcome) -> None:
        """Write the facts, or the error."""
        result = outcome.result
        if isinstance(result, EasyplayerError):
            said = {"error": {"code": result.code, "message": str(result)}}
        else:
            said = msgspec.to_builtins(result)
        print(json.dumps({"path": str(outcome.path), **said}), flush=True)


class TableReport(Report):
    """A table for a person at a terminal, once everything is known; what is wrong stands below it."""

    def __init__(self) -> None:
        from rich.box import SIMPLE
        from rich.table import Column, Table

        words = [Column(name, overflow="fold") for name in COLUMNS[:_WORDS]]
        numbers = [Column(name, justify="right", no_wrap=True) for name in COLUMNS[_WORDS:-1]]
        self._table = Table(*words, *numbers, COLUMNS[-1], box=SIMPLE)
        self._errors: list[str] = []

    def add(self, outcome: Outcome) -> None:
        """Make a row."""
        from rich.text import Text

        problem = _problem(outcome)
        if isinstance(outcome.result, EasyplayerError):
            self._errors.append(problem)
            problem = "see below"
        self._table.add_row(*(Text(tidied(cell)) for cell in (*_cells(outcome), problem)))

    def close(self) -> None:
        """Show the table."""
        from rich.console import Console

        Console().print(self._table)
        for error in self._errors:
            print(tidied_lines(error))


def _choose_report(*, as_json: bool) -> Report:
    if as_json:
        return JsonReport()
    return TableReport() if sys.stdout.isatty() else Report()


def _analyse(
    cache: FactsCache, paths: list[Path], *, again: bool, jobs: int
) -> Generator[Outcome, None, None]:
    """Analyse several files at a time; give their outcomes in order.  Closing it stops the work at once."""
    stop = Event()
    with ThreadPoolExecutor(jobs) as pool, ExitStack() as at_the_end:
        at_the_end.callback(stop.set)
        yield from pool.map(partial(_outcome, cache, again=again, stop=stop), paths)


def _outcome(cache: FactsCache, path: Path, *, again: bool, stop: Event) -> Outcome:
    try:
        return Outcome(path, cache.analyse(path, again=again, stop=stop))
    except (MediaError, AnalysisError) as error:
        return Outcome(path, error)


def _has_bar(arguments: argparse.Namespace) -> bool:
    """Tell whether a person sees a progress bar, and lines on the same screen do not tear it."""
    return sys.stderr.isatty() and not (arguments.json and sys.stdout.isatty())


def _watched(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    from rich.console import Console
    from rich.progress import Progress

    # rich would otherwise send to this console, too, what is printed to the standard output
    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        yield from bar.track(outcomes, total, description="Analysing")


def _cells(outcome: Outcome) -> list[str]:
    """Write an outcome in the order of :data:`COLUMNS`, but for its problem."""
    name, facts = shown(Path(outcome.path.name)), outcome.result
    if isinstance(facts, EasyplayerError):
        return [name] + [""] * (len(COLUMNS) - 2)
    loudness = "" if facts.loudness_lufs is None else f"{facts.loudness_lufs:.1f}"
    cues = [clock(facts.cue_in_s), clock(facts.cue_out_s)]
    measured = [clock(facts.duration_s), loudness, f"{facts.true_peak_dbtp:.1f}", *cues]
    return [facts.tags.title or name, facts.tags.artist, *measured]


def _problem(outcome: Outcome) -> str:
    match outcome.result:
        case EasyplayerError() as error:
            return str(error)
        case MediaFacts(is_silent=True):
            return "silent"
        case _:
            return ""


def clock(position: Seconds) -> str:
    """Write a duration or position as people read it, to a tenth of a second.

    >>> clock(Seconds(3725.04)), clock(Seconds(59.97))
    ('1:02:05.0', '1:00.0')
    """
    seconds, tenths = divmod(round(position * 10), 10)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{whole}:{seconds:02}.{tenths}"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of files; give 1 or more")
    return int(text)
