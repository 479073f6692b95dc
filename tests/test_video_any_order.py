"""Whatever happens to the video player, in whatever order: it keeps its rules, and shows again in the end."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from easyplayer.drivers.screen import (
    Output,
    PictureAdvanced,
    PictureEnded,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    ScreenReport,
)
from easyplayer.events import sound_found, sound_lost
from easyplayer.pane import UNHEARD_OF_AFTER_S
from easyplayer.player_events import fade_out, pause_playing, resume_playing, start_playing
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import (
    draw_overlay,
    drop_picture,
    outputs_found,
    screen_reported,
    turn_screen,
    uncue_picture,
)
from easyplayer.screen_sound import KEPT_S
from easyplayer.units import Seconds
from easyplayer.video import LOOK_EVERY_S
from tests.cinema import LEFT, RIGHT, Cinema, camera, clip, films_of, still
from tests.fakes.fake_screen import FakeScreen, Footage
from tests.house import SINK

pytestmark = pytest.mark.slow

SHOWS_AGAIN_WITHIN_S = 45.0
"""A screen that hangs for good is given some twenty seconds, and one that has just begun to as many."""

FLOOR_IS_GIVEN_WITHIN_S = UNHEARD_OF_AFTER_S + KEPT_S + 2 * LOOK_EVERY_S

waits = st.sampled_from([0.0, 0.02, 0.1, 0.24, 0.3, 0.6, 1.1, 2.2, 5.0])
outputs = st.sampled_from([(), (LEFT,), (RIGHT,), (LEFT, RIGHT), (Output(name=LEFT.name, mode="1280x720"),)])
sounds = st.sampled_from(ClipSound)
lengths = st.sampled_from([0.1, 0.5, 2.0, 6.0])


class Watched(Cinema):
    """A cinema in which somebody listens: the floor is nobody's who is not heard, and there is no echo.

    :ivar heard_at: when something was heard last.
    """

    heard_at = 0.0

    def look(self) -> None:
        """Hold what must hold at every instant."""
        super().look()
        sounding = [one for one in self.screens.open if one.up and one.shown and not one.shown.mute]
        loads = [one.shown.ticket for one in sounding if one.shown is not None]
        assert len(loads) == len(set(loads)), "an echo"
        if any(one.held or not (one.hanging or one.frozen or one._ended) for one in sounding):
            self.heard_at = self.clock()
        if len(self.told("take_floor")) > len(self.told("give_floor")):
            assert self.clock() - self.heard_at <= FLOOR_IS_GIVEN_WITHIN_S, "the room is silent"


class AnyOrder(RuleBasedStateMachine):
    """A person, a venue and a broken world, all at once."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.floor = 0
        self.cinema: Cinema

    @initialize(given=st.sampled_from([(LEFT,), (LEFT, RIGHT)]))
    def open(self, given: tuple[Output, ...]) -> None:
        """Open the venue."""
        self.cinema = Watched(outputs=given)
        self.lay_out_more()
        self.cinema.play()
        self.cinema.run_for(1)

    def lay_out_more(self) -> None:
        """Put good pictures behind all others."""
        for number in range(40):
            name = self.another_name()
            self.lay_out(still(name, 3) if number % 2 else clip(name, 4))

    def another_name(self) -> str:
        """Give a name that no picture has yet."""
        self.count += 1
        return f"picture {self.count}"

    def lay_out(self, item: Item, film: Footage | None = None, *, first: bool = False) -> None:
        """Put a picture behind all others, or in front of them."""
        self.cinema.screens.footage.update(films_of([item]))
        if film is not None:
            self.cinema.screens.footage[item.location] = film
        (self.cinema.reel.items.appendleft if first else self.cinema.reel.items.append)(item)

    # -- people --------------------------------------------------------------------------------

    @rule(seconds=waits)
    def live_on(self, seconds: float) -> None:
        """Let all go on for a while."""
        self.cinema.run_for(seconds)

    @rule(seconds=waits)
    def pause(self, seconds: float) -> None:
        """Press pause."""
        self.cinema.fire(pause_playing())
        self.cinema.run_for(seconds)

    @rule(seconds=waits)
    def resume(self, seconds: float) -> None:
        """Press play."""
        self.cinema.fire(resume_playing())
        self.cinema.run_for(seconds)

    @rule(fade_s=st.sampled_from([0.0, 0.5, 3.0]), seconds=waits)
    def close_venue(self, fade_s: float, seconds: float) -> None:
        """Close; after the fade it is dark."""
        self.cinema.fire(fade_out(Seconds(fade_s), "closed"))
        self.cinema.run_for(seconds)

    @rule(seconds=waits)
    def open_venue(self, seconds: float) -> None:
        """Open."""
        self.cinema.fire(start_playing())
        self.cinema.run_for(seconds)

    # -- pictures ------------------------------------------------------------------------------

    @rule(length_s=lengths, sound=sounds)
    def lay_out_clip(self, length_s: float, sound: ClipSound) -> None:
        """Put a clip in front."""
        self.lay_out(clip(self.another_name(), length_s, sound), first=True)

    @rule(sound=sounds)
    def show_long_clip(self, sound: ClipSound) -> None:
        """Show a clip that goes on through much of what happens, at once."""
        self.cinema.cue(clip(self.another_name(), 300.0, sound), in_s=0.0)
        self.cinema.run_for(1)

    @rule(length_s=lengths)
    def lay_out_unmeasured(self, length_s: float) -> None:
        """Put a clip in front of which nobody knows how long it is."""
        self.lay_out(clip(self.another_name(), None), Footage(length_s=length_s), first=True)

    @rule()
    def lay_out_stream(self) -> None:
        """Put a stream in front that breaks after a while."""
        self.lay_out(camera(self.another_name()), Footage(breaks_at_s=5.0), first=True)

    @rule(
        film=st.sampled_from(
            [
                Footage(length_s=6.0, breaks_at_s=0.5),
                Footage(length_s=6.0, opening_s=1.5),
                Footage(length_s=1.0),
                Footage(kills=True),
                Footage(length_s=6.0, opening_s=None),
            ]
        )
    )
    def lay_out_broken(self, film: Footage) -> None:
        """Put a clip in front that breaks, is slow, is shorter than it says, or takes the player with it."""
        self.lay_out(clip(self.another_name(), 6.0, ClipSound.REPLACE), film, first=True)

    @rule()
    def lay_out_missing(self) -> None:
        """Put a picture in front that is not there."""
        item = still(self.another_name())
        self.lay_out(item, first=True)
        del self.cinema.screens.footage[item.location]

    @rule(in_s=st.sampled_from([None, -1.0, 0.0, 0.1, 0.5, 2.0, 6.0]), sound=sounds, seconds=waits)
    def cue(self, in_s: float | None, sound: ClipSound, seconds: float) -> None:
        """Let a picture come on an instant, or next."""
        self.cinema.cue(clip(self.another_name(), 3.0, sound), in_s)
        self.cinema.run_for(seconds)

    @rule()
    def uncue(self) -> None:
        """Take back what was cued."""
        self.cinema.fire(uncue_picture())

    @rule()
    def drop(self) -> None:
        """Take off what is shown."""
        self.cinema.fire(drop_picture("nothing is due"))

    @rule(text=st.sampled_from(["", "hello"]))
    def draw(self, text: str) -> None:
        """Write something over it, or take it off."""
        self.cinema.fire(draw_overlay({"d-words": text}))

    @rule(late=st.booleans())
    def answer(self, late: bool) -> None:
        """Let wishes be answered, or not."""
        self.cinema.reel.late = late
        self.cinema.reel.answer()
        self.cinema.settle()

    # -- the world -----------------------------------------------------------------------------

    @rule(given=outputs, seconds=waits)
    def plug(self, given: tuple[Output, ...], seconds: float) -> None:
        """Plug displays in, and pull others out."""
        self.cinema.fire(outputs_found(given, "" if given else "no display"))
        self.cinema.run_for(seconds)

    @rule(on=st.booleans(), seconds=waits)
    def turn(self, on: bool, seconds: float) -> None:
        """Have the displays sleep, or wake."""
        self.cinema.fire(turn_screen(on=on, reason="hours"))
        self.cinema.run_for(seconds)

    @rule(first=st.booleans())
    def fall(self, first: bool) -> None:
        """Let a player end."""
        self.one(first=first).fall()
        self.cinema.settle()

    @rule(first=st.booleans())
    def stand_still(self, first: bool) -> None:
        """Let a picture stand still."""
        self.one(first=first).frozen = True
        self.cinema.settle()

    @rule(first=st.booleans(), seconds=waits)
    def hang(self, first: bool, seconds: float) -> None:
        """Let a player hang."""
        self.one(first=first).hanging = True
        self.cinema.run_for(seconds)

    @rule(first=st.booleans())
    def unhang(self, first: bool) -> None:
        """Let it go on."""
        self.one(first=first).hanging = False
        self.cinema.settle()

    @rule(
        output=st.sampled_from([LEFT.name, RIGHT.name, "nowhere"]),
        back=st.integers(0, 2),
        kind=st.integers(0, 4),
    )
    def report_anything(self, output: str, back: int, kind: int) -> None:
        """Let an output tell what is no longer true, or never was."""
        ticket = max(self.cinema.player._tickets - back, 0)
        now = self.cinema.clock()
        reports: tuple[ScreenReport, ...] = (
            PictureReady(ticket),
            PictureShown(ticket, now),
            PictureAdvanced(ticket, Seconds(1.0), now),
            PictureEnded(ticket),
            PictureFailed(ticket, PictureFault.OUTPUT, "whatever"),
        )
        self.cinema.fire(screen_reported(output, reports[kind]))

    @rule(there=st.booleans())
    def sound(self, there: bool) -> None:
        """Let the output for sound come, or go."""
        self.cinema.fire(sound_found(SINK, private=False) if there else sound_lost("gone"))

    def one(self, *, first: bool) -> FakeScreen:
        """Give a screen that there is, or was."""
        return self.cinema.screens.made[-1 if first else len(self.cinema.screens.made) // 2]

    # -- what holds always, and in the end -----------------------------------------------------

    @invariant()
    def keeps_its_rules(self) -> None:
        """No handler has failed; the floor is taken and given in turn; pictures begin before they end.

        Where it is stopped, it is dark, and nothing is wanted.
        """
        if not hasattr(self, "cinema"):
            return
        cinema = self.cinema
        cinema.look()
        taken, given = len(cinema.told("take_floor")), len(cinema.told("give_floor"))
        assert taken - given in {0, 1}
        started, finished = cinema.names("picture_started"), cinema.names("picture_finished")
        assert len(started) - len(finished) in {0, 1}
        if cinema.state is PlayerState.STOPPED:
            assert len(started) == len(finished)
            assert taken == given
            assert cinema.player._next is None
        if cinema.state in {PlayerState.NO_SOUND, PlayerState.WAITING}:
            assert cinema.player._air is None

    def teardown(self) -> None:
        """Let every fault end, and see that pictures are shown; then close, and see that it is dark."""
        if not hasattr(self, "cinema"):
            return
        cinema = self.cinema
        cinema.reel.items.clear()
        cinema.reel.late = False
        for location, film in cinema.screens.footage.items():
            film.opening_s, film.kills = 0.05, False
            film.breaks_at_s = 5.0 if location.startswith("rtsp") else None
        for screen in cinema.screens.made:
            screen.hanging = False
        self.lay_out_more()
        cinema.fire(outputs_found((LEFT, RIGHT), ""))
        cinema.fire(turn_screen(on=True, reason=""))
        cinema.fire(start_playing())
        cinema.fire(resume_playing())
        cinema.reel.owes = True
        cinema.fire(uncue_picture())
        cinema.cue(still(self.another_name()), in_s=0.0)
        cinema.run_until(self.shows_well, within_s=SHOWS_AGAIN_WITHIN_S)
        before = len(cinema.names("picture_started"))
        cinema.run_until(lambda: len(cinema.names("picture_started")) > before + 2, within_s=40)
        cinema.fire(fade_out(Seconds(0.5), "closed"))
        cinema.run_for(1)
        assert cinema.seen == {""}
        assert cinema.state is PlayerState.STOPPED

    def shows_well(self) -> bool:
        """Tell whether one picture is seen on both outputs."""
        return len(self.cinema.seen) == 1 and "" not in self.cinema.seen


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a failure is told as it was found: making it shorter takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
