#!/usr/bin/env python3
"""Start the box: what a technician runs, on the box or on a laptop."""

import sys

from easyplayer.main import main

if __name__ == "__main__":
    sys.exit(main())
