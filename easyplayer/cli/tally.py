"""What a simulated span comes to, in figures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from easyplayer.cli.times import lasting, written
from easyplayer.playout.chronicle import Happening, Heard, Missed, Silence
from easyplayer.playout.items import Layer

SPOTS = (Layer.SHARP_SPOT, Layer.SOFT_SPOT)


class Tally:
    """Counts what happens.

    :ivar layers: how often each layer came.
    :ivar relaxed: how often each rule of separation gave way.
    :ivar silences: when there was silence in open hours.
    """

    def __init__(self) -> None:
        self.items = self.missed = 0
        self.music_s = 0.0
        self.tracks: set[str] = set()
        self.layers: Counter[Layer] = Counter()
        self.relaxed: Counter[str] = Counter()
        self.silences: list[Silence] = []

    def add(self, happening: Happening) -> None:
        """Count something."""
        match happening:
            case Silence():
                self.silences.append(happening)
            case Missed():
                self.missed += 1
            case Heard():
                self._add_row(happening)

    def _add_row(self, row: Heard) -> None:
        self.items += 1
        self.layers[row.origin.layer] += 1
        self.relaxed.update(map(str, row.decision.relaxed))
        if row.origin.layer not in SPOTS:
            self.music_s += row.over - row.started
            self.tracks.add(row.item.id)

    @property
    def spots(self) -> int:
        """How many spots came."""
        return sum(self.layers[layer] for layer in SPOTS)

    @property
    def silence_s(self) -> float:
        """How long there was silence in open hours."""
        return sum(one.over - one.started for one in self.silences)

    def told(self, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
        """Say it in words: headings, and what stands beside them."""
        yield (
            "items",
            f"{self.items}: {self.music_s / 3600:.1f} h of music, {len(self.tracks)} distinct tracks",
        )
        layers = (f"{layer} {self.layers[layer]}" for layer in Layer if self.layers[layer])
        yield "layers", ", ".join(layers) or "none"
        yield "spots", f"{self.spots} came, {self.missed} were missed"
        relaxed = ", ".join(f"{rule} {count}" for rule, count in sorted(self.relaxed.items()))
        yield "separation", f"gave way: {relaxed}" if relaxed else "always kept"
        yield "silence", self.silence(zone) or "none in open hours"

    def silence(self, zone: ZoneInfo) -> str:
        """Say when it is silent in open hours; empty where it never is."""
        if not self.silences:
            return ""
        first = self.silences[0]
        more = len(self.silences) - 1
        since, until = (written(edge, zone) for edge in (first.started, first.over))
        others = f" and {more} times more, {lasting(self.silence_s)} in all" if more else ""
        return f"from {since} to {until}{others}"

    def as_json(self) -> Mapping[str, Any]:
        """Say it to a script."""
        return {
            "items": self.items,
            "music_s": round(self.music_s, 3),
            "tracks": len(self.tracks),
            "layers": {str(layer): self.layers[layer] for layer in Layer if self.layers[layer]},
            "spots": self.spots,
            "missed": self.missed,
            "relaxed": dict(sorted(self.relaxed.items())),
            "silence_s": round(self.silence_s, 3),
        }
