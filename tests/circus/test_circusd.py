"""What is asked of circusd, and what it answers, late, wrongly, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.circus.circusd import PATIENCE_S, Circusd, topic_of
from tests.fakes.clock import HeldClock


class Line:
    """The end of the line at circusd."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.asked: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.circusd = Circusd(lambda data: self.asked.append(json.loads(data)), self.clock)

    def ask(self) -> str:
        """Have something asked; give the number of the question."""
        self.circusd.ask("list", {"name": "box"}, self.heard.append)
        return str(self.asked[-1]["id"])

    def answer(self, **message: Any) -> None:
        """Answer."""
        self.circusd.take([json.dumps(message).encode()])


def test_an_answer_comes_to_who_has_asked() -> None:
    """Whatever the order."""
    line = Line()
    first, second = line.ask(), line.ask()

    line.answer(id=second, status="ok", pids=[2])
    line.answer(id=first, status="ok", pids=[1])

    assert [answer["pids"] for answer in line.heard] == [[2], [1]]
    assert line.asked[0]["command"] == "list"
    assert line.asked[0]["properties"] == {"name": "box"}


@pytest.mark.parametrize("late_s", [PATIENCE_S + 1, 1e6])
def test_an_answer_that_comes_too_late_is_none(late_s: float) -> None:
    """Whoever takes so long is not well."""
    line = Line()
    number = line.ask()
    line.clock.advance(late_s)

    line.answer(id=number, status="ok")

    assert line.heard == []


def test_a_refusal_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """There may be no such watcher any more; each reason is told once."""
    line = Line()

    for process in range(7):
        line.answer(id=line.ask(), status="error", reason="program box not found")
        line.answer(id=line.ask(), status="error", reason=f"process {process} not found")
    line.answer(id=line.ask(), status="error")

    assert line.heard == []
    assert [record.getMessage() for record in caplog.records] == [
        f"circusd refuses to list: {reason}; the same is not told again"
        for reason in ("program box not found", "process 0 not found", "it does not say why")
    ]


def test_an_answer_counts_once() -> None:
    """A second one to the same question is left alone."""
    line = Line()
    number = line.ask()
    line.answer(id=number, status="ok")
    line.answer(id=number, status="ok")

    assert len(line.heard) == 1


def test_questions_without_an_answer_do_not_pile_up() -> None:
    """It may hang for days."""
    line = Line()
    for _ in range(100):
        line.ask()
        line.clock.advance(60.0)

    assert len(line.circusd._open) == 1


@given(st.lists(st.binary(max_size=60), max_size=3))
def test_nonsense_is_left_alone(frames: list[bytes]) -> None:
    """Whatever comes."""
    line = Line()
    line.ask()

    line.circusd.take(frames)
    topic_of(b"".join(frames))

    assert line.heard == []
