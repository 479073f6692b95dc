"""How the screen is, as status and heartbeat tell it: each output, and what is shown on all of them."""

from msgspec import Struct


class OutputView(Struct, frozen=True, kw_only=True):
    """One output of the screen.

    :ivar name: the connector, such as ``card0-HDMI-A-1``, or ``window``.
    :ivar up: whether it can show pictures now.
    :ivar width: how wide its picture is, in pixels; 0 while nobody knows.
    :ivar height: how high, in pixels.
    :ivar driver: what shows the pictures: ``drm``, ``gpu`` or ``window``; empty while nobody knows.
    :ivar trouble: why it shows none, in words; empty where all is well.
    """

    name: str
    up: bool = False
    width: int = 0
    height: int = 0
    driver: str = ""
    trouble: str = ""


class ScreenView(Struct, frozen=True, kw_only=True):
    """What the screen does; on all outputs it is the same.

    :ivar outputs: every output that there is; none where the box has no screen.
    :ivar on: whether the displays are to be awake.
    :ivar reason: why they are, or are not, and why nothing is shown, in words.
    :ivar item: what a person calls the picture that is shown; empty where none is.
    :ivar item_id: id of its item.
    :ivar restarts: how often an output has been started anew since the box started.
    :ivar stuck: how often a picture has been seen to stand still.
    """

    outputs: tuple[OutputView, ...] = ()
    on: bool = True
    reason: str = ""
    item: str = ""
    item_id: str = ""
    restarts: int = 0
    stuck: int = 0

    @property
    def up(self) -> bool:
        """Whether pictures can be seen anywhere."""
        return any(output.up for output in self.outputs)
