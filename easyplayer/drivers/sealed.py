"""Files that nobody but the hub can read: encrypted to its public key in the format of age.

Source: the age format, version 1, with a recipient of type ``ssh-ed25519``.
"""

from typing import BinaryIO, Protocol

from easyplayer.errors import DeviceError
from easyplayer.protocol.signed import PublicKey
from easyplayer.protocol.signing import openssh_public_key


class Readable(Protocol):
    """Something that is read from its start to its end."""

    def read(self, most: int = -1, /) -> bytes:
        """Read some bytes; none at the end."""


def seal(plain: Readable, sealed: BinaryIO, key: PublicKey) -> None:
    """Encrypt a stream to the owner of a key, a few KiB at a time; blocks for as long as both take.

    :raises DeviceError: the one cannot be read, or the other not written.
    """
    import pyrage  # only who leaves a report needs it

    target = _Target(sealed)
    recipient = pyrage.ssh.Recipient.from_str(openssh_public_key(key))
    try:
        pyrage.encrypt_io(plain, target, [recipient])
    except pyrage.EncryptError as error:
        raise _failed(str(target.error or error)) from error
    if target.error is not None:
        raise _failed(str(target.error)) from target.error


class _Target:
    """What is written to; it remembers what went wrong, for the library passes over that in its last write.

    :ivar error: the first error.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self._file = file

    def write(self, data: bytes) -> int:
        """Write some bytes."""
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = self.error or error
            raise

    def flush(self) -> None:
        """Leave that to who has opened the file."""


def _failed(reason: str) -> DeviceError:
    return DeviceError(f"a report cannot be written ({reason}): plug the stick in again, or take another one")
