"""A list is played in its order, and whatever cannot be played is passed over."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.catalogue import Item
from easyplayer.playout.rotation import Sequential
from easyplayer.units import Monotonic

names = st.lists(st.sampled_from("abcdef"), max_size=12)


def item(name: str) -> Item:
    """Give the item of a name."""
    return Item(id=name, location=f"/music/{name}.flac")


def items(listed: str | list[str]) -> list[Item]:
    """Give items, one for each letter."""
    return [item(name) for name in listed]


def anything(_item: Item) -> bool:
    """Find every item worth a try."""
    return True


def nothing(_item: Item) -> bool:
    """Find no item worth a try."""
    return False


def taken(listed: Sequential, count: int, worth_a_try: Callable[[Item], bool] = anything) -> str:
    """Take some items; a dot stands for none."""
    found = (listed.take(worth_a_try) for _ in range(count))
    return "".join("." if one is None else one.id for one in found)


class TestOnce:
    """A list that is played once."""

    def test_items_come_in_their_order_and_then_no_more(self) -> None:
        """The end is an end, however often one asks."""
        assert taken(Sequential(items("abc"), repeat=False), 5) == "abc.."

    def test_what_is_listed_twice_comes_twice(self) -> None:
        """A jingle between songs is listed each time."""
        assert taken(Sequential(items("ajbjc"), repeat=False), 6) == "ajbjc."

    def test_an_empty_list_has_nothing(self) -> None:
        """Neither once nor over and over."""
        assert taken(Sequential((), repeat=False), 2) == ".."
        assert taken(Sequential((), repeat=True), 2) == ".."

    @given(names, names)
    def test_exactly_what_is_worth_a_try_comes(self, listed: list[str], good: list[str]) -> None:
        """All of it, in order, and nothing else."""
        found = taken(Sequential(items(listed), repeat=False), len(listed), lambda one: one.id in good)
        assert found.rstrip(".") == "".join(name for name in listed if name in good)


class TestRepeat:
    """A list that is played round and round."""

    def test_it_begins_anew_at_the_end(self) -> None:
        """The first comes behind the last."""
        assert taken(Sequential(items("abc"), repeat=True), 7) == "abcabca"

    def test_a_single_item_comes_again_and_again(self) -> None:
        """One song is a list as well."""
        assert taken(Sequential(items("a"), repeat=True), 3) == "aaa"

    @given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12), st.integers(1, 4))
    def test_every_round_is_the_list(self, listed: list[str], rounds: int) -> None:
        """Nothing is left out, and nothing comes early, in any round."""
        found = taken(Sequential(items(listed), repeat=True), rounds * len(listed))
        assert found == "".join(listed) * rounds


class TestWorthATry:
    """Items that cannot be played just now."""

    def test_they_are_passed_over(self) -> None:
        """The order of the others stays."""
        assert taken(Sequential(items("abcd"), repeat=True), 5, lambda one: one.id != "b") == "acdac"

    def test_they_come_when_they_are_worth_a_try_again(self) -> None:
        """In their own place, in the next round."""
        listed = Sequential(items("abc"), repeat=True)
        assert taken(listed, 2, lambda one: one.id != "b") == "ac"
        assert taken(listed, 3) == "abc"

    def test_where_none_is_the_answer_is_none(self) -> None:
        """The search ends after one round, and the place in the list is kept."""
        listed = Sequential(items("abc"), repeat=True)
        assert taken(listed, 1) == "a"
        assert taken(listed, 1, nothing) == "."
        assert taken(listed, 2) == "bc"

    def test_each_is_asked_about_once(self) -> None:
        """One round, from the place in the list on, and the one that came last is asked about last."""
        listed = Sequential(items("abc"), repeat=True)
        listed.take(anything)
        asked: list[str] = []
        listed.take(lambda one: bool(asked.append(one.id)))
        assert asked == ["b", "c", "a"]


class TestGoBehind:
    """To go on where the box was before."""

    @pytest.mark.parametrize(("name", "expected"), [("a", "bcdab"), ("c", "dabcd"), ("d", "abcda")])
    def test_the_next_is_the_one_behind(self, name: str, expected: str) -> None:
        """Behind the last it begins anew."""
        listed = Sequential(items("abcd"), repeat=True)
        listed.go_behind(item(name))
        assert taken(listed, 5) == expected

    def test_behind_the_last_of_a_list_that_is_played_once_is_nothing(self) -> None:
        """It has been played."""
        listed = Sequential(items("ab"), repeat=False)
        listed.go_behind(item("b"))
        assert taken(listed, 1) == "."

    @pytest.mark.parametrize("stranger", [None, item("x")])
    def test_behind_what_is_not_there_the_place_stays(self, stranger: Item | None) -> None:
        """A song that was deleted, or no song at all, moves nothing."""
        listed = Sequential(items("abc"), repeat=True)
        assert taken(listed, 1) == "a"
        listed.go_behind(stranger)
        assert taken(listed, 1) == "b"

    def test_an_item_is_known_by_its_id(self) -> None:
        """A title that has been mended since does not make it another."""
        listed = Sequential(items("abc"), repeat=True)
        listed.go_behind(Item(id="b", location="/elsewhere.flac", title="Mended"))
        assert taken(listed, 1) == "c"

    def test_of_what_is_listed_twice_the_first_counts(self) -> None:
        """Which of the two it was is not known."""
        listed = Sequential(items("abac"), repeat=True)
        listed.go_behind(item("a"))
        assert taken(listed, 1) == "b"


class TestList:
    """The list as a whole."""

    def test_it_knows_how_many_there_are(self) -> None:
        """What is listed twice counts twice, and taking takes nothing away."""
        listed = Sequential(items("aba"), repeat=False)
        listed.take(anything)
        assert len(listed) == 3

    def test_it_does_not_change_with_what_it_was_made_of(self) -> None:
        """Whoever gave the items may go on using their list."""
        given_items = items("ab")
        listed = Sequential(given_items, repeat=True)
        given_items.clear()
        assert taken(listed, 2) == "ab"

    def test_its_own_failures_are_forgiven(self) -> None:
        """Those of other lists stay on the record."""
        failed = {name: Monotonic(1.0) for name in "axb"}
        Sequential(items("abc"), repeat=True).forgive(failed)
        assert failed == {"x": 1.0}
