"""Whatever happens to a whole box, in whatever order: no part fails, and it plays again in the end."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from easyplayer.events import check_allowed
from easyplayer.player_events import pause_playing, resume_playing, skip_item
from easyplayer.playout.machine import PlayerState
from tests.fakes.deck import Medium
from tests.house import NOON, SINK, FakeBox

pytestmark = pytest.mark.slow

RADIO = "http://radio/one"
PLAYS_AGAIN_WITHIN_S = 45.0
"""A stream that has failed is tried again after half a minute."""

waits = st.sampled_from([0.0, 0.02, 0.1, 0.3, 0.6, 1.1, 2.2, 4.0, 7.0])
workers = st.sampled_from(["errands", "analysis", "disk"])
lists = st.sampled_from([("a", "b", "c"), ("a",), (RADIO,), ("a", RADIO), ()])


class AnyDay(RuleBasedStateMachine):
    """A venue in which everything goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.box: FakeBox
        self.shelf: dict[str, Medium] = {}

    @initialize(names=lists, own=st.booleans())
    def open(self, names: tuple[str, ...], own: bool) -> None:
        """Start a box, in a venue that is open by day, with or without a sound server."""
        songs = {name: Medium(length_s=None if name == RADIO else 6.0) for name in names}
        self.box = FakeBox(
            songs,
            fallback={"fallback": Medium(length_s=5.0)},
            box={"opening": "08:00-22:00"},
            sound={"sink": ""},
        )
        if own:
            self.box.server.unplug(SINK)
            self.box.server.fall()
        self.shelf = dict(self.box.decks.media)
        self.box.__enter__()
        self.box.run_for(1)

    # -- people, and the time of day -----------------------------------------------------------

    @rule(seconds=waits)
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.box.run_for(seconds)

    @rule(seconds=waits)
    def skip(self, seconds: float) -> None:
        """Press skip."""
        self.box.fire(skip_item())
        self.box.run_for(seconds)

    @rule(seconds=waits)
    def pause_and_resume(self, seconds: float) -> None:
        """Press pause, and then play."""
        self.box.fire(pause_playing())
        self.box.run_for(seconds)
        self.box.fire(resume_playing())

    @rule(hours=st.sampled_from([0, 11]), seconds=waits)
    def set_clock(self, hours: int, seconds: float) -> None:
        """Let it be noon, or night."""
        self.box.now = NOON + timedelta(hours=hours)
        self.box.fire(check_allowed())
        self.box.run_for(seconds)

    # -- music ---------------------------------------------------------------------------------

    @rule(seconds=waits)
    def take_all_media(self, seconds: float) -> None:
        """Pull the disk and the network for a while."""
        self.box.decks.media.clear()
        for deck in self.box.decks.made:
            deck.fail("it is gone")
        self.box.run_for(seconds)
        self.box.decks.media.update(self.shelf)

    @rule(data=st.data(), at_s=st.sampled_from([0.0, 0.5, 3.0, None]))
    def break_medium(self, data: st.DataObject, at_s: float | None) -> None:
        """Let a medium break at a position, or be whole again."""
        self.shelf[data.draw(st.sampled_from(sorted(self.shelf)))].breaks_at_s = at_s

    @rule(data=st.data(), at_s=st.sampled_from([0.5, 3.0, None]))
    def stop_medium(self, data: st.DataObject, at_s: float | None) -> None:
        """Let a medium stand still at a position, or go on again."""
        self.shelf[data.draw(st.sampled_from(sorted(self.shelf)))].stands_at_s = at_s

    # -- the machine ---------------------------------------------------------------------------

    @rule(name=workers, seconds=waits)
    def keep_busy(self, name: str, seconds: float) -> None:
        """Let a thread take long over what it does."""
        self.box.workers[name].busy = True
        self.box.run_for(seconds)
        self.box.workers[name].busy = False

    @rule(seconds=waits)
    def fall_and_rise(self, seconds: float) -> None:
        """Let the sound server crash, and come back."""
        self.box.server.fall()
        self.box.run_for(seconds)
        self.box.server.rise()

    @rule(seconds=waits)
    def hang_and_thaw(self, seconds: float) -> None:
        """Let the sound server hang, and go on."""
        self.box.server.hang()
        self.box.run_for(seconds)
        self.box.server.thaw()

    @rule(seconds=waits)
    def pull_and_plug(self, seconds: float) -> None:
        """Pull the sound card, and plug it in."""
        self.box.server.unplug(SINK)
        self.box.run_for(seconds)
        self.box.server.plug(SINK)

    @rule(name=st.sampled_from([SINK, "spare"]))
    def suspend(self, name: str) -> None:
        """Put a sink to sleep."""
        self.box.server.suspend(name)
        self.box.settle()

    @rule()
    def plug_spare(self) -> None:
        """Plug another sound card in."""
        self.box.server.plug("spare")

    @rule(name=st.sampled_from(["A", "B"]))
    def hang_deck(self, name: str) -> None:
        """Let a deck hang for ever."""
        self.box.decks.newest(name).hanging = True

    # -- the end -------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Let every fault end, and see that music plays, goes on, and ends when it is told to."""
        if not hasattr(self, "box"):
            return
        for medium in self.shelf.values():
            medium.breaks_at_s = medium.stands_at_s = None
        for worker in self.box.workers.values():
            worker.busy = False
        self.box.server.rise()
        self.box.server.plug(SINK)
        self.box.now = NOON
        self.box.fire(check_allowed())
        self.box.fire(resume_playing())
        self.box.run_until(self.sounds_well, within_s=PLAYS_AGAIN_WITHIN_S)
        self.box.run_for(8)
        self.box.run_until(self.sounds_well, within_s=PLAYS_AGAIN_WITHIN_S)
        self.box.__exit__(None, None, None)
        assert self.box.app.exit_code == 0

    def sounds_well(self) -> bool:
        """Tell whether one song is heard, at full level."""
        audible = self.box.decks.audible
        return self.box.state is PlayerState.PLAYING and len(audible) == 1 and audible[0].level > 0.5


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a failure is told as it was found: making it shorter takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
