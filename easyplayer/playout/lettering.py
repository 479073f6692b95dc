"""Letters in a picture: how wide they are, what fits, and in which ink they can be read."""

import re

TO = "\N{EN DASH}"
"""Stands between the first and the last of a span."""

_NARROW = frozenset("ijlItf.,:;!'|()[] ·")
_WIDE = frozenset("mwMWOQG@%—…")
_NARROW_EM, _DIGIT_EM, _ORDINARY_EM, _CAPITAL_EM, _WIDE_EM = 0.4, 0.64, 0.64, 0.74, 1.0
_FIRST_SQUARE = "\u1100"
"""From here on most letters fill a square."""
_BOLD = 1.1
_ELLIPSIS = "…"
_FEWEST_LETTERS = 2
_DARKEST = 0.04045
"""Up to here sRGB is linear."""
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def one_line(text: str) -> str:
    """Leave out what XML cannot hold, and all line ends."""
    return " ".join(_UNWRITABLE.sub("", text).split())


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Tell how wide a text is at most, in the sans-serif letters that are common."""
    return size * sum(map(_em, text)) * (_BOLD if bold else 1.0)


def _em(letter: str) -> float:
    if letter in _NARROW:
        return _NARROW_EM
    if letter in _WIDE or letter >= _FIRST_SQUARE:
        return _WIDE_EM
    if letter.isupper():
        return _CAPITAL_EM
    return _DIGIT_EM if letter.isdigit() else _ORDINARY_EM


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Cut a text so that it fits; empty where nothing that can be read would be left.

    >>> fitted("Late Night", 12.0, 60.0)
    'Late Ni…'
    """
    if width_of(text, size, bold=bold) <= room:
        return text
    for length in range(len(text) - 1, _FEWEST_LETTERS - 1, -1):
        cut = text[:length].rstrip() + _ELLIPSIS
        if width_of(cut, size, bold=bold) <= room:
            return cut
    return ""


def ink_on(colour: str) -> str:
    """Choose black or white, whichever is read better; the contrast is 4.5 at least on any colour.

    Source: Web Content Accessibility Guidelines 2.2, contrast ratio.

    >>> ink_on("#f4c95d"), ink_on("#4f5691")
    ('#000000', '#ffffff')
    """
    over_black = (luminance(colour) + 0.05) / 0.05
    over_white = 1.05 / (luminance(colour) + 0.05)
    return "#000000" if over_black >= over_white else "#ffffff"


def luminance(colour: str) -> float:
    """Tell the relative luminance of a colour such as ``#d08020``, 0 to 1."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _DARKEST else ((channel + 0.055) / 1.055) ** 2.4
