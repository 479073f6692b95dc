"""What the system's errors mean for the disk that gave them."""

import errno
from pathlib import Path

from easyplayer.errors import DiskFailingError, DiskFullError, DiskReadOnlyError, StateError
from easyplayer.protocol.heartbeat import Health

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_FAILING = {
    errno.EIO,
    errno.EUCLEAN,
    errno.EBADMSG,
    errno.ENODEV,
    errno.ENXIO,
    errno.ENOTCONN,
    errno.ESTALE,
    errno.ESHUTDOWN,
    errno.ETIMEDOUT,
    errno.EREMOTEIO,
    errno.ENOMEDIUM,
}


def disk_error(path: Path, error: OSError) -> StateError:
    """Say what an error means for the disk, and the way out."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return DiskFullError(f"{path} does not fit on its disk ({reason}): make room, or add a disk")
    if error.errno in _READ_ONLY:
        return DiskReadOnlyError(
            f"{path} cannot be written ({reason}): make the disk writable, or replace it"
        )
    if error.errno in _FAILING:
        return DiskFailingError(
            f"{path} cannot be used ({reason}): check the disk, and replace it if it is worn"
        )
    return StateError(f"{path} cannot be written ({reason}): free space, or check the disk")


def health_by(error: StateError) -> Health:
    """Tell how a disk is that gave an error."""
    match error:
        case DiskFullError():
            return Health.FULL
        case DiskReadOnlyError():
            return Health.READ_ONLY
        case _:
            return Health.FAILING
