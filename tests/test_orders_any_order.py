"""Whichever way a command comes, how often, and in whatever order: it is done once."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from easyplayer.crafts import Craft, Crafts
from easyplayer.errors import LinkError
from easyplayer.protocol.arguments import Arguments
from easyplayer.protocol.commands import Name, Reason
from easyplayer.protocol.heartbeat import Heartbeat, Reply
from easyplayer.protocol.live import Orders, Wake
from easyplayer.protocol.signed import Signed
from easyplayer.units import Seconds
from easyplayer.workshop import Making, Workshop
from tests.fakes.hub_link import NEXT_S, FakeHub
from tests.fakes.work import HeldWorker
from tests.fakes.workshop_tools import FakeTools
from tests.test_live import LiveBox
from tests.workbench import journal_in

MOST_COMMANDS = 9
"""Nine, so that no name is the beginning of another."""

stories = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["pause", "status"]), st.just(0)),
        st.tuples(st.just("by line"), st.integers(0, MOST_COMMANDS)),
        st.tuples(
            st.sampled_from(["heartbeat", "wait", "answers are lost", "answers come", "line breaks"]),
            st.just(0),
        ),
        st.tuples(st.sampled_from(["disk hangs", "disk works", "asks", "is answered"]), st.just(0)),
    ),
    max_size=25,
)


class Counted(Craft[Arguments]):
    """Takes two seconds, and is counted.

    :cvar begun: how often each command was begun.
    """

    limit_s: ClassVar[Seconds] = Seconds(2.0)
    begun: ClassVar[Counter[str]] = Counter()

    def begin(self) -> None:
        self.begun[self.command] += 1


CRAFTS: Crafts = {Name.PAUSE: Counted}


class LossyHub(FakeHub):
    """Hears every heartbeat.

    :ivar loses: whether its answers are lost on the way.
    """

    loses = False

    def heartbeat(self, token: str, heartbeat: Heartbeat) -> Reply:
        """Hear how a box is."""
        reply = super().heartbeat(token, heartbeat)
        if self.loses:
            raise LinkError("the answer is lost")
        return reply


class DirectedBox(LiveBox):
    """A web client, a live channel and a Workshop; the hub sends each command by both ways.

    :ivar given: all commands, in order.
    """

    def __init__(self, state: Path) -> None:
        self.lossy = LossyHub()
        super().__init__(state, self.lossy)
        self.given: list[Signed] = []
        self.disk = HeldWorker(self.root.fire)
        fakes = FakeTools(state / "scratch")
        making = Making(journal_in(state), "boot-1", CRAFTS, fakes.tools, fakes.tunnel.connect)
        self.surround(self.disk.pump, fakes.pump)
        self.open(Workshop(making, self.ticker, self.disk))

    def order(self, name: str) -> None:
        """Give a command: it waits for the heartbeat, and goes by the line at once."""
        if len(self.given) < MOST_COMMANDS:
            self.given.append(self.hub.command(name, number=len(self.given) + 1))
            self.send(len(self.given) - 1)

    def send(self, which: int) -> None:
        """Send a command by the line, be it once more."""
        if which < len(self.given):
            self.live.tell(Orders(commands=(self.given[which],)))
            self.settle()

    def act(self, deed: str, which: int) -> None:
        """Let something happen."""
        match deed:
            case "pause" | "status":
                self.order(deed)
            case "by line":
                self.send(which)
            case "heartbeat":
                self.live.tell(Wake())
                self.wait(1.0)
            case "wait":
                self.wait(NEXT_S)
            case "answers are lost" | "answers come":
                self.lossy.loses = deed == "answers are lost"
            case "line breaks":
                self.live.hang_up()
                self.wait(1.0)
            case "disk hangs" | "disk works":
                self.disk.busy = deed == "disk hangs"
            case _:
                self.workers["hub"].busy = deed == "asks"
                self.settle()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stories)
@example([("status", 0), ("pause", 0), ("wait", 0), ("by line", 0), ("by line", 1)])
@example([("disk hangs", 0), ("pause", 0), ("wait", 0)])
def test_a_command_is_done_once(story: list[tuple[str, int]]) -> None:
    """And the hub is told one thing of it, and only one."""
    Counted.begun.clear()
    with tempfile.TemporaryDirectory() as folder:
        box = DirectedBox(Path(folder))
        box.go_live()
        for deed, which in story:
            box.act(deed, which)
        box.disk.busy = box.workers["hub"].busy = False
        box.lossy.loses = False
        box.run_for(800, step_s=1.0)
        told = {result for beat in box.hub.heartbeats for result in map(repr, beat.results)}

        assert all(count == 1 for count in Counted.begun.values())
        assert set(box.hub.results) == {f"command-{number + 1}" for number in range(len(box.given))}
        assert len(told) == len(box.given)
        excuses = {Reason.NOT_NOW} if any(deed == "disk hangs" for deed, _ in story) else set()
        assert {one.reason for one in box.hub.results.values()} <= {Reason.NONE, Reason.BUSY} | excuses
