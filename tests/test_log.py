"""The log says what a technician wants to know, and more only to those who ask."""

import importlib.util
import io
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.logging import RichHandler

import easyplayer
from easyplayer import log
from easyplayer.cli import terminal
from tests.strangers import EVIL, TAMED, steering

OURS = "easyplayer.audio"
ENGINE = "easyplayer.mpv"

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """Standard error with a person before it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test a log that is not set up, and the tests' own log back behind it."""
    loggers = [logging.getLogger(name) for name in ("", *log.CHATTER)]
    levels = [logger.level for logger in loggers]
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    yield
    terminal.console.cache_clear()
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def heard(name: str) -> set[str]:
    """Tell the levels at which a logger is heard."""
    levels = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
    return {level for level, number in levels.items() if logging.getLogger(name).isEnabledFor(number)}


@pytest.mark.parametrize(
    ("verbosity", "ours", "engines"),
    [
        (0, {"info", "warning"}, {"warning"}),
        (1, {"debug", "info", "warning"}, {"warning"}),
        (2, {"debug", "info", "warning"}, {"debug", "info", "warning"}),
        (3, {"debug", "info", "warning"}, {"debug", "info", "warning"}),
    ],
)
def test_each_verbosity_tells_more(verbosity: int, ours: set[str], engines: set[str]) -> None:
    """First the details of our own, then the engines' own words; warnings are heard always."""
    log.set_up(verbosity)
    assert heard(OURS) == ours
    for name in log.CHATTER:
        assert heard(name) == engines


@pytest.mark.parametrize("name", log.CHATTER)
def test_the_engines_have_the_loggers_that_are_hushed(name: str) -> None:
    """Each is a module's own logger, or one that a module names."""
    sources = [path.read_text(encoding="utf-8") for path in Path(easyplayer.__file__).parent.rglob("*.py")]
    named = any(f'getLogger("{name}")' in source for source in sources)
    assert named or importlib.util.find_spec(name) is not None


def test_a_journal_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The journal puts time and place before each line itself, and no colours."""
    log.set_up(0)
    logging.getLogger(OURS).info("plays %s", "Low Tide")
    assert capsys.readouterr().err == "INFO easyplayer.audio: plays Low Tide\n"


def test_setting_up_anew_replaces_what_was(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written twice."""
    log.set_up(0)
    log.set_up(2)
    logging.getLogger(ENGINE).debug("demuxing")
    assert capsys.readouterr().err == "DEBUG easyplayer.mpv: demuxing\n"


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person reads on the console that the live line stands on, so that neither tears the other."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    log.set_up(0)
    handler, _ring = logging.getLogger().handlers
    assert isinstance(handler, RichHandler)
    assert handler.console is terminal.console()


def test_a_line_on_a_terminal_says_each_thing_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Level, logger and words stand there one time each, and a song may be called ``[red]``."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    log.set_up(0)
    logging.getLogger(OURS).info("plays [red] Low Tide")
    words = COLOUR.sub("", screen.getvalue()).split(maxsplit=2)[-1]
    assert " ".join(words.split()) == "INFO easyplayer.audio: plays [red] Low Tide"


def test_what_is_logged_does_nothing_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles come from strangers, and an error repeats them."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    log.set_up(0)
    try:
        raise OSError(EVIL)
    except OSError:
        logging.getLogger(OURS).exception("cannot play %s", EVIL)
    told = COLOUR.sub("", screen.getvalue())
    assert TAMED in " ".join(told.split())
    assert steering(told) == ""


def test_what_is_logged_does_nothing_to_whoever_reads_it_later(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither who reads the journal, nor whom the hub brings the last lines to."""
    ring = log.set_up(0)
    try:
        raise OSError(EVIL)
    except OSError:
        logging.getLogger(OURS).exception("cannot play %s", EVIL)
    (remembered,) = ring.last(1)
    for told in capsys.readouterr().err, remembered:
        first, *others = told.splitlines()
        assert first.endswith(f"ERROR {OURS}: cannot play {TAMED}")
        assert others[0] == "Traceback (most recent call last):"
        assert steering(told) == ""


class TestRing:
    """The last lines of the log are remembered, for whoever asks from afar."""

    def test_what_is_logged_is_remembered_with_its_time(self) -> None:
        """In UTC, as the hub shows it."""
        ring = log.set_up(0)
        logging.getLogger(OURS).info("plays %s", "Low Tide")

        (line,) = ring.last(10)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO easyplayer\.audio: plays Low Tide", line)

    def test_the_last_ones_are_given_the_newest_at_the_end(self) -> None:
        """As many as there are, where more are asked for."""
        ring = told(log.Ring(), "one", "two", "three")

        assert [words(line) for line in ring.last(2)] == ["two", "three"]
        assert len(ring.last(100)) == 3

    def test_old_lines_go(self) -> None:
        """By their number, and by their length: a box runs for years."""
        many = told(log.Ring(most_lines=2), "one", "two", "three")
        long = told(log.Ring(most_characters=250), "x" * 100, "y" * 100, "z" * 100)

        assert [words(line) for line in many.last(10)] == ["two", "three"]
        assert [words(line)[0] for line in long.last(10)] == ["z"]

    def test_a_line_that_is_longer_than_all_is_not_kept(self) -> None:
        """Nor does it stop those after it."""
        ring = told(log.Ring(most_characters=200), "x" * 1000, "after")

        assert [words(line) for line in ring.last(10)] == ["after"]

    def test_a_line_that_cannot_be_written_breaks_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever logs goes on."""
        monkeypatch.setattr(logging, "raiseExceptions", False)
        ring = log.Ring()
        ring.handle(logging.LogRecord(OURS, logging.INFO, "x.py", 1, "%d items", ("many",), None))

        assert told(ring, "after").last(10)[-1].endswith("after")


def told(ring: log.Ring, *lines: str) -> log.Ring:
    """Let a ring remember lines."""
    for line in lines:
        ring.handle(logging.LogRecord(OURS, logging.INFO, "x.py", 1, line, (), None))
    return ring


def words(line: str) -> str:
    """Give what a line says."""
    return line.rpartition(": ")[2]
