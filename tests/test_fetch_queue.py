"""What is fetched next, and when: in order, with patience, and without waiting for what does not come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.fetch_queue import (
    BACKOFF_MOST_S,
    BUSY_FOR_S,
    FULL_FOR_S,
    IN_VAIN_MOST_S,
    REFUSED_FOR_S,
    STUCK_MOST,
    WRONG_MOST,
    FetchQueue,
    Outcome,
)
from easyplayer.units import Monotonic, Seconds

START = Monotonic(1000.0)


def anything(_digest: str) -> bool:
    """Let everything be fetched."""
    return True


@pytest.fixture
def queue() -> FetchQueue:
    """Give a queue of three that waits as long as it ever does."""
    made = FetchQueue(lambda: 1.0)
    made.want("abc")
    return made


def try_all(queue: FetchQueue, outcomes: dict[str, Outcome], until: Monotonic) -> list[tuple[str, float]]:
    """Let everything come out as it is said, or come; tell what was tried, and when."""
    now, tried = START, []
    while now < until:
        digest = queue.next(now, anything)
        if digest is not None:
            tried.append((digest, now - START))
            queue.note(digest, outcomes.get(digest, Outcome.FETCHED), now)
        elif (wake_at := queue.wake_at(anything)) is not None:
            assert wake_at > now
            now = wake_at
        else:
            break
    return tried


def test_all_comes_in_order(queue: FetchQueue) -> None:
    """One after the other, and then nothing."""
    assert try_all(queue, {}, Monotonic(START + 60)) == [("a", 0), ("b", 0), ("c", 0)]
    assert queue.settled
    assert queue.wake_at(anything) is None


def test_new_order_counts_at_once(queue: FetchQueue) -> None:
    """What is not wanted any more is forgotten; what stays is known."""
    queue.note("b", Outcome.REFUSED, START)
    queue.want("cbd")
    assert queue.next(START, anything) == "c"
    assert queue.given_up == {"b"}
    queue.want("")
    assert queue.next(START, anything) is None


def test_what_the_hub_does_not_have_blocks_nothing(queue: FetchQueue) -> None:
    """It is asked for again each hour."""
    tried = try_all(queue, {"a": Outcome.REFUSED}, Monotonic(START + 2.5 * REFUSED_FOR_S))
    assert tried == [("a", 0), ("b", 0), ("c", 0), ("a", REFUSED_FOR_S), ("a", 2 * REFUSED_FOR_S)]
    assert queue.settled


def test_what_comes_wrong_is_tried_three_times(queue: FetchQueue) -> None:
    """With more patience each time; the rest goes on."""
    tried = try_all(queue, {"b": Outcome.WRONG}, Monotonic(START + 600))
    assert tried == [("a", 0), ("b", 0), ("c", 0), ("b", 2), ("b", 6)]
    assert queue.given_up == {"b"}
    assert WRONG_MOST == 3


def test_hub_that_is_away_is_left_alone_for_longer_and_longer(queue: FetchQueue) -> None:
    """Whatever is asked for; nothing is given up for that."""
    away = dict.fromkeys("abc", Outcome.FAILED)
    moments = [at for _, at in try_all(queue, away, Monotonic(START + 86_400))]
    waits = [round(later - earlier) for earlier, later in pairwise(moments)]
    assert waits[:7] == [2, 4, 8, 16, 32, 64, 128]
    assert set(waits[8:]) == {BACKOFF_MOST_S}
    assert not queue.given_up


def test_hub_that_is_back_is_asked_at_once(queue: FetchQueue) -> None:
    """But not for what it does not have."""
    queue.note("a", Outcome.REFUSED, START)
    for _ in range(8):
        queue.note("b", Outcome.FAILED, START)
    assert queue.next(Monotonic(START + 60), anything) is None
    queue.take_heart()
    assert queue.next(START, anything) == "b"


def test_hub_says_how_long_it_wants_to_be_left_alone(queue: FetchQueue) -> None:
    """That counts where it is longer."""
    queue.note("a", Outcome.FAILED, START, Seconds(30.0))
    assert queue.next(Monotonic(START + 29.9), anything) is None
    assert queue.next(Monotonic(START + 30.1), anything) is not None


def test_medium_that_the_hub_cannot_send_does_not_hold_up_the_others(queue: FetchQueue) -> None:
    """Nor for ever what waits for all that can be had."""
    tried = try_all(queue, {"a": Outcome.STUCK}, Monotonic(START + REFUSED_FOR_S))
    assert [name for name, _ in tried[:3]] == ["a", "b", "c"]
    assert tried[2][1] <= 4
    assert [name for name, _ in tried].count("a") == STUCK_MOST
    assert queue.given_up == {"a"}


def test_what_has_failed_does_not_come_before_what_has_not(queue: FetchQueue) -> None:
    """Until the hub is reached anew: then what is needed soonest comes first again."""
    queue.note("a", Outcome.FAILED, START)
    assert queue.next(Monotonic(START + 600), anything) == "b"
    queue.take_heart()
    assert queue.next(START, anything) == "a"


def test_full_disk_waits_a_minute_and_blames_no_medium(queue: FetchQueue) -> None:
    """Somebody may have made room."""
    queue.note("a", Outcome.FULL, START)
    assert queue.next(Monotonic(START + FULL_FOR_S - 1), anything) is None
    assert queue.next(Monotonic(START + FULL_FOR_S), anything) == "a"
    assert not queue.given_up


def test_what_came_in_vain_is_fetched_more_and_more_seldom(queue: FetchQueue) -> None:
    """A disk that loses all it takes would have the same megabytes come over the line for ever."""
    now, waits = START, []
    queue.want("a")
    for _ in range(8):
        queue.note("a", Outcome.FULL, now, in_vain=True)
        queue.take_heart()
        wake_at = queue.wake_at(anything)
        assert wake_at is not None
        waits.append(wake_at - now)
        now = wake_at
    assert waits == [60, 120, 240, 480, 960, 1920, IN_VAIN_MOST_S, IN_VAIN_MOST_S]
    assert not queue.given_up


def test_so_are_all_the_others_until_the_disk_takes_something(queue: FetchQueue) -> None:
    """Then it was that one medium."""
    queue.note("a", Outcome.FULL, START, in_vain=True)
    queue.note("b", Outcome.FULL, START, in_vain=True)
    assert queue.wake_at(anything) == START + 2 * FULL_FOR_S
    queue.note("b", Outcome.FETCHED, Monotonic(START + 200))
    queue.note("c", Outcome.FULL, Monotonic(START + 200), in_vain=True)
    assert queue.wake_at("c".__eq__) == START + 200 + FULL_FOR_S


def test_one_that_can_be_had_again_gives_hope_for_all_that_could_not(queue: FetchQueue) -> None:
    """The hub's store is back, and nobody waits an hour for each."""
    for digest in "abc":
        queue.note(digest, Outcome.REFUSED, START)
    later = Monotonic(START + REFUSED_FOR_S)
    assert queue.next(later, anything) == "a"
    queue.note("a", Outcome.FETCHED, later)
    assert not queue.given_up
    assert not queue.settled
    assert queue.next(later, anything) == "b"


def test_person_who_asks_is_not_kept_waiting(queue: FetchQueue) -> None:
    """All that was tried before is forgotten."""
    queue.note("b", Outcome.REFUSED, START)
    queue.note("a", Outcome.FAILED, START)
    queue.want("bac")
    queue.ask_again("b")
    assert queue.next(START, anything) == "b"
    assert not queue.given_up


def test_failures_at_one_time_count_as_one(queue: FetchQueue) -> None:
    """Those that began before the first of them was known; the next one counts again."""
    for digest in "abc":
        queue.note(digest, Outcome.FAILED, Monotonic(START + 1), begun=START)
    assert queue.wake_at(anything) == START + 3
    queue.note("a", Outcome.FAILED, Monotonic(START + 3), begun=Monotonic(START + 3))
    assert not queue.waits(Monotonic(START + 7))
    assert queue.waits(Monotonic(START + 6.9))


def test_hub_that_wants_to_be_left_alone_says_so_to_each(queue: FetchQueue) -> None:
    """The longest time counts."""
    queue.note("a", Outcome.FAILED, START, Seconds(10.0), begun=Monotonic(START - 1))
    queue.note("b", Outcome.FAILED, START, Seconds(60.0), begun=Monotonic(START - 1))
    queue.note("c", Outcome.FAILED, START, Seconds(5.0), begun=Monotonic(START - 1))
    assert queue.waits(Monotonic(START + 59))
    assert not queue.waits(Monotonic(START + 60))


def test_what_others_bring_is_looked_at_soon(queue: FetchQueue) -> None:
    """It is no failure, however often; the others go on meanwhile."""
    for turn in range(20):
        queue.note("a", Outcome.BUSY, Monotonic(START + turn * BUSY_FOR_S))
    now = Monotonic(START + 19 * BUSY_FOR_S)
    assert queue.next(now, anything) == "b"
    assert queue.next(now, "a".__eq__) is None
    assert queue.wake_at("a".__eq__) == now + BUSY_FOR_S
    assert not queue.given_up


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.DECLINED])
def test_what_the_box_decides_says_nothing_of_the_hub(queue: FetchQueue, outcome: Outcome) -> None:
    """It is as if it had not been tried."""
    queue.note("a", outcome, START)
    assert queue.next(START, anything) == "a"
    assert not queue.waits(START)


def test_what_may_not_come_now_holds_nothing_up(queue: FetchQueue) -> None:
    """It is under way, or it is not its hour."""
    assert queue.next(START, "bc".__contains__) == "b"
    queue.note("c", Outcome.WRONG, START)
    assert queue.next(START, "c".__eq__) is None
    assert queue.wake_at("c".__eq__) == START + 2
    assert queue.wake_at("x".__eq__) is None


def test_it_tells_what_is_wanted(queue: FetchQueue) -> None:
    """In order."""
    assert [*queue] == ["a", "b", "c"]
    assert "a" in queue
    queue.note("a", Outcome.FETCHED, START)
    assert "a" not in queue


def test_no_two_boxes_come_back_at_once() -> None:
    """Anything from half of the wait to all of it."""
    wakes = []
    for draw in (0.0, 0.5, 1.0):
        queue = FetchQueue(lambda draw=draw: draw)
        queue.want("a")
        for _ in range(20):
            queue.note("a", Outcome.FAILED, START)
        wakes.append((queue.wake_at(anything) or 0.0) - START)
    assert wakes == [BACKOFF_MOST_S / 2, BACKOFF_MOST_S * 0.75, BACKOFF_MOST_S]


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(Outcome), st.booleans()), max_size=40),
    st.floats(0, 1),
)
def test_whatever_happens_all_that_can_be_had_comes_in_the_end(
    story: list[tuple[str, Outcome, bool]], chance: float
) -> None:
    """After any past, once the hub is well: within the longest of all waits, and each once."""
    queue = FetchQueue(lambda: chance)
    queue.want("abcd")
    for digest, outcome, in_vain in story:
        queue.note(digest, outcome, START, in_vain=in_vain)
    came = {digest for digest, outcome, _ in story if outcome is Outcome.FETCHED}
    left = {*"abcd"} - came

    tried = try_all(queue, {}, Monotonic(START + REFUSED_FOR_S + BACKOFF_MOST_S))

    assert sorted(name for name, _ in tried) == sorted(left)
    assert queue.settled
