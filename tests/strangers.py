"""What strangers write, for the tests of all that brings it to a terminal."""

EVIL = "\x1b]0;mine\x07\x1b[2J\r\nbox\u202egnp\u2066\x9b8m\x7f"
"""Would name the window, clear the screen, begin a line, turn the text about, and hide the rest."""
TAMED = "]0;mine [2J box gnp 8m"
"""What is left of it on one line."""


def steering(told: str) -> str:
    """Give what of a text would do something to a terminal, but for ends of lines and tabs."""
    return "".join(letter for letter in told if not letter.isprintable() and letter not in "\n\t")
