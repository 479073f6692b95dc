"""Commands between their coming and the confirmation of their results."""

from typing import Any

import msgspec
import pytest

from easyplayer.commanding import Addressee
from easyplayer.orders import MOST_REMEMBERED, MOST_RESULTS_BYTES, Orders
from easyplayer.protocol.commands import Command, CommandResult, Outcome, Reason
from easyplayer.protocol.heartbeat import MOST_RESULTS
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, public_key, sign
from easyplayer.units import Instant

SEED = b"h" * 32
BOX = "0" * 16
ME = Addressee(box=BOX, keys=(public_key(SEED),), now=Instant(1000.0))
LATER = msgspec.structs.replace(ME, now=Instant(9000.0))


def command(number: int = 1, name: str = "skip", **fields: Any) -> Signed:
    """Sign a command."""
    given = {"id": f"command-{number}", "box": BOX, "issued": 990.0, "expires": 2000.0, **fields}
    return sign(SEED, Purpose.COMMAND, Command(name=name, number=number, **given))


def done(number: int = 1, **fields: Any) -> CommandResult:
    """Make a result."""
    return CommandResult(command=f"command-{number}", outcome=Outcome.DONE, **fields)


@pytest.fixture(name="orders")
def _orders() -> Orders:
    """Give a fresh start."""
    return Orders()


def test_a_command_that_comes_again_goes_to_the_workshop_again(orders: Orders) -> None:
    """It alone knows what has become of it."""
    assert [getattr(orders.take(command(), ME), "id", None) for _ in range(2)] == ["command-1"] * 2


def test_one_whose_result_is_on_its_way_is_not_touched(orders: Orders) -> None:
    """The hub repeats it until it has the result."""
    orders.take(command(), ME)
    orders.put(done())
    assert orders.take(command(), ME) is None


def test_one_that_expires_while_it_is_done_is_not_refused(orders: Orders) -> None:
    """A rehearsal may take hours; its result is still to come."""
    orders.take(command(), ME)
    assert orders.take(command(), LATER) is None
    assert orders.waiting() == ()


def test_one_that_has_expired_before_it_came_is_refused(orders: Orders) -> None:
    """Once: the refusal is its result."""
    refused = orders.take(command(), LATER)
    assert isinstance(refused, CommandResult)
    assert refused.reason is Reason.EXPIRED
    assert orders.take(command(), LATER) is None
    assert orders.waiting() == (refused,)


class TestEarly:
    """Commands that come by the live channel, and by the heartbeat as well."""

    @pytest.mark.parametrize("name", ["skip", "status"])
    def test_one_whose_result_the_hub_has_is_over(self, name: str, orders: Orders) -> None:
        """The line was slower than everything else."""
        orders.take(command(name=name), ME)
        orders.put(done())
        orders.confirm(["command-1"], [done()])
        assert orders.take(command(name=name), ME, early=True) is None
        assert orders.waiting() == ()

    def test_a_heartbeat_that_brings_it_then_means_it(self, orders: Orders) -> None:
        """The hub has lost the result, as after a backup was put back."""
        orders.take(command(), ME, early=True)
        orders.put(done())
        orders.confirm(["command-1"], [done()])
        assert isinstance(orders.take(command(), ME), Command)

    def test_both_ways_are_one(self, orders: Orders) -> None:
        """A question that was answered by the one is not answered by the other."""
        assert isinstance(orders.take(command(name="status"), ME, early=True), Command)
        orders.put(done())
        assert orders.take(command(name="status"), ME) is None


class TestWebCommands:
    """Those that are answered at once."""

    def test_one_is_answered_once(self, orders: Orders) -> None:
        """Sent again under another id, it is refused as an old one."""
        assert isinstance(orders.take(command(name="status"), ME), Command)
        orders.put(done())
        again = orders.take(command(name="status", id="command-9"), ME)

        assert isinstance(again, CommandResult)
        assert again.reason is Reason.REPLAYED

    def test_its_number_is_remembered_for_long(self, orders: Orders) -> None:
        """But not for ever: the box's memory is bounded."""
        for number in range(1, MOST_REMEMBERED + 2):
            orders.take(command(number, "status"), ME)

        assert isinstance(orders.take(command(2, "status", id="another-2"), ME), CommandResult)
        assert isinstance(orders.take(command(1, "status", id="another-1"), ME), Command)


class TestResults:
    """What is to reach the hub."""

    def test_one_is_sent_until_it_is_confirmed(self, orders: Orders) -> None:
        """And no one else's confirmation counts."""
        orders.put(done())
        assert orders.confirm(["command-2"], orders.waiting()) == ()
        assert orders.waiting() == (done(),)
        assert orders.confirm(["command-1"], orders.waiting()) == ("command-1",)
        assert orders.waiting() == ()

    def test_the_oldest_go_first_and_not_too_many(self, orders: Orders) -> None:
        """The rest with the next heartbeat."""
        for number in range(1, MOST_RESULTS + 11):
            orders.put(done(number))
        first = orders.waiting()
        orders.confirm([result.command for result in first], first)

        assert [result.command for result in first][:2] == ["command-1", "command-2"]
        assert (len(first), len(orders.waiting())) == (MOST_RESULTS, 10)
        assert orders.has_more_than(first)
        assert not orders.has_more_than(orders.waiting())

    def test_large_ones_share_a_heartbeat_as_far_as_there_is_room(self, orders: Orders) -> None:
        """There is always room for one."""
        for number in range(9):
            orders.put(done(number, data={"words": "x" * 60_000}))
        sent = orders.waiting()

        assert len(sent) == MOST_RESULTS_BYTES // 60_000
        assert orders.has_more_than(sent)

    def test_one_for_what_had_no_name_is_sent_once(self, orders: Orders) -> None:
        """No confirmation can name it."""
        orders.put(CommandResult(command="", outcome=Outcome.REFUSED))
        sent = orders.waiting()
        orders.confirm([], sent)
        assert (len(sent), orders.waiting()) == (1, ())

    def test_those_of_another_hub_are_forgotten(self, orders: Orders) -> None:
        """Also what had been handed out."""
        orders.take(command(), ME)
        orders.put(done(2))
        orders.clear()

        assert orders.waiting() == ()
        assert isinstance(orders.take(command(), LATER), CommandResult)
