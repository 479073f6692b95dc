"""Instants and days as operators type them."""

import argparse
from datetime import date, datetime

from easyplayer.units import Instant


def moment(text: str) -> Instant:
    """Read a date or a time of this machine's zone, or of the one that it names.

    >>> moment("2026-11-21T18:30:00+01:00")
    1795282200.0
    """
    try:
        return Instant(datetime.fromisoformat(text).astimezone().timestamp())
    except (ValueError, OverflowError) as error:
        message = f"{text!r} is no time: write 2026-12-31 or 2026-12-31T18:30"
        raise argparse.ArgumentTypeError(message) from error


def day(text: str) -> str:
    """Read a date, such as ``2026-12-31``."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        message = f"{text!r} is no date: write 2026-12-31"
        raise argparse.ArgumentTypeError(message) from error
