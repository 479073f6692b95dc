"""Which panels there are: all ways to have the displays at some outputs sleep."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from easyplayer.drivers.cec_panel import DEVICES, CecPanel, cec_devices
from easyplayer.drivers.drm_panel import DrmPanel
from easyplayer.drivers.panel import Panel
from easyplayer.drivers.screen import Output, OutputDriver
from easyplayer.drivers.system_hands import HANDS
from easyplayer.drivers.x_panel import PROGRAM, XPanel


def panels_of(
    outputs: Iterable[Output],
    *,
    cec: bool,
    environment: Mapping[str, str] = os.environ,
    devices: Path = DEVICES,
    hands: Path = HANDS,
) -> tuple[Panel, ...]:
    """Give the panels that belong to some outputs; a desktop of Wayland has no way to them.

    :param cec: whether televisions are told over their HDMI cables.
    """
    drivers = {one.driver for one in outputs}
    found: list[Panel] = []
    if OutputDriver.DRM in drivers:
        found.append(DrmPanel(hands=hands))
    desktop = environment.get("DISPLAY", "")
    if drivers & {OutputDriver.GPU, OutputDriver.WINDOW} and desktop and shutil.which(PROGRAM):
        found.append(XPanel(desktop, environment.get("XAUTHORITY", "")))
    if cec and drivers:
        found.extend(CecPanel(device, hands) for device in cec_devices(devices))
    return tuple(found)
