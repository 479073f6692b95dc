"""Which transports a line is tried by, after how the last ones went."""

import pytest

from easyplayer.drivers.live_line import POLLING, WEBSOCKET
from easyplayer.transport_choice import TransportChoice

FIRST, CAREFUL, ALONE = (WEBSOCKET, POLLING), (POLLING, WEBSOCKET), (POLLING,)


def over(choice: TransportChoice, used: str, *, held: bool = False) -> bool:
    """Let a line come up by a transport, and end."""
    choice.used = used
    return choice.over(held=held)


def test_a_websocket_that_breaks_again_and_again_is_given_up_by_steps() -> None:
    """With a proof that it works in between; and polls alone are the end of it."""
    choice = TransportChoice(FIRST)
    tried = [choice.now]
    for changes in (True, True, False):
        assert over(choice, WEBSOCKET) is changes
        tried.append(choice.now)
    assert tried == [FIRST, CAREFUL, ALONE, ALONE]


def test_who_polls_first_has_one_step_less() -> None:
    """For the proof is asked for anyway."""
    choice = TransportChoice(CAREFUL)
    assert over(choice, WEBSOCKET)
    assert choice.now == ALONE


def test_a_line_that_held_has_it_begin_anew() -> None:
    """The network may be another one by then."""
    choice = TransportChoice(FIRST)
    over(choice, WEBSOCKET)
    over(choice, WEBSOCKET)
    assert over(choice, POLLING, held=True)
    assert choice.now == FIRST


@pytest.mark.parametrize("used", ["", POLLING])
def test_what_never_was_a_websocket_says_nothing_of_them(used: str) -> None:
    """Polls that are cut, or a hub that nobody reaches."""
    choice = TransportChoice(FIRST)
    assert not over(choice, used)
    assert choice.now == FIRST


def test_that_the_hub_ends_lines_says_nothing_of_websockets() -> None:
    """Nor that it was away: both come to all boxes at once."""
    choice = TransportChoice(FIRST)
    choice.used = WEBSOCKET
    assert not choice.over(held=False, by_hub=True)
    assert not choice.forgive()
    over(choice, WEBSOCKET)
    assert choice.forgive()
    assert choice.now == FIRST


def test_what_a_line_went_by_counts_once() -> None:
    """The next one may not have come up at all."""
    choice = TransportChoice(FIRST)
    over(choice, WEBSOCKET)
    assert not choice.over(held=False)
    assert choice.now == CAREFUL
