"""A rotation gives each its turn, keeps apart what is to be kept apart, and goes on behind a restart."""

import doctest
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TypeVar

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from easyplayer.playout import separation as separations
from easyplayer.playout.catalogue import Entry, Order, Playlist, Separation
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.rotation import Draw, Passed, Rotation, RotationState
from easyplayer.playout.separation import Past, Rule, folded
from easyplayer.units import Instant, Seconds

pytestmark = pytest.mark.slow

SONG_S = Seconds(240.0)
DRAWS = 10_000
SHUFFLE, WEIGHTED, SEQUENTIAL = Order.SHUFFLE, Order.WEIGHTED, Order.SEQUENTIAL
NOTHING = Separation()
NOON = Instant(1_800_000_000.0)

SOUNDING = {ItemKind.FILE, ItemKind.LOCAL, ItemKind.STREAM, ItemKind.LIVE_SESSION, ItemKind.LIVE_CAST}
MOST_CHI_SQUARE = {4: 18.5, 5: 20.5, 9: 27.9, 19: 43.8}
"""By degrees of freedom: one honest trial in a thousand is above it."""

Name = TypeVar("Name", str, tuple[str, str])
Unavailable = Callable[[Item], str]


def song(name: str) -> Item:
    """Make a song: its artist is the first letter, its title the second, and a dash is nobody or none."""
    artist, title = name[0].strip("-"), name[1:2].strip("-")
    return Item(id=name, location=f"/music/{name}.flac", artist=artist, title=title)


def keep(artists: int = 0, titles: int = 0, minutes: int = 0) -> Separation:
    """Make the rules of a playlist."""
    return Separation(artist_songs=artists, title_songs=titles, item_minutes=minutes)


def rotation(
    names: str | Iterable[str],
    order: Order = SHUFFLE,
    apart: Separation = NOTHING,
    seed: int = 7,
    *,
    weights: Sequence[float] = (),
    state: RotationState | None = None,
) -> Rotation:
    """Make the rotation of some songs; whether they are in one text or in several does not matter."""
    listed = names.split() if isinstance(names, str) else tuple(names)
    weight_of = dict(zip(listed, weights, strict=False))
    entries = tuple(Entry(item=name, weight=weight_of.get(name, 1.0)) for name in listed)
    playlist = Playlist(id="bar", entries=entries, order=order, separation=apart)
    return Rotation(playlist, {name: song(name) for name in listed}, seed, state)


def everything(_item: Item) -> str:
    """Find every item fit to be played."""
    return ""


def without(*names: str) -> Unavailable:
    """Find some items missing."""
    return lambda item: "not on the disk" if item.id in names else ""


class Venue:
    """A place in which one song follows the other.

    :ivar heard: all that was heard in it, the oldest first.
    """

    def __init__(self, heard: str | Iterable[str] = "") -> None:
        names = heard.split() if isinstance(heard, str) else tuple(heard)
        start = NOON - SONG_S * len(names)
        self.heard = [Past.of(song(name), Instant(start + SONG_S * at)) for at, name in enumerate(names)]

    @property
    def now(self) -> Instant:
        """When the next song begins."""
        return Instant(self.heard[-1].at + SONG_S) if self.heard else NOON

    def look(self, listed: Rotation, unavailable: Unavailable = everything) -> Draw:
        """Look what comes next; something must."""
        draw = listed.peek(self.heard, self.now, unavailable)
        assert draw is not None
        return draw

    def play(self, listed: Rotation, count: int, unavailable: Unavailable = everything) -> list[Draw]:
        """Play some songs, as many as there are, and tell how each was drawn."""
        draws: list[Draw] = []
        while len(draws) < count and (draw := listed.peek(self.heard, self.now, unavailable)):
            listed.take(draw)
            self.heard.append(Past.of(draw.item, self.now))
            draws.append(draw)
        return draws


def ids(draws: Iterable[Draw]) -> list[str]:
    """Name what was drawn."""
    return [draw.item.id for draw in draws]


def played(listed: Rotation, count: int, unavailable: Unavailable = everything) -> list[str]:
    """Name what some draws give, in a venue that was silent before."""
    return ids(Venue().play(listed, count, unavailable))


def rounds_of(heard: Sequence[str], size: int) -> list[list[str]]:
    """Split what was heard into rounds."""
    return [sorted(heard[first : first + size]) for first in range(0, len(heard), size)]


def library(songs: int, artists: int) -> list[str]:
    """Name songs; artists and titles are letters of any alphabet."""
    return [f"{chr(0x4E00 + one % artists)}{chr(0x4E00 + one)}{one}" for one in range(songs)]


few_songs = st.lists(st.sampled_from(["Aa", "Ab", "Ac", "Ba", "Bd", "Ce", "-a", "D-"]), max_size=9)
rules = st.builds(keep, st.integers(0, 3), st.integers(0, 3), st.sampled_from([0, 5, 15]))
orders = st.sampled_from(Order)


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(separations).failed == 0


class TestSequence:
    """A playlist that is played as it is listed."""

    def test_songs_come_in_their_order_round_and_round(self) -> None:
        """The first comes behind the last."""
        assert played(rotation("Aa Bb Cc", SEQUENTIAL), 7) == ["Aa", "Bb", "Cc", "Aa", "Bb", "Cc", "Aa"]

    def test_what_is_listed_twice_comes_twice_also_in_a_row(self) -> None:
        """Whoever wrote the order down has the word, and nothing is kept apart."""
        heard = Venue().play(rotation("Aa Aa Ab", SEQUENTIAL, apart=keep(artists=2, minutes=60)), 6)
        assert ids(heard) == ["Aa", "Aa", "Ab"] * 2
        assert {draw.relaxed for draw in heard} == {()}

    def test_what_is_not_there_is_passed_over_and_comes_in_the_next_round(self) -> None:
        """The order of the others stays, and it is told why."""
        listed, venue = rotation("Aa Bb Cc", SEQUENTIAL), Venue()
        first, second = venue.play(listed, 2, without("Bb"))
        assert ids((first, second)) == ["Aa", "Cc"]
        assert second.passed == (Passed("Bb", "not on the disk"),)
        assert ids(venue.play(listed, 3)) == ["Aa", "Bb", "Cc"]

    def test_rounds_are_counted(self) -> None:
        """The first one has the number 0."""
        assert [draw.round for draw in Venue().play(rotation("Aa Bb", SEQUENTIAL), 5)] == [0, 0, 1, 1, 2]


class TestBag:
    """A playlist that is shuffled."""

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
    def test_each_song_comes_once_before_any_comes_twice(self, size: int) -> None:
        """In every round."""
        names = library(size, 5)
        assert rounds_of(played(rotation(names), 6 * size), size) == [sorted(names)] * 6

    @given(few_songs.filter(bool), rules, st.integers())
    def test_also_where_songs_are_to_be_kept_apart(
        self, names: list[str], separation: Separation, seed: int
    ) -> None:
        """What is listed twice comes twice in each round, and no rule, kept or not, empties the bag early."""
        heard = played(rotation(names, seed=seed, apart=separation), 4 * len(names))
        assert rounds_of(heard, len(names)) == [sorted(names)] * 4

    def test_over_ten_thousand_draws_the_bag_holds_and_all_is_kept_apart(self) -> None:
        """Where there is room enough, no rule gives way even once."""
        names = library(500, 40)
        draws = Venue().play(rotation(names, apart=keep(artists=12, titles=30, minutes=120)), DRAWS)
        assert rounds_of(ids(draws), 500) == [sorted(names)] * (DRAWS // 500)
        assert {draw.relaxed for draw in draws} == {()}
        artists = [draw.item.artist for draw in draws]
        assert all(len(set(artists[at : at + 13])) == 13 for at in range(len(artists) - 12))

    def test_rounds_differ(self) -> None:
        """Nobody hears the same order day after day."""
        heard = played(rotation(library(30, 5)), 300)
        assert len({tuple(heard[first : first + 30]) for first in range(0, 300, 30)}) == 10

    def test_the_order_grows_from_the_seed_and_the_name_of_the_playlist(self) -> None:
        """Two venues with the same program hear the same; another seed is another order."""
        names = library(30, 5)
        assert played(rotation(names), 60) == played(rotation(names), 60)
        assert played(rotation(names), 60) != played(rotation(names, seed=8), 60)

    def test_the_order_is_the_same_on_every_machine(self) -> None:
        """And in every process, and with every Python: a venue's log can be reckoned again later."""
        heard = played(rotation("Aa Ab Ac Bd Be Cf Cg Dh", apart=keep(artists=1)), 16)
        assert " ".join(heard) == "Ac Cg Aa Dh Cf Bd Ab Be Cf Aa Dh Ab Cg Be Ac Bd"

    def test_any_song_may_come_first(self) -> None:
        """Each as often as any other, over many seeds."""
        names = library(10, 10)
        counts = Counter(played(rotation(names, seed=seed), 1)[0] for seed in range(2000))
        assert chi_square(counts, dict.fromkeys(names, 1.0)) < MOST_CHI_SQUARE[9]

    def test_any_song_may_follow_any_other(self) -> None:
        """Each pair as often as any other, over many rounds."""
        names = library(5, 5)
        rounds = [played(rotation(names, seed=seed), 5) for seed in range(1000)]
        counts = Counter(pair for heard in rounds for pair in itertools.pairwise(heard))
        pairs = {(one, other): 1.0 for one in names for other in names if one != other}
        assert chi_square(counts, pairs) < MOST_CHI_SQUARE[19]

    def test_no_song_follows_itself_from_one_round_to_the_next(self) -> None:
        """Unless there is no other."""
        heard = played(rotation("Aa Bb Cc"), 3000)
        assert all(one != other for one, other in itertools.pairwise(heard))

    def test_a_single_song_comes_again_and_again(self) -> None:
        """It is told that it had to."""
        draws = Venue().play(rotation("Aa"), 3)
        assert [draw.relaxed for draw in draws] == [(), (Rule.ITEM,), (Rule.ITEM,)]

    def test_what_is_listed_twice_does_not_follow_itself_where_another_is_left(self) -> None:
        """The same song twice in a row sounds like a fault."""
        for seed in range(50):
            one, other, *_ = played(rotation("Aa Aa Bb", seed=seed), 3)
            assert one != other

    def test_what_another_playlist_brought_just_now_does_not_follow_itself(self) -> None:
        """The next round begins with something else, and goes on with all that has not come in it."""
        listed = rotation("Aa Bb Cc")
        last = (set(listed.playlist.entries) - {Entry(item=name) for name in played(listed, 2)}).pop().item
        draws = Venue(last).play(listed, 3)
        assert draws[0].item.id != last
        assert {draw.relaxed for draw in draws} == {()}
        assert (sorted(ids(draws)), draws[0].round) == (["Aa", "Bb", "Cc"], 1)


class TestUnavailable:
    """Songs that cannot be played just now."""

    @pytest.mark.parametrize("order", Order)
    def test_without_any_there_is_nothing(self, order: Order) -> None:
        """Neither in an empty playlist, nor where all is missing; and nothing changes."""
        empty, listed = rotation("", order), rotation("Aa Bb", order)
        before = listed.state
        assert empty.peek((), NOON, everything) is None
        assert listed.peek((), NOON, without("Aa", "Bb")) is None
        assert listed.state == before

    @pytest.mark.parametrize("order", Order)
    def test_what_makes_no_sound_never_comes(self, order: Order) -> None:
        """Nor what the program does not have."""
        silent = [Item(id=kind, location="x", kind=kind) for kind in ItemKind if kind not in SOUNDING]
        items = {item.id: item for item in (song("Aa"), *silent)}
        entries = tuple(Entry(item=name) for name in (*items, "gone"))
        listed = Rotation(Playlist(id="bar", entries=entries, order=order), items, 1)
        assert set(played(listed, 5)) == {"Aa"}

    def test_the_bag_goes_on_without_them(self) -> None:
        """A round is over when only they are left."""
        heard = played(rotation("Aa Bb Cc Dd"), 9, without("Bb"))
        assert rounds_of(heard, 3) == [["Aa", "Cc", "Dd"]] * 3

    def test_they_stay_in_the_bag(self) -> None:
        """What comes back in time comes in the same round."""
        listed, venue = rotation("Aa Bb Cc"), Venue()
        heard = ids(venue.play(listed, 2, without("Bb")))
        assert ids(venue.play(listed, 1)) == ["Bb"]
        assert sorted(heard) == ["Aa", "Cc"]

    @given(few_songs, few_songs, rules, orders)
    def test_only_what_can_be_played_comes(
        self, names: list[str], missing: list[str], separation: Separation, order: Order
    ) -> None:
        """And something comes as long as there is anything."""
        heard = played(rotation(names, order, separation), 12, without(*missing))
        there = set(names) - set(missing)
        assert set(heard) <= there
        assert len(heard) == (12 if there else 0)

    def test_none_is_asked_about_twice_in_one_look(self) -> None:
        """To ask may cost a look at the disk; once a round is over, there is a second look."""
        asked: list[str] = []

        def refuse(item: Item) -> str:
            asked.append(item.id)
            return "not on the disk"

        listed = rotation("Aa Ab Ac Bd", apart=keep(artists=2))
        listed.peek((), NOON, refuse)
        assert Counter(asked) == dict.fromkeys(["Aa", "Ab", "Ac", "Bd"], 1)


@cache
def arrangeable(left: str, heard: str, songs: int) -> bool:
    """Tell by trying whether artists can follow each other, and what was heard, with so many songs between.

    A dash is nobody.  Both texts hold one letter for each song; the first one is sorted.
    """
    if not left:
        return True
    recent = heard[-songs:].replace("-", "") if songs else ""
    return any(
        arrangeable(left.replace(artist, "", 1), heard + artist, songs)
        for artist in sorted(set(left) - set(recent))
    )


def play_bag(names: Sequence[str], heard: str, songs: int, seed: int, unavailable: Unavailable) -> None:
    """Play one bag, and hold at each draw that the rule is not broken, now or later, if it can be kept."""
    listed, venue = rotation(names, seed=seed, apart=keep(artists=songs)), Venue([f"{one}-" for one in heard])
    left = [name for name in names if not unavailable(song(name))]
    while left:
        recent = heard[-songs:].replace("-", "") if songs else ""
        could_be_kept = arrangeable(in_order(left), heard, songs)
        anybody_could_come = {name[0] for name in left} - set(recent)
        [draw] = venue.play(listed, 1, unavailable)
        artist = draw.item.id[0]
        assert (Rule.ARTIST in draw.relaxed) == (artist in recent)
        assert not (anybody_could_come and artist in recent)
        left.remove(draw.item.id)
        heard += artist
        assert arrangeable(in_order(left), heard, songs) or not could_be_kept


def in_order(names: Sequence[str]) -> str:
    """Give the artists of some songs, in the order of the alphabet."""
    return "".join(sorted(name[0] for name in names))


def numbered(artists: str) -> list[str]:
    """Make a song for each letter, no two the same."""
    return [f"{artist}{chr(ord('a') + number)}" for number, artist in enumerate(artists)]


def small_bags(artists: str, most: int) -> Iterator[str]:
    """Give every choice of artists, by size."""
    for size in range(1, most + 1):
        yield from map("".join, itertools.combinations_with_replacement(artists, size))


class TestForesight:
    """Artists are kept apart over the whole bag, not just from one song to the next."""

    def test_the_others_are_not_wasted(self) -> None:
        """Three by one artist and two others fit in one order of artists only."""
        for seed in range(50):
            heard = played(rotation("Aa Ab Ac Bd Ce", seed=seed, apart=keep(artists=1)), 5)
            assert [name[0] for name in heard[::2]] == ["A", "A", "A"]

    @pytest.mark.parametrize("songs", [1, 2, 3])
    def test_in_every_small_bag_a_rule_gives_way_only_where_no_order_keeps_it(self, songs: int) -> None:
        """Every bag of up to six songs by three artists and nobody, after nothing and after each of them."""
        for number, bag in enumerate(small_bags("ABC-", 6)):
            for heard in ("", "A", "BA", "AB-", "CAB"):
                play_bag(numbered(bag), heard, songs, number, everything)

    @pytest.mark.parametrize("missing", ["AA", "BBB", "CDE", "----"])
    def test_what_cannot_be_played_makes_no_room_and_takes_none(self, missing: str) -> None:
        """Every bag of up to five songs by two artists and nobody, and some that are missing."""
        for number, bag in enumerate(small_bags("AB-", 5)):
            names = numbered(bag + missing)
            for songs, heard in itertools.product((1, 2), ("", "B")):
                play_bag(names, heard, songs, number, without(*names[len(bag) :]))

    def test_while_there_is_room_anybody_may_come(self) -> None:
        """Foresight takes nothing from chance before it must."""
        names = numbered("AABCDE")
        first = Counter(
            played(rotation(names, apart=keep(artists=1), seed=seed), 1)[0] for seed in range(1200)
        )
        assert chi_square(first, dict.fromkeys(names, 1.0)) < MOST_CHI_SQUARE[5]

    @given(st.text("AABBCDE-", max_size=9), st.text("ABCX-", max_size=4), st.integers(0, 4), st.integers())
    def test_in_any_bag(self, artists: str, heard: str, songs: int, seed: int) -> None:
        """Larger ones, and after songs of other playlists."""
        play_bag(numbered(artists), heard, songs, seed, everything)

    @pytest.mark.slow
    @given(st.text("AABBCDEFG-", max_size=14), st.text("ABCX-", max_size=5), st.integers(0, 5), st.integers())
    def test_in_any_larger_bag(self, artists: str, heard: str, songs: int, seed: int) -> None:
        """As large as trying every order allows."""
        play_bag(numbered(artists), heard, songs, seed, everything)

    def test_an_artist_who_has_exactly_as_much_as_fits_fits_in_every_round(self) -> None:
        """A third of all songs, with two between: over ten thousand draws not one is too early."""
        names = numbered("A" * 20 + "BCDEFGHIJK" * 4)
        draws = Venue().play(rotation(names, apart=keep(artists=2)), DRAWS)
        assert {draw.relaxed for draw in draws} == {()}
        assert rounds_of(ids(draws), 60)[:-1] == [sorted(names)] * (DRAWS // 60)


class TestSeparation:
    """What is kept apart, and what gives way."""

    @given(
        few_songs.filter(bool), st.lists(st.sampled_from(["Aa", "Ab", "Bd", "-a", "Xx"]), max_size=5), rules,
        st.sampled_from([SHUFFLE, WEIGHTED]), st.integers(),
    )  # fmt: skip
    def test_of_all_that_could_come_the_one_comes_that_breaks_least(
        self, names: list[str], heard: list[str], separation: Separation, order: Order, seed: int
    ) -> None:
        """Artists give way first, then titles, then minutes, and last of all a song follows itself."""
        venue, left = Venue(heard), Counter(names)
        listed = rotation(names, order, separation, seed)
        for _ in range(len(names)):
            least = min(broken(name, venue.heard, separation, order) for name in left.elements())
            [draw] = venue.play(listed, 1)
            assert tuple(rule in draw.relaxed for rule in reversed(Rule)) == least
            left[draw.item.id] -= order is SHUFFLE

    def test_songs_of_other_playlists_count(self) -> None:
        """What matters is what was heard in the venue."""
        assert Venue("Xx Aa").look(rotation("Ab Bc", apart=keep(artists=1))).item.id == "Bc"

    def test_neither_case_nor_space_makes_another_artist(self) -> None:
        """Names come from many hands."""
        assert folded(" The HARBOUR ") == folded("the harbour")
        assert folded("STRASSE") == folded("straße")

    def test_nobody_is_not_the_same_artist_as_nobody(self) -> None:
        """Nor is no title the same as no title."""
        draws = Venue("-- --").play(rotation("--1 --2 --3", apart=keep(artists=3, titles=3)), 3)
        assert {draw.relaxed for draw in draws} == {()}

    def test_a_rule_that_cannot_be_kept_is_kept_as_far_as_it_can_be(self) -> None:
        """Three artists, ten songs between them: they come in turn."""
        names = numbered("ABC" * 8)
        heard = played(rotation(names, apart=keep(artists=10)), 24)
        assert all(len({name[0] for name in heard[at : at + 3]}) == 3 for at in range(22))

    def test_minutes_are_counted_from_start_to_start(self) -> None:
        """Each song here lasts four of them."""
        venue = Venue("Aa Bb")
        assert venue.look(rotation("Aa", apart=keep(minutes=8))).relaxed == ()
        assert venue.look(rotation("Aa", apart=keep(minutes=9))).relaxed == (Rule.MINUTES,)

    def test_a_clock_that_was_set_back_does_not_bring_a_song_again_at_once(self) -> None:
        """A start that seems to lie ahead is as near as it is far."""
        past = [Past("Aa", "a", "a", Instant(NOON + 60)), Past("Xx", "x", "x", Instant(NOON - 60))]
        draw = rotation("Aa Bb", apart=keep(minutes=30)).peek(past, NOON, everything)
        assert draw is not None
        assert draw.item.id == "Bb"

    def test_a_clock_that_was_years_ahead_keeps_nothing_away(self) -> None:
        """What is far off on one side is as far off as on the other."""
        past = [Past("Aa", "a", "a", Instant(NOON + 1e9)), Past("Xx", "x", "x", NOON)]
        draw = rotation("Aa", apart=keep(minutes=30)).peek(past, NOON, everything)
        assert draw is not None
        assert draw.relaxed == ()

    def test_a_time_of_a_clock_that_was_wrong_hides_nothing_before_it(self) -> None:
        """A box that started in 1970 for one song still knows what it played ten minutes ago."""
        past = [Past("Aa", "a", "a", Instant(NOON - 600)), Past("Xx", "x", "x", Instant(300.0))]
        draw = rotation("Aa", apart=keep(minutes=30)).peek(past, NOON, everything)
        assert draw is not None
        assert draw.relaxed == (Rule.MINUTES,)

    def test_it_is_told_what_was_passed_over_and_why(self) -> None:
        """In words, for the one who asks why it is always the other one that comes."""
        listed = rotation("Ad Bb Cc Ae De", apart=keep(artists=3, titles=1, minutes=30))
        draws = Venue("Aa Bb Cc -e").look(listed, without("De"))
        assert set(draws.passed) <= {
            Passed("De", "not on the disk"),
            Passed("De", "its title was heard 1 song ago"),
            Passed("Ae", "its title was heard 1 song ago"),
            Passed("Bb", "it was heard 12 minutes ago"),
            Passed("Cc", "it was heard 8 minutes ago"),
        }

    def test_of_what_was_passed_over_a_few_are_told(self) -> None:
        """A list of a hundred says no more."""
        names = library(90, 9)
        assert len(Venue().look(rotation(names), without(*names[:89])).passed) == 5


def broken(name: str, heard: Sequence[Past], separation: Separation, order: Order) -> tuple[bool, ...]:
    """Tell which rules a song would break, the one that gives way last first."""
    item, newest = song(name), heard[::-1]
    artists = [past.artist for past in newest[: separation.artist_songs] if past.artist]
    titles = [past.title for past in newest[: separation.title_songs] if past.title]
    ago = [(place + 1) * SONG_S for place, past in enumerate(newest) if past.item == name]
    strict = order is SHUFFLE or separation != NOTHING
    return (
        strict and ago[:1] == [SONG_S],
        any(seconds < 60 * separation.item_minutes for seconds in ago),
        folded(item.title) in titles,
        folded(item.artist) in artists,
    )


def chi_square(counts: Counter[Name], shares: dict[Name, float]) -> float:
    """Measure how far counts are from what they should be."""
    each = counts.total() / sum(shares.values())
    return sum((counts[name] - share * each) ** 2 / (share * each) for name, share in shares.items())


class TestWeights:
    """A playlist in which each comes as often as its weight says."""

    def test_over_ten_thousand_draws_each_has_its_share(self) -> None:
        """Within the bounds of chance; nothing is kept apart, so that one may also follow itself."""
        shares = {"Aa": 1.0, "Bb": 2.0, "Cc": 0.5, "Dd": 10.0, "Ee": 6.5}
        listed = rotation(shares, WEIGHTED, weights=tuple(shares.values()))
        assert chi_square(Counter(played(listed, DRAWS)), shares) < MOST_CHI_SQUARE[4]

    def test_what_is_missing_leaves_the_others_their_shares(self) -> None:
        """They are to each other what they were."""
        shares = {"Aa": 1.0, "Bb": 2.0, "Cc": 3.0, "Dd": 4.0, "Ee": 5.0}
        listed = rotation((*shares, "Ff"), WEIGHTED, weights=(*shares.values(), 500.0))
        assert chi_square(Counter(played(listed, DRAWS, without("Ff"))), shares) < MOST_CHI_SQUARE[4]

    def test_what_is_kept_apart_is_kept_apart(self) -> None:
        """However much weight it has."""
        listed = rotation("Aa Bb Cc Dd", WEIGHTED, weights=(1000.0, 1.0, 1.0, 1.0), apart=keep(artists=2))
        draws = Venue().play(listed, 1000)
        assert {draw.relaxed for draw in draws} == {()}
        assert Counter(ids(draws))["Aa"] == pytest.approx(333, abs=5)

    def test_where_it_cannot_be_kept_apart_something_comes_all_the_same(self) -> None:
        """There is no dead end."""
        draws = Venue().play(rotation("Aa Ab", WEIGHTED, apart=keep(artists=9, titles=9, minutes=99)), 50)
        assert len(draws) == 50
        assert all(one.item != other.item for one, other in itertools.pairwise(draws))

    def test_draws_grow_from_their_number(self) -> None:
        """Not from what was drawn before."""
        names = library(40, 9)
        heard, again = played(rotation(names, WEIGHTED), 60), rotation(names, WEIGHTED)
        Venue().play(again, 30, without(*names[:20]))
        assert played(again, 30) == heard[30:]


class TestRestart:
    """A box that was off goes on where it was."""

    @given(few_songs, rules, orders, st.lists(st.integers(0, 9), max_size=4), st.integers())
    def test_it_goes_on_as_if_it_had_not_been_off(
        self, names: list[str], separation: Separation, order: Order, parts: list[int], seed: int
    ) -> None:
        """Wherever it was stopped, and however often, with what it kept in JSON."""
        whole, venue = rotation(names, order, separation, seed), Venue("Aa Xx")
        expected = ids(venue.play(whole, sum(parts)))
        again, elsewhere, heard = rotation(names, order, separation, seed), Venue("Aa Xx"), []
        for count in parts:
            heard += ids(elsewhere.play(again, count))
            kept = msgspec.json.decode(msgspec.json.encode(again.state), type=RotationState)
            again = rotation(names, order, separation, seed, state=kept)
        assert heard == expected
        assert again.state == whole.state

    @given(few_songs.filter(bool), rules, orders, st.integers(0, 20))
    def test_to_look_changes_nothing(
        self, names: list[str], separation: Separation, order: Order, count: int
    ) -> None:
        """However often, and at whatever instant."""
        listed, venue = rotation(names, order, separation), Venue()
        venue.play(listed, count)
        before, first = listed.state, venue.look(listed)
        listed.peek([], Instant(0.0), everything)
        assert (listed.state, venue.look(listed)) == (before, first)

    @pytest.mark.parametrize("order", Order)
    def test_of_another_playlist_only_the_rounds_go_on(self, order: Order) -> None:
        """What was drawn there means nothing here; but the first round does not come again."""
        old, new = rotation("Aa Bb Cc", order), rotation("Aa Bb Dd", order)
        Venue().play(old, 2)
        fresh = rotation("Aa Bb Dd", order, state=old.state)
        assert (fresh.state.round, fresh.state.position) == (old.state.round + 1, 0)
        assert sorted(played(fresh, 3)) == ["Aa", "Bb", "Dd"] or order is WEIGHTED
        assert fresh.state.digest == new.state.digest

    @pytest.mark.parametrize("order", [SHUFFLE, WEIGHTED])
    def test_what_comes_then_is_not_what_came_at_first(self, order: Order) -> None:
        """A song more in a long list, and a restart, must not bring the first day's music again."""
        names = library(30, 5)
        kept = RotationState(digest="another", round=0, position=1)
        assert played(rotation(names, order, state=kept), 30) != played(rotation(names, order), 30)

    def test_a_mended_title_is_no_other_playlist(self) -> None:
        """Only which items it has, and in which order, tells one from another."""
        playlist = Playlist(id="bar", entries=(Entry(item="Aa"), Entry(item="Bb", weight=3.0)))
        old = Rotation(playlist, {"Aa": song("Aa"), "Bb": song("Bb")}, 7)
        mended = {"Aa": msgspec.structs.replace(song("Aa"), title="Mended"), "Bb": song("Bb")}
        assert old.state.digest == Rotation(playlist, mended, 7).state.digest

    def test_the_bits_of_a_broken_state_do_no_harm(self) -> None:
        """Too few, too many, or of songs that are silent."""
        digest = rotation("Aa Bb Cc").state.digest
        for drawn in (b"", b"\xff" * 9, b"\x02"):
            kept = RotationState(digest=digest, round=3, position=99, drawn=drawn)
            assert len(played(rotation("Aa Bb Cc", state=kept), 4)) == 4

    def test_a_hundred_thousand_songs_are_kept_in_a_few_kilobytes(self) -> None:
        """A bit for each."""
        listed = rotation([f"A{number}" for number in range(100_000)])
        Venue().play(listed, 3)
        assert len(msgspec.json.encode(listed.state)) < 20_000


class TestCarryOver:
    """A playlist that was changed goes on where its older version was."""

    def test_what_was_drawn_stays_drawn(self) -> None:
        """What is new comes in this round, and what is gone does not."""
        old, new = rotation("Aa Bb Cc Dd"), rotation("Dd Ee Cc Bb")
        heard = played(old, 3)
        new.carry_over(old)
        left = {"Bb", "Cc", "Dd", "Ee"} - set(heard)
        assert set(played(new, len(left))) == left

    def test_what_is_listed_twice_comes_as_often_as_it_is_left(self) -> None:
        """It was drawn once, so that it comes once more."""
        old, new = rotation("Aa Aa"), rotation("Bb Aa Aa")
        Venue().play(old, 1)
        new.carry_over(old)
        assert [draw.round for draw in Venue().play(new, 3)] == [0, 0, 1]

    @pytest.mark.parametrize(
        ("then", "count", "expected"),
        [
            ("Aa Bb Xx Cc", 2, "Xx"),
            ("Cc Bb Aa", 2, "Aa"),
            ("Aa Cc", 2, "Cc"),
            ("Xx Cc", 2, "Xx"),
            ("Aa Bb Cc", 3, "Aa"),
            ("Aa Bb Cc", 0, "Aa"),
        ],
    )
    def test_in_order_it_goes_on_behind_the_last_one_that_is_still_there(
        self, then: str, count: int, expected: str
    ) -> None:
        """Where none is, it begins at the top."""
        old, new = rotation("Aa Bb Cc", SEQUENTIAL), rotation(then, SEQUENTIAL)
        Venue().play(old, count)
        new.carry_over(old)
        assert played(new, 1) == [expected]

    def test_of_what_is_listed_often_the_one_counts_that_came_last(self) -> None:
        """A jingle between songs does not send it back to the top."""
        old, new = rotation("Aa Jj Bb Jj Cc", SEQUENTIAL), rotation("Aa Jj Bb Jj Dd", SEQUENTIAL)
        Venue().play(old, 4)
        new.carry_over(old)
        assert played(new, 1) == ["Dd"]

    @example(["Aa", "Aa"], keep(), SHUFFLE, 1)
    @given(few_songs.filter(bool), rules, orders, st.integers(0, 12))
    def test_to_the_same_playlist_all_is_carried_over(
        self, names: list[str], separation: Separation, order: Order, count: int
    ) -> None:
        """Nobody hears that there is another version."""
        old, new = rotation(names, order, separation), rotation(names, order, separation)
        venue = Venue()
        venue.play(old, count)
        new.carry_over(old)
        assert venue.look(new) == venue.look(old)

    def test_to_another_order_the_rounds_are(self) -> None:
        """It begins anew in it."""
        old, new = rotation("Aa Bb Cc", SEQUENTIAL), rotation("Aa Bb Cc")
        Venue().play(old, 2)
        new.carry_over(old)
        assert sorted(played(new, 3)) == ["Aa", "Bb", "Cc"]
        assert new.state.round == 1

    def test_what_was_drawn_before_the_change_and_begins_after_it_is_taken(self) -> None:
        """It is found where it stands now; where it is gone, nothing changes."""
        old, new, other = rotation("Aa Bb"), rotation("Cc Bb Aa"), rotation("Cc Cc Cc")
        [draw] = Venue().play(old, 1)
        new.take(draw)
        other.take(draw)
        assert sorted(played(new, 2)) == sorted({"Aa", "Bb", "Cc"} - {draw.item.id})
        assert other.state == rotation("Cc Cc Cc").state


names = st.lists(st.sampled_from("abcdef"), max_size=12)
