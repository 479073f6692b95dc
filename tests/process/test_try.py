"""``easyplayer-hub try`` as real processes: a hub, a box, and the sample by way of both."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from easyplayer.errors import LinkError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import local
from easyplayer.hub.fleet_views import Box
from easyplayer.hub.services.played_export import PlayedRow

pytestmark = [pytest.mark.process, pytest.mark.slow]

TRY = (sys.executable, "-c", "from easyplayer.hub.main import console; console()", "try")
ENDING_MAY_TAKE_S = 4.0
LEAVING_MAY_TAKE_S = 1.0
"""A helper that was killed at the end is there for a moment more, on a machine with much to do."""
FIRST_TIME_MAY_TAKE_S = 240.0
"""All pieces of the sample are composed, on whatever machine this is."""
AGAIN_MAY_TAKE_S = 60.0
LOOK_EVERY_S = 0.25


class Trial:
    """One run of it, asked by way of its hub."""

    def __init__(self, state: Path, process: subprocess.Popen[bytes]) -> None:
        self.state = state
        self.process = process

    def boxes(self) -> list[Box]:
        """List the boxes of the hub; none while it does not answer."""
        where = local(self.state / "hub")
        if where is None:
            return []
        try:
            with HubClient(where) as hub:
                return [*hub.pages("/boxes", Box)]
        except LinkError:
            return []

    def played(self) -> list[PlayedRow]:
        """List what the hub knows to have been played."""
        where = local(self.state / "hub")
        assert where is not None
        with HubClient(where) as hub:
            return [*hub.pages("/played", PlayedRow)]

    def until(self, what: Callable[[], bool], within_s: float) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + within_s
        while not what():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(LOOK_EVERY_S)

    def end(self, number: signal.Signals) -> float:
        """End it as a terminal does, for all that it has started; give how long that took."""
        began = time.monotonic()
        os.killpg(self.process.pid, number)
        self.process.wait(3 * ENDING_MAY_TAKE_S)
        return time.monotonic() - began

    def told(self) -> str:
        """All that was written."""
        logs = (self.state / "told", self.state / "hub" / "hub.log")
        return "\n".join(log.read_text(errors="replace")[-4000:] for log in logs if log.exists())


@contextmanager
def trial(state: Path) -> Iterator[Trial]:
    """Start it, and see that nothing of it is left behind."""
    state.mkdir(exist_ok=True)
    with (state / "told").open("ab") as told:
        process = subprocess.Popen(
            [*TRY, "--state", str(state), "--sink", "null"],
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    started = Trial(state, process)
    try:
        yield started
    finally:
        for left in family(state):
            left.kill()
        process.wait()


def family(state: Path) -> list[psutil.Process]:
    """Give all processes that name a state directory."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(state) in word for word in process.info["cmdline"] or ())
    ]


def left_of(state: Path) -> list[psutil.Process]:
    """Give what is still there when all that was told to end should be gone."""
    _, alive = psutil.wait_procs(family(state), LEAVING_MAY_TAKE_S)
    return alive


def test_a_hub_and_a_box_play_the_sample_and_end_together(tmp_path: Path) -> None:
    """The box is claimed by itself and plays what the hub has sent; a second start finds all of it done."""
    state = tmp_path / "state"
    with trial(state) as first:
        first.until(lambda: any(box.revision == 1 for box in first.boxes()), FIRST_TIME_MAY_TAKE_S)
        first.until(lambda: bool(first.played()), FIRST_TIME_MAY_TAKE_S)
        (box,) = first.boxes()
        assert first.end(signal.SIGINT) < ENDING_MAY_TAKE_S
        assert left_of(state) == []
    with trial(state) as second:
        second.until(lambda: any(one.state == "online" for one in second.boxes()), AGAIN_MAY_TAKE_S)
        assert [(one.id, one.revision) for one in second.boxes()] == [(box.id, 1)]
        assert second.end(signal.SIGTERM) < ENDING_MAY_TAKE_S
        assert left_of(state) == []


def test_a_hub_does_not_outlive_what_has_started_it(tmp_path: Path) -> None:
    """Also where that is killed, and can clear up nothing."""
    state = tmp_path / "state"
    with trial(state) as killed:
        killed.until(lambda: local(state / "hub") is not None, AGAIN_MAY_TAKE_S)
        killed.process.kill()
        killed.process.wait()
        hubs = [one for one in family(state) if "serve" in one.cmdline()]
        _, alive = psutil.wait_procs(hubs, ENDING_MAY_TAKE_S)
        assert alive == []
