"""From an item as it was written down to an item that a deck can play well."""

from msgspec import Struct, structs

from easyplayer.analysis import MediaFacts
from easyplayer.playout.catalogue import Item, PreparedItem
from easyplayer.playout.transition import Rules, loudness_gain
from easyplayer.units import Milliseconds, Seconds, to_seconds

CONTINUOUS_S = Seconds(0.1)
"""Silence at a joint of an album that still counts as one recording going on."""


class Measured(Struct, frozen=True):
    """An item and what analysis found; ``facts`` is ``None`` where nothing was measured."""

    item: Item
    facts: MediaFacts | None


def prepare(measured: Measured, before: Measured | None, rules: Rules) -> PreparedItem:
    """Make an item ready: what it says of itself goes first, then what was measured, then the rules.

    :param before: the item that is played before it, for albums that must not be faded.
    """
    item, facts = measured.item, measured.facts
    if facts is None:
        loudness, true_peak, cue_in_s, cue_out_s = None, None, Seconds(0.0), None
    else:
        loudness, true_peak = facts.loudness_lufs, facts.true_peak_dbtp
        cue_in_s, cue_out_s = facts.cue_in_s, facts.cue_out_s
    gain_db = loudness_gain(loudness, true_peak, rules) if item.gain_db is None else item.gain_db
    continues = before is not None and continues_album(before, measured)
    return PreparedItem(
        item=named(item, facts),
        cue_in_s=_own(item.cue_in_ms, cue_in_s) or Seconds(0.0),
        cue_out_s=_own(item.cue_out_ms, cue_out_s),
        fade_in_s=_own(item.fade_in_ms, None),
        fade_out_s=_own(item.fade_out_ms, None),
        gain_db=gain_db,
        follows=before.item.id if before is not None and continues else "",
    )


def continues_album(before: Measured, after: Measured) -> bool:
    """Tell whether one track continues the other on its album, without silence between."""
    if before.facts is None or after.facts is None or not after.facts.tags.album:
        return False
    first, second = before.facts.tags, after.facts.tags
    same_disc = (first.album, first.album_artist, first.disc_number) == (
        second.album,
        second.album_artist,
        second.disc_number,
    )
    if not same_disc or first.track_number is None or second.track_number != first.track_number + 1:
        return False
    return before.facts.duration_s - before.facts.cue_out_s <= CONTINUOUS_S >= after.facts.cue_in_s


def named(item: Item, facts: MediaFacts | None) -> Item:
    """Give an item the title and artist of its tags where it has none."""
    if facts is None:
        return item
    return structs.replace(
        item, title=item.title or facts.tags.title, artist=item.artist or facts.tags.artist
    )


def _own(own: Milliseconds | None, found: Seconds | None) -> Seconds | None:
    return found if own is None else to_seconds(own)
