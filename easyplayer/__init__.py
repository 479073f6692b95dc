"""easyplayer: the unattended venue player.

A box in a bar, a shop or a hotel plays by itself; this package is its firmware.
Start reading at :mod:`easyplayer.core`, which builds the tree, and :mod:`easyplayer.events`,
which lists everything its parts say to each other.
"""

__version__ = "0.1.0"
