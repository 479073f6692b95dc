"""The line-up: spots that wait for their instant, the next one first."""

from bisect import insort

from msgspec import Struct

from easyplayer.fader import STEP_S
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import PreparedItem
from easyplayer.units import Linear, Monotonic, Seconds, to_linear, to_seconds


class SpotCue(Struct, frozen=True):
    """A spot, when it is to begin, and what it does to the music."""

    prepared: PreparedItem
    at: Monotonic
    over: Over
    ducking: Ducking

    @property
    def leads_at(self) -> Monotonic:
        """When the music has to begin to go down; a fader makes its first step after one period."""
        return Monotonic(self.at - self.attack_s - STEP_S)

    @property
    def attack_s(self) -> Seconds:
        """How long the music takes to go down."""
        return to_seconds(self.ducking.attack_ms)

    @property
    def hold_s(self) -> Seconds:
        """How long the music stays down after the spot: after a cut there is nothing to stay down."""
        return Seconds(0.0) if self.over is Over.CUT else to_seconds(self.ducking.hold_ms)

    @property
    def release_s(self) -> Seconds:
        """How long the music takes to come back."""
        return to_seconds(self.ducking.release_ms)

    @property
    def left(self) -> Linear:
        """The gain that is left of the music."""
        return to_linear(self.ducking.depth_db) if self.over is Over.DUCK else Linear(0.0)

    @property
    def silences(self) -> bool:
        """Whether no music may be heard meanwhile."""
        return self.over is not Over.DUCK


class Lineup:
    """Spots in the order of their instants."""

    def __init__(self) -> None:
        self._cues: list[SpotCue] = []

    def put(self, cue: SpotCue) -> None:
        """Let a spot wait; behind those of the same instant."""
        insort(self._cues, cue, key=lambda one: one.at)

    @property
    def first(self) -> SpotCue | None:
        """The one whose instant is next."""
        return self._cues[0] if self._cues else None

    def take(self) -> SpotCue | None:
        """Take the first one out."""
        return self._cues.pop(0) if self._cues else None

    def take_until(self, instant: float = float("inf")) -> tuple[SpotCue, ...]:
        """Take out all that were due by an instant."""
        due = tuple(cue for cue in self._cues if cue.at <= instant)
        del self._cues[: len(due)]
        return due
