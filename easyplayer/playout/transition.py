"""How one item gives way to the next: mix point, lengths, curves and gains.

The law, after the playout agreement:

* songs cross with equal power, so that their summed level stays;
* a fade is never longer than half of the shorter item, and leaves a deck time to be made ready;
* what an item says of its own fades goes before the rules;
* an item without an end (a stream) is left only when something else asks for it;
* a track that continues the one before it on its album follows without fade or gap;
* loudness comes from measured R 128 values and never pushes the true peak over the headroom.
"""

from enum import StrEnum

from msgspec import Struct

from easyplayer.fade import Curve, Fade
from easyplayer.playout.items import PreparedItem
from easyplayer.units import Decibels, Lufs, Seconds

PREPARING_S = Seconds(0.3)
"""What a deck needs, at the least, to be emptied and made ready for the item after the next."""


class Rules(Struct, frozen=True, kw_only=True):
    """The house rules for transitions and loudness.

    :ivar crossfade_s: length of a crossfade where the items leave it open; 0 butts them together.
    :ivar target_lufs: loudness that every item is brought to.
    :ivar assumed_lufs: what an item counts as until it has been measured.
    :ivar headroom_dbtp: what no true peak may go above.
    :ivar most_boost_db: the most that a quiet item is lifted.
    """

    crossfade_s: Seconds = Seconds(4.0)
    target_lufs: Lufs = Lufs(-16.0)
    assumed_lufs: Lufs = Lufs(-10.0)
    headroom_dbtp: Decibels = Decibels(-1.0)
    most_boost_db: Decibels = Decibels(9.0)


class Manner(StrEnum):
    """The manner in which one item gives way to the next."""

    CROSSFADE = "crossfade"
    """Both sound for a while, one falling, one rising."""

    SEGUE = "segue"
    """The next begins where the one before is over."""

    GAPLESS = "gapless"
    """As a segue, of two parts of one recording: neither may be faded."""

    OPEN = "open"
    """The outgoing item has no end; the next begins when something asks for it."""


class Transition(Struct, frozen=True, kw_only=True):
    """What a pair of decks has to do.

    :ivar mix_at_s: position in the outgoing medium at which the incoming item starts; ``None``
        where the outgoing item has no end.
    :ivar fade_out: in positions of the outgoing medium.
    :ivar fade_in: in positions of the incoming medium.
    """

    manner: Manner
    mix_at_s: Seconds | None
    fade_out: Fade | None = None
    fade_in: Fade | None = None


def plan(outgoing: PreparedItem, incoming: PreparedItem, rules: Rules) -> Transition:
    """Plan how one item gives way to the next.

    :raises ValueError: if an item ends before it begins.
    """
    _reject_backward(outgoing)
    _reject_backward(incoming)
    fade_in_s = _bounded(_wished(incoming.fade_in_s, rules), outgoing, incoming)
    fade_in = _fade(incoming.cue_in_s, fade_in_s)
    if outgoing.cue_out_s is None or outgoing.item.endless:
        return Transition(manner=Manner.OPEN, mix_at_s=None, fade_in=fade_in)
    if incoming.follows and incoming.follows == outgoing.item.id:
        return Transition(manner=Manner.GAPLESS, mix_at_s=outgoing.cue_out_s)
    fade_out_s = _bounded(_wished(outgoing.fade_out_s, rules), outgoing, incoming)
    mix_at_s = Seconds(outgoing.cue_out_s - fade_out_s)
    fade_out = _fade(mix_at_s, fade_out_s)
    manner = Manner.CROSSFADE if fade_out else Manner.SEGUE
    return Transition(manner=manner, mix_at_s=mix_at_s, fade_out=fade_out, fade_in=fade_in)


def loudness_gain(loudness: Lufs | None, true_peak: Decibels | None, rules: Rules) -> Decibels:
    """Tell the gain that brings an item to the target loudness, within the headroom.

    :param loudness: integrated loudness after EBU R 128; ``None`` where it was never measured.
    :param true_peak: highest true peak in dBTP; ``None`` where it was never measured, and then
        nothing is lifted.
    """
    wanted = rules.target_lufs - (rules.assumed_lufs if loudness is None else loudness)
    room = 0.0 if true_peak is None else rules.headroom_dbtp - true_peak
    return Decibels(min(wanted, room, rules.most_boost_db))


def length_s(item: PreparedItem) -> Seconds | None:
    """Tell how long an item sounds, or ``None`` where it has no end."""
    return None if item.cue_out_s is None else Seconds(item.cue_out_s - item.cue_in_s)


def alone_s(item: PreparedItem, rules: Rules) -> Seconds | None:
    """Tell how long an item has the air, until it begins to give way by itself; ``None`` where it never does.

    What follows it is chosen for that instant, before anybody knows how short it will be.
    """
    length = None if item.item.endless else length_s(item)
    return None if length is None else Seconds(length - _bounded(_wished(item.fade_out_s, rules), item))


def _wished(own: Seconds | None, rules: Rules) -> Seconds:
    return rules.crossfade_s if own is None else own


def _bounded(wished: Seconds, *items: PreparedItem) -> Seconds:
    lengths = [length for item in items if (length := length_s(item)) is not None]
    if not lengths:
        return wished
    longest = max((min(lengths) - PREPARING_S) / 2, 0.0)
    return Seconds(min(wished, longest))


def _fade(start_s: Seconds, length_s: Seconds) -> Fade | None:
    return Fade(start_s, length_s, Curve.EQUAL_POWER) if length_s > 0 else None


def is_backward(item: PreparedItem) -> bool:
    """Tell whether an item is over before it begins, so that it cannot be played."""
    return item.cue_out_s is not None and item.cue_out_s < item.cue_in_s


def _reject_backward(item: PreparedItem) -> None:
    if is_backward(item):
        message = f"{item.item.id}: cue out {item.cue_out_s} s lies before cue in {item.cue_in_s} s"
        raise ValueError(message)
