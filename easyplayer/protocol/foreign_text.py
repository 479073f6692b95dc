r"""Text that others have written, as it may be written to a terminal: it does nothing there but stand.

Any machine may ask to be paired by any name, tags and streams say what they like, and an error repeats it.
"""

import re

JOINERS = "\u200c\u200d"
"""They join letters, or keep them apart, and steer nothing: Persian and many emoji cannot do without."""

_BREAK = re.compile(r" ?\n[ \n]*")
_NOT_ASCII = re.compile(r"[^\n -~]")
_UTF_16_UNIT = re.compile(r"(....)")


def tidied(text: str) -> str:
    r"""Give it on one line, without what would steer the terminal or turn the text about.

    >>> tidied("a\x1b[2J box\u202e\r\n")
    'a [2J box'
    """
    marked = "".join(letter if _is_harmless(letter) else "\n" for letter in text)
    return _BREAK.sub(" ", marked).strip()


def tidied_lines(text: str) -> str:
    r"""Give it likewise, with its lines and their indents as they are.

    >>> tidied_lines("not used:\n  - \x1b[2J")
    'not used:\n  -  [2J'
    """
    return "".join(letter if letter == "\n" or _is_harmless(letter) else " " for letter in text)


def escaped(json: str) -> str:
    r"""Give JSON that says the same: what would steer the terminal is written by its number.

    >>> escaped('"\x9b2J"')
    '"\\u009b2J"'
    """
    return _NOT_ASCII.sub(_escape, json)


def _is_harmless(letter: str) -> bool:
    return letter.isprintable() or letter in JOINERS


def _escape(found: re.Match[str]) -> str:
    letter = found.group()
    if _is_harmless(letter):
        return letter
    return _UTF_16_UNIT.sub(r"\\u\1", letter.encode("utf-16-be", "surrogatepass").hex())
