"""What is sealed for the hub, the hub alone can open."""

import io

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers.sealed import seal
from easyplayer.errors import DeviceError
from easyplayer.protocol.signing import openssh_private_key, public_key

HUB, STRANGER = b"h" * 32, b"s" * 32


def opened(sealed: bytes, seed: bytes) -> bytes:
    """Open what was sealed, by a private key."""
    return pyrage.decrypt(sealed, [pyrage.ssh.Identity.from_buffer(openssh_private_key(seed))])


@given(st.binary(max_size=300_000))
def test_what_was_sealed_is_opened_by_its_owner(plain: bytes) -> None:
    """However long it is; in it nothing can be read."""
    sealed = io.BytesIO()
    seal(io.BytesIO(plain), sealed, public_key(HUB))
    assert opened(sealed.getvalue(), HUB) == plain
    assert len(plain) < 16 or plain not in sealed.getvalue()


def test_nobody_else_opens_it() -> None:
    """Nor the box that has sealed it."""
    sealed = io.BytesIO()
    seal(io.BytesIO(b"what was played"), sealed, public_key(HUB))
    with pytest.raises(pyrage.DecryptError):
        opened(sealed.getvalue(), STRANGER)


def test_little_of_it_is_in_memory() -> None:
    """A report may be longer than a box has memory."""

    class Long:
        left = 300

        def read(self, most: int = -1) -> bytes:
            assert 0 < most <= 65_536
            self.left -= 1
            return bytes(most) if self.left else b""

    class Short(io.BytesIO):
        def write(self, data: object) -> int:
            assert len(memoryview(data)) < 200_000  # type: ignore[arg-type]  # bytes of some kind
            return len(memoryview(data))  # type: ignore[arg-type]

    seal(Long(), Short(), public_key(HUB))


@pytest.mark.parametrize("writes", range(4))
def test_stick_that_takes_no_more_is_told(writes: int) -> None:
    """With what the system says; also where it is only the last piece that it does not take."""

    class Full(io.BytesIO):
        left = writes

        def write(self, data: object) -> int:
            self.left -= 1
            if self.left < 0:
                raise OSError(28, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]  # bytes of some kind

    with pytest.raises(DeviceError, match="No space left on device"):
        seal(io.BytesIO(bytes(150_000)), Full(), public_key(HUB))
