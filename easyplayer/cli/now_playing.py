"""The live line of a terminal: what plays, how far, what is next, and how loud."""

from circuits import handler
from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from easyplayer.cli.keys import HELP
from easyplayer.cli.terminal import console
from easyplayer.component import BoxComponent
from easyplayer.protocol.foreign_text import tidied
from easyplayer.status_view import HubView, Playing, Status
from easyplayer.units import SILENCE, Decibels, Seconds

QUIETEST_DB = -60.0
METER_WIDTH = 20


class NowPlaying(BoxComponent):
    """Draws the newest status at the foot of the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._live = Live(console=console(), auto_refresh=False, transient=True)

    def open(self) -> None:
        """Begin to draw."""
        self._live.start()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    @handler("status_published")
    def _on_status(self, status: Status) -> None:
        self._live.update(draw(status), refresh=True)


def draw(status: Status) -> Group:
    """Draw a status in two lines, and in a third what must be seen."""
    line = Table.grid(padding=(0, 2), expand=False)
    length_s = status.item.length_s if status.item else None
    line.add_row(
        Text(_sign(status)),
        Text(_caption(status.item) if status.item else tidied(status.reason), style="bold"),
        Text(f"{clock(status.position_s)} / {clock(length_s) if length_s else '…'}"),
        ProgressBar(total=length_s or 1.0, completed=status.position_s if length_s else 0.0, width=24),
        meter(status.level_db),
        Text(f"vol {status.volume}"),
    )
    if status.hub.claim_code or status.hub.support:
        return Group(line, Text(_word(status.hub), style="bold yellow"), _foot(status))
    return Group(line, _foot(status))


def _word(hub: HubView) -> str:
    """Say what whoever stands before the box must see."""
    if hub.support:
        return f"   support has a way in: {tidied(hub.support)}"
    return f"   claim this box at the hub: {tidied(hub.claim_code)}"


def _foot(status: Status) -> Text:
    """Draw what comes next, and what the keys do."""
    following = f"next: {_caption(status.next)}" if status.next else "next: …"
    why = f"{tidied(status.item.why)}   ·   " if status.item and status.item.why else ""
    sink = f"{tidied(status.sink) or 'no output'}{' (nobody hears it)' if status.silent_sink else ''}"
    return Text(f"   {why}{following}   ·   {sink}   ·   {HELP}", style="dim")


def clock(seconds: Seconds) -> str:
    """Write a time as a player shows it.

    >>> clock(Seconds(187.4))
    '3:07'
    """
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes}:{rest:02d}"


def meter(level: Decibels) -> Text:
    """Draw a level as a bar."""
    share = min(max(1 - level / QUIETEST_DB, 0.0), 1.0) if level > SILENCE else 0.0
    lit = round(share * METER_WIDTH)
    return Text("▮" * lit, style="green").append("▯" * (METER_WIDTH - lit), style="dim")


def _sign(status: Status) -> str:
    return {"playing": "▶", "mixing": "⇄", "paused": "⏸", "fading": "↘"}.get(status.state, "◼")


def _caption(item: Playing) -> str:
    name = item.title or item.location.rpartition("/")[2]
    return tidied(f"{item.artist} - {name}" if item.artist else name)
