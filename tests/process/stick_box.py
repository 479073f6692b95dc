"""The box as ``run.py`` starts it, but that only a test's own sticks are sticks to it, not the machine's.

It is started with the folder of the test's images before all other arguments.
"""

import sys
from functools import partial
from pathlib import Path
from unittest import mock

from easyplayer.drivers import udev_watch
from easyplayer.drivers.block_device import BlockDevice, can_be_plugged
from easyplayer.main import main
from tests.drivers.sticks import is_pretended


def is_stick(images: Path, device: BlockDevice) -> bool:
    """Tell whether a block device is a stick, and one of the test's."""
    return can_be_plugged(device) and is_pretended(device, images)


if __name__ == "__main__":
    spec = partial(udev_watch.WatchSpec, is_stick=partial(is_stick, Path(sys.argv[1])))
    with mock.patch.object(udev_watch, "WatchSpec", spec):
        sys.exit(main(sys.argv[2:]))
