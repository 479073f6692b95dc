"""Commands whose result is a file: the log, and what is heard."""

import logging
from pathlib import Path

import pytest

from easyplayer.events import sound_found, sound_lost
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES, Name, Outcome, Reason
from tests.house import SINK
from tests.workbench import Workbench


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    bench = Workbench(tmp_path)
    bench.fire(sound_found(SINK, private=False))
    return bench


def tell(bench: Workbench, *lines: str) -> None:
    """Log some lines."""
    for line in lines:
        bench.fakes.ring.handle(logging.LogRecord("easyplayer.x", logging.INFO, "x.py", 1, line, (), None))


def left(bench: Workbench) -> list[Path]:
    """Give what has been left behind."""
    return list(bench.fakes.tools.scratch.iterdir())


class TestLogs:
    """The last lines of the log."""

    def test_they_are_attached_the_newest_last(self, bench: Workbench) -> None:
        """As many as were asked for; the result says how many bytes went."""
        tell(bench, "one", "two", "three")
        command = bench.order(Name.COLLECT_LOGS, lines=2)

        ((of, content, media_type),) = bench.fakes.attached
        assert (of, media_type.split(";")[0]) == (command.id, "text/plain")
        assert [line.rpartition(" ")[2] for line in content.decode().splitlines()] == ["two", "three"]
        assert bench.result_of(command).attached == len(content)
        assert left(bench) == []

    def test_no_password_leaves_the_box(self, bench: Workbench) -> None:
        """A log may hold the URL of a stream."""
        tell(bench, "left out https://dj:secret@radio.example/live: no answer")
        bench.order(Name.COLLECT_LOGS)

        assert b"secret" not in bench.fakes.attached[0][1]
        assert b"https://dj:***@radio.example" in bench.fakes.attached[0][1]

    def test_a_hub_that_does_not_take_it_is_told_of(self, bench: Workbench) -> None:
        """There is a result, if no file."""
        bench.fakes.away = True
        result = bench.result(Name.COLLECT_LOGS)

        assert (result.outcome, result.text) == (Outcome.FAILED, "the hub does not answer")
        assert left(bench) == []


class TestListen:
    """A short recording of what leaves for the loudspeaker."""

    def test_it_is_attached(self, bench: Workbench) -> None:
        """From the output that is used now."""
        command = bench.order(Name.LISTEN, seconds=5)

        assert bench.fakes.recorder.listened == [(SINK, 5)]
        assert bench.fakes.attached == [(command.id, b"RIFF sound", "audio/wav")]
        assert bench.result_of(command).attached == len(b"RIFF sound")
        assert left(bench) == []

    def test_without_output_there_is_nothing_to_hear(self, bench: Workbench) -> None:
        """It says so."""
        bench.fire(sound_lost("the output is gone"))

        assert bench.result(Name.LISTEN).reason is Reason.NOT_NOW

    def test_an_output_that_cannot_be_heard_has_failed(self, bench: Workbench) -> None:
        """In the words of who listens."""
        bench.fakes.recorder.deaf = "venue cannot be listened to"

        result = bench.result(Name.LISTEN)
        assert (result.outcome, result.text) == (Outcome.FAILED, "venue cannot be listened to")

    def test_it_is_left_when_its_time_is_over(self, bench: Workbench) -> None:
        """Whoever records is told to stop."""
        bench.fakes.slow = True
        command = bench.order(Name.LISTEN, seconds=5)
        bench.run_for(306, step_s=0.5)
        assert "longer than 305 s" in bench.result_of(command).text

        bench.fakes.workers[0].busy = False
        bench.settle()
        (told_to_stop,) = bench.fakes.recorder.stopped
        assert told_to_stop.is_set()
        assert (bench.fakes.attached, len(bench.results_of(command))) == ([], 1)

    def test_what_is_too_long_is_not_sent(self, bench: Workbench) -> None:
        """The hub would refuse it."""
        bench.fakes.recorder.sound = bytes(MOST_ATTACHED_BYTES + 1)

        result = bench.result(Name.LISTEN)
        assert result.outcome is Outcome.FAILED
        assert (bench.fakes.attached, left(bench)) == ([], [])
