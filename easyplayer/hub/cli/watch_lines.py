"""What the live channel tells an operator, written a line for each."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from easyplayer.hub.cli.telling import length
from easyplayer.hub.live_views import BoxNews, News, Report
from easyplayer.protocol.foreign_text import tidied
from easyplayer.protocol.heartbeat import OnAir, ScreenState
from easyplayer.units import SILENCE, Instant


class WatchLines:
    """Writes lines for people.

    :param names: what the operator calls the boxes that are watched, by id.
    :param between: what stands between two columns.
    """

    def __init__(self, names: Mapping[str, str], between: str) -> None:
        self._names = names
        self._between = between
        self._on_air: dict[str, OnAir | None] = {}

    def of(self, message: News | Report, heard: Instant) -> Iterator[str]:
        """Write what a message says.

        :param heard: when it came.
        """
        if isinstance(message, Report):
            yield self._line(message.at or heard, self._report(message))
            return
        for news in message.boxes:
            yield self._line(heard, [news.name, f"{news.venue}/{news.zone}", *happened(news)])

    def _report(self, report: Report) -> list[str]:
        name = self._names.get(report.box, report.box)
        if report.status is not None:
            self._on_air[report.box] = report.status.item
        if report.now is None:
            return [name, "it has never said anything"]
        sound = "silence" if report.now.level_db <= SILENCE else f"{report.now.level_db:.1f} dB"
        item = self._on_air.get(report.box)
        parts = [name, sound]
        if item is not None:
            parts += [_position(report.now.position_s, item), title(item)]
        if report.now.picture:
            parts.append(f"shows {report.now.picture}")
        return parts if report.live else [*parts, "by its last heartbeat"]

    def _line(self, at: Instant, parts: list[str]) -> str:
        when = f"{datetime.fromtimestamp(at, UTC).astimezone():%H:%M:%S}"
        return self._between.join((when, *map(tidied, parts)))


def happened(news: BoxNews) -> Iterator[str]:
    """Tell what has happened to a box, in words."""
    for word in news.happened:
        match word:
            case "state":
                yield news.state
            case "status":
                yield from _playing(news)
            case "command":
                yield from (f"{command.name}: {command.state}" for command in news.commands)
            case "live" | "away":
                yield "its live channel is open" if word == "live" else "its live channel has ended"
            case _:
                yield word


def title(item: OnAir) -> str:
    """Name an item.

    >>> title(OnAir(id="dawn", title="Dawn", artist="Ada")), title(OnAir(id="jingle"))
    ('Ada: Dawn', 'jingle')
    """
    return ": ".join(part for part in (item.artist, item.title or item.id) if part)


def _playing(news: BoxNews) -> Iterator[str]:
    playing = news.playing
    if playing is None:
        return
    state = playing.state if not playing.reason else f"{playing.state} ({playing.reason})"
    yield state if playing.item is None else f"{state}: {title(playing.item)}"
    if not playing.allowed:
        yield f"may not play: {playing.verdict}"
    if playing.silent_sink:
        yield "nothing is heard of it"
    if playing.screen.state is ScreenState.DOWN:
        yield "its screen is down"
    yield from playing.trouble


def _position(position_s: float, item: OnAir) -> str:
    whole = length(item.length_s)
    return f"{length(position_s)} of {whole}" if whole else length(position_s)
