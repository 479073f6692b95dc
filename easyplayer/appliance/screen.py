"""How all that is known is laid out: on a screen of any size, or as lines of a log."""

from textwrap import wrap

from easyplayer.appliance.block_letters import block_letters, width_of
from easyplayer.appliance.box_view import Row, Surroundings, claim, rows, title

NARROW = 60
"""On a screen with fewer columns nothing is left free at its sides but one."""
LABEL = 11
SHIFTS = ((0, 0), (1, 2), (2, 1), (0, 3), (2, 3), (1, 0), (0, 1), (2, 2))
"""By how many rows and columns the picture is moved, minute by minute, so that it does not burn in."""
MARGIN_ROWS, MARGIN_COLUMNS = 3, 4


def screen(all_known: Surroundings, columns: int, lines: int, minute: int) -> list[str]:
    """Lay it out for a screen.

    :param minute: counts up; each has the picture at another place.
    :returns: no more lines than the screen has, none longer than it is wide.
    """
    margin = MARGIN_COLUMNS if columns >= NARROW else 1
    down, right = SHIFTS[minute % len(SHIFTS)]
    right = min(right, margin)
    room = max(columns - 2 * margin, 10)
    drawn = [clean(title(all_known)), "", *_claim(all_known, room)]
    for row in rows(all_known):
        drawn.extend(_row(row, room))
    shifted = [""] * min(down, max(lines - len(drawn), 0)) + [(" " * right + line).rstrip() for line in drawn]
    return [line[:columns] for line in shifted[:lines]]


def told(all_known: Surroundings) -> dict[str, str]:
    """Put it into lines of a log, each under the name by which a change of it is known."""
    code, where = claim(all_known)
    lines = {"title": f"this is {clean(title(all_known))}"}
    if code:
        lines["claim"] = f"CLAIM CODE {clean(code)}: type it at {clean(where)}"
    for row in rows(all_known):
        text = f"{'!! ' if row.urgent else ''}{row.label}: {clean(row.text)}"
        lines[f"{row.label}: {row.news}" if row.news else text] = text
    return lines


def clean(text: str) -> str:
    """Leave out whatever a terminal would obey in place of showing it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _claim(all_known: Surroundings, room: int) -> list[str]:
    code, where = claim(all_known)
    if not code:
        return []
    parts = [code] if width_of(code) <= room else code.split("-")
    wide = all(width_of(part, wide=True) <= room for part in parts)
    drawn = ["Claim this box: type this code", f"at {clean(where)}"[:room], ""]
    for part in parts:
        drawn.extend([*block_letters(part, wide=wide), ""])
    return [*drawn, f"({clean(code)})", ""]


def _row(row: Row, room: int) -> list[str]:
    head = f"{'! ' if row.urgent else '  '}{row.label}".ljust(LABEL + 1)
    first, *others = wrap(clean(row.text), max(room - LABEL - 1, 10), break_on_hyphens=False) or [""]
    return [head + first, *(" " * (LABEL + 1) + line for line in others)]
