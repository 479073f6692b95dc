"""The playout engine: what plays next, and why, from a program and what was played before.

It decides and remembers, and knows no clock: every question names its instant.  The box asks it what
comes next, the simulator and the hub ask it what will; all get the same answer, because everything
it knows is in the program and in :class:`EngineState`.
"""

from collections import deque
from collections.abc import Callable, Iterator

from msgspec import Struct, structs

from easyplayer.playout.catalogue import Playlist, Program, Start
from easyplayer.playout.courses import EVERYTHING, Courses
from easyplayer.playout.explain import Decision, Rival, rival
from easyplayer.playout.items import Item, Layer, Origin, Sense
from easyplayer.playout.rotation import Draw, RotationState
from easyplayer.playout.separation import Past
from easyplayer.playout.sharp import SharpState, SharpWatch
from easyplayer.playout.spots import Spots, SpotState
from easyplayer.playout.timeline import Claim, Timeline
from easyplayer.units import Instant, Milliseconds, Seconds

KEPT_PAST = 250
"""So many songs are remembered at least: more than a separation that counts songs asks for."""
MOST_PAST = 4_000
"""So many at most: a week of songs of two and a half minutes, for the longest separation in minutes."""
HORIZON_S = Seconds(24 * 3600.0)
"""How far ahead is looked for what makes a song give way."""
FOR_EVER = Instant(float("inf"))
_JUST_AFTER_S = 0.001

Unavailable = Callable[[Item], str]
"""Tells why an item cannot be played; empty where it can."""


def nothing_missing(_item: Item) -> str:
    """Find everything playable."""
    return ""


class EngineState(Struct, frozen=True, kw_only=True):
    """What the engine remembers, to go on after a restart.

    :ivar courses: how far each playlist has come, by the name of its course.
    :ivar past: the songs played last, the newest at the end: as far back as a separation in minutes of the
        program asks for, and never more than :data:`MOST_PAST`.
    :ivar emergency: what plays above all else, or ``None``.
    """

    courses: dict[str, RotationState] = {}
    past: tuple[Past, ...] = ()
    spots: SpotState = SpotState()
    sharp: SharpState = SharpState()
    emergency: Item | None = None


class Following(Struct, frozen=True):
    """What follows what plays.

    :ivar gives_way_at: when what plays gives way to it, even if it is not over; ``None`` where it
        is heard to its end.
    """

    decision: Decision
    gives_way_at: Instant | None


class Engine:
    """Decides by one program.

    :param program: a program without fault.
    :param state: what was remembered of playing by it before.
    :param sense: what it decides for; a screen's program is :func:`easyplayer.playout.pictures.on_screen`.
    :ivar emergency: what plays above all else; ``None`` is what the program says.
    """

    def __init__(
        self, program: Program, state: EngineState | None = None, *, sense: Sense = Sense.EAR
    ) -> None:
        state = state or EngineState()
        self.program = program
        self.sense = sense
        self.timeline = Timeline(program)
        self.courses = Courses(program, state.courses, sense=sense)
        self.spots = Spots(program, state.spots)
        self.sharp = SharpWatch(self.timeline, state.sharp)
        self.past = deque(state.past, maxlen=MOST_PAST)
        self.emergency = state.emergency
        self._kept_s = 60.0 * max((one.separation.item_minutes for one in program.playlists), default=0)

    @property
    def state(self) -> EngineState:
        """Everything to be remembered."""
        return EngineState(
            courses=self.courses.state,
            past=tuple(self.past),
            spots=self.spots.state,
            sharp=self.sharp.state,
            emergency=self.emergency,
        )

    def carry_over(self, old: "Engine") -> None:
        """Go on, by a new program, where an engine stood that played by the one before."""
        self.past = old.past
        self.emergency = old.emergency
        self.spots = Spots(self.program, old.spots.state)
        self.sharp = SharpWatch(self.timeline, old.sharp.state)
        self.courses.carry_over(old.courses)

    # -- what plays ----------------------------------------------------------------------------

    def next(
        self,
        at: Instant,
        unavailable: Unavailable = nothing_missing,
        *,
        blind: bool = False,
        spots: bool = True,
    ) -> Decision | None:
        """Decide what plays from an instant on; nothing is changed by asking.

        :param blind: whether nobody can trust the clock; then the day of the week does not count.
        :param spots: whether a spot that is due may go before the song.
        :returns: ``None`` where nothing of the program can be played.
        """
        if self.emergency is not None and not unavailable(self.emergency):
            return Decision(at=at, item=self.emergency, origin=Origin(layer=Layer.EMERGENCY))
        spot = self._spot(at, unavailable) if spots and not blind else None
        return spot or self._song(at, unavailable, blind=blind)

    def _spot(self, at: Instant, unavailable: Unavailable) -> Decision | None:
        draw = self.spots.due(at, unavailable, self.sharp.next_after(at))
        if draw is None:
            return None
        return Decision(
            at=at,
            item=draw.item,
            origin=Origin(layer=Layer.SOFT_SPOT, source=draw.spot.id),
            title=draw.spot.title or draw.spot.id,
            why=draw.why,
            passed=draw.passed,
        )

    def _song(self, at: Instant, unavailable: Unavailable, *, blind: bool) -> Decision | None:
        claims = self.timeline.blind() if blind else self.timeline.claims(at)
        beaten: tuple[Rival, ...] = ()
        for number, claim in enumerate(claims):
            course = self.courses.name(claim)
            draw = self.courses.of(course).peek(self.past, at, unavailable)
            if draw is not None:
                losers = tuple(rival(loser, "stands below") for loser in claims[number + 1 :])
                decision = self._decided(at, claim, draw, blind=blind)
                return structs.replace(decision, course=course, beaten=beaten, otherwise=losers)
            beaten = (*beaten, rival(claim, "nothing in it can be played"))
        draw = self._anything(at, unavailable)
        if draw is None:
            return None
        origin = Origin(layer=Layer.STORAGE, blind=blind)
        return Decision(
            at=at,
            item=draw.item,
            origin=origin,
            place=draw.index,
            round=draw.round,
            beaten=beaten,
            relaxed=draw.relaxed,
        )

    def _anything(self, at: Instant, unavailable: Unavailable) -> Draw | None:
        """Draw from all that is there; what only spots name comes where nothing else can be played."""
        course, spoken = self.courses.of(EVERYTHING.id), self.courses.spoken

        def no_music(item: Item) -> str:
            return "only spots name it" if item.id in spoken else unavailable(item)

        music = course.peek(self.past, at, no_music)
        return music or (course.peek(self.past, at, unavailable) if spoken else None)

    def _decided(self, at: Instant, claim: Claim, draw: Draw, *, blind: bool) -> Decision:
        playlist = self.courses.playlists[claim.playlist]
        bounded = claim.layer is not Layer.FALLBACK and not blind
        return Decision(
            at=at,
            item=_with_fades(draw.item, playlist, self.program.crossfade_ms),
            origin=Origin(layer=claim.layer, source=claim.source, playlist=claim.playlist, blind=blind),
            place=draw.index,
            round=draw.round,
            title=claim.title or claim.source or playlist.title or playlist.id,
            since=claim.since if bounded else None,
            until=claim.until if bounded else None,
            passed=draw.passed,
            relaxed=draw.relaxed,
        )

    # -- what was played -----------------------------------------------------------------------

    def take(self, decision: Decision, at: Instant, *, again: bool = False) -> None:
        """Learn that what was decided began to sound.

        :param again: whether it goes on after a restart; then it may be remembered already.
        """
        origin, item = decision.origin, decision.item
        if origin.layer in {Layer.SOFT_SPOT, Layer.SHARP_SPOT}:
            self.spots.spot_started(origin.source, item.id, at)
        elif origin.layer is not Layer.EMERGENCY:
            if again and self.past and self.past[-1].item == item.id:
                return
            self._remember(Past.of(item, at))
            self.spots.song_started(at)
            if self.courses.has(decision.course):
                self.courses.of(decision.course).take(
                    Draw(index=decision.place, item=item, round=decision.round)
                )
                self.courses.keep(decision.course)

    def _remember(self, song: Past) -> None:
        """Remember a song, and forget those that no separation asks for any more.

        A clock that starts in 1970 makes nothing old.
        """
        self.past.append(song)
        while len(self.past) > KEPT_PAST and not self._asked_for(self.past[0], song.at):
            self.past.popleft()

    def _asked_for(self, old: Past, now: Instant) -> bool:
        return self._kept_s > 0 and now - old.at < self._kept_s

    # -- what follows --------------------------------------------------------------------------

    def following(
        self,
        current: Decision,
        started: Instant,
        now: Instant,
        left_s: Seconds | None,
        unavailable: Unavailable = nothing_missing,
        *,
        blind: bool = False,
    ) -> Following | None:
        """Decide what follows what plays.

        :param started: when that began to sound, by the clock as it is set now.
        :param left_s: for how long from now it has the air to itself; ``None`` where it has no end.
        :returns: ``None`` where nothing of the program can be played, or nothing ever follows.
        """
        over = FOR_EVER if left_s is None else Instant(now + left_s)
        for at, show in () if blind else self._interruptions(current, started, now, over):
            decision = self.next(at, unavailable, spots=not show)
            if decision is not None and (not show or _is_of(decision, show)):
                return Following(decision, at)
        if over == FOR_EVER:
            return None
        following = self.next(over, unavailable, blind=blind)
        return None if following is None else Following(following, None)

    def gives_way_to_nothing_at(self, current: Decision, now: Instant) -> Instant | None:
        """Tell when a picture that has no end of its own has to go, and none follows it.

        Sound that has no end goes on: it is better than silence.
        """
        if self.sense is Sense.EAR or not _waits_for_nobody(current.item):
            return None
        change = self._change_after(current, now, Instant(now + HORIZON_S))
        return None if change is None or self.next(change) is not None else change

    def _interruptions(
        self, current: Decision, started: Instant, now: Instant, over: Instant
    ) -> Iterator[tuple[Instant, str]]:
        """Find when what plays must give way, and to which show; the empty string is to whatever is due.

        A show goes before any spot: it must begin on its second, and has waited long enough.
        """
        if current.origin.layer is Layer.EMERGENCY:
            return
        end = min(over, Instant(now + HORIZON_S))
        times: list[tuple[Instant, str]] = []
        for run in self.timeline.shows(Instant(started + _JUST_AFTER_S), end):
            wait_s = 0 if run.show.start is Start.HARD else run.show.longest_wait_s
            at = Instant(run.starts + wait_s)
            if now < at < min(end, run.ends) and not _is_of(current, run.show.id):
                times.append((at, run.show.id))
        if _waits_for_nobody(current.item):
            change = self._change_after(current, now, end)
            times += [(change, "")] if change is not None else []
        yield from sorted(times, key=lambda one: (one[0], not one[1], one[1]))

    def _change_after(self, current: Decision, now: Instant, end: Instant) -> Instant | None:
        """Find when that from which an endless item comes has the word no more."""
        origin, at = current.origin, now
        while (at := self.timeline.change_after(at)) < end:
            claims = self.timeline.claims(at)
            if not claims or (claims[0].layer, claims[0].source) != (origin.layer, origin.source):
                return at
        return None


def _is_of(decision: Decision, show: str) -> bool:
    """Tell whether something is taken from a show; a daypart and a spot may have the same id."""
    return (decision.origin.layer, decision.origin.source) == (Layer.SHOW, show)


def _waits_for_nobody(item: Item) -> bool:
    """Tell whether nothing is lost where an item gives way, for it has no end: a stream, or an image."""
    return item.endless or item.still


def _with_fades(item: Item, playlist: Playlist, crossfade_ms: Milliseconds | None) -> Item:
    """Give an item the fades of its playlist, or else the program's, where it has none of its own."""
    fades = {"fade_in_ms": playlist.fade_in_ms, "fade_out_ms": playlist.fade_out_ms}
    missing = {
        name: crossfade_ms if ms is None else ms for name, ms in fades.items() if getattr(item, name) is None
    }
    return structs.replace(item, **missing) if any(ms is not None for ms in missing.values()) else item
