"""Commands to the player: play, pause, resume, skip, fade out, and the volume."""

from typing import ClassVar

from easyplayer.crafts.craft import Craft
from easyplayer.crafts.ending import Ending, done, failed, not_now
from easyplayer.events import BoxEvent
from easyplayer.player_events import (
    fade_out,
    item_started,
    pause_playing,
    player_changed,
    resume_playing,
    set_volume,
    skip_item,
    start_playing,
    volume_changed,
)
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.arguments import Arguments, FadeOut, SetVolume
from easyplayer.units import Percent, Seconds

BY_THE_HUB = "faded out by a person, from the hub"
VOLUME_SETTLES_S = Seconds(0.5)
"""So long a busy box may take to obey; a volume that does not change is not told."""
MAY_PAUSE = frozenset({PlayerState.PLAYING, PlayerState.MIXING, PlayerState.WAITING, PlayerState.NO_SOUND})


class Play(Craft[Arguments]):
    """``play``: make music, if the box may."""

    def at_once(self) -> Ending | None:
        """Say why not: it is closed, blocked, or without a licence."""
        if not self.view.allowed:
            return not_now(f"the box may not play: {self.view.verdict}")
        if self.view.state is PlayerState.NO_SOUND:
            return not_now(self.view.standing)
        return done("it plays already") if self.view.sounding else None

    def begin(self) -> None:
        """Start the player."""
        self.bench.fire(start_playing())

    def hear(self, fact: BoxEvent) -> None:
        """Wait until music sounds."""
        match fact:
            case player_changed(args=[PlayerState.PLAYING | PlayerState.MIXING, _]):
                self.finish(done("it plays"))
            case player_changed(args=[PlayerState.STOPPED | PlayerState.NO_SOUND, _]):
                self.finish(failed(self.view.standing))


class Pause(Craft[Arguments]):
    """``pause``: hold what plays where it is."""

    def at_once(self) -> Ending | None:
        """There must be something to hold."""
        if self.view.state is PlayerState.PAUSED:
            return done("it is paused already")
        return None if self.view.state in MAY_PAUSE else not_now(self.view.standing)

    def begin(self) -> None:
        """Hold it."""
        self.bench.fire(pause_playing())

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it is held."""
        match fact:
            case player_changed(args=[PlayerState.PAUSED, _]):
                self.finish(done("it is paused"))


class Resume(Craft[Arguments]):
    """``resume``: go on from where it was held."""

    def at_once(self) -> Ending | None:
        """There must be something that is held."""
        if self.view.sounding:
            return done("it plays already")
        return None if self.view.state is PlayerState.PAUSED else not_now(self.view.standing)

    def begin(self) -> None:
        """Go on."""
        self.bench.fire(resume_playing())

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it goes on."""
        match fact:
            case player_changed(args=[PlayerState.PLAYING | PlayerState.MIXING, _]):
                self.finish(done("it plays on"))


class Skip(Craft[Arguments]):
    """``skip``: leave what plays for what comes next."""

    def at_once(self) -> Ending | None:
        """There must be something that plays."""
        return None if self.view.sounding else not_now(self.view.standing)

    def begin(self) -> None:
        """Leave it."""
        self.bench.fire(skip_item())

    def hear(self, fact: BoxEvent) -> None:
        """Wait until the next one sounds."""
        match fact:
            case item_started(args=[prepared, _]):
                self.finish(done(f"now plays {prepared.item.caption}", item=prepared.item.id))


class FadeAway(Craft[FadeOut]):
    """``fade_out``: stop softly; it stays silent until ``play``, or until the venue opens the next time."""

    limit_s: ClassVar[Seconds] = Seconds(90.0)

    def at_once(self) -> Ending | None:
        """Leave what is silent already."""
        return done("it is silent already") if self.view.state is PlayerState.STOPPED else None

    def begin(self) -> None:
        """Fade."""
        self.bench.fire(fade_out(self.args.seconds, BY_THE_HUB))

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it is silent."""
        match fact:
            case player_changed(args=[PlayerState.STOPPED, _]):
                self.finish(done("it is silent"))


class TurnVolume(Craft[SetVolume]):
    """``set_volume``: as a person would turn it."""

    def begin(self) -> None:
        """Turn it, and see what the limits have made of that."""
        self.bench.fire(set_volume(Percent(self.args.volume)))
        self.bench.ticker.after(VOLUME_SETTLES_S, self._tell)

    def hear(self, fact: BoxEvent) -> None:
        """See it go where it was to go."""
        match fact:
            case volume_changed(args=[volume]) if volume == self.args.volume:
                self._tell()

    def _tell(self) -> None:
        became = self.view.volume
        limited = "" if became == self.args.volume else ": the limits of the settings or the program hold"
        self.finish(done(f"the volume is {became}{limited}", volume=became))
