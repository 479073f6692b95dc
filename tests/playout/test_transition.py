"""One item gives way to the next as the house rules have it, for every pair that there can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.fade import Curve, Fade
from easyplayer.playout.items import Item, ItemKind, PreparedItem
from easyplayer.playout.transition import (
    PREPARING_S,
    Manner,
    Rules,
    Transition,
    length_s,
    loudness_gain,
    plan,
)
from easyplayer.units import Decibels, Lufs, Seconds

RULES = Rules(crossfade_s=Seconds(4.0))
EXACT = 1e-9
"""Far below one sample; what is left of the arithmetic of floats."""

lengths = st.floats(0.0, 7200.0)
own_fades = st.just(0.0) | st.floats(0.01, 60.0)
rules = st.builds(Rules, crossfade_s=st.just(0.0) | st.floats(0.01, 30.0))


def song(
    name: str = "a",
    length_s: float | None = 180.0,
    *,
    cue_in_s: float = 0.0,
    kind: ItemKind = ItemKind.FILE,
    **fields: object,
) -> PreparedItem:
    """Give an item that sounds for some seconds, or has no end."""
    return PreparedItem(
        item=Item(id=name, location=f"/music/{name}.flac", kind=kind),
        cue_in_s=Seconds(cue_in_s),
        cue_out_s=None if length_s is None else Seconds(cue_in_s + length_s),
        **fields,
    )


def stream(name: str = "radio", **fields: object) -> PreparedItem:
    """Give an item that has no end."""
    return song(name, None, kind=ItemKind.STREAM, **fields)


@st.composite
def items(draw: st.DrawFn, name: str = "a") -> PreparedItem:
    """Every item that a deck may be given: short, long, endless, with fades of its own or none."""
    return song(
        name,
        draw(st.none() | lengths),
        cue_in_s=draw(st.floats(0.0, 600.0)),
        kind=draw(st.sampled_from(ItemKind)),
        fade_in_s=draw(st.none() | own_fades),
        fade_out_s=draw(st.none() | own_fades),
        follows=draw(st.sampled_from(["", "a", "other"])),
    )


pairs = st.tuples(items("a"), items("b"))


def faded_s(fade: Fade | None) -> Seconds:
    """Tell how long a fade takes; none takes no time."""
    return Seconds(0.0) if fade is None else fade.length_s


class TestCrossfade:
    """The common case: two songs of some minutes."""

    def test_two_songs_cross_for_as_long_as_the_house_has_it(self) -> None:
        """The next begins four seconds before the end, and each fades for those four seconds."""
        assert plan(song("a", 180.0), song("b", 200.0), RULES) == Transition(
            manner=Manner.CROSSFADE,
            mix_at_s=Seconds(176.0),
            fade_out=Fade(Seconds(176.0), Seconds(4.0), Curve.EQUAL_POWER),
            fade_in=Fade(Seconds(0.0), Seconds(4.0), Curve.EQUAL_POWER),
        )

    def test_cue_points_move_the_fades(self) -> None:
        """Silence at either end is no part of the crossfade."""
        transition = plan(song("a", 100.0, cue_in_s=2.0), song("b", cue_in_s=1.5), RULES)
        assert transition.mix_at_s == 98.0
        assert (transition.fade_out.start_s, transition.fade_in.start_s) == (98.0, 1.5)

    def test_a_house_without_crossfade_butts_songs_together(self) -> None:
        """The next begins where the one before it is over, and nothing is faded."""
        assert plan(song("a", 180.0), song("b"), Rules(crossfade_s=Seconds(0.0))) == Transition(
            manner=Manner.SEGUE, mix_at_s=Seconds(180.0)
        )

    @given(st.floats(1.0, 7200.0), st.floats(1.0, 7200.0), st.floats(0.05, 30.0), st.floats(0.0, 1.0))
    def test_the_power_stays_the_same(
        self, out_s: float, in_s: float, crossfade_s: float, progress: float
    ) -> None:
        """At each instant of a crossfade the squares of the two gains add up to one."""
        outgoing, incoming = song("a", out_s, cue_in_s=1.0), song("b", in_s, cue_in_s=0.5)
        transition = plan(outgoing, incoming, Rules(crossfade_s=Seconds(crossfade_s)))
        passed_s = progress * transition.fade_in.length_s
        down = transition.fade_out.falling(Seconds(transition.mix_at_s + passed_s))
        up = transition.fade_in.rising(Seconds(incoming.cue_in_s + passed_s))
        assert down**2 + up**2 == pytest.approx(1.0, abs=EXACT)


class TestOwnFades:
    """What an item says of itself goes before the rules."""

    def test_an_item_may_leave_more_slowly_than_the_house_has_it(self) -> None:
        """Its own fade out sets where the next begins."""
        transition = plan(song("a", 180.0, fade_out_s=Seconds(10.0)), song("b"), RULES)
        assert transition.mix_at_s == 170.0
        assert (transition.fade_out.length_s, transition.fade_in.length_s) == (10.0, 4.0)

    def test_an_item_may_come_faster_than_the_house_has_it(self) -> None:
        """Its own fade in does not shorten the fade out under it."""
        transition = plan(song("a", 180.0), song("b", fade_in_s=Seconds(1.0)), RULES)
        assert transition.mix_at_s == 176.0
        assert (transition.fade_out.length_s, transition.fade_in.length_s) == (4.0, 1.0)

    def test_an_item_that_wants_no_fade_gets_none(self) -> None:
        """Zero is a wish as well: this one begins at full level over the end of the other."""
        transition = plan(song("a", 180.0), song("b", fade_in_s=Seconds(0.0)), RULES)
        assert transition.fade_in is None
        assert transition.manner is Manner.CROSSFADE

    def test_an_item_that_ends_on_a_chord_is_not_faded(self) -> None:
        """The next begins where it is over, and may come softly."""
        transition = plan(song("a", 180.0, fade_out_s=Seconds(0.0)), song("b"), RULES)
        assert (transition.manner, transition.mix_at_s) == (Manner.SEGUE, 180.0)
        assert transition.fade_out is None
        assert transition.fade_in.length_s == 4.0

    @given(pairs, own_fades, own_fades, rules)
    def test_own_fades_hold_in_every_house(
        self, pair: tuple[PreparedItem, PreparedItem], out_s: float, in_s: float, house: Rules
    ) -> None:
        """With wishes on both sides the rules have no say."""
        outgoing = structs.replace(pair[0], fade_out_s=Seconds(out_s))
        incoming = structs.replace(pair[1], fade_in_s=Seconds(in_s))
        assert plan(outgoing, incoming, house) == plan(outgoing, incoming, RULES)


class TestShortItems:
    """Items that are shorter than a fade."""

    def test_a_jingle_is_heard(self) -> None:
        """Of an item of one second the fades take less than half each."""
        jingle = song("b", 1.0)
        coming, going = plan(song("a"), jingle, RULES), plan(jingle, song("c"), RULES)
        assert coming.fade_in.length_s == going.fade_out.length_s == pytest.approx(0.35)
        assert coming.fade_in.end_s < going.mix_at_s

    @pytest.mark.parametrize("seconds", [0.0, 0.1, PREPARING_S])
    def test_what_is_hardly_there_is_not_faded(self, seconds: float) -> None:
        """A deck needs all of its time to be made ready for what comes after."""
        transition = plan(song("a", seconds), song("b"), RULES)
        assert transition == Transition(manner=Manner.SEGUE, mix_at_s=Seconds(seconds))

    @given(pairs, rules)
    def test_a_fade_takes_at_most_half_of_the_shorter_item(
        self, pair: tuple[PreparedItem, PreparedItem], house: Rules
    ) -> None:
        """And of that half it leaves a deck the time to be emptied and loaded."""
        transition = plan(*pair, house)
        known = [length for item in pair if (length := length_s(item)) is not None]
        most_s = max((min(known, default=float("inf")) - PREPARING_S) / 2, 0.0)
        assert faded_s(transition.fade_in) <= most_s + EXACT
        assert faded_s(transition.fade_out) <= most_s + EXACT

    @given(items("a"), items("b"), items("c"), rules)
    def test_an_item_has_come_before_it_goes(
        self, before: PreparedItem, item: PreparedItem, after: PreparedItem, house: Rules
    ) -> None:
        """The fades of one item never meet: between them a third deck would be needed."""
        length = length_s(item)
        coming, going = plan(before, item, house), plan(item, after, house)
        faded = faded_s(coming.fade_in) + faded_s(going.fade_out)
        assert length is None or faded == 0 or faded + PREPARING_S <= length + EXACT


class TestOpenEnds:
    """Items that end when something asks for it."""

    @given(items("b"), rules)
    def test_a_stream_is_left_open(self, incoming: PreparedItem, house: Rules) -> None:
        """It is never faded by plan, even where somebody wrote down an end."""
        for outgoing in (stream(), structs.replace(stream(), cue_out_s=Seconds(3600.0))):
            transition = plan(outgoing, incoming, house)
            assert (transition.manner, transition.mix_at_s) == (Manner.OPEN, None)
            assert transition.fade_out is None

    def test_a_file_whose_end_is_not_known_yet_is_left_open(self) -> None:
        """Analysis will tell its end while it plays, and then it is planned anew."""
        assert plan(song("a", None), song("b"), RULES).manner is Manner.OPEN

    def test_what_comes_after_a_stream_comes_softly(self) -> None:
        """Its own fade in is planned, for the instant at which somebody asks for it."""
        assert plan(stream(), song("b", cue_in_s=2.0), RULES).fade_in == Fade(Seconds(2.0), Seconds(4.0))

    def test_a_stream_comes_like_a_song(self) -> None:
        """Only its end is open."""
        transition = plan(song("a", 180.0), stream(), RULES)
        assert (transition.manner, transition.mix_at_s) == (Manner.CROSSFADE, 176.0)
        assert transition.fade_in.length_s == 4.0


class TestGapless:
    """Two parts of one recording."""

    def test_a_track_that_follows_on_its_album_is_neither_faded_nor_held_back(self) -> None:
        """It begins where the one before it is over, whatever either says of fades."""
        outgoing = song("a", 180.0, fade_out_s=Seconds(3.0))
        incoming = song("b", follows="a", fade_in_s=Seconds(3.0))
        assert plan(outgoing, incoming, RULES) == Transition(manner=Manner.GAPLESS, mix_at_s=Seconds(180.0))

    def test_the_same_track_after_another_is_faded(self) -> None:
        """It continues the recording only behind the track that it continues."""
        assert plan(song("c"), song("b", follows="a"), RULES).manner is Manner.CROSSFADE

    def test_an_item_without_a_name_is_followed_by_none(self) -> None:
        """To follow nothing is not to follow the nameless."""
        assert plan(song(""), song("b", follows=""), RULES).manner is Manner.CROSSFADE

    @given(pairs, rules)
    def test_nothing_else_is_gapless(self, pair: tuple[PreparedItem, PreparedItem], house: Rules) -> None:
        """Only what follows, and only behind an item that ends by itself."""
        outgoing, incoming = pair
        ends = outgoing.cue_out_s is not None and not outgoing.item.endless
        follows = incoming.follows == outgoing.item.id
        assert (plan(outgoing, incoming, house).manner is Manner.GAPLESS) == (ends and follows)


class TestEveryPlan:
    """What holds of every plan."""

    @given(pairs, rules)
    def test_there_is_a_plan_for_every_pair(
        self, pair: tuple[PreparedItem, PreparedItem], house: Rules
    ) -> None:
        """No pair of items is without one, and its parts agree with its manner."""
        transition = plan(*pair, house)
        has_end = transition.mix_at_s is not None
        assert has_end == (transition.manner is not Manner.OPEN)
        assert (transition.fade_out is not None) == (transition.manner is Manner.CROSSFADE)
        if transition.manner is Manner.GAPLESS:
            assert transition.fade_in is None

    @given(pairs, rules)
    def test_the_mix_point_lies_in_the_outgoing_item(
        self, pair: tuple[PreparedItem, PreparedItem], house: Rules
    ) -> None:
        """The next never begins before the one on air has, nor after it is over."""
        outgoing, incoming = pair
        mix_at_s = plan(outgoing, incoming, house).mix_at_s
        assert mix_at_s is None or outgoing.cue_in_s <= mix_at_s <= outgoing.cue_out_s

    @given(pairs, rules)
    def test_a_fade_out_ends_where_the_item_is_over(
        self, pair: tuple[PreparedItem, PreparedItem], house: Rules
    ) -> None:
        """Nothing is cut off, and no silence is left behind it."""
        transition = plan(*pair, house)
        if transition.fade_out is not None:
            assert transition.fade_out.start_s == transition.mix_at_s
            assert transition.fade_out.end_s == pytest.approx(pair[0].cue_out_s, abs=EXACT)

    @given(pairs, rules)
    def test_a_fade_in_begins_where_the_item_does(
        self, pair: tuple[PreparedItem, PreparedItem], house: Rules
    ) -> None:
        """The first sound that is heard is the first of the fade."""
        fade_in = plan(*pair, house).fade_in
        assert fade_in is None or fade_in.start_s == pair[1].cue_in_s

    @given(pairs, rules)
    def test_a_fade_that_is_there_takes_time(
        self, pair: tuple[PreparedItem, PreparedItem], house: Rules
    ) -> None:
        """A deck is never asked for a fade of no length."""
        transition = plan(*pair, house)
        for fade in (transition.fade_in, transition.fade_out):
            assert fade is None or fade.length_s > 0


class TestBackward:
    """Items that end before they begin."""

    @given(items("a"), st.floats(0.001, 60.0), rules)
    def test_they_are_refused_on_either_side(self, good: PreparedItem, back_s: float, house: Rules) -> None:
        """They are a defect of whoever prepared them, and are named."""
        bad = song("bad", -back_s, cue_in_s=60.0)
        with pytest.raises(ValueError, match="bad: cue out"):
            plan(good, bad, house)
        with pytest.raises(ValueError, match="bad: cue out"):
            plan(bad, good, house)

    def test_the_message_tells_both_positions(self) -> None:
        """Whoever reads it sees which is which."""
        message = r"^x: cue out 3.0 s lies before cue in 5.0 s$"
        with pytest.raises(ValueError, match=message):
            plan(song("x", -2.0, cue_in_s=5.0), song("b"), RULES)


class TestLength:
    """How long an item sounds."""

    def test_it_sounds_from_cue_to_cue(self) -> None:
        """What lies before and behind is not counted."""
        assert length_s(song("a", 90.0, cue_in_s=10.0)) == 90.0

    def test_what_has_no_end_has_no_length(self) -> None:
        """None is not zero."""
        assert length_s(stream()) is None


class TestLoudness:
    """The gain that brings items to one loudness."""

    @pytest.mark.parametrize(
        ("loudness", "true_peak", "gain"),
        [
            (-16.0, -3.0, 0.0),  # at the target already
            (-8.0, 0.5, -8.0),  # a loud modern master is turned down
            (-20.0, -10.0, 4.0),  # a quiet recording is lifted
            (-20.0, -3.0, 2.0),  # as far as its peaks allow
            (-16.0, 0.5, -1.5),  # peaks above the headroom are brought under it
            (-40.0, -30.0, 9.0),  # and never by more than is good for its noise
            (-20.0, None, 0.0),  # peaks that nobody measured are left alone
            (None, None, -6.0),  # what nobody measured counts as loud
        ],
    )
    def test_known_items(self, loudness: float | None, true_peak: float | None, gain: float) -> None:
        """To -16 LUFS, under -1 dBTP, lifted by 9 dB at the most."""
        assert loudness_gain(loudness, true_peak, Rules()) == pytest.approx(gain)

    @given(
        st.none() | st.floats(-120.0, 10.0).map(Lufs),
        st.floats(-120.0, 20.0).map(Decibels),
        st.floats(-40.0, -5.0).map(Lufs),
        st.floats(-20.0, 0.0).map(Decibels),
    )
    def test_no_true_peak_goes_over_the_headroom(
        self, loudness: Lufs | None, true_peak: Decibels, target: Lufs, headroom: Decibels
    ) -> None:
        """Whatever the house wants, nothing clips."""
        house = Rules(target_lufs=target, headroom_dbtp=headroom)
        assert true_peak + loudness_gain(loudness, true_peak, house) <= headroom + EXACT

    @given(
        st.none() | st.floats(max_value=10.0, allow_nan=False),
        st.none() | st.floats(max_value=20.0, allow_nan=False),
        st.floats(0.0, 20.0),
    )
    def test_nothing_is_lifted_by_more_than_the_most(
        self, loudness: float | None, true_peak: float | None, most_db: float
    ) -> None:
        """Not even digital silence, whose loudness is minus infinity."""
        assert loudness_gain(loudness, true_peak, Rules(most_boost_db=Decibels(most_db))) <= most_db

    @given(st.none() | st.floats(-120.0, 10.0))
    def test_what_has_unknown_peaks_is_never_lifted(self, loudness: float | None) -> None:
        """It might clip, and nobody would know."""
        assert loudness_gain(loudness, None, Rules()) <= 0
