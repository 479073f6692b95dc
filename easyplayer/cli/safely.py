"""Safe mode where the box starts: how much of it does, with which settings, and what it plays."""

import os
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import structs

from easyplayer import settings
from easyplayer.backstage import Music
from easyplayer.cli.music import DEMO, music
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.errors import SettingsError
from easyplayer.fallback import demo_items, gather_all, gather_first
from easyplayer.guard import Level, level_at
from easyplayer.playout.catalogue import Program
from easyplayer.playout.listing import listed
from easyplayer.protocol.foreign_text import tidied_lines
from easyplayer.settings import Settings
from easyplayer.ticker import monotonic

GUARDED_BY = "circusd"
"""Whose WatchDog the box heeds: nobody else would start it again."""
SAFE = "safe mode"
NEEDED = {"box": ("STATE",), "watchdog": ("HOST", "PORT", "EVERY_S")}
"""What of the environment a box goes by whose settings cannot be used."""

Given = dict[str, dict[str, Any]]


def started_as(file: Path | None, given: Given, *, heeds: bool) -> tuple[Settings, Level]:
    """Find the settings, and how much of itself the box is to start.

    :param heeds: whether a WatchDog guards it.
    :raises SettingsError: they cannot be used; in safe mode the box goes on without them.
    """
    try:
        wanted = settings.load(file, command_line=given)
    except SettingsError as error:
        spare = without_settings(given, file)
        if not heeds or (level := level_now(spare.state)) is Level.FULL:
            raise
        print(tidied_lines(f"easyplayer: {error}"), file=sys.stderr)
        return spare, level
    return wanted, level_now(wanted.state) if heeds else Level.FULL


def level_now(state: Path) -> Level:
    """Tell how much of itself the box may start, after what the WatchDog has seen."""
    return level_at(GuardFile(state).load(), boot_id(), monotonic())


def without_settings(given: Given, file: Path | None = None) -> Settings:
    """Give the settings of a box that has none, but for its state directory and its WatchDog.

    The directory is the file's, if it is not the file that cannot be used: so does the WatchDog find it.
    """
    named = {f"{settings.PREFIX}{section.upper()}__{key}" for section, keys in NEEDED.items() for key in keys}
    environment = {name: value for name, value in os.environ.items() if name in named}
    box = {section: values for section, values in given.items() if section == "box"}
    spare = settings.load(Path(os.devnull), environment=environment, command_line=box)
    try:
        by_file = settings.load(file, environment=environment, command_line=box)
    except SettingsError:
        return spare
    return structs.replace(spare, box=structs.replace(spare.box, state=by_file.box.state))


def music_for(level: Level, wanted: Settings, today: date) -> Music:
    """Tell what there is to play; in safe mode it is what the firmware brings along.

    A careful box reads its program all the same, for the hours in which it may play, and how loud.
    """
    home = wanted.state / DEMO
    if level is not Level.BARE:
        whole = music(wanted, today)
        if level is Level.FULL:
            return whole
        if whole.watched or whole.from_hub:
            return structs.replace(whole, adapt=partial(in_its_hours, home))
    fallback = partial(gather_all, home)
    return Music(places=(SAFE,), gather=(partial(gather_first, home), fallback), fallback=fallback)


def in_its_hours(home: Path, program: Program) -> Program:
    """Give the firmware's music, in the hours of a program and as loud."""
    gather_first(home)
    own = listed(demo_items(home))
    return structs.replace(own, name=SAFE, zone=program.zone, hours=program.hours, volume=program.volume)
