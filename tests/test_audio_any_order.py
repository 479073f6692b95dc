"""Whatever happens to the audio player, in whatever order: it keeps its rules, and plays again in the end."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from easyplayer.events import item_prepared, play_emergency
from easyplayer.player_events import (
    cue_item,
    fade_out,
    pause_playing,
    resume_playing,
    skip_item,
    start_playing,
)
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import DeckPhase, PlayerState
from easyplayer.screen_events import give_floor, take_floor
from easyplayer.units import Decibels, Milliseconds, Monotonic, Seconds
from tests.fakes.deck import FakeDeck, Medium
from tests.house import SINK, Booth, song

pytestmark = pytest.mark.slow

PLAYS_AGAIN_WITHIN_S = 12.0
SOON_S = 0.3

waits = st.sampled_from([0.0, 0.02, 0.06, 0.1, 0.24, 0.3, 0.6, 1.1, 2.2, 4.0])
decks = st.sampled_from(["A", "B", "S"])
duckings = st.sampled_from(
    [
        Ducking(),
        Ducking(attack_ms=Milliseconds(0), hold_ms=Milliseconds(0), release_ms=Milliseconds(0)),
        Ducking(depth_db=Decibels(-60.0), attack_ms=Milliseconds(2000), release_ms=Milliseconds(4000)),
    ]
)
positions = st.sampled_from([0.0, 0.5, 3.0])
SPOTS: list[dict[str, float | None]] = [
    *({"said_s": length_s} for length_s in (0.1, 0.5, 2.0, 4.0)),
    {"said_s": None, "length_s": 2.0},
    {"said_s": 4.0, "length_s": 2.0},
    {"said_s": 4.0, "breaks_at_s": 0.3},
    {"said_s": 4.0, "stands_at_s": 0.3},
    {"said_s": 4.0, "loading_s": None},
    {"said_s": 4.0, "loading_s": 1.5},
]
"""Spots as they are said to be, and as they are."""


class AnyOrder(RuleBasedStateMachine):
    """A person, a venue and a broken world, all at once."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.booth: Booth

    @initialize(crossfade_s=st.sampled_from([0.0, 1.0, 3.0]))
    def open(self, crossfade_s: float) -> None:
        """Open the venue, and let it play for a while."""
        self.booth = Booth(crossfade_s=crossfade_s)
        self.lay_out_more()
        self.booth.play()
        self.booth.run_for(1)

    def lay_out_more(self) -> None:
        """Put good songs behind all others."""
        for _ in range(60):
            self.booth.supplier.items.append(self.another(6.0))

    def another(self, said_s: float | None, **truth: float | None) -> PreparedItem:
        """Make another song, with a medium of its own."""
        self.count += 1
        one = song(f"song {self.count}", said_s)
        self.booth.decks.media[one.item.location] = Medium(**{"length_s": said_s, **truth})
        return one

    # -- time ----------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.3, 1.0, 3.0, 5.0, 7.0]))
    def live_on(self, seconds: float) -> None:
        """Let all go on for a while."""
        self.booth.run_for(seconds)

    @rule(seconds=waits)
    def put_in_order(self, seconds: float) -> None:
        """Open, press play, plug in, and let the list answer."""
        if not self.booth.player._desk.sink:
            self.booth.plug_output()
        self.booth.server.plug(SINK)
        self.booth.fire(start_playing())
        self.booth.fire(resume_playing())
        self.booth.fire(give_floor(Seconds(0.5)))
        self.booth.supplier.late = False
        self.booth.supplier.answer()
        self.booth.run_for(seconds)

    # -- people --------------------------------------------------------------------------------

    @rule(seconds=waits)
    def skip(self, seconds: float) -> None:
        """Press skip."""
        self.booth.fire(skip_item())
        self.booth.run_for(seconds)

    @rule(seconds=waits)
    def pause(self, seconds: float) -> None:
        """Press pause; soon nothing is heard, whatever was."""
        self.booth.fire(pause_playing())
        self.booth.run_for(seconds)
        if seconds >= SOON_S and self.booth.state is PlayerState.PAUSED:
            assert self.booth.heard == []

    @rule(seconds=waits)
    def pause_and_resume(self, seconds: float) -> None:
        """Press pause, and then play."""
        self.booth.fire(pause_playing())
        self.booth.run_for(seconds)
        self.booth.fire(resume_playing())

    @rule(fade_s=st.sampled_from([0.5, 3.0]), seconds=waits)
    def close_venue(self, fade_s: float, seconds: float) -> None:
        """Close."""
        self.booth.fire(fade_out(Seconds(fade_s), "closed"))
        self.booth.run_for(seconds)

    @rule(fade_s=st.sampled_from([0.5, 3.0]), seconds=waits)
    def close_venue_and_open_it(self, fade_s: float, seconds: float) -> None:
        """Close, and open again soon."""
        self.booth.fire(fade_out(Seconds(fade_s), "closed"))
        self.booth.run_for(seconds)
        self.booth.fire(start_playing())

    # -- music ---------------------------------------------------------------------------------

    @rule(length_s=st.sampled_from([0.1, 0.3, 1.0, 2.0, 12.0]))
    def lay_out_another_length(self, length_s: float) -> None:
        """Put a song of another length in front."""
        self.booth.supplier.items.appendleft(self.another(length_s))

    @rule(
        faults=st.fixed_dictionaries({"breaks_at_s": positions})
        | st.fixed_dictionaries({"stands_at_s": positions})
        | st.just({"loading_s": None})
        | st.just({"loading_s": 1.5})
        | st.just({"length_s": 2.0})
    )
    def lay_out_broken(self, faults: dict[str, float | None]) -> None:
        """Put a song in front that breaks, hangs, is slow, or is shorter than it says."""
        self.booth.supplier.items.appendleft(self.another(6.0, **faults))

    @rule(
        in_s=st.sampled_from([-1.0, 0.0, 0.1, 0.5, 2.0, 6.0]),
        start_s=st.sampled_from([None, None, Seconds(2.0)]),
        faults=st.just({}) | st.just({"loading_s": 0.7}) | st.just({"loading_s": None}),
        seconds=waits,
    )
    def cue_sharp(
        self, in_s: float, start_s: Seconds | None, faults: dict[str, float | None], seconds: float
    ) -> None:
        """Let a song start on an instant."""
        at = Monotonic(self.booth.clock() + in_s)
        self.booth.fire(cue_item(self.another(6.0, **faults), start_s, at))
        self.booth.run_for(seconds)

    @rule(
        in_s=st.sampled_from([-1.0, 0.0, 0.1, 0.3, 0.5, 1.0, 3.0]),
        over=st.sampled_from(Over),
        ducking=duckings,
        spot=st.sampled_from(SPOTS),
        seconds=waits,
    )
    def call(
        self,
        in_s: float,
        over: Over,
        ducking: Ducking,
        spot: dict[str, float | None],
        seconds: float,
    ) -> None:
        """Let a spot come, over the music."""
        self.booth.call(self.another(**spot), in_s, over, ducking)
        self.booth.run_for(seconds)

    @rule(seconds=waits)
    def declare_emergency(self, seconds: float) -> None:
        """Let an alarm come at once; what is said over the music has gone soon."""
        alarm = self.another(6.0)
        self.booth.fire(play_emergency(alarm.item))
        self.booth.fire(cue_item(alarm, None, self.booth.clock()))
        self.booth.run_for(seconds)
        if seconds >= SOON_S:
            assert self.spots_left() == 0

    @rule(fade_s=st.sampled_from([0.0, 0.5, 2.0]), seconds=waits)
    def let_a_clip_sound(self, fade_s: float, seconds: float) -> None:
        """Let a clip sound in place of the music."""
        self.booth.fire(take_floor(Seconds(fade_s)))
        self.booth.run_for(seconds)

    @rule(fade_s=st.sampled_from([0.0, 0.5, 2.0]), seconds=waits)
    def let_no_clip_sound(self, fade_s: float, seconds: float) -> None:
        """Let it be over."""
        self.booth.fire(give_floor(Seconds(fade_s)))
        self.booth.run_for(seconds)

    @rule()
    def lay_out_missing(self) -> None:
        """Put a song in front that is not there."""
        self.booth.supplier.items.appendleft(song("missing"))

    @rule()
    def lay_out_unmeasured(self) -> None:
        """Put a song in front of which nobody knows how long it is."""
        one = self.another(3.0)
        self.booth.supplier.items.appendleft(song(one.item.id, None))

    @rule(seconds=waits)
    def answer_late(self, seconds: float) -> None:
        """Let the list answer nothing for the time being."""
        self.booth.supplier.late = True
        self.booth.run_for(seconds)

    @rule()
    def measure(self) -> None:
        """Tell what is on the decks anew, as analysis does."""
        for strip in self.booth.player._desk.strips.values():
            if strip.prepared is not None:
                self.booth.fire(item_prepared(strip.prepared, measured=True))

    # -- the world -----------------------------------------------------------------------------

    @rule(seconds=waits)
    def pull(self, seconds: float) -> None:
        """Take the output away for a while."""
        self.booth.pull_output()
        self.booth.run_for(seconds)
        self.booth.plug_output()

    @rule(seconds=waits)
    def pull_unnoticed(self, seconds: float) -> None:
        """Take the output away for a while so that only the decks notice."""
        self.booth.server.unplug(SINK)
        self.booth.run_for(seconds)
        self.booth.server.plug(SINK)

    @rule(name=st.sampled_from([SINK, "spare"]))
    def move(self, name: str) -> None:
        """Bring another output."""
        self.booth.plug_output(name)

    @rule(name=decks, seconds=waits)
    def hang(self, name: str, seconds: float) -> None:
        """Let a deck hang for a while."""
        deck = self.newest(name)
        deck.hanging = True
        self.booth.run_for(seconds)
        deck.hanging = False
        self.booth.settle()

    @rule(name=decks)
    def hang_for_good(self, name: str) -> None:
        """Let a deck hang for ever."""
        self.newest(name).hanging = True

    @rule(name=decks)
    def fail(self, name: str) -> None:
        """Let what is on a deck fail."""
        self.newest(name).fail()
        self.booth.settle()

    @rule(name=decks, position_s=positions)
    def report_late(self, name: str, position_s: float) -> None:
        """Let a deck tell a position that is no longer true."""
        self.newest(name).report_late(position_s)
        self.booth.settle()

    def newest(self, name: str) -> FakeDeck:
        """Give a deck that is in use; before the first spot there is none for spots."""
        known = {deck.name for deck in self.booth.decks.made}
        return self.booth.decks.newest(name if name in known else "A")

    # -- what holds always, and in the end -----------------------------------------------------

    @invariant()
    def keeps_its_rules(self) -> None:
        """No handler has failed, no two songs are heard but in a change; the state tells the truth.

        No spot is told as over that was not cued, and none twice; no song that did not begin, and none twice,
        and once all is stopped each that began is told as over.
        """
        if not hasattr(self, "booth"):
            return
        self.booth.look()
        phases = [strip.phase for strip in self.booth.player._desk.strips.values()]
        if self.booth.state is PlayerState.MIXING:
            assert DeckPhase.LEAVING in phases, phases
        if self.booth.state in {PlayerState.STOPPED, PlayerState.NO_SOUND, PlayerState.WAITING}:
            assert DeckPhase.ON_AIR not in phases, phases
        begun, over = self.booth.names("item_started"), self.booth.names("item_finished")
        assert len(over) == len(set(over))
        assert set(over) <= set(begun)
        assert len(set(begun) - set(over)) <= (0 if self.booth.state is PlayerState.STOPPED else 2)
        cued, finished = self.booth.names("cue_spot"), self.booth.names("spot_finished")
        assert len(finished) == len(set(finished))
        assert set(finished) | set(self.booth.names("spot_started")) <= set(cued)

    def teardown(self) -> None:
        """Let every fault end, and see that music plays, and goes on playing."""
        if not hasattr(self, "booth"):
            return
        for medium in self.booth.decks.media.values():
            medium.stands_at_s, medium.loading_s = None, 0.05
        self.lay_out_more()
        self.put_in_order(0.0)
        self.booth.run_until(self.all_spots_are_over, within_s=PLAYS_AGAIN_WITHIN_S * (1 + self.spots_left()))
        self.booth.run_until(self.sounds_well, within_s=PLAYS_AGAIN_WITHIN_S)
        before = len(self.booth.names("item_started"))
        self.booth.run_until(lambda: len(self.booth.names("item_started")) > before + 2, within_s=40)

    def spots_left(self) -> int:
        """Tell how many spots were cued and are not over."""
        return len(self.booth.names("cue_spot")) - len(self.booth.names("spot_finished"))

    def all_spots_are_over(self) -> bool:
        """Tell whether each spot that was cued has been told as over."""
        return self.spots_left() == 0

    def sounds_well(self) -> bool:
        """Tell whether one song is heard, as loud as it is, and nothing else."""
        alone = self.booth.state is PlayerState.PLAYING and len(self.booth.heard) == 1
        return alone and self.booth.music_db == 0.0


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=80,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a failure is told as it was found: making it shorter takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
