r"""Text that anybody may have written, made safe for a screen, and as long as there is room.

Titles come from tags and from people: they hold braces and backslashes, which mean something to ASS, line
breaks, letters of every script, and pictures that no font here can draw.
"""

import re
import unicodedata

WORD_JOINER = "\u2060"
"""Has no width; behind a backslash it keeps that from beginning a command."""
ELLIPSIS = "…"
WIDE_EM, NARROW_EM = 1.0, 0.56
"""How wide a letter is, compared with the size of its font: of East Asian scripts, and of all others."""

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f\u20e3\ufeff]")
"""Marks that have no width, or turn the direction of what follows them."""
_PICTURES = re.compile("[\U0001f000-\U0001faff\U000e0000-\U000e007f\U000f0000-\U0010ffff]")
"""Pictures in colour and private letters, for which the renderer has no shape."""
_SPACES = re.compile(r"\s+")


def plain(text: str) -> str:
    """Leave of a text what can be drawn in one line.

    >>> plain("  Dawn    chorus 🌅")
    'Dawn chorus'
    """
    composed = unicodedata.normalize("NFC", text)
    drawn = _PICTURES.sub("", _UNSEEN.sub("", composed))
    kept = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in drawn)
    return _SPACES.sub(" ", kept).strip()


def escaped(text: str) -> str:
    r"""Write a text so that ASS draws it letter by letter.

    >>> escaped("{b}")
    '\\{b}'
    """
    return text.replace("\\", "\\" + WORD_JOINER).replace("{", "\\{")


def width_em(text: str) -> float:
    """Tell about how wide a text is, in multiples of its font's size.

    >>> width_em("東京") > width_em("ab")
    True
    """
    return sum(_letter_em(letter) for letter in text)


def fitted(text: str, most_em: float) -> str:
    """Shorten a text that is too wide, at its end.

    >>> fitted("A very long title", 5.0)
    'A very…'
    """
    if width_em(text) <= most_em:
        return text
    room_em = most_em - NARROW_EM
    kept, used_em = 0, 0.0
    for letter in text:
        used_em += _letter_em(letter)
        if used_em > room_em:
            break
        kept += 1
    return text[:kept].rstrip() + ELLIPSIS


def lines_of(text: str, most_em: float, most_lines: int) -> list[str]:
    """Break a text into lines, between words where there are any; what has no room is left out.

    >>> lines_of("one two three", 5.0, 2)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in _pieces(text, most_em):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_em(longer) <= most_em:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most_lines:
        rest = " ".join(lines[most_lines - 1 :])
        lines = [*lines[: most_lines - 1], fitted(rest, most_em)]
    return lines


def _pieces(text: str, most_em: float) -> list[str]:
    """Part a text into words, and what has no spaces into pieces that fit."""
    pieces: list[str] = []
    for word in text.split():
        piece = ""
        for letter in word:
            if width_em(piece + letter) > most_em:
                pieces.append(piece)
                piece = ""
            piece += letter
        pieces.append(piece)
    return pieces


def _letter_em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    return WIDE_EM if unicodedata.east_asian_width(letter) in "WF" else NARROW_EM
