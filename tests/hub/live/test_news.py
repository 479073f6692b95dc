"""What has happened, gathered until it is told: pure, with instants that are handed in."""

from easyplayer.hub.live.news import EVERY_S, MOST_COMMANDS, NewsDesk, Pending, aged
from easyplayer.hub.services.facts import Aged, Came, Fact, Finished, Paired, Told, Unpaired, Went
from easyplayer.units import Monotonic


def at(seconds: float) -> Monotonic:
    return Monotonic(seconds)


def merged(*facts: Fact) -> Pending:
    desk = NewsDesk()
    desk.take(facts)
    (pending,) = desk.due(at(0))
    return pending


def test_the_first_news_of_a_box_are_told_at_once() -> None:
    """Only what follows has to wait."""
    desk = NewsDesk()
    assert desk.wait_s(at(5)) is None
    desk.take([Came("one")])
    assert desk.wait_s(at(5)) == 0
    assert [one.box for one in desk.due(at(5))] == ["one"]
    assert desk.due(at(5)) == []


def test_no_box_makes_news_more_than_once_a_second() -> None:
    """What happens meanwhile is told together; other boxes do not wait for it."""
    desk = NewsDesk()
    desk.take([Came("one")])
    desk.due(at(0))
    desk.take([Told("one"), Went("one"), Told("two")])
    assert desk.wait_s(at(0.2)) == 0
    assert [one.box for one in desk.due(at(0.2))] == ["two"]
    wait_s = desk.wait_s(at(0.2))
    assert wait_s is not None
    assert abs(wait_s - (EVERY_S - 0.2)) < 1e-9
    (pending,) = desk.due(at(1.0))
    assert (pending.box, pending.happened) == ("one", ["status", "away"])


def test_a_storm_of_one_box_is_one_piece_of_news_a_second() -> None:
    """However fast its line flaps."""
    desk = NewsDesk()
    told = 0
    for tick in range(1000):
        desk.take([Came("one"), Went("one")])
        told += len(desk.due(at(tick / 100)))
    assert told == 10


def test_what_happened_is_said_once_where_it_happened_last() -> None:
    """So that the last word is how it is."""
    pending = merged(Came("one"), Told("one"), Went("one"), Came("one"), Aged("one"))
    assert pending.happened == ["status", "away", "live", "state"]
    assert pending.live is True


def test_results_of_commands_are_kept_the_newest() -> None:
    """Nobody reads a hundred of them in one second."""
    facts = [Finished("one", str(number), "skip", "done", "anna") for number in range(MOST_COMMANDS + 5)]
    pending = merged(*facts)
    assert [one.id for one in pending.commands] == [str(number) for number in range(5, MOST_COMMANDS + 5)]
    assert (pending.happened, pending.live) == (["command"], None)


def test_a_box_that_is_paired_again_is_not_gone() -> None:
    """And one that is forgotten is, whatever was before."""
    gone = Unpaired("one", "bar box", "bar", "main", ("bars",))
    assert merged(Paired("one"), gone).gone == gone
    assert merged(gone, Paired("one")).gone is None


def test_nothing_waits_for_nobody() -> None:
    """Once the last operator has gone."""
    desk = NewsDesk()
    desk.take([Came("one")])
    desk.clear()
    assert desk.due(at(0)) == []


def test_a_look_at_the_fleet_tells_who_has_changed() -> None:
    """Late, then silent, then back; who stays as it was makes no news."""
    before = {"late": "late", "later": "late", "back": "silent", "never": "never"}
    after = {"late": "late", "later": "silent", "new": "late", "never": "never"}
    assert [one.box for one in aged(before, after)] == ["later", "new", "back"]
