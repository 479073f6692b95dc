"""The card in place of a picture: what it says, and when."""

from easyplayer.playout.catalogue import Pictures, Playlist, Program
from easyplayer.screen_events import show_card
from easyplayer.vacancy import CARD_AFTER_S, FAILED, Vacancy
from tests.fakes.clock import HeldClock

WITH_PICTURES = Program(
    name="bar", zone="UTC", playlists=(Playlist(id="views", entries=()),), screen=Pictures(fallback="views")
)


class Asked:
    """Whether nothing is due: it is not so, and it is counted how often that was asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> bool:
        """Tell it."""
        self.times += 1
        return False


def test_nobody_works_out_what_is_due_while_a_picture_is_seen() -> None:
    """That takes the engine its time, and it is looked twice a second; it is asked for when it counts."""
    clock, cards, asked = HeldClock(), list[str](), Asked()
    vacancy = Vacancy(clock, lambda event: cards.append(event.args[0]) if type(event) is show_card else None)

    vacancy.mind(WITH_PICTURES, asked)
    vacancy.begin()
    vacancy.mind(WITH_PICTURES, asked)
    before = asked.times
    clock.advance(CARD_AFTER_S)
    vacancy.mind(WITH_PICTURES, asked)

    assert (before, asked.times, cards) == (0, 1, [FAILED])
