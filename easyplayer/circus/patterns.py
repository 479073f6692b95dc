"""Regular expressions that come from an option, and what is wrong with them."""

import re
import warnings

SAMPLE = "1234;1767225600.25"
"""A datagram as the box sends it."""
MOST_REPETITIONS = 4
"""Each one more takes a multiple of the time on a text that does not fit."""
TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:P?<\w+>|[=!:]|<[=!]|P=\w+))?|[()|*+]|\{\d*,?\d*\}|.", re.DOTALL
)
"""One letter, class, group's beginning or repetition of a pattern."""


def trouble_with(text: str, groups: tuple[str, ...] = ()) -> str:
    """Tell why a pattern cannot be used; empty where it can.

    :param groups: names of groups that it must have.

    >>> trouble_with("^[0-9]+$"), trouble_with("(a+)+$")
    ('', 'it may take for ever: leave out repetitions, above all one around another')
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what may mean something else one day is fine today
            pattern = re.compile(text, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        return f"it is no regular expression ({error})"
    missing = [name for name in groups if name not in pattern.groupindex]
    if missing:
        return f"it has no group (?P<{missing[0]}>…)"
    if may_explode(text):
        return "it may take for ever: leave out repetitions, above all one around another"
    return ""


def may_explode(text: str) -> bool:
    """Tell whether a pattern repeats much, or repeats what repeats itself or leaves a choice.

    All others are quick on a text as short as a datagram may be.
    """
    inside, just_closed, repetitions = [False], False, 0
    for sign in TOKEN.findall(text):
        repeats = sign in {"*", "+"} or (sign[0] == "{" and len(sign) > 1)
        if repeats and just_closed:
            return True
        repetitions += repeats
        inside[-1] |= repeats or sign == "|"
        just_closed = False
        if sign[0] == "(":
            inside.append(False)
        elif sign == ")" and len(inside) > 1:
            just_closed = inside.pop()
            inside[-1] |= just_closed
    return repetitions > MOST_REPETITIONS
