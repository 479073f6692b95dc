"""The version handshake: both sides come to the same answer."""

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.protocol.versions import CURRENT, LOWEST, Fit, Versions, agreed, fit

NUMBERS = st.integers(1, 20)
SIDES = st.tuples(NUMBERS, NUMBERS).map(lambda pair: Versions(current=max(pair), lowest=min(pair)))
OTHER_WAY = {Fit.FITS: Fit.FITS, Fit.BOX_TOO_OLD: Fit.HUB_TOO_OLD, Fit.HUB_TOO_OLD: Fit.BOX_TOO_OLD}


def spoken(side: Versions) -> set[int]:
    return {*range(side.lowest, side.current + 1)}


@given(box=SIDES, hub=SIDES)
def test_they_fit_where_they_share_a_version(box: Versions, hub: Versions) -> None:
    """And talk in the newest that both speak."""
    shared = spoken(box) & spoken(hub)
    assert (fit(box, hub) is Fit.FITS) == bool(shared)
    assert agreed(box, hub) == max(shared, default=0)


@given(box=SIDES, hub=SIDES)
def test_both_sides_see_it_alike(box: Versions, hub: Versions) -> None:
    """Who is too old for one is too old for the other."""
    assert fit(hub, box) is OTHER_WAY[fit(box, hub)]
    assert agreed(box, hub) == agreed(hub, box)


@given(box=SIDES, hub=SIDES)
def test_the_one_with_the_older_versions_is_the_one_to_update(box: Versions, hub: Versions) -> None:
    """Where they do not fit, it is told which."""
    if fit(box, hub) is Fit.BOX_TOO_OLD:
        assert box.current < hub.current
    if fit(box, hub) is Fit.HUB_TOO_OLD:
        assert hub.current < box.current


def test_this_software_fits_itself() -> None:
    """What it speaks by default is what it speaks."""
    assert Versions() == Versions(current=CURRENT, lowest=LOWEST)
    assert agreed(Versions(), Versions()) == CURRENT
