"""What ``easyplayer doctor`` looks at for pictures: outputs, player, letters, the graphics card."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from easyplayer.cli.machine_checks import BAD, DOUBTFUL, GOOD, Look
from easyplayer.drivers.graphics_card import why_not
from easyplayer.drivers.panels_found import panels_of
from easyplayer.drivers.screen import Output, OutputDriver
from easyplayer.drivers.screens_found import AUTO, Found, look
from easyplayer.drivers.system_command import run
from easyplayer.errors import DeviceError
from easyplayer.settings import ScreenSettings
from easyplayer.wishes import screen_wish

PLAYER = "mpv"
PLAYER_MAY_TAKE_S = 10.0
FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
LETTERS = ("*.ttf", "*.otf", "*.ttc")
OWN = "mpv ("
"""How the box's own player is called among those that have a graphics card."""


def look_at_screens(wanted: ScreenSettings) -> Iterator[Look]:
    """Look whether pictures can be shown, and displays turned off; a box without a display needs neither."""
    found = look(screen_wish(wanted))
    yield from outputs(found, asked=wanted.outputs != (AUTO,))
    if not found.outputs:
        return
    yield player()
    yield letters()
    for one in found.outputs:
        if one.driver is OutputDriver.DRM:
            yield card(one)
    names = ", ".join(panel.name for panel in panels_of(found.outputs, cec=wanted.cec))
    if names:
        yield Look("screen", GOOD, f"can be turned off: {names}")
    else:
        yield Look("screen", DOUBTFUL, "no display can be turned off: they are only black", "install xset")


def outputs(found: Found, *, asked: bool) -> Iterator[Look]:
    """Tell where pictures are shown, and what cannot be had as it is wished.

    :param asked: whether somebody has set where.
    """
    for one in found.outputs:
        display = found.displays.get(one.name)
        title, modes = (display.title, display.modes) if display else ("", ())
        about = ", ".join(word for word in (title, one.mode or next(iter(modes), "")) if word)
        yield Look("screen", GOOD, f"shows on {one.name}{f' ({about})' if about else ''}, by {one.driver}")
    for note in found.notes:
        if found.outputs or asked:
            yield Look("screen", DOUBTFUL, note, "look at the plug, or at [screen] in the settings")
        else:
            yield Look("screen", GOOD, f"{note}; the music needs none")


def player(search: Mapping[str, str] | None = None) -> Look:
    """Look which player there is for pictures.

    :param search: the path of a program by its name, in place of the machine's own.
    """
    program = search.get(PLAYER) if search is not None else shutil.which(PLAYER)
    if program is None:
        return Look(PLAYER, BAD, "the program mpv is missing: no picture can be shown", "apt install mpv")
    try:
        said = run(program, "--no-config", "--version", within_s=PLAYER_MAY_TAKE_S)
    except DeviceError as error:
        return Look(PLAYER, BAD, f"the program mpv does not start: {error}", "apt install --reinstall mpv")
    return Look(PLAYER, GOOD, f"the program is there: {said.partition(' Copyright')[0]}")


def letters(places: tuple[Path, ...] = FONTS) -> Look:
    """Look whether there is any font."""
    if any(True for place in places for kind in LETTERS for _ in place.rglob(kind)):
        return Look("fonts", GOOD, "there are letters to write with")
    advice = "apt install fonts-dejavu-core"
    return Look("fonts", BAD, "there is no font: nothing can be written over pictures", advice)


def card(output: Output) -> Look:
    """Look whether the graphics card of an output can be had; the box's own player may have it."""
    name = output.name.partition("-")[0]
    trouble = why_not(name)
    if not trouble:
        return Look("screen", GOOD, f"{name} is free")
    if trouble.startswith(OWN):
        return Look("screen", GOOD, trouble)
    return Look("screen", BAD, trouble, "end what has it, or add the user to the group video")
