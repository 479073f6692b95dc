"""A box that is killed at any instant does no command twice, and owes the hub no result."""

import random
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from easyplayer.protocol.commands import Command, CommandResult, Name, Outcome
from tests.fakes.commands import Hub
from tests.workshop_process import DONE, READY

KILLS = 20
COMMANDS_A_RUN = 6
LONGEST_RUN_S = 0.06
"""From when it is ready: long enough for some commands, too short for all."""

pytestmark = [pytest.mark.process, pytest.mark.slow]


class Fleet:
    """The hub, and one box that is killed again and again.

    :ivar open: the commands for which the hub has no result.
    :ivar results: every result that has reached the hub, by command.
    """

    def __init__(self, state: Path, seed: int) -> None:
        self.open: dict[str, Command] = {}
        self.results: dict[str, list[CommandResult]] = {}
        self._state = state
        self._hub = Hub()
        self._chance = random.Random(seed)

    def give(self, count: int) -> None:
        """Give new commands."""
        names = [Name.SKIP, Name.PLAY, Name.PAUSE, Name.RESTART_PLAYER]
        for _ in range(count):
            command = self._hub.command(self._chance.choices(names, [5, 5, 2, 1])[0])
            self.open[command.id] = command

    def run_and_kill(self) -> None:
        """Start the box, repeat what is open, and kill it at some instant; it learns of no confirmation."""
        with self._started() as box:
            try:
                box.wait(self._chance.uniform(0, LONGEST_RUN_S))
            except subprocess.TimeoutExpired:
                box.kill()
            assert box.stdout is not None
            for line in box.stdout.read().splitlines():
                self._take(line)

    def run(self) -> None:
        """Start the box, repeat what is open, and confirm what it tells, until it ends or nothing is open."""
        with suppress(BrokenPipeError), self._started() as box:  # it may end to be started anew
            assert box.stdin is not None
            assert box.stdout is not None
            while self.open and (line := box.stdout.readline()):
                box.stdin.write(f"confirm {self._take(line)}\n")
                box.stdin.flush()

    def _started(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.workshop_process", str(self._state)]
        box = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert box.stdin is not None
        assert box.stdout is not None
        assert box.stdout.readline().strip() == READY
        box.stdin.write("".join(msgspec.json.encode(one).decode() + "\n" for one in self.open.values()))
        box.stdin.flush()
        return box

    def _take(self, line: str) -> str:
        result = msgspec.json.decode(line, type=CommandResult)
        self.results.setdefault(result.command, []).append(result)
        self.open.pop(result.command, None)
        return result.command


def test_no_command_is_done_twice_however_often_the_box_is_killed(tmp_path: Path) -> None:
    """Each is done at most once, and has one answer in the end, whatever was repeated."""
    fleet = Fleet(tmp_path, seed=20261121)
    for _ in range(KILLS):
        fleet.give(COMMANDS_A_RUN)
        fleet.run_and_kill()
    for _ in range(KILLS):
        if fleet.open:
            fleet.run()

    done = (tmp_path / DONE).read_text().split()
    assert [one for one, times in Counter(done).items() if times > 1] == []
    assert fleet.open == {}
    for command, results in fleet.results.items():
        assert len({one.outcome for one in results}) == 1, results
        assert results[0].text != "marked" or command in done
    told = {one[0].outcome for one in fleet.results.values()}
    assert told >= {Outcome.DONE, Outcome.INTERRUPTED}
