"""What runs a machine, and how much longer than stated it may take."""

import pytest

from tests.venue.machine.accelerator import PATIENCE, SETTING, kvm, patience, tcg, wished


@pytest.mark.parametrize(("wish", "times"), [("", 1.0), ("1", 1.0), ("3", 3.0), ("1.5", 1.5)])
def test_a_busy_host_is_given_more_time(wish: str, times: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """By everything that runs a machine."""
    monkeypatch.delenv(PATIENCE, raising=False)
    fast, slow = kvm("").factor, tcg("").factor
    monkeypatch.setenv(PATIENCE, wish)
    assert (kvm("").factor, tcg("").factor) == (times * fast, times * slow)
    assert tcg("").patience == times


@pytest.mark.parametrize("wish", ["0.5", "-1", "nan", "inf", "long"])
def test_what_is_no_number_of_times_is_told(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way out."""
    monkeypatch.setenv(PATIENCE, wish)
    with pytest.raises(ValueError, match=f"{PATIENCE}={wish} is no number of times: give 1 or more"):
        patience()


def test_an_accelerator_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With those that there are."""
    monkeypatch.setenv(SETTING, "xen")
    with pytest.raises(ValueError, match="EASYPLAYER_VENUE_ACCEL=xen is not known: give tcg or kvm"):
        wished()
