"""What plays next, and why: the layers over one another, and the playlists within them."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.calendar import instant_of, zone_of
from easyplayer.playout.catalogue import (
    Daypart,
    EachMinutes,
    EachSongs,
    Entry,
    Order,
    Playlist,
    Program,
    Separation,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
)
from easyplayer.playout.engine import KEPT_PAST, MOST_PAST, Engine, EngineState, Following
from easyplayer.playout.explain import Decision, explained
from easyplayer.playout.items import Item, ItemKind, Layer, Sense
from easyplayer.playout.listing import having, listed
from easyplayer.playout.separation import Rule
from easyplayer.units import Instant, Milliseconds, Seconds

PARIS = "Europe/Paris"
SONG_S = Seconds(180.0)


def item(name: str, **fields: Any) -> Item:
    return Item(id=name, location=f"/music/{name}.flac", title=name, artist=f"by {name}", **fields)


def radio(name: str) -> Item:
    return Item(id=name, location=f"http://radio/{name}", kind=ItemKind.STREAM)


def playlist(name: str, *items: str, order: Order = Order.SEQUENTIAL, **fields: Any) -> Playlist:
    entries = tuple(Entry(item=one) for one in (items or (f"{name} 1", f"{name} 2", f"{name} 3")))
    return Playlist(id=name, title=name.title(), entries=entries, order=order, **fields)


def program(*playlists: Playlist, **fields: Any) -> Program:
    names = {entry.item for one in playlists for entry in one.entries}
    more: tuple[Item, ...] = fields.pop("items", ())
    there = {one.id for one in more}
    items = (*more, *(item(name) for name in sorted(names - there)))
    return Program(name="test", zone=PARIS, items=items, playlists=playlists, **fields)


def at(text: str) -> Instant:
    return instant_of(datetime.fromisoformat(text), zone_of(PARIS))


def missing(*names: str) -> Callable[[Item], str]:
    return lambda one: "it is not there" if one.id in names else ""


def decided(decision: Decision | None) -> Decision:
    assert decision is not None
    return decision


def heard(engine: Engine, count: int, start: Instant, step_s: float = 210.0) -> list[Decision]:
    """Play so many items, one after the other."""
    decisions = []
    for number in range(count):
        decision = decided(engine.next(Instant(start + number * step_s)))
        engine.take(decision, decision.at)
        decisions.append(decision)
    return decisions


def followed(following: Following | None) -> Following:
    assert following is not None
    return following


DAY = Daypart(id="day", title="By day", slot=Slot(starts=time(8), ends=time(20)), playlist="day")
PARTY = Show(
    id="party",
    starts=datetime.fromisoformat("2027-03-05T12:00"),
    ends=datetime.fromisoformat("2027-03-05T14:00"),
    playlist="party",
    start=Start.HARD,
)
SOUP = Spot(id="soup", items=("soup",), when=EachMinutes(minutes=5))
LISTS = playlist("day"), playlist("party"), playlist("rest")
VENUE = program(*LISTS, dayparts=(DAY,), shows=(PARTY,), fallback="rest")


# -- the layers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "layer", "source", "plays"),
    [
        ("2027-03-05T13:00", Layer.SHOW, "party", "party 1"),
        ("2027-03-05T15:00", Layer.DAYPART, "day", "day 1"),
        ("2027-03-05T21:00", Layer.FALLBACK, "", "rest 1"),
    ],
)
def test_highest_layer_that_covers_the_instant_has_the_word(
    when: str, layer: Layer, source: str, plays: str
) -> None:
    """A show over a daypart, and that over the fallback."""
    decision = decided(Engine(VENUE).next(at(when)))
    assert (decision.origin.layer, decision.origin.source, decision.item.id) == (layer, source, plays)


def test_layer_in_which_nothing_can_be_played_gives_the_word_to_the_next_one() -> None:
    """And the decision tells which it was."""
    decision = decided(Engine(VENUE).next(at("2027-03-05T13:00"), missing("party 1", "party 2", "party 3")))
    assert decision.item.id == "day 1"
    assert [(one.layer, one.source) for one in decision.beaten] == [(Layer.SHOW, "party")]
    assert [one.layer for one in decision.otherwise] == [Layer.FALLBACK]


def test_where_no_playlist_has_anything_all_that_is_there_is_played() -> None:
    """Any item on the storage is better than silence."""
    bare = program(playlist("day"), items=(item("stray"),), dayparts=(DAY,))
    decision = decided(Engine(bare).next(at("2027-03-05T12:00"), missing("day 1", "day 2", "day 3")))
    assert (decision.origin.layer, decision.item.id) == (Layer.STORAGE, "stray")


def test_what_only_spots_name_is_no_music_while_there_is_some() -> None:
    """Nobody wants an advertisement between all others, whose campaign is over."""
    campaign = Slot(last=datetime.fromisoformat("2026-01-31").date())
    spot = Spot(id="soup", items=("soup", "day 1"), when=EachSongs(songs=1), slot=campaign)
    engine = Engine(program(playlist("day"), items=(item("soup"),), dayparts=(DAY,), spots=(spot,)))
    by_night = heard(engine, 9, at("2027-03-05T21:00"))
    assert {one.origin.layer for one in by_night} == {Layer.STORAGE}
    assert {one.item.id for one in by_night} == {"day 1", "day 2", "day 3"}


def test_what_only_spots_name_is_better_than_silence() -> None:
    """It comes where all the music is missing."""
    engine = Engine(program(playlist("day"), items=(item("soup"),), dayparts=(DAY,), spots=(SOUP,)))
    decision = decided(engine.next(at("2027-03-05T21:00"), missing("day 1", "day 2", "day 3")))
    assert (decision.origin.layer, decision.item.id) == (Layer.STORAGE, "soup")


def test_program_of_which_nothing_can_be_played_decides_nothing() -> None:
    """Then it is for the box to play what it brings along."""
    assert Engine(VENUE).next(at("2027-03-05T12:00"), lambda _item: "gone") is None


def test_emergency_stands_above_all_and_plays_again_and_again() -> None:
    """Until it is over."""
    engine = Engine(VENUE)
    engine.emergency = item("leave the house")
    for _ in range(2):
        decision = decided(engine.next(at("2027-03-05T13:00")))
        assert (decision.origin.layer, decision.item.id) == (Layer.EMERGENCY, "leave the house")
        engine.take(decision, decision.at)
    engine.emergency = None
    assert decided(engine.next(at("2027-03-05T13:00"))).origin.layer is Layer.SHOW


def test_clock_that_nobody_trusts_gives_the_daypart_that_is_right_most_often() -> None:
    """And the decision says that it was taken blindly."""
    decision = decided(Engine(VENUE).next(Instant(0.0), blind=True))
    assert (decision.origin.source, decision.origin.blind) == ("day", True)


# -- the playlists ---------------------------------------------------------------------------------


def test_asking_changes_nothing() -> None:
    """Only what sounds is played."""
    engine = Engine(VENUE)
    assert {decided(engine.next(at("2027-03-05T15:00"))).item.id for _ in range(3)} == {"day 1"}
    assert (engine.state.past, engine.state.spots) == ((), EngineState().spots)


def test_daypart_goes_on_where_its_playlist_stood_the_day_before() -> None:
    """A list that begins anew each morning would never come to its end."""
    engine = Engine(VENUE)
    engine.take(decided(engine.next(at("2027-03-06T19:59"))), at("2027-03-06T19:59"))
    assert decided(engine.next(at("2027-03-07T08:00"))).item.id == "day 2"


def test_sequential_playlist_begins_anew_with_every_show() -> None:
    """A show is composed: its first song is its first song, also where others use the list."""
    again = msgspec.structs.replace(
        PARTY,
        id="again",
        starts=datetime.fromisoformat("2027-03-06T12:00"),
        ends=datetime.fromisoformat("2027-03-06T14:00"),
    )
    engine = Engine(msgspec.structs.replace(VENUE, shows=(PARTY, again)))
    for when, plays in [("2027-03-05T12:00", "party 1"), ("2027-03-05T12:03", "party 2")]:
        decision = decided(engine.next(at(when)))
        assert decision.item.id == plays
        engine.take(decision, at(when))
    decision = decided(engine.next(at("2027-03-06T12:00")))
    assert decision.item.id == "party 1"
    engine.take(decision, decision.at)
    assert len([name for name in engine.state.courses if name.startswith("party")]) == 1


def test_items_take_the_fades_of_their_playlist_and_that_those_of_the_program() -> None:
    """What is said nearest to the item counts."""
    own = item("own", fade_out_ms=Milliseconds(100))
    lists = (
        playlist("day", "own", fade_out_ms=Milliseconds(200), fade_in_ms=Milliseconds(300)),
        playlist("rest", "plain"),
    )
    engine = Engine(
        program(*lists, items=(own,), dayparts=(DAY,), fallback="rest", crossfade_ms=Milliseconds(900))
    )
    by_day, by_night = (
        decided(engine.next(at("2027-03-05T12:00"))),
        decided(engine.next(at("2027-03-05T22:00"))),
    )
    assert (by_day.item.fade_in_ms, by_day.item.fade_out_ms) == (300, 100)
    assert (by_night.item.fade_in_ms, by_night.item.fade_out_ms) == (900, 900)


@pytest.mark.parametrize(
    ("of_program", "of_list"),
    [({"crossfade_ms": Milliseconds(2000)}, {}), ({}, {"fade_in_ms": Milliseconds(900)})],
)
def test_list_with_one_item_twice_goes_on_behind_each_of_its_places(
    of_program: dict[str, Any], of_list: dict[str, Any]
) -> None:
    """A jingle between all songs, whose fades are those of the program or of the list."""
    names = ["jingle", "A", "jingle", "B", "jingle", "C"]
    engine = Engine(program(playlist("rest", *names, **of_list), fallback="rest", **of_program))
    assert [one.item.id for one in heard(engine, 12, at("2027-03-05T12:00"))] == names * 2


def test_pictures_with_one_of_them_twice_go_on_behind_each_of_its_places() -> None:
    """A list for the screens is a list like any other."""
    names = ["logo", "A", "logo", "B"]
    stills = [Item(id=name, location=f"{name}.png", kind=ItemKind.STILL) for name in dict.fromkeys(names)]
    shown = program(playlist("rest", *names, fade_in_ms=Milliseconds(500)), items=(*stills,), fallback="rest")
    engine = Engine(shown, sense=Sense.EYE)
    assert [one.item.id for one in heard(engine, 8, at("2027-03-05T12:00"))] == names * 2


def test_spot_comes_between_songs_when_it_is_due() -> None:
    """And it is told what made it due."""
    spot = Spot(id="soup", title="Soup", items=("soup",), when=EachSongs(songs=2))
    engine = Engine(program(*LISTS, playlist("all", "soup"), dayparts=(DAY,), spots=(spot,), fallback="rest"))
    heard = []
    for minute in range(6):
        decision = decided(engine.next(at(f"2027-03-05T12:{3 * minute:02}")))
        heard.append(decision.item.id)
        engine.take(decision, decision.at)
    assert heard == ["day 1", "day 2", "soup", "day 3", "day 1", "soup"]


# -- what follows ----------------------------------------------------------------------------------


def test_what_follows_is_decided_for_the_instant_at_which_the_song_is_over() -> None:
    """The daypart that begins meanwhile has the word."""
    engine, now = Engine(VENUE), at("2027-03-06T07:59")
    following = followed(engine.following(decided(engine.next(now)), now, now, SONG_S))
    assert following.gives_way_at is None
    assert (following.decision.item.id, following.decision.at) == ("day 1", now + SONG_S)


def test_hard_show_takes_the_place_of_the_song() -> None:
    """On the second."""
    engine, now = Engine(VENUE), at("2027-03-05T11:59")
    following = followed(engine.following(decided(engine.next(now)), now, now, SONG_S))
    assert (following.decision.item.id, following.gives_way_at) == ("party 1", at("2027-03-05T12:00"))


def test_soft_show_waits_for_the_song_but_not_for_ever() -> None:
    """A long mix gives way after the longest wait, and a short song does not have to."""
    soft = msgspec.structs.replace(PARTY, start=Start.SOFT, longest_wait_s=60)
    engine, now = Engine(msgspec.structs.replace(VENUE, shows=(soft,))), at("2027-03-05T11:59")
    playing = decided(engine.next(now))
    short = followed(engine.following(playing, now, now, Seconds(90.0)))
    assert (short.decision.item.id, short.gives_way_at) == ("party 1", None)
    long = followed(engine.following(playing, now, now, Seconds(3600.0)))
    assert (long.decision.item.id, long.gives_way_at) == ("party 1", at("2027-03-05T12:01"))


@pytest.mark.parametrize(
    ("start", "gives_way_at"), [(Start.HARD, "2027-03-05T12:00"), (Start.SOFT, "2027-03-05T12:01")]
)
def test_show_that_must_begin_goes_before_a_spot_that_is_due(start: Start, gives_way_at: str) -> None:
    """The spot comes between its first two songs."""
    show = msgspec.structs.replace(PARTY, start=start, longest_wait_s=60)
    engine = Engine(
        program(*LISTS, items=(item("soup"),), dayparts=(DAY,), shows=(show,), spots=(SOUP,), fallback="rest")
    )
    (playing,) = heard(engine, 1, at("2027-03-05T11:50"))
    following = followed(engine.following(playing, playing.at, playing.at, Seconds(3600.0)))
    assert (following.decision.item.id, following.gives_way_at) == ("party 1", at(gives_way_at))
    engine.take(following.decision, at(gives_way_at))
    assert decided(engine.next(Instant(at(gives_way_at) + SONG_S))).item.id == "soup"


def test_stream_gives_way_to_the_hard_show_and_not_to_a_spot() -> None:
    """It would to either, and the show has to begin on its second."""
    more = item("soup"), radio("fm")
    lists = playlist("day", "fm"), *LISTS[1:]
    engine = Engine(program(*lists, items=more, dayparts=(DAY,), shows=(PARTY,), spots=(SOUP,)))
    (playing,) = heard(engine, 1, at("2027-03-05T11:50"))
    following = followed(engine.following(playing, playing.at, playing.at, None))
    assert (following.decision.item.id, following.gives_way_at) == ("party 1", at("2027-03-05T12:00"))


def test_hard_show_interrupts_a_daypart_of_the_same_id() -> None:
    """Ids are each unlike the others of their kind, and not of all kinds."""
    daypart = msgspec.structs.replace(DAY, id=PARTY.id)
    engine, now = Engine(msgspec.structs.replace(VENUE, dayparts=(daypart,))), at("2027-03-05T11:59")
    following = followed(engine.following(decided(engine.next(now)), now, now, SONG_S))
    assert (following.decision.item.id, following.gives_way_at) == ("party 1", at("2027-03-05T12:00"))


def test_hard_show_of_which_nothing_can_be_played_interrupts_nothing() -> None:
    """To cut a song for another song of the daypart would serve nobody."""
    engine, now = Engine(VENUE), at("2027-03-05T11:59")
    following = followed(
        engine.following(
            decided(engine.next(now)), now, now, SONG_S, missing("party 1", "party 2", "party 3")
        )
    )
    assert (following.decision.origin.layer, following.gives_way_at) == (Layer.DAYPART, None)


def test_stream_gives_way_when_its_daypart_is_over() -> None:
    """It has no end of its own."""
    engine = Engine(
        program(
            playlist("day", "fm"), playlist("rest"), items=(radio("fm"),), dayparts=(DAY,), fallback="rest"
        )
    )
    now = at("2027-03-05T12:00")
    following = followed(engine.following(decided(engine.next(now)), now, now, None))
    assert (following.decision.item.id, following.gives_way_at) == ("rest 1", at("2027-03-05T20:00"))


def test_nothing_follows_a_stream_that_plays_for_ever() -> None:
    """Until something else is wanted."""
    engine, now = (
        Engine(program(playlist("rest", "fm"), items=(radio("fm"),), fallback="rest")),
        at("2027-03-05T12"),
    )
    assert engine.following(decided(engine.next(now)), now, now, None) is None


def test_clock_that_was_set_past_a_hard_start_does_not_interrupt_the_song() -> None:
    """The show is on when the song is over."""
    engine = Engine(VENUE)
    playing = decided(engine.next(at("2027-03-05T10:00")))
    now = at("2027-03-05T12:30")
    following = followed(engine.following(playing, Instant(now - 60), now, Seconds(120.0)))
    assert (following.decision.item.id, following.gives_way_at) == ("party 1", None)


# -- what is remembered ----------------------------------------------------------------------------


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=40), st.integers(0, 39))
def test_engine_that_was_written_down_and_read_again_decides_the_same(steps: list[int], cut: int) -> None:
    """A restart changes nothing of what is heard."""
    lists = tuple(playlist(name, order=Order.SHUFFLE) for name in ("day", "party", "rest"))
    spot = Spot(id="soup", items=("day 1",), when=EachSongs(songs=3))
    venue = program(*lists, dayparts=(DAY,), shows=(PARTY,), spots=(spot,), fallback="rest")
    steady, restarted, now = Engine(venue), Engine(venue), at("2027-03-04T18:00")
    for number, step in enumerate(steps):
        if number == cut:
            written = msgspec.json.encode(restarted.state)
            restarted = Engine(venue, msgspec.json.decode(written, type=EngineState))
        decision = decided(steady.next(now))
        assert restarted.next(now) == decision
        steady.take(decision, now)
        restarted.take(decision, now)
        now = Instant(now + step)


def test_new_program_goes_on_where_the_one_before_stood() -> None:
    """A playlist that got one more song does not begin anew."""
    old = Engine(VENUE)
    for minute in range(2):
        decision = decided(old.next(at(f"2027-03-05T15:0{minute}")))
        old.take(decision, decision.at)
    longer = playlist("day", "day 1", "day 2", "day new", "day 3")
    new = Engine(program(longer, *LISTS[1:], dayparts=(DAY,), shows=(PARTY,), fallback="rest"))
    new.carry_over(old)
    assert decided(new.next(at("2027-03-05T15:02"))).item.id == "day new"


def test_separation_of_a_day_is_kept_for_a_day() -> None:
    """Though more songs fit into it than are remembered otherwise; also over a change of the program."""
    names = [f"song {number}" for number in range(900)]
    apart = Separation(item_minutes=1440)
    venue = program(playlist("rest", *names, order=Order.WEIGHTED, separation=apart), fallback="rest")
    old, new, start = Engine(venue), Engine(msgspec.structs.replace(venue, version=2)), at("2027-03-05T12:00")
    decisions = heard(old, 300, start)
    new.carry_over(old)
    decisions += heard(new, 300, Instant(start + 300 * 210.0))
    last: dict[str, Instant] = {}
    for decision in decisions:
        assert decision.at - last.get(decision.item.id, 0.0) >= 86_400
        last[decision.item.id] = decision.at
    assert KEPT_PAST < len(new.state.past) <= 412


def test_songs_that_no_separation_asks_for_are_forgotten() -> None:
    """What is remembered is written to the disk with every song."""
    apart = Separation(item_minutes=10_080)
    seconds = playlist("rest", "a", "b", separation=apart), playlist("day", "a", "b")
    for lists, count in [(seconds, MOST_PAST), (seconds[1:], KEPT_PAST)]:
        engine = Engine(program(*lists))
        heard(engine, MOST_PAST + 10, at("2027-03-05T12:00"), step_s=2.0)
        assert len(engine.state.past) == count


@pytest.mark.parametrize(("minutes", "kept"), [(1440, KEPT_PAST + 51), (0, KEPT_PAST)])
def test_clock_that_starts_in_1970_makes_nothing_old(minutes: int, kept: int) -> None:
    """Once it is right again, what was heard before counts as before, where anybody asks for it."""
    rest = playlist("rest", "a", "b", separation=Separation(item_minutes=minutes))
    engine = Engine(program(rest, fallback="rest"))
    heard(engine, KEPT_PAST + 50, at("2027-03-05T12:00"))
    heard(engine, 1, Instant(100.0))
    assert len(engine.state.past) == kept


def test_spot_on_the_second_is_claimed_once_also_by_the_next_program() -> None:
    """Whoever changes the program at noon does not hear the noon call twice."""
    noon = Spot(id="noon", items=("day 1",), when=Sharp(at=(time(12),)))
    venue = msgspec.structs.replace(VENUE, spots=(noon,))
    old = Engine(venue)
    (event,) = old.sharp.look(at("2027-03-05T12:00")).due
    old.sharp.claim(event)
    new = Engine(msgspec.structs.replace(venue, version=2))
    new.carry_over(old)
    assert new.sharp.look(at("2027-03-05T12:00:10")).due == ()


# -- in words --------------------------------------------------------------------------------------


def test_decision_is_told_in_words() -> None:
    """What plays, why, since when, and what would have played otherwise."""
    decision = decided(Engine(VENUE).next(at("2027-03-05T15:00")))
    assert explained(decision, PARIS) == (
        ("plays", "by day 1 - day 1"),
        ("because", "the daypart 'By day'"),
        ("in force", "from Fri 05 Mar 08:00 to Fri 05 Mar 20:00"),
        ("out of", "playlist 'day'"),
        ("otherwise", "fallback 'Rest'"),
    )


def test_what_was_passed_over_is_told() -> None:
    """And why."""
    decision = decided(Engine(VENUE).next(at("2027-03-05T15:00"), missing("day 1")))
    assert ("passed over", "day 1: it is not there") in explained(decision, PARIS)


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_that_gives_way_has_its_words(rule: Rule) -> None:
    """Whatever had to be given up is told, and read again from JSON."""
    decision = msgspec.structs.replace(decided(Engine(VENUE).next(at("2027-03-05T15:00"))), relaxed=(rule,))
    again = msgspec.json.decode(msgspec.json.encode(decision), type=Decision)
    assert again == decision
    assert explained(again, PARIS)[-1][0] == "gave way"


def test_song_that_is_alone_follows_itself_and_says_so() -> None:
    """There is nothing else to play."""
    engine = Engine(program(playlist("day", "only", order=Order.SHUFFLE), dayparts=(DAY,)))
    engine.take(decided(engine.next(at("2027-03-05T12:00"))), at("2027-03-05T12:00"))
    again = decided(engine.next(at("2027-03-05T12:03")))
    assert ("gave way", "it follows itself, because there is no other") in explained(again, PARIS)


# -- lists -----------------------------------------------------------------------------------------


def test_list_comes_in_its_order_and_what_is_listed_twice_comes_twice() -> None:
    """A plain list is a program of one playlist."""
    one, two = item("one"), item("two")
    engine = Engine(listed([one, two, one]))
    heard = []
    for number in range(4):
        decision = decided(engine.next(Instant(float(number))))
        heard.append(decision.item.id)
        engine.take(decision, decision.at)
    assert heard == ["one", "two", "one", "one"]


def test_program_without_what_has_not_come_yet_is_whole() -> None:
    """Its playlists and spots name nothing that is not there."""
    noon = Spot(id="noon", items=("day 1",), when=Sharp(at=(time(12),)))
    part = having(msgspec.structs.replace(VENUE, spots=(noon,)), {"rest 2"})
    assert [one.id for one in part.items] == ["rest 2"]
    assert part.spots == ()
    assert decided(Engine(part).next(at("2027-03-05T12:00"))).item.id == "rest 2"
