"""From an item as it was written down, and what was measured of it, to an item that a deck can play well.

The box plays by it, and the hub previews by it.
"""

from typing import Protocol

from msgspec import Struct, structs

from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.transition import Rules, loudness_gain
from easyplayer.units import Decibels, Lufs, Milliseconds, Seconds, to_seconds

CONTINUOUS_S = Seconds(0.1)
"""Silence at a joint of an album that still counts as one recording going on."""
TAGGED = ("title", "artist", "album", "composer", "label", "isrc")
"""What an item may leave to its tags."""


class Tags(Protocol):
    """What a medium says about itself; see :class:`easyplayer.analysis.Tags`."""

    @property
    def title(self) -> str:
        """What the song is called."""

    @property
    def artist(self) -> str:
        """Who performs it."""

    @property
    def album(self) -> str:
        """The album that it is on."""

    @property
    def album_artist(self) -> str:
        """Whose album that is."""

    @property
    def composer(self) -> str:
        """Who wrote it."""

    @property
    def label(self) -> str:
        """Who published the recording."""

    @property
    def isrc(self) -> str:
        """The recording's own code."""

    @property
    def track_number(self) -> int | None:
        """Its position on its disc."""

    @property
    def disc_number(self) -> int | None:
        """The position of the disc in its set."""


class Facts(Protocol):
    """What a medium was measured to be; see :class:`easyplayer.analysis.MediaFacts`."""

    @property
    def duration_s(self) -> Seconds:
        """Where the last sample is over."""

    @property
    def loudness_lufs(self) -> Lufs | None:
        """How loud it is; ``None`` where there is nothing to measure."""

    @property
    def true_peak_dbtp(self) -> Decibels:
        """Its highest true peak."""

    @property
    def cue_in_s(self) -> Seconds:
        """Where sound begins."""

    @property
    def cue_out_s(self) -> Seconds:
        """Where sound is over."""

    @property
    def tags(self) -> Tags:
        """What it says about itself."""


class Measured(Struct, frozen=True):
    """An item and what analysis found; ``facts`` is ``None`` where nothing was measured."""

    item: Item
    facts: Facts | None


def prepare(measured: Measured, before: Measured | None, rules: Rules) -> PreparedItem:
    """Make an item ready: what it says of itself goes first, then what was measured, then the rules.

    :param before: the item that is played before it, for albums that must not be faded.
    """
    item, facts = measured.item, measured.facts
    if facts is None:
        loudness, true_peak, cue_in_s = None, None, Seconds(0.0)
    else:
        loudness, true_peak, cue_in_s = facts.loudness_lufs, facts.true_peak_dbtp, facts.cue_in_s
    gain_db = loudness_gain(loudness, true_peak, rules) if item.gain_db is None else item.gain_db
    continues = before is not None and continues_album(before, measured)
    return PreparedItem(
        item=named(item, facts),
        cue_in_s=_own(item.cue_in_ms, cue_in_s) or Seconds(0.0),
        cue_out_s=_cue_out_s(item, facts),
        fade_in_s=_own(item.fade_in_ms, None),
        fade_out_s=_own(item.fade_out_ms, None),
        gain_db=gain_db,
        follows=before.item.id if before is not None and continues else "",
    )


def continues_album(before: Measured, after: Measured) -> bool:
    """Tell whether one track continues the other on its album, without silence between.

    Where somebody has set a cue at the joint, one does not: it is to be left, or entered, elsewhere.
    """
    if before.item.cue_out_ms is not None or after.item.cue_in_ms is not None:
        return False
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


def named(item: Item, facts: Facts | None) -> Item:
    """Give an item its length, and of its tags whatever it does not say itself."""
    if facts is None:
        return item
    told = {name: getattr(item, name) or getattr(facts.tags, name) for name in TAGGED}
    length_ms = Milliseconds(round(facts.duration_s * 1000))
    return structs.replace(item, **told, duration_ms=_or(item.duration_ms, length_ms))


def _cue_out_s(item: Item, facts: Facts | None) -> Seconds | None:
    """Tell where an item is over; what somebody has set behind the end of the medium is that end."""
    if facts is None:
        return _own(item.cue_out_ms, _own(item.duration_ms, None))
    return facts.cue_out_s if item.cue_out_ms is None else min(to_seconds(item.cue_out_ms), facts.duration_s)


def _or(own: Milliseconds | None, found: Milliseconds) -> Milliseconds:
    return found if own is None else own


def _own(own: Milliseconds | None, found: Seconds | None) -> Seconds | None:
    return found if own is None else to_seconds(own)
