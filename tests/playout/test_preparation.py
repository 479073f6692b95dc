"""An item is made ready by what it says itself, then by what was measured, then by the rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.analysis import Tags
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.preparation import Measured, continues_album, prepare
from easyplayer.playout.transition import Rules
from easyplayer.units import Decibels, Lufs, Milliseconds, Seconds
from tests.fakes.work import facts

RULES = Rules(target_lufs=Lufs(-16.0), assumed_lufs=Lufs(-10.0), headroom_dbtp=Decibels(-1.0))
ITEM = Item(id="a", location="/music/a.flac")
LENGTH_S = 180.0


def ready(item: Item = ITEM, **found: object) -> PreparedItem:
    """Make an item ready of which something was measured."""
    return prepare(Measured(item, facts(LENGTH_S, **found)), None, RULES)


def track(number: int | None, lead_s: float = 0.0, tail_s: float = 0.0, **tags: object) -> Measured:
    """Make a measured track of an album, with silence before and after it."""
    given: dict[str, object] = {"album": "Live", "track_number": number, **tags}
    cues = {"cue_in_s": lead_s, "cue_out_s": LENGTH_S - tail_s}
    item = Item(id=f"track {number}", location=f"/music/{number}.flac")
    return Measured(item, facts(LENGTH_S, **cues, tags=Tags(**given)))  # type: ignore[arg-type]  # by name


def cued(number: int, **cues: Milliseconds) -> Measured:
    """Make a measured track of an album of which somebody has set a cue."""
    measured = track(number)
    return structs.replace(measured, item=structs.replace(measured.item, **cues))


def test_cues_away_from_the_joint_leave_an_album_whole() -> None:
    """Where the first is entered, and the second is left."""
    before, after = cued(3, cue_in_ms=Milliseconds(5000)), cued(4, cue_out_ms=Milliseconds(60_000))

    assert continues_album(before, after)


def test_measured_item_sounds_from_cue_to_cue() -> None:
    """Silence at both ends is left out."""
    prepared = ready(cue_in_s=1.25, cue_out_s=178.5)

    assert (prepared.cue_in_s, prepared.cue_out_s) == (1.25, 178.5)


def test_item_that_was_not_measured_plays_from_its_start_to_an_unknown_end() -> None:
    """It is played all the same, as quietly as a loud song has to be."""
    prepared = prepare(Measured(ITEM, None), None, RULES)

    assert (prepared.cue_in_s, prepared.cue_out_s) == (0.0, None)
    assert prepared.gain_db == -6.0


def test_own_cues_go_before_the_measured_ones() -> None:
    """A person who wrote a cue down meant it, even if it is the very start."""
    item = Item(id="a", location="/a", cue_in_ms=Milliseconds(0), cue_out_ms=Milliseconds(60_000))

    prepared = ready(item, cue_in_s=1.25, cue_out_s=178.5)

    assert (prepared.cue_in_s, prepared.cue_out_s) == (0.0, 60.0)


def test_own_cue_out_behind_the_end_is_the_end() -> None:
    """Nothing can be waited for there; what follows is mixed in before the file is over."""
    item = Item(id="a", location="/a", cue_out_ms=Milliseconds(300_000))

    assert ready(item, cue_out_s=178.5).cue_out_s == LENGTH_S
    assert prepare(Measured(item, None), None, RULES).cue_out_s == 300.0


def test_own_fades_are_passed_on() -> None:
    """A fade of nothing is a wish, too; what was left open is left to the rules."""
    item = Item(id="a", location="/a", fade_in_ms=Milliseconds(0), fade_out_ms=Milliseconds(7000))

    assert (ready(item).fade_in_s, ready(item).fade_out_s) == (0.0, 7.0)
    assert (ready().fade_in_s, ready().fade_out_s) == (None, None)


@pytest.mark.parametrize(
    ("loudness", "peak", "gain"),
    [(-16.0, -3.0, 0.0), (-8.0, 0.5, -8.0), (-20.0, -9.0, 4.0), (-20.0, -3.0, 2.0), (-40.0, -30.0, 9.0)],
)
def test_loudness_is_brought_to_the_target(loudness: float, peak: float, gain: float) -> None:
    """Loud songs are lowered; quiet ones are lifted, but never over the headroom, nor without end."""
    assert ready(loudness_lufs=loudness, true_peak_dbtp=peak).gain_db == pytest.approx(gain)


def test_own_gain_goes_before_loudness() -> None:
    """A gain of nothing leaves the item as it is."""
    item = Item(id="a", location="/a", gain_db=Decibels(0.0))

    assert ready(item, loudness_lufs=-30.0).gain_db == 0.0


def test_title_and_artist_come_from_the_tags_where_the_item_has_none() -> None:
    """What a playlist says goes before what the file says."""
    tags = Tags(title="Dawn", artist="Harbour")
    listed = Item(id="a", location="/a", title="Dawn (live)")

    assert ready(tags=tags).item.caption == "Harbour - Dawn"
    assert ready(listed, tags=tags).item.caption == "Harbour - Dawn (live)"


def test_what_a_report_needs_comes_from_the_tags_and_the_analysis() -> None:
    """All of it, and only where the item does not say it itself."""
    tags = Tags(album="Quay", composer="N. N.", label="Pier", isrc="FRXXX2700001")
    own = Item(id="a", location="/a", album="Live", duration_ms=Milliseconds(5000))
    bare, full = ready(tags=tags).item, ready(own, tags=tags).item

    assert (bare.album, bare.composer, bare.label, bare.isrc) == ("Quay", "N. N.", "Pier", "FRXXX2700001")
    assert (bare.duration_ms, full.album, full.duration_ms) == (LENGTH_S * 1000, "Live", 5000)


def test_track_that_continues_the_one_before_it_follows_that() -> None:
    """Two tracks in a row of one album, with nothing between them, belong together."""
    before, after = track(3), track(4)

    assert prepare(after, before, RULES).follows == "track 3"
    assert prepare(after, None, RULES).follows == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(track(3), track(5), id="a track between"),
        pytest.param(track(4), track(3), id="the wrong order"),
        pytest.param(track(3), track(3), id="the same track"),
        pytest.param(track(3), track(4, album="Studio"), id="another album"),
        pytest.param(track(3), track(4, album_artist="Others"), id="another artist's album of that name"),
        pytest.param(track(3, disc_number=1), track(4, disc_number=2), id="another disc"),
        pytest.param(track(3, tail_s=0.5), track(4), id="silence at the end of the first"),
        pytest.param(track(3), track(4, lead_s=0.5), id="silence at the start of the second"),
        pytest.param(track(3, album=""), track(4, album=""), id="no album at all"),
        pytest.param(track(None), track(4), id="no number on the first"),
        pytest.param(track(3), track(None), id="no number on the second"),
        pytest.param(cued(3, cue_out_ms=Milliseconds(60_000)), track(4), id="the first is left early"),
        pytest.param(track(3), cued(4, cue_in_ms=Milliseconds(30_000)), id="the second is entered late"),
        pytest.param(Measured(ITEM, None), track(4), id="the first was not measured"),
        pytest.param(track(3), Measured(ITEM, None), id="the second was not measured"),
    ],
)
def test_other_pairs_are_crossfaded_like_any_songs(before: Measured, after: Measured) -> None:
    """Only what certainly is one recording is joined without a fade."""
    assert not continues_album(before, after)


@given(
    loudness=st.one_of(st.none(), st.floats(-70, 5)),
    peak=st.floats(-70, 6),
)
def test_no_gain_ever_pushes_a_peak_over_the_headroom(loudness: float | None, peak: float) -> None:
    """Whatever was measured, what is lifted stays below the headroom."""
    gain = ready(loudness_lufs=loudness, true_peak_dbtp=peak).gain_db

    assert gain <= 0 or peak + gain <= RULES.headroom_dbtp + 1e-9


@given(cue_in=st.integers(0, 170_000), length=st.integers(0, 10_000))
def test_cues_are_whole_milliseconds_as_they_were_written(cue_in: int, length: int) -> None:
    """Nothing is lost between what a person wrote and what a deck is told."""
    item = Item(
        id="a", location="/a", cue_in_ms=Milliseconds(cue_in), cue_out_ms=Milliseconds(cue_in + length)
    )

    prepared = ready(item)

    assert round(prepared.cue_in_s * 1000) == cue_in
    assert round((prepared.cue_out_s or Seconds(0.0)) * 1000) == cue_in + length
