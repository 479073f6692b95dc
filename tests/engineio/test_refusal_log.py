"""What is refused is logged once, and not for ever."""

import pytest

from easyplayer.engineio.core.refusals import Refusal
from easyplayer.engineio.refusal_log import MOST_ADDRESSES, REMEMBERED_S, RefusalLog

NOON = 1000.0


def test_each_kind_is_logged_once_for_each_address(caplog: pytest.LogCaptureFixture) -> None:
    """Also where an address, which may be that of many, is refused for one thing and another in turn."""
    log = RefusalLog()
    for _ in range(3):
        for refusal, address in [
            (Refusal.UNKNOWN_SID, "192.0.2.7"),
            (Refusal.UNKNOWN_SID, "192.0.2.8"),
            (Refusal.BAD_ORIGIN, "192.0.2.7"),
            (Refusal.BAD_ORIGIN, ""),
        ]:
            log.note(refusal, address, NOON)

    assert caplog.messages == [
        "192.0.2.7: refused, unknown sid",
        "192.0.2.8: refused, unknown sid",
        "192.0.2.7: refused, bad origin",
        "somebody: refused, bad origin",
    ]


def test_what_goes_on_is_logged_again() -> None:
    """After an hour, and not before, however often it comes."""
    log = RefusalLog()

    said = [
        log.note(Refusal.UNKNOWN_SID, "192.0.2.7", NOON + at) for at in (0, 1, REMEMBERED_S - 1, REMEMBERED_S)
    ]

    assert said == [True, False, False, True]


def test_what_is_remembered_is_bounded() -> None:
    """The address that was refused longest ago is forgotten, and logged again."""
    log = RefusalLog()
    for number in range(MOST_ADDRESSES + 1):
        log.note(Refusal.UNKNOWN_SID, str(number), NOON)
        log.note(Refusal.UNKNOWN_SID, "keeps coming", NOON)

    assert not log.note(Refusal.UNKNOWN_SID, "keeps coming", NOON)
    assert log.note(Refusal.UNKNOWN_SID, "0", NOON)
    assert len(log._said) == MOST_ADDRESSES
