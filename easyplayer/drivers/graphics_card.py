"""A graphics card without a desktop: whether this process may have it, and who has it instead.

Whoever opens a card that nobody has is its master, and shows what he likes; all others wait.
"""

import errno
import fcntl
import os
from pathlib import Path

CARDS = Path("/dev/dri")
SET_MASTER = 0x641E
"""``DRM_IOCTL_SET_MASTER`` of the kernel's ``drm/drm.h``: take the card, or keep it."""


def why_not(card: str, cards: Path = CARDS, processes: Path = Path("/proc")) -> str:
    """Tell why nothing can be shown by a graphics card right now, in words; empty where it can.

    It has the card for a moment; a display that shows text goes on with that.

    :param card: such as ``card0``.
    """
    device = cards / card
    try:
        descriptor = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except PermissionError:
        return f"{device} may not be used by this user: put the user into the group video"
    except OSError as error:
        return f"{device} cannot be used ({error.strerror})"
    try:
        fcntl.ioctl(descriptor, SET_MASTER)
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EBUSY, errno.EINVAL, errno.EPERM}:
            return f"{device} is no graphics card"
        return f"{', '.join(holders(device, processes)) or 'somebody else'} has {device}"
    finally:
        os.close(descriptor)
    return ""


def holders(device: Path, processes: Path = Path("/proc")) -> tuple[str, ...]:
    """Name the other processes that have a device open, as far as they can be seen, each with its number."""
    found = []
    for one in processes.glob("[0-9]*"):
        try:
            opened = any(file.readlink() == device for file in (one / "fd").iterdir())
            if opened and one.name != str(os.getpid()):
                found.append(f"{(one / 'comm').read_text(encoding='utf-8').strip()} ({one.name})")
        except OSError:  # it has ended, or is not ours to look at
            continue
    return tuple(sorted(found))
