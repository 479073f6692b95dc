"""A program is changed part by part, and keeps what was decided of it by hand."""

import doctest
from datetime import date, datetime

import pytest
from msgspec.structs import replace

from easyplayer.playout import editing
from easyplayer.playout.catalogue import (
    Daypart,
    EachSongs,
    Entry,
    Order,
    Pictures,
    Playlist,
    Program,
    Separation,
    Show,
    Slot,
    Spot,
)
from easyplayer.playout.editing import finder, only, put_dayparts, put_playlist, put_shows, slug
from easyplayer.playout.items import Item, ItemKind
from easyplayer.units import Milliseconds

ONE, TWO, THREE = (
    Item(id=name, location=f"/music/{name}.mp3", kind=ItemKind.LOCAL) for name in ("1", "2", "3")
)
BAR = Program(name="Bar", zone="UTC")


def with_list(
    *items: Item, order: Order | None = None, program: Program = BAR, name: str = "Jazz"
) -> Program:
    return put_playlist(program, name, items, order)[0]


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(editing).failed == 0


@pytest.mark.parametrize(
    ("name", "written"), [("Late Night!", "late-night"), ("  ", "playlist"), ("É_1", "é_1")]
)
def test_an_id_is_made_of_a_name(name: str, written: str) -> None:
    """It can be typed, and is never empty."""
    assert slug(name) == written


class TestFinder:
    """The playlist that a name means."""

    def test_an_id_goes_before_a_title(self) -> None:
        """And a title before an id that is nearly right; one that two of them have means none."""
        names = {"a": "b", "b": "C", "x": "Jazz", "y": "jazz"}
        find = finder([Playlist(id=name, title=title, entries=()) for name, title in names.items()])
        asked = ("b", "c", " C ", "A", "JAZZ", "", "?")
        assert [find(name) for name in asked] == ["b", "b", "b", "a", "", "", ""]


class TestPlaylists:
    """Playlists put into a program."""

    def test_a_new_playlist_comes_with_its_items(self) -> None:
        """It is called by its name, and found by an id that is made of it."""
        program, name = put_playlist(BAR, "Late Night", [ONE, TWO, ONE])
        assert name == "late-night"
        assert program.items == (ONE, TWO)
        assert program.playlists == (
            Playlist(
                id="late-night",
                title="Late Night",
                entries=(Entry(item="1"), Entry(item="2"), Entry(item="1")),
            ),
        )

    def test_an_id_that_is_taken_is_not_given_again(self) -> None:
        """A playlist that is called otherwise may have it."""
        before = with_list(ONE, name="late-night")
        before = replace(before, playlists=(replace(before.playlists[0], title="Blues"),))
        assert put_playlist(before, "Late Night", [TWO])[1] == "late-night-2"

    def test_a_playlist_of_the_same_name_is_replaced(self) -> None:
        """In its place, and items that nothing plays any more leave with it; others stay."""
        before = with_list(ONE, TWO)
        spot = Spot(id="s", items=("2",), when=EachSongs(songs=3))
        after = with_list(THREE, program=replace(before, spots=(spot,)), name="JAZZ")
        assert [playlist.entries for playlist in after.playlists] == [(Entry(item="3"),)]
        assert after.items == (TWO, THREE)

    def test_an_item_of_another_playlist_stays(self) -> None:
        """And one that was in no playlist before is left alone."""
        idle = Item(id="idle", location="/idle.mp3")
        both = with_list(ONE, program=with_list(ONE, TWO, program=replace(BAR, items=(idle,))), name="Other")
        assert with_list(THREE, program=both).items == (idle, ONE, THREE)

    def test_what_was_decided_of_a_playlist_stays(self) -> None:
        """Title, order, separation, fades, and the weights of what is still in it."""
        (old,) = with_list(ONE, TWO).playlists
        old = replace(
            old,
            title="Cool Jazz",
            order=Order.WEIGHTED,
            separation=Separation(artist_songs=2),
            fade_in_ms=Milliseconds(500),
            entries=(Entry(item="1", weight=3.0), Entry(item="2")),
        )
        (new,) = with_list(THREE, ONE, program=replace(BAR, items=(ONE, TWO), playlists=(old,))).playlists
        assert new == replace(old, entries=(Entry(item="3"), Entry(item="1", weight=3.0)))

    def test_another_order_takes_along_what_counts_for_nothing_in_it(self) -> None:
        """Weights and separation of a playlist that is played as it stands would be a fault."""
        (old,) = with_list(ONE, order=Order.WEIGHTED).playlists
        old = replace(old, separation=Separation(artist_songs=2), entries=(Entry(item="1", weight=3.0),))
        before = replace(BAR, items=(ONE,), playlists=(old,))
        (new,) = with_list(ONE, program=before, order=Order.SEQUENTIAL).playlists
        assert (new.order, new.separation, new.entries) == (
            Order.SEQUENTIAL,
            Separation(),
            (Entry(item="1"),),
        )

    def test_what_is_known_of_an_item_stays(self) -> None:
        """What was found out fills only what is blank; where it is, is what was found."""
        known = replace(
            ONE, title="Dawn", cue_in_ms=Milliseconds(0), location="/old/1.mp3", kind=ItemKind.FILE
        )
        found = replace(ONE, title="01 dawn", artist="Ada", cue_in_ms=Milliseconds(5))
        (item,) = with_list(found, program=with_list(known)).items
        assert item == replace(ONE, title="Dawn", artist="Ada", cue_in_ms=Milliseconds(0))


class TestDates:
    """Dayparts and shows put into a program."""

    def test_a_daypart_that_changed_is_newer(self) -> None:
        """One that says the same as before is left as it is."""
        old = Daypart(id="d", slot=Slot(), playlist="p", revised=3)
        other = Daypart(id="e", slot=Slot(), playlist="p")
        program = put_dayparts(BAR, [old])
        assert put_dayparts(program, [replace(old, revised=0)]) == program
        changed = put_dayparts(program, [other, replace(old, playlist="q", revised=0)])
        assert changed.dayparts == (replace(old, playlist="q", revised=4), other)

    def test_a_show_that_changed_is_newer(self) -> None:
        """A calendar's own count is taken where it is higher."""
        day = datetime.combine(date(2026, 12, 31), datetime.min.time())
        old = Show(id="s", starts=day, ends=day.replace(hour=1), playlist="p")
        changed = put_shows(put_shows(BAR, [old]), [replace(old, playlist="q", revised=7)])
        assert changed.shows == (replace(old, playlist="q", revised=7),)


class TestOnly:
    """One playlist taken out of a program."""

    def test_what_plays_it_and_what_is_in_it_is_left(self) -> None:
        """It plays at all other times, too."""
        program = with_list(TWO, program=with_list(ONE), name="Blues")
        dayparts = tuple(Daypart(id=name, slot=Slot(), playlist=name) for name in ("jazz", "blues"))
        left = only(replace(program, dayparts=dayparts), "blues")
        assert [playlist.id for playlist in left.playlists] == ["blues"]
        assert (left.items, left.fallback) == ((TWO,), "blues")
        assert [daypart.id for daypart in left.dayparts] == ["blues"]

    def test_what_shows_it_is_left_without_what_it_plays(self) -> None:
        """A list of pictures is shown at all other times, and nothing is heard."""
        program = with_list(TWO, program=with_list(ONE), name="Wall")
        dayparts = (
            Daypart(id="day", slot=Slot(), playlist="jazz", screen="wall"),
            Daypart(id="night", slot=Slot(), playlist="jazz"),
        )
        screen = Pictures(fallback="wall", still_s=7)
        given = replace(program, dayparts=dayparts, fallback="jazz", screen=screen)
        left = only(given, "wall")
        assert (left.fallback, left.screen) == ("", screen)
        assert left.dayparts == (Daypart(id="day", slot=Slot(), screen="wall"),)
        heard = only(given, "jazz")
        assert (heard.fallback, heard.screen) == ("jazz", Pictures(still_s=7))
        assert [(one.playlist, one.screen) for one in heard.dayparts] == [("jazz", ""), ("jazz", "")]

    def test_pictures_of_a_spot_stay(self) -> None:
        """Also when the playlist that had them is brought up to date."""
        spot = Spot(id="ad", items=("1",), when=EachSongs(songs=2), pictures=("2",))
        program = replace(with_list(ONE, TWO), spots=(spot,))
        assert [item.id for item in with_list(THREE, program=program).items] == ["1", "2", "3"]
