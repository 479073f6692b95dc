"""Passwords are kept as hashes, and checking them cannot bring the hub down."""

import threading

import pytest
from argon2 import PasswordHasher

from easyplayer.errors import UnavailableError
from easyplayer.hub.passwords import AT_ONCE, WAITING, Passwords
from tests.hub.conftest import CHEAP


class CountingHasher(PasswordHasher):
    """Counts how often it is asked, and waits while it is told to."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.may_go = threading.Event()
        self.may_go.set()
        self._lock = threading.Lock()

    def verify(self, kept, password):
        with self._lock:
            self.asked += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.may_go.wait()
        with self._lock:
            self.at_once -= 1
        return super().verify(kept, password)


def test_a_password_fits_its_hash_and_no_other_does() -> None:
    """The hash does not hold the password, and is another one each time."""
    passwords = Passwords(CHEAP)
    kept = passwords.hash("correct horse battery")
    assert passwords.fits(kept, "correct horse battery")
    assert not passwords.fits(kept, "correct horse batterz")
    assert "horse" not in kept
    assert kept != passwords.hash("correct horse battery")


@pytest.mark.parametrize("kept", ["", "no hash at all"])
def test_nothing_fits_where_no_password_is_kept(kept: str) -> None:
    """Nor does the word that is hashed in its place."""
    passwords = Passwords(CHEAP)
    assert not passwords.fits(kept, "")
    assert not passwords.fits(kept, "a password that nobody has")


def test_a_hash_is_computed_for_nobody_as_well() -> None:
    """So that the time it takes does not tell which names exist."""
    hasher = CountingHasher()
    Passwords(hasher).fits("", "whatever it may be")
    assert hasher.asked == 1


def test_a_way_of_hashing_that_is_not_recommended_any_more_is_seen() -> None:
    """The next log-in hashes anew."""
    kept = Passwords(CHEAP).hash("correct horse battery")
    assert not Passwords(CHEAP).is_outdated(kept)
    assert Passwords().is_outdated(kept)


def test_a_flood_is_turned_away_and_the_rest_is_checked_a_few_at_a_time() -> None:
    """Memory and cores stay free for the boxes, whoever tries a thousand passwords."""
    hasher = CountingHasher()
    hasher.may_go.clear()
    passwords = Passwords(hasher)
    kept = passwords.hash("correct horse battery")
    refused: list[UnavailableError] = []
    turned_away = threading.Semaphore(0)

    def attempt() -> None:
        try:
            passwords.fits(kept, "wrong wrong wrong")
        except UnavailableError as error:
            refused.append(error)
            turned_away.release()

    flood = 30
    attempts = [threading.Thread(target=attempt) for _ in range(flood)]
    for one in attempts:
        one.start()
    for _ in range(flood - AT_ONCE - WAITING):
        turned_away.acquire()
    hasher.may_go.set()
    for one in attempts:
        one.join()
    assert len(refused) == flood - AT_ONCE - WAITING
    assert hasher.asked == AT_ONCE + WAITING
    assert hasher.most_at_once <= AT_ONCE
    assert refused[0].retry_after_s > 0
    assert passwords.fits(kept, "correct horse battery")
