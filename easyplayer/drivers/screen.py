"""The contract of a screen: one output that shows one picture after the other, with text above them.

A screen has a thread of its own.  Its methods only leave a note and return at once, whatever the player or
the display does; what came of it arrives as a report, from the screen's thread.  Reports about a picture
carry the ticket of its load, so that news of an old picture is told from news of the present one.

A screen changes nothing by itself.  What is over stays as it was last seen, until something else is shown:
so there is no black frame between two pictures.  Where its player dies, hangs or draws nothing any more, the
screen starts another by itself, each time after a longer wait; layers and gain are given to it anew, pictures
are not: what is to be seen is loaded and shown again after the next :class:`OutputUp`.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from easyplayer.units import Decibels, Linear, Monotonic, Seconds

CANVAS_WIDTH, CANVAS_HEIGHT = 1920, 1080
"""The size of the canvas that layers are drawn on; it is stretched to the output's height."""
WINDOW = "window"
"""The name of an output that is a window on a desktop."""
STARVED_AFTER_S = Seconds(5.0)
"""How long a stream that is shown may send nothing before it counts as broken, whatever is buffered."""


class OutputDriver(StrEnum):
    """By which way pictures come to an output."""

    DRM = "drm"
    """Straight to the graphics card, without a desktop; one process has the card for itself."""

    GPU = "gpu"
    """A window that the graphics card draws."""

    WINDOW = "window"
    """A window that the processor draws; needs nothing but a desktop."""

    NONE = "none"
    """Nothing is shown."""


class Output(Struct, frozen=True, kw_only=True):
    """Where a screen shows.

    :ivar name: the connector, such as ``card0-HDMI-A-1``, or ``window``.
    :ivar driver: by which way.
    :ivar mode: such as ``1920x1080@50``; empty is what the display itself likes best.  In a window, its
        width and height.
    :ivar fullscreen: whether a window covers everything else.
    """

    name: str = WINDOW
    driver: OutputDriver = OutputDriver.GPU
    mode: str = ""
    fullscreen: bool = True


class Picture(Struct, frozen=True, kw_only=True):
    """What to show, and how.

    :ivar ticket: the caller's number for this load; reports carry it.
    :ivar location: path or URL.
    :ivar start_s: position to start at.
    :ivar length_s: for how long; ``None`` until its own end, which a still does not have.
    :ivar still: whether it is one picture and not many.
    :ivar endless: whether this is a stream, whose end is a failure, and so is a lack of data.
    :ivar mute: whether its sound is not even decoded.
    :ivar sink: name of the sound server's sink that its sound plays on; empty leaves it to the server.
    :ivar gain_db: gain of its sound.
    """

    ticket: int
    location: str
    start_s: Seconds = Seconds(0.0)
    length_s: Seconds | None = None
    still: bool = False
    endless: bool = False
    mute: bool = True
    sink: str = ""
    gain_db: Decibels = Decibels(0.0)


class PictureFault(StrEnum):
    """Whose fault it is that a picture is not shown."""

    MEDIUM = "medium"
    """The file or stream: another one will be shown."""

    OUTPUT = "output"
    """The player or the display: nothing is shown until it is back."""


class OutputUp(Struct, frozen=True, tag=True):
    """The output can show something; told again where its size or driver changes.

    :ivar width: in pixels.
    :ivar height: in pixels.
    :ivar driver: what draws, as the player calls it.
    """

    width: int
    height: int
    driver: str


class OutputDown(Struct, frozen=True, tag=True):
    """The output shows nothing, and has forgotten every picture; told once until it is up again.

    :ivar detail: in words.
    """

    detail: str


class PictureReady(Struct, frozen=True, tag=True):
    """The picture can be shown, as far as that can be known without showing it."""

    ticket: int


class PictureShown(Struct, frozen=True, tag=True):
    """The picture can be seen.

    :ivar at: when its first frame was drawn.
    """

    ticket: int
    at: Monotonic


class PictureAdvanced(Struct, frozen=True, tag=True):
    """Where the picture is: the position that was seen at an instant; a still's is how long it was shown."""

    ticket: int
    position_s: Seconds
    at: Monotonic


class PictureEnded(Struct, frozen=True, tag=True):
    """The picture is over; what was last seen of it stays until something else is shown."""

    ticket: int


class PictureFailed(Struct, frozen=True, tag=True):
    """The picture could not be loaded or shown, or could not go on.

    :ivar detail: in words.
    """

    ticket: int
    fault: PictureFault
    detail: str


class PictureStuck(Struct, frozen=True, tag=True):
    """The picture should move and does not; the player is ended, and :class:`OutputDown` follows.

    :ivar detail: in words.
    """

    ticket: int
    detail: str


PictureReport = PictureReady | PictureShown | PictureAdvanced | PictureEnded | PictureFailed | PictureStuck
ScreenReport = OutputUp | OutputDown | PictureReport
Report = Callable[[ScreenReport], object]
"""Takes a screen's reports; called from the screen's thread."""


class Screen(Protocol):
    """One output.  No method blocks or raises; each is carried out in the order of calling.

    What is asked for while the output is down is lost, but for layers and gain, which are kept.  A load is
    then answered with :class:`PictureFailed`, the fault of the output.
    """

    def load(self, picture: Picture) -> None:
        """Make a picture the next one, behind what is shown: :class:`PictureReady` or :class:`PictureFailed`.

        It takes the place of what was the next one.
        """

    def show(self, ticket: int, at: Monotonic | None) -> None:
        """Cut to the next picture, now or at an instant: :class:`PictureShown` or :class:`PictureFailed`.

        A ticket that is not the next one's is passed over, and so is an instant whose picture is
        replaced, or cleared away, before it comes.  An instant that is past is now, and now is as soon as
        it is ready.
        """

    def clear(self) -> None:
        """Show nothing but the layers, on black; the next picture is forgotten too."""

    def draw(self, name: str, ass: str) -> None:
        r"""Draw a layer above everything, until it is drawn anew.

        :param name: which layer; those whose names sort later lie above.
        :param ass: its text, as events of Advanced SubStation Alpha, a line each, on a canvas of
            :data:`CANVAS_WIDTH` x :data:`CANVAS_HEIGHT`: such as ``{\an7\pos(60,40)}Hello``.  Empty takes
            the layer off.
        """

    def set_gain(self, gain: Linear) -> None:
        """Set the gain of all sound of the screen, at once."""

    def pause(self) -> None:
        """Hold the picture, and the time for which a still is shown."""

    def resume(self) -> None:
        """Let the picture go on."""

    def screenshot(self, path: Path, done: Callable[[str], object]) -> None:
        """Write what is seen to a file: PNG or JPEG, by its name.

        Layers are on it wherever the player can take a picture of all that it draws, or there is a desktop.

        :param done: called once from the screen's thread: with nothing, or with the trouble in words.
        """

    def restart(self) -> None:
        """End the player, and start another at once: :class:`OutputDown`, then :class:`OutputUp`."""

    def release(self) -> None:
        """Take everything down as soon as the player answers, without waiting for it."""

    def close(self) -> None:
        """Take everything down; may take a moment, never more than half a second."""


ScreenMaker = Callable[[Output, Report], Screen]
"""Makes a screen on an output, with a taker of its reports; it starts at once."""
