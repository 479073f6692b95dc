"""``easyplayer display`` that looks more often than it would, so that a test need not wait."""

import sys

from easyplayer.cli import display
from easyplayer.main import main

display.EVERY_S = 0.1
sys.exit(main(["display", *sys.argv[1:]]))
