"""What happens in a venue, told to a person at a terminal, to a pipe, or to a script.

Titles and reasons come from tags, streams and hubs.  None of them does anything to the terminal.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from easyplayer.asrun_log import LogRow
from easyplayer.cli.times import iso, lasting, written
from easyplayer.playout.asrun import AsRun, Ended
from easyplayer.playout.chronicle import Happening, Heard, Missed, Seen, Silence
from easyplayer.playout.items import masked
from easyplayer.protocol.foreign_text import escaped, tidied
from easyplayer.status_view import whence

WIDTHS = (23, 44, 30)
"""Of the columns for the time, for what plays, and for where it comes from."""


class Lines:
    """Lines of a few cells: in columns at a terminal, and with tabs between in a file or a pipe.

    :param widths: of all columns but the last.
    """

    def __init__(self, *widths: int) -> None:
        self._widths = widths
        self._console: Any = None
        if sys.stdout.isatty():
            from rich.console import Console

            self._console = Console(highlight=False)

    def add(self, *cells: str, style: str = "") -> None:
        """Write a line."""
        if self._console is None:
            print(*map(tidied, cells), sep="\t")
            return
        from rich.text import Text

        told = [*map(tidied, cells)]
        columns = (f"{_cut(cell, width):{width}}" for cell, width in zip(told, self._widths, strict=False))
        text = Text("  ".join([*columns, *told[len(self._widths) :]]).rstrip())
        self._console.print(text, style=style, no_wrap=True, overflow="ellipsis")


def tell_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Write headings, and beside each what there is to say about it."""
    if not sys.stdout.isatty():
        for heading, text in pairs:
            print(tidied(heading), tidied(text), sep="\t")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for heading, text in pairs:
        table.add_row(Text(tidied(heading), style="bold"), Text(tidied(text)))
    Console().print(table)


def tell_json(content: Any, *, indent: int | None = None) -> None:
    """Write JSON, without the passwords of streams."""
    print(escaped(json.dumps(_masked(content), indent=indent, ensure_ascii=False)))


def tell_encoded(content: bytes) -> None:
    """Write what is JSON already, laid out for people to read, too."""
    print(escaped(msgspec.json.format(content, indent=2).decode()))


def warn(lines: Iterable[str]) -> None:
    """Tell a person what a script does not ask for."""
    for line in lines:
        print(tidied(line), file=sys.stderr)


def tell_happening(lines: Lines, happening: Happening | Seen, zone: ZoneInfo) -> None:
    """Write what happened as a line."""
    at = written(happening.started, zone)
    match happening:
        case Silence(over=over):
            lasts = lasting(over - happening.started)
            lines.add(at, "SILENCE", "", f"for {lasts}: nothing of the program can be played", style="red")
        case Missed(event=event, reason=reason):
            lines.add(at, "MISSED", f"spot {event.spot.id}", reason, style="yellow")
        case Seen():
            ended = "" if happening.ended is Ended.PLAYED else str(happening.ended)
            lines.add(at, happening.item.caption, f"screen: {whence(happening.origin)}", ended, style="dim")
        case Heard():
            style = "" if happening.decision.course else "cyan"
            lines.add(at, happening.item.caption, whence(happening.origin), remark(happening), style=style)


def remark(row: Heard) -> str:
    """Say what is unusual about a row."""
    ended = "" if row.ended is Ended.PLAYED else str(row.ended)
    relaxed = " and ".join(row.decision.relaxed)
    return ", ".join(filter(None, (ended, relaxed and f"{relaxed} too soon again")))


def as_json(happening: Happening | Seen, zone: ZoneInfo) -> Mapping[str, Any]:
    """Tell what happened to a script."""
    match happening:
        case Silence(started=started, over=over):
            return {"happened": "silence", "started": iso(started, zone), "over": iso(over, zone)}
        case Missed(started=started, event=event, reason=reason):
            due = {"spot": event.spot.id, "due": iso(event.at, zone)}
            return {"happened": "missed", "started": iso(started, zone), **due, "reason": reason}
        case Seen():
            return {"happened": "seen", **row_json(happening, zone)}
        case Heard():
            relaxed = list(map(str, happening.decision.relaxed))
            return {"happened": "heard", **row_json(happening, zone), "relaxed": relaxed}


def tell_json_happening(happening: Happening | Seen, zone: ZoneInfo) -> None:
    """Write what happened as a line of JSON."""
    tell_json(as_json(happening, zone))


def row_json(row: AsRun | LogRow, zone: ZoneInfo) -> dict[str, Any]:
    """Tell a row of the as-run log to a script."""
    origin = {} if row.origin is None else msgspec.to_builtins(row.origin)
    return {
        "started": iso(row.started, zone),
        "over": iso(row.over, zone),
        "item": row.item.id,
        "title": row.item.title,
        "artist": row.item.artist,
        "location": row.item.location,
        **origin,
        "ended": row.ended,
        **_seen(row),
    }


def _seen(row: AsRun | LogRow) -> dict[str, Any]:
    if not isinstance(row, LogRow) or row.shown_s is None:
        return {}
    return {"shown_s": row.shown_s, "outputs": list(row.outputs)}


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _masked(content: Any) -> Any:
    """Hide the passwords in whatever goes into JSON."""
    match content:
        case str():
            return masked(str(content))
        case Mapping():
            return {key: _masked(value) for key, value in content.items()}
        case list() | tuple():
            return [_masked(value) for value in content]
        case _:
            return content
