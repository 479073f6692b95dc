"""What stands over the pictures: what is playing, a message, a QR code and the time of day.

The first three stand in the corner that the program names, one above the other, and the clock across from
them.  Nothing comes nearer to the edge than televisions cut off.
"""

from msgspec import Struct

from easyplayer.overlay.drawing import HEIGHT, SOFT, WIDTH, Style, text
from easyplayer.overlay.lettering import fitted, lines_of, plain
from easyplayer.overlay.qr_code import qr_code

SIDE, EDGE = 96, 60
"""How far all stays away from the sides, and from top and bottom."""
TITLE, ARTIST, MESSAGE, CLOCK, CODE = 46, 34, 44, 64, 250
"""Heights at the size of 100 percent."""
TEXT_WIDTH = 1200
LINE = 1.25
"""How far one line is below the other, compared with the height of its letters."""
MOST_LINES = 3


class Words(Struct, frozen=True, kw_only=True):
    """What there is to tell.

    :ivar title: what sounds; empty tells nothing.
    :ivar artist: who performs it.
    :ivar message: empty is none.
    :ivar qr: what a QR code says; empty is none.
    :ivar clock: the time of day as it is written; empty is none.
    """

    title: str = ""
    artist: str = ""
    message: str = ""
    qr: str = ""
    clock: str = ""


class Corner(Struct, frozen=True):
    """A corner of the canvas, such as ``bottom-left``, as the program writes it."""

    name: str

    @property
    def at_top(self) -> bool:
        """Whether it is above."""
        return self.name.startswith("top")

    @property
    def at_left(self) -> bool:
        """Whether it is at the left."""
        return self.name.endswith("left")

    @property
    def across(self) -> "Corner":
        """The one that is the farthest from it."""
        names = {True: "bottom", False: "top"}[self.at_top], {True: "right", False: "left"}[self.at_left]
        return Corner("-".join(names))

    @property
    def anchor(self) -> int:
        """Which point of a line is at this corner, as on a keypad."""
        return (7 if self.at_top else 1) + (0 if self.at_left else 2)

    @property
    def place(self) -> tuple[int, int]:
        """Where text may begin."""
        return SIDE if self.at_left else WIDTH - SIDE, EDGE if self.at_top else HEIGHT - EDGE


def layers(words: Words, corner_name: str, percent: int = 100) -> dict[str, str]:
    """Draw all of it: the events of each layer; those that are empty have nothing to tell.

    :param percent: how large the letters are, compared with what suits most screens.
    """
    corner = Corner(corner_name)
    scale = percent / 100
    x, y = corner.place
    code = qr_code(plain_link(words.qr), x, y, round(CODE * scale), corner.anchor)
    beside = round(CODE * scale) + 28 if code else 0
    x += beside if corner.at_left else -beside
    return {
        "c-clock": _clock(words.clock, corner.across, scale),
        "d-words": "\n".join(_stack(words, corner, x, y, scale)),
        "e-code": "\n".join(code),
    }


def plain_link(words: str) -> str:
    """Take out of a link what nobody sees, and no reader wants."""
    return words.strip()


def _stack(words: Words, corner: Corner, x: int, y: int, scale: float) -> list[str]:
    """Write message, title and artist one below the other, away from the corner's edge."""
    lines = [*_message(words.message, scale), *_now_playing(words, scale)]
    height = sum(round(style.size * LINE) for _, style in lines)
    top = y if corner.at_top else y - height
    anchor = 7 if corner.at_left else 9
    events = []
    for line, style in lines:
        events.append(text(line, x, top, anchor, style))
        top += round(style.size * LINE)
    return events


def _message(message: str, scale: float) -> list[tuple[str, Style]]:
    style = Style(size=round(MESSAGE * scale))
    return [(line, style) for line in lines_of(plain(message), TEXT_WIDTH / style.size, MOST_LINES)]


def _now_playing(words: Words, scale: float) -> list[tuple[str, Style]]:
    title, artist = plain(words.title), plain(words.artist)
    large = Style(size=round(TITLE * scale), bold=True)
    small = Style(size=round(ARTIST * scale), colour=SOFT)
    lines = [
        (fitted(line, TEXT_WIDTH / style.size), style) for line, style in ((title, large), (artist, small))
    ]
    return [(line, style) for line, style in lines if line]


def _clock(told: str, corner: Corner, scale: float) -> str:
    x, y = corner.place
    return text(told, x, y, corner.anchor, Style(size=round(CLOCK * scale))) if told else ""
