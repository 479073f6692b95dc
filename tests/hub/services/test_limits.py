"""Tries are counted in the database, also where several come at once."""

import threading

import pytest

from easyplayer.errors import TooManyError
from easyplayer.hub.db.database import Database
from easyplayer.hub.services import limits
from easyplayer.units import Instant

KEY = "claim:192.0.2.7"
NOON = Instant(1_800_000_000.0)


def tries(database: Database, count: int, now: Instant = NOON, key: str = KEY) -> int:
    """Try so often; give how many of them were allowed."""
    allowed = 0
    for _ in range(count):
        try:
            with database.write() as connection:
                limits.count(connection, key, now, "to claim")
        except TooManyError:
            continue
        allowed += 1
    return allowed


def test_a_few_tries_are_allowed(database: Database) -> None:
    """Five within ten minutes, from the first one on."""
    assert tries(database, 4) == 4
    assert tries(database, 4, Instant(NOON + 599)) == 1
    assert tries(database, 9, Instant(NOON + 600)) == 5


def test_each_key_counts_by_itself(database: Database) -> None:
    """One who tries does not lock out another."""
    assert tries(database, 9) == 5
    assert tries(database, 9, key="claim:192.0.2.8") == 5


def test_when_to_try_again_is_told(database: Database) -> None:
    """In words, and as a number for the header."""
    tries(database, 5)
    later = Instant(NOON + 300)
    with (
        pytest.raises(TooManyError, match=r"to claim was .* in 5 minutes") as caught,
        database.write() as one,
    ):
        limits.count(one, KEY, later, "to claim")
    assert caught.value.retry_after_s == 300


def test_what_was_right_is_forgiven(database: Database) -> None:
    """All tries, or one."""
    tries(database, 5)
    with database.write() as connection:
        limits.take_back(connection, KEY)
    assert tries(database, 5) == 1
    with database.write() as connection:
        limits.forgive(connection, KEY)
        limits.take_back(connection, KEY)
    assert tries(database, 9) == 5


def test_many_at_once_are_no_way_around(database: Database) -> None:
    """Whichever process they come to."""
    allowed: list[int] = []
    threads = [threading.Thread(target=lambda: allowed.append(tries(database, 3))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(allowed) == limits.MOST
