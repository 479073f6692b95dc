"""Every event about what is plugged into the box and pulled out of it.

They are said by the Devices, and heard by those that use what was plugged in.
"""

from easyplayer.drivers.device_watch import Display, SoundCard, Stick
from easyplayer.events import BoxEvent

# -- devices that come and go -----------------------------------------------------------------


class stick_plugged(BoxEvent):
    """A USB stick is there and can be read; fired by Devices.

    :param stick: a :class:`easyplayer.drivers.device_watch.Stick`, and the folder where its files are.
    """

    def __init__(self, stick: Stick) -> None:
        super().__init__(stick)


class stick_refused(BoxEvent):
    """A USB stick is there and cannot be read; fired by Devices.

    :param device: its device node, such as ``/dev/sdb1``.
    :param reason: in words, with the way out.
    """

    def __init__(self, device: str, reason: str) -> None:
        super().__init__(device, reason)


class stick_pulled(BoxEvent):
    """A USB stick is gone; fired by Devices.

    :param stick: as it was plugged.
    """

    def __init__(self, stick: Stick) -> None:
        super().__init__(stick)


class sound_card_changed(BoxEvent):
    """A sound card has come or gone; fired by Devices, at the start once for each that is there.

    :param card: which.
    :param present: whether it is there.
    """

    def __init__(self, card: SoundCard, *, present: bool) -> None:
        super().__init__(card, present)


class display_changed(BoxEvent):
    """A display has come or gone; fired by Devices, at the start once for each that is there.

    :param display: which.
    :param present: whether it is there.
    """

    def __init__(self, display: Display, *, present: bool) -> None:
        super().__init__(display, present)
