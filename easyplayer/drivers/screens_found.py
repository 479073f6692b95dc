"""Which outputs there are for pictures: displays at a graphics card's connectors, or a window on a desktop.

A graphics card can be had by one process only, so that each card shows on one of its connectors: on the one
that it shows on already, whatever else is plugged in.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.device_watch import Display
from easyplayer.drivers.outputs import displays
from easyplayer.drivers.screen import WINDOW, Output, OutputDriver

AUTO, NOTHING = "auto", "none"
DESKTOPS = ("WAYLAND_DISPLAY", "DISPLAY")
"""Variables that say where a desktop is."""
CONNECTOR = re.compile(r"(card\d+)-(.+)")


class Wish(Struct, frozen=True, kw_only=True):
    """What is wished of the outputs; see the settings ``[screen]``.

    :ivar outputs: ``auto``, ``none``, ``window``, or names of connectors.
    :ivar driver: ``auto``, ``drm``, ``gpu`` or ``window``.
    :ivar mode: such as ``1920x1080@50``; empty is what the display itself likes best.
    """

    outputs: tuple[str, ...] = (AUTO,)
    driver: str = AUTO
    mode: str = ""


class Scene(Struct, frozen=True, kw_only=True):
    """What there is to show something on.

    :ivar displays: what is plugged in, by its id.
    :ivar desktop: whether there is a desktop.
    :ivar person: whether somebody sits at it who has started the box.
    :ivar accelerated: whether a graphics card can draw windows.
    :ivar shown: names of the outputs that show pictures already.
    """

    displays: Mapping[str, Display]
    desktop: bool = False
    person: bool = False
    accelerated: bool = False
    shown: tuple[str, ...] = ()


class Found(Struct, frozen=True, kw_only=True):
    """What was found.

    :ivar outputs: where pictures are shown.
    :ivar displays: the display at each output that has one, by the output's name.
    :ivar notes: what cannot be had as it was wished, and why there is nothing, in words.
    """

    outputs: tuple[Output, ...] = ()
    displays: Mapping[str, Display] = {}
    notes: tuple[str, ...] = ()


def look(
    wish: Wish,
    shown: tuple[str, ...] = (),
    sysfs: Path = Path("/sys"),
    environment: Mapping[str, str] = os.environ,
    cards: Path = Path("/dev/dri"),
) -> Found:
    """Look which outputs there are now, as they are wished.

    :param shown: names of the outputs that show pictures already.
    """
    scene = Scene(
        displays=displays(sysfs),
        desktop=any(environment.get(name) for name in DESKTOPS),
        person=os.isatty(0),
        accelerated=any(cards.glob("renderD*")),
        shown=shown,
    )
    return choose(wish, scene)


def choose(wish: Wish, scene: Scene) -> Found:
    """Choose the outputs among what there is."""
    notes: list[str] = []
    outputs = tuple(_with_mode(one, wish.mode, scene, notes) for one in _outputs(wish, scene, notes))
    if not outputs and not notes:
        notes.append("no display is connected")
    shown = {one.name: scene.displays[one.name] for one in outputs if one.name in scene.displays}
    return Found(outputs=outputs, displays=shown, notes=tuple(notes))


def _outputs(wish: Wish, scene: Scene, notes: list[str]) -> Iterator[Output]:
    """Give the outputs, the mode still to be chosen."""
    if NOTHING in wish.outputs or not wish.outputs:
        notes.append("no output is wished")
        return
    wants_window = wish.driver in {OutputDriver.GPU, OutputDriver.WINDOW}
    auto = AUTO in wish.outputs
    at_desk = auto and wish.driver != OutputDriver.DRM and (wants_window or scene.desktop)
    if WINDOW in wish.outputs or at_desk:
        yield from _window(wish, scene, notes)
    elif auto:
        by_turn = sorted(scene.displays, key=lambda name: (name not in scene.shown, name))
        yield from _one_per_card(by_turn, notes)
    else:
        yield from _one_per_card(list(_named(wish.outputs, scene, notes)), notes)


def _window(wish: Wish, scene: Scene, notes: list[str]) -> Iterator[Output]:
    if not scene.desktop:
        notes.append("there is no desktop for a window: neither DISPLAY nor WAYLAND_DISPLAY is set")
        return
    if AUTO in wish.outputs and wish.driver == AUTO and not scene.person:
        notes.append('a desktop has the displays: for a window on it, set [screen] outputs = ["window"]')
        return
    drawn = OutputDriver.GPU if scene.accelerated else OutputDriver.WINDOW
    driver = drawn if wish.driver in {AUTO, OutputDriver.DRM} else OutputDriver(wish.driver)
    yield Output(name=WINDOW, driver=driver, fullscreen=WINDOW in wish.outputs and not wish.mode)


def _named(names: tuple[str, ...], scene: Scene, notes: list[str]) -> Iterator[str]:
    """Find the connectors that have something in them, in the order in which they are named."""
    for name in names:
        found = [one for one in sorted(scene.displays) if name in {one, _connector(one)}]
        if not found:
            there = ", ".join(sorted(scene.displays)) or "none"
            notes.append(f"there is no display at {name}; connected: {there}")
        yield from found


def _one_per_card(names: list[str], notes: list[str]) -> Iterator[Output]:
    taken: dict[str, str] = {}
    for name in dict.fromkeys(names):
        card = _card(name)
        if card in taken:
            notes.append(f"{name} stays dark: its graphics card shows on {taken[card]}")
            continue
        taken[card] = name
        yield Output(name=name, driver=OutputDriver.DRM)


def _with_mode(output: Output, mode: str, scene: Scene, notes: list[str]) -> Output:
    """Have an output show a mode, if its display can."""
    display = scene.displays.get(output.name)
    if mode and display is not None and display.modes and mode.partition("@")[0] not in display.modes:
        known = ", ".join(display.modes[:5])
        notes.append(f"the display at {output.name} has no mode {mode}, and shows its own; it has {known}")
        mode = ""
    return Output(name=output.name, driver=output.driver, mode=mode, fullscreen=output.fullscreen)


def _card(name: str) -> str:
    found = CONNECTOR.fullmatch(name)
    return found[1] if found else name


def _connector(name: str) -> str:
    found = CONNECTOR.fullmatch(name)
    return found[2] if found else name
