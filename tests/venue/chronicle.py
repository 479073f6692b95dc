"""What was stated of a venue, done to it, found out and heard there: its story is made of that."""

import base64
import datetime as dt
import time
from collections.abc import Mapping

from tests.venue.faculties.screen import Screen
from tests.venue.faculties.sound import Sound
from tests.venue.machine import Machine
from tests.venue.story import Fault, Limit, Playing, Quiet, Shot, Story, Verdict, judge

POINTS = 1200
"""How many points the picture of a level has at most."""

SHORTEST_SILENCE_S = 0.1
"""Shorter gaps cannot be told from the irregular time of an emulated machine."""

CONSOLE_LINES = 60


class Chronicle:
    """Writes down what happens in a venue; all instants count from its beginning.

    :param name: the story's short name.
    :param sentence: what it shows.
    :param sound: the ear.
    :ivar name: the story's short name.
    :ivar tracks: the pitch of each track that is known, by its name.
    """

    def __init__(self, name: str, sentence: str, sound: Sound) -> None:
        self.name, self._sentence, self._sound = name, sentence, sound
        self._faults: list[Fault] = []
        self._limits: list[Limit] = []
        self._shots: list[Shot] = []
        self._found_out: list[tuple[str, str]] = []
        self.tracks: dict[str, float] = {}
        self.begin()

    def begin(self) -> None:
        """Let the story begin now."""
        self._begin_s, self._began = time.monotonic(), dt.datetime.now(dt.UTC)

    def limit(self, longest_s: float | None) -> None:
        """State for how long it may be silent from now on; None is for as long as it is."""
        self._limits.append(Limit(self._now_s(), longest_s))

    def fault(self, label: str, at_s: float | None = None) -> None:
        """Mark that something is done to the venue, or happens there.

        :param at_s: when, by the monotonic clock; default: now.
        """
        self._faults.append(Fault(self._now_s() if at_s is None else at_s - self._begin_s, label))

    def tell(self, what: str, words: str) -> None:
        """Keep something that was found out."""
        self._found_out.append((what, words))

    def know(self, tracks: Mapping[str, float]) -> None:
        """Keep the pitches of tracks."""
        self.tracks |= tracks

    def photograph(self, screen: Screen, label: str) -> None:
        """Take a picture of a screen."""
        png = base64.b64encode(screen.look().png()).decode()
        self._shots.append(Shot(self._now_s(), label, png))

    def silences(self) -> tuple[Quiet, ...]:
        """Give all silences up to now, each with its limit."""
        found = self._sound.silences(SHORTEST_SILENCE_S, self._begin_s)
        spans = [(one.begin_s - self._begin_s, one.end_s - self._begin_s) for one in found]
        return judge(spans, tuple(self._limits))

    def story(self, machine: Machine, error: BaseException | None, *told: tuple[str, str]) -> Story:
        """Tell the story up to now.

        :param error: what has ended it, if anything has.
        :param told: what is there beside the machine, by name.
        """
        levels = self._sound.levels(self._begin_s)
        silences = self.silences()
        verdict, reason = _verdict(silences, error)
        return Story(
            name=self.name,
            sentence=self._sentence,
            began=f"{self._began:%Y-%m-%d %H:%M} UTC",
            length_s=self._now_s(),
            verdict=verdict,
            reason=reason,
            level=tuple((at_s - self._begin_s, dbfs) for at_s, dbfs in levels.drawn(POINTS)),
            silences=silences,
            faults=tuple(self._faults),
            limits=tuple(self._limits),
            tracks=self._heard(),
            shots=tuple(self._shots),
            machine=(*_described(machine), *told, *self._found_out),
            console="\n".join(machine.console.text.splitlines()[-CONSOLE_LINES:]),
        )

    def _heard(self) -> tuple[Playing, ...]:
        if not self.tracks:
            return ()
        heard = self._sound.tracks(self.tracks, self._begin_s)
        begin_s = self._begin_s
        return tuple(Playing(one.begin_s - begin_s, one.end_s - begin_s, one.track) for one in heard)

    def _now_s(self) -> float:
        return time.monotonic() - self._begin_s


def _described(machine: Machine) -> tuple[tuple[str, str], ...]:
    spec, accelerator = machine.spec, machine.accelerator
    return (
        ("Accelerator", f"{accelerator.name}, limits times {accelerator.factor:g}: {accelerator.why}"),
        ("Processors", str(spec.cpus)),
        ("Memory", f"{spec.memory_mib} MiB"),
        ("Disks", ", ".join(disk.path.name for disk in spec.disks) or "none"),
    )


def _verdict(silences: tuple[Quiet, ...], error: BaseException | None) -> tuple[Verdict, str]:
    if error is not None:
        return Verdict.BROKEN, f"{type(error).__name__}: {error}"
    too_long = [quiet for quiet in silences if quiet.is_too_long]
    told = (
        f"silent for {quiet.length_s:.2f} s from {quiet.begin_s:.1f} s on, {quiet.limit_s:g} s are allowed"
        for quiet in too_long
    )
    return (Verdict.TOO_QUIET, "\n".join(told)) if too_long else (Verdict.HELD, "")
