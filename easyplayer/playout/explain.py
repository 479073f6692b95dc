"""Why something plays: every decision as a record, and the record in words."""

from msgspec import Struct

from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.items import Item, Layer, Origin
from easyplayer.playout.rotation import Passed
from easyplayer.playout.separation import Rule
from easyplayer.playout.timeline import Claim
from easyplayer.units import Instant

LAYERS = {
    Layer.EMERGENCY: "an emergency was declared",
    Layer.SHARP_SPOT: "a spot on the second",
    Layer.SOFT_SPOT: "a spot between songs",
    Layer.SHOW: "the show",
    Layer.DAYPART: "the daypart",
    Layer.FALLBACK: "nothing is planned for this time: the program's fallback",
    Layer.STORAGE: "no playlist has anything playable: whatever is there",
    Layer.FIRMWARE: "nothing of the program can be played: what the box brings along",
}
GAVE_WAY = {
    Rule.ARTIST: "songs of one artist came closer together than wished",
    Rule.TITLE: "songs of one title came closer together than wished",
    Rule.MINUTES: "it came again sooner than wished",
    Rule.ITEM: "it follows itself, because there is no other",
}


class Rival(Struct, frozen=True, kw_only=True):
    """A claim on an instant that did not win it.

    :ivar reason: why not.
    """

    layer: Layer
    source: str
    title: str
    reason: str


class Decision(Struct, frozen=True, kw_only=True):
    """What plays from an instant on, and why.

    :ivar at: the instant it was decided for.
    :ivar item: what plays, with the fades of its playlist.
    :ivar course: names the course of the playlist that it is drawn from, for the engine.
    :ivar place: its place in the playlist, counted from 0; -1 where it has none.
    :ivar round: how often the playlist has been through before.
    :ivar title: of the show, daypart, spot or playlist it comes from.
    :ivar since: since when that has the word; ``None`` is always, or does not apply; so is ``until``.
    :ivar why: for a spot, what made it due.
    :ivar beaten: what stands above it and had nothing playable.
    :ivar otherwise: what would have won in its place, the best first.
    :ivar passed: items that were passed over, and why.
    :ivar relaxed: rules of separation that gave way.
    """

    at: Instant
    item: Item
    origin: Origin
    course: str = ""
    place: int = -1
    round: int = 0
    title: str = ""
    since: Instant | None = None
    until: Instant | None = None
    why: str = ""
    beaten: tuple[Rival, ...] = ()
    otherwise: tuple[Rival, ...] = ()
    passed: tuple[Passed, ...] = ()
    relaxed: tuple[Rule, ...] = ()


def rival(claim: Claim, reason: str) -> Rival:
    """Make a rival of a claim."""
    title = claim.title or claim.source or claim.playlist
    return Rival(layer=claim.layer, source=claim.source, title=title, reason=reason)


def explained(decision: Decision, zone: str) -> tuple[tuple[str, str], ...]:
    """Put a decision into words: lines of a heading and what stands beside it.

    :param zone: the venue's time zone, by its IANA name.
    """
    origin = decision.origin
    title = f" {decision.title!r}" if decision.title else ""
    why = f", {decision.why}" if decision.why else ""
    lines = [
        ("plays", decision.item.caption),
        ("because", f"{LAYERS[origin.layer]}{title}{why}"),
        ("in force", _in_force(decision, zone)),
        ("out of", f"playlist {origin.playlist!r}" if origin.playlist else ""),
        ("clock", "not trusted: chosen without regard to the day of the week" if origin.blind else ""),
        *(("above it", f"{one.layer} {one.title!r}: {one.reason}") for one in decision.beaten),
        *(("otherwise", f"{one.layer} {one.title!r}") for one in decision.otherwise),
        *(("passed over", f"{passed.item}: {passed.reason}") for passed in decision.passed),
        *(("gave way", GAVE_WAY[rule]) for rule in decision.relaxed),
    ]
    return tuple((heading, text) for heading, text in lines if text)


def _in_force(decision: Decision, zone: str) -> str:
    if decision.since is None or decision.until is None:
        return ""
    since, until = (local_time(edge, zone_of(zone)) for edge in (decision.since, decision.until))
    return f"from {since:%a %d %b %H:%M} to {until:%a %d %b %H:%M}"
