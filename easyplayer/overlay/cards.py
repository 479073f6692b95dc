"""Whole pages in place of a picture: how to claim the box, and why there is nothing to see."""

from easyplayer.overlay.drawing import BLACK, HEIGHT, NIGHT, SOFT, WIDTH, Style, area, box, everywhere, text
from easyplayer.overlay.lettering import fitted, lines_of, plain
from easyplayer.overlay.qr_code import qr_code

NAME = "easyplayer"
CARDS = {
    "waiting": ("No program yet", "Pictures come as soon as this box has been given a program."),
    "nothing": ("Nothing to show", "The program has no pictures for now."),
    "failed": ("Nothing can be shown", "None of the program's pictures can be shown on this box."),
    "emergency": ("Please listen", "An announcement is being made."),
}
"""What each card says: a headline, and a line below it."""

_LEFT, _MIDDLE, _CODE_AT = 200, HEIGHT // 2, WIDTH - 200
_CODE = 470
_TEXT_WIDTH = 920


def card(name: str) -> str:
    """Draw a card of :data:`CARDS`; the empty string where there is none of this name."""
    if name not in CARDS:
        return ""
    headline, line = CARDS[name]
    return "\n".join(
        [
            everywhere(NIGHT),
            text(headline, WIDTH // 2, _MIDDLE - 46, 5, Style(size=76, bold=True, outlined=False)),
            text(line, WIDTH // 2, _MIDDLE + 46, 5, Style(size=38, colour=SOFT, outlined=False)),
            _name(),
        ]
    )


def claim_card(code: str, page: str) -> str:
    """Draw how to claim the box: the code that a person types at the hub, and where.

    :param code: empty draws nothing.
    :param page: address of the page, which the QR code says, too.
    """
    if not code:
        return ""
    shown = plain(page).removeprefix("https://").removeprefix("http://").partition("?")[0].rstrip("/")
    small = Style(size=38, colour=SOFT, outlined=False)
    where = lines_of(shown, _TEXT_WIDTH / 44, 3)
    words = [
        text("Claim this box", _LEFT, 300, 7, Style(size=76, bold=True, outlined=False)),
        text("Type this code at your hub:", _LEFT, 420, 7, small),
        area(box(_TEXT_WIDTH, 150), _LEFT, 490, BLACK, 0x90),
        text(
            fitted(plain(code), 15),
            _LEFT + _TEXT_WIDTH // 2,
            565,
            5,
            Style(size=104, bold=True, spacing=10, outlined=False),
        ),
    ]
    y = 690
    for line in where:
        words.append(text(line, _LEFT, y, 7, Style(size=44, outlined=False)))
        y += 56
    picture = qr_code(page, _CODE_AT, _MIDDLE, _CODE, 6)
    return "\n".join([everywhere(NIGHT), *words, *picture, _name()])


def _name() -> str:
    return text(NAME, WIDTH // 2, HEIGHT - 70, 2, Style(size=30, colour=SOFT, alpha=0x60, outlined=False))
