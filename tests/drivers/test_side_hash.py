"""SHA-256 on a thread of its own."""

import hashlib
import threading
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers.side_hash import MOST_WAITING, SideHash


@given(st.lists(st.binary(max_size=50), max_size=3 * MOST_WAITING))
def test_digest_is_that_of_all_pieces(pieces: list[bytes]) -> None:
    """In their order; none is the digest of nothing."""
    side = SideHash()
    for piece in pieces:
        side.update(piece)
    assert side.hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_buffer_that_is_used_again_does_no_harm() -> None:
    """It was copied."""
    side, buffer = SideHash(), bytearray(b"first")
    side.update(memoryview(buffer))
    buffer[:] = b"other"
    assert side.hexdigest() == hashlib.sha256(b"first").hexdigest()


def test_thread_that_cannot_be_started_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever closes it has a file to let go of."""
    side = SideHash()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
        with pytest.raises(RuntimeError, match="can't start"):
            side.update(b"x")
    side.close()
    side.update(b"y")
    assert side.hexdigest() == hashlib.sha256(b"y").hexdigest()


def test_it_leaves_no_thread_behind() -> None:
    """Whether it was asked for the digest or not, and however often it is closed."""
    before = threading.active_count()
    side = SideHash()
    side.update(b"x")
    assert threading.active_count() == before + 1
    for _ in range(2):
        side.close()
    assert threading.active_count() == before
