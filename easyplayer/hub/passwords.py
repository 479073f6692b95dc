"""Passwords: hashed by argon2id, a few at a time, because each hash takes a quarter of a second of a core.

Also for a name that nobody has a hash is computed, so that the time it takes tells nobody which names exist.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from easyplayer.errors import UnavailableError

AT_ONCE = 2
"""How many hashes are computed at the same time; each takes 64 MiB."""
WAITING = 8
"""How many more may wait for their turn."""
TRY_AGAIN_S = 2.0
SHORTEST = 12
"""How many characters a password has at least."""
LONGEST = 1000
NOBODY = "a password that nobody has"


class Passwords:
    """Hashes passwords and checks them.  Its methods block, and may be called from any thread.

    :param hasher: how it is done; the default is what the library recommends.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._places = threading.BoundedSemaphore(AT_ONCE + WAITING)
        self._nobody = ""
        self._once = threading.Lock()

    def hash(self, password: str) -> str:
        """Give what is kept of a password.

        :raises UnavailableError: too many are being computed.
        """
        with self._in_turn():
            return self._hasher.hash(password)

    def fits(self, kept: str, password: str) -> bool:
        """Tell whether a password is the one that was hashed; takes as long where none was.

        :param kept: what :meth:`hash` gave; the empty string fits no password.
        :raises UnavailableError: too many are being computed.
        """
        with self._in_turn():
            try:
                return self._hasher.verify(kept or self._hash_of_nobody(), password) and bool(kept)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a password was hashed in a way that is no longer recommended."""
        return self._hasher.check_needs_rehash(kept)

    def _hash_of_nobody(self) -> str:
        with self._once:
            self._nobody = self._nobody or self._hasher.hash(NOBODY)
            return self._nobody

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            message = "too many passwords are being checked: try again in a moment"
            raise UnavailableError(message, TRY_AGAIN_S)
        try:
            with self._turn:
                yield
        finally:
            self._places.release()
