"""What is written over the pictures, and when."""

from datetime import UTC, datetime

from msgspec import structs

from easyplayer.captions import CARD, CLAIM, Captions
from easyplayer.events import clock_judged, clock_stepped, program_taken
from easyplayer.hub_events import claim_code_shown, hub_reached
from easyplayer.overlay.cards import claim_card
from easyplayer.player_events import item_advanced, item_started, player_changed
from easyplayer.playout.catalogue import Overlay, Pictures, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Layer, Origin, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import show_card, show_message
from easyplayer.units import Seconds
from tests.fakes.clock import HeldWall
from tests.house import Stage, song

EVENING = datetime(2027, 3, 1, 17, 59, 30, tzinfo=UTC)
ALL = Overlay(now_playing=True, clock=True, message="Happy hour", qr="https://example.org")


def titled(title: str, artist: str = "Harbour", layer: Layer = Layer.FALLBACK) -> PreparedItem:
    """Make a song that has a name."""
    one = song("a")
    item = structs.replace(one.item, title=title, artist=artist)
    return structs.replace(one, item=item, origin=Origin(layer=layer))


class Desk(Stage):
    """The captions alone, in Paris on an evening."""

    def __init__(self, hub: str = "https://hub.example") -> None:
        super().__init__()
        self.wall = HeldWall(self.clock, EVENING.timestamp())
        self.open(Captions(hub, 100, self.ticker, self.wall.now))

    def take(self, overlay: Overlay) -> "Desk":
        """Take a program."""
        screen = Pictures(overlay=overlay)
        self.fire(program_taken(Program(name="bar", zone="Europe/Paris", screen=screen)))
        return self

    @property
    def drawn(self) -> dict[str, str]:
        """What is on the screen now."""
        layers: dict[str, str] = {}
        for (changed,) in self.told("draw_overlay"):
            layers.update(changed)
        return {name: ass for name, ass in layers.items() if ass}

    def says(self, words: str) -> bool:
        """Tell whether something is written there."""
        return any(words in ass for ass in self.drawn.values())


class TestWords:
    """What the program wants to be told."""

    def test_title_and_artist_of_what_sounds(self) -> None:
        """Also where the tags are read only while it does."""
        desk = Desk().take(ALL)
        desk.fire(item_started(titled("", ""), Seconds(0.0)))
        assert desk.says("a.flac")
        desk.fire(item_advanced(titled("Dawn"), Seconds(1.0)))
        assert desk.says("Dawn")
        assert desk.says("Harbour")
        assert not desk.says("a.flac")

    def test_they_go_when_nothing_sounds(self) -> None:
        """A box that waits for its output plays nothing."""
        desk = Desk().take(ALL)
        desk.fire(item_started(titled("Dawn"), Seconds(0.0)))
        desk.fire(player_changed(PlayerState.NO_SOUND, "no output"))
        assert not desk.says("Dawn")

    def test_a_spot_is_no_song(self) -> None:
        """Nobody wants to read its file's name."""
        desk = Desk().take(ALL)
        desk.fire(item_started(titled("Dawn"), Seconds(0.0)))
        desk.fire(item_started(titled("spot 17", layer=Layer.SOFT_SPOT), Seconds(0.0)))
        assert desk.says("Dawn")

    def test_what_the_program_does_not_want_is_not_told(self) -> None:
        """Which is everything, at first."""
        desk = Desk().take(Overlay())
        desk.fire(item_started(titled("Dawn"), Seconds(0.0)))
        assert desk.drawn == {}

    def test_message_and_code_are_drawn(self) -> None:
        """As long as the program has them."""
        desk = Desk().take(ALL)
        assert desk.says("Happy hour")
        assert "e-code" in desk.drawn
        desk.take(Overlay())
        assert desk.drawn == {}

    def test_a_persons_message_comes_first_for_a_while(self) -> None:
        """And the program's own afterwards."""
        desk = Desk().take(ALL)
        desk.fire(show_message("Last orders", Seconds(60.0)))
        assert desk.says("Last orders")
        assert not desk.says("Happy hour")
        desk.run_for(61)
        assert desk.says("Happy hour")

    def test_a_message_without_an_end_stays_until_the_next(self) -> None:
        """An empty one takes it off."""
        desk = Desk().take(Overlay())
        desk.fire(show_message("Closed on Monday", Seconds(0.0)))
        desk.run_for(1000, step_s=10)
        assert desk.says("Closed on Monday")
        desk.fire(show_message("", Seconds(0.0)))
        assert desk.drawn == {}

    def test_only_what_changes_is_drawn(self) -> None:
        """A screen has better things to do."""
        desk = Desk().take(ALL)
        before = len(desk.told("draw_overlay"))
        for _ in range(5):
            desk.fire(item_started(titled("Dawn"), Seconds(0.0)))
        assert [set(changed) for (changed,) in desk.told("draw_overlay")[before:]] == [{"d-words"}]


class TestClock:
    """The time of day."""

    def test_it_is_the_venues_own_and_goes_with_the_minute(self) -> None:
        """It is an hour later in Paris."""
        desk = Desk().take(ALL)
        assert desk.says("18:59")
        desk.run_for(29)
        assert desk.says("18:59")
        desk.run_for(1.1)
        assert desk.says("19:00")
        desk.run_for(60)
        assert desk.says("19:01")

    def test_it_goes_with_a_clock_that_is_set(self) -> None:
        """At once."""
        desk = Desk().take(ALL)
        desk.wall.step(3600)
        desk.fire(clock_stepped(Seconds(3600.0)))
        assert desk.says("19:59")

    def test_a_time_that_nobody_knows_is_not_told(self) -> None:
        """A wrong one is worse than none."""
        desk = Desk().take(ALL)
        desk.fire(clock_judged(ClockTrust.UNKNOWN))
        assert "c-clock" not in desk.drawn
        desk.fire(clock_judged(ClockTrust.TRUSTED))
        assert desk.says("18:59")


class TestCards:
    """Pages in place of a picture."""

    def test_a_card_comes_and_goes(self) -> None:
        """As the Director says."""
        desk = Desk()
        desk.fire(show_card("waiting"))
        assert "No program yet" in desk.drawn[CARD]
        desk.fire(show_card(""))
        assert desk.drawn == {}

    def test_a_box_that_waits_to_be_claimed_shows_how(self) -> None:
        """With the page of the hub that answers; and no more once it is claimed."""
        desk = Desk()
        desk.fire(claim_code_shown("ABCD-1234"))
        assert desk.drawn[CLAIM] == claim_card("ABCD-1234", "https://hub.example/claim?code=ABCD-1234")
        desk.fire(hub_reached("https://other.example/"))
        assert desk.drawn[CLAIM] == claim_card("ABCD-1234", "https://other.example/claim?code=ABCD-1234")
        desk.fire(claim_code_shown(""))
        assert desk.drawn == {}

    def test_the_layers_lie_in_the_right_order(self) -> None:
        """A card over the picture, words over the card, the veil over both, and how to claim it above all."""
        desk = Desk().take(ALL)
        desk.fire(show_card("waiting"))
        desk.fire(claim_code_shown("ABCD-1234"))
        assert sorted([*desk.drawn, "v-veil"]) == [
            "b-card",
            "c-clock",
            "d-words",
            "e-code",
            "v-veil",
            "x-claim",
        ]
