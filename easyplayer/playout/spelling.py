"""Names that were nearly right: which one was meant."""

import difflib
import re
from collections.abc import Iterable
from functools import cached_property

MOST_LISTED = 12
"""So many names are listed where none was nearly right."""
MOST_COMPARED = 20_000
"""So many names are compared, which takes a second at the most; then only capital letters are looked past."""
LONGEST = 60
"""So many letters of a name are compared, and shown."""


class Names:
    """The names that can be written in one place.

    >>> Names(["breakfast", "Bar"]).instead_of("brekfast")
    "did you mean 'breakfast'?"
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = dict.fromkeys(known)
        self._folded = {_fold(name): name for name in self._known}
        self._last = {folded.rpartition("/")[2]: name for folded, name in self._folded.items()}
        self._told: dict[str, str] = {}
        self._left = MOST_COMPARED

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def instead_of(self, name: str) -> str:
        """Tell what to write in place of a name that is not known, as the end of a sentence."""
        if name not in self._told:
            near = self._near(name)
            self._told[name] = f"did you mean {shown(near)}?" if near else self._choice
        return self._told[name]

    def _near(self, name: str) -> str:
        folded = _fold(name)
        same = self._folded.get(folded) or self._last.get(folded)
        if same or len(name) > LONGEST or self._left < len(self._known):
            return same or ""
        self._left -= len(self._known)
        return next((self._folded[one] for one in difflib.get_close_matches(folded, self._folded, n=1)), "")

    @cached_property
    def _choice(self) -> str:
        if not self._known:
            return "there is none yet"
        more = len(self._known) - MOST_LISTED
        listed = ", ".join(cut(name) for name in sorted(self._known)[:MOST_LISTED])
        return f"there are {listed}" + (f", and {more} more" if more > 0 else "")


def shown(value: str | float) -> str:
    """Write a value so that it can be printed, whatever it holds, and as far as it helps."""
    return cut(repr(value) if str(value).isprintable() else ascii(value))


def cut(text: str) -> str:
    """Take as much of a text as a person reads."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _fold(name: str) -> str:
    """Leave out of a name what people do not look at: capital letters, and what stands between words."""
    return re.sub(r"[\s_-]+", "-", name.strip().casefold())
