"""What the box keeps of its hub, over restarts."""

from pathlib import Path
from typing import Any

import pytest

from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import SignatureError, StateError
from easyplayer.membership import Kept, Membership
from easyplayer.protocol.heartbeat import Place
from easyplayer.protocol.pairing import Session
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.units import Seconds
from tests.fakes.clock import HeldClock

HUB = "https://hub.example"
ONE, TWO, THREE = ("1" * 64, "2" * 64, "3" * 64)
PLACE = Place(name="bar", venue="v1", zone="main")


class Box:
    """A box that can be started again.

    :ivar member: what it keeps.
    """

    def __init__(self, state: Path) -> None:
        self.clock = HeldClock()
        self._state = state
        self.member = self.start()

    def start(self, hub: str = HUB, boot: str = "boot-1", **given: Any) -> Membership:
        """Start it."""
        file, key = StateFile(self._state / "hub.json", Kept), BoxKey(self._state / "box.key")
        self.member = Membership(hub, file, key, boot=boot, clock=self.clock, **given)
        self.member.open()
        return self.member


@pytest.fixture(name="box")
def _box(tmp_path: Path) -> Box:
    """Give a fresh box."""
    return Box(tmp_path)


def session(*keys: str, token: str = "token") -> Session:
    """Make a session of an hour."""
    return Session(token=token, expires_s=Seconds(3600), hub_keys=keys)


def test_a_fresh_box_knows_nobody(box: Box) -> None:
    """But it has a name."""
    assert box.member.kept == Kept(hub=HUB)
    assert len(box.member.box) == 16


def test_its_name_stays(box: Box) -> None:
    """Whatever becomes of it."""
    name = box.member.box
    assert box.start().box == name
    assert box.start("https://another.example").box == name


def test_all_that_the_hub_has_said_is_kept(box: Box) -> None:
    """A box that starts without a network knows it."""
    box.member.claim((ONE,))
    box.member.heed("not paid", PLACE)
    box.member.have_program(
        ProgramHead(box=box.member.box, revision=3, digest=TWO, size=1, name="bar", version=1)
    )
    kept = box.start().kept

    assert (kept.claimed, kept.keys, kept.blocked, kept.place) == (True, (ONE,), "not paid", PLACE)
    assert (kept.revision, kept.digest) == (3, TWO)


def test_what_the_hub_does_not_repeat_stays(box: Box) -> None:
    """A place that was told once is not forgotten."""
    box.member.heed("", PLACE)
    box.member.heed("", None)
    assert box.member.kept.place == PLACE


def test_another_hub_begins_anew(box: Box) -> None:
    """What one has said does not bind the other."""
    box.member.claim((ONE,))
    box.member.heed("not paid", PLACE)
    assert box.start("https://another.example").kept == Kept(hub="https://another.example")


class TestToken:
    """The token of a session."""

    def test_it_outlives_the_software_but_not_the_machine(self, box: Box) -> None:
        """For its end is known on the machine's own clock only."""
        box.member.claim((ONE,))
        box.member.keep_session(session(ONE))

        assert box.start().token == "token"
        assert box.start(boot="boot-2").token == ""

    def test_it_is_not_used_to_its_last_second(self, box: Box) -> None:
        """It might end on the way."""
        box.member.keep_session(session(ONE))
        box.clock.advance(3200)
        before = box.member.token
        box.clock.advance(100)

        assert (before, box.member.token) == ("token", "")

    def test_it_can_be_dropped(self, box: Box) -> None:
        """The keys stay."""
        box.member.keep_session(session(ONE))
        box.member.drop_token()
        assert (box.start().token, box.member.hub_keys) == ("", (ONE,))


class TestKeys:
    """By what the hub is known."""

    def test_the_first_hub_is_believed_and_no_other_then(self, box: Box) -> None:
        """Unless it shows a key that is known."""
        box.member.claim((ONE,))
        for keys in ((TWO,), ()):
            with pytest.raises(SignatureError, match="forget its hub"):
                box.member.keep_session(session(*keys))
        assert box.member.hub_keys == (ONE,)
        assert box.member.token == ""

    def test_it_may_change_them_in_steps(self, box: Box) -> None:
        """Each next set has one of the set before; a key that is gone is known no longer."""
        box.member.claim((ONE,))
        box.member.keep_session(session(TWO, ONE))
        box.member.keep_session(session(THREE, TWO))

        assert box.start().hub_keys == (THREE, TWO)
        with pytest.raises(SignatureError):
            box.member.keep_session(session(ONE))

    def test_one_that_is_set_is_the_only_one(self, box: Box) -> None:
        """Also for the first pairing, and when it is set later."""
        box.member.claim((ONE,))
        member = box.start(pinned=TWO)
        assert (member.hub_keys, member.kept.claimed) == ((TWO,), False)
        with pytest.raises(SignatureError):
            member.claim((ONE,))
        member.claim((THREE, TWO))

        assert box.start(pinned=TWO).hub_keys == (THREE, TWO)
        assert box.member.kept.claimed


class TestForget:
    """A box that is to be nobody's."""

    def test_it_has_another_name_and_knows_nobody(self, box: Box) -> None:
        """Also after a restart."""
        name = box.member.box
        box.member.claim((ONE,))
        box.member.forget()

        assert box.member.box == box.start().box != name
        assert box.member.kept == Kept(hub=HUB)

    def test_a_hub_that_has_lost_it_does_not_make_it_forget_its_keys(self, box: Box) -> None:
        """It may be claimed there again, and nowhere else."""
        box.member.claim((ONE,))
        box.member.unclaim()
        assert (box.member.kept.claimed, box.member.hub_keys) == (False, (ONE,))


class TestAway:
    """A hub that must not be asked."""

    def test_it_is_away_for_so_long(self, box: Box) -> None:
        """And not a second longer."""
        box.member.stay_away(Seconds(60))
        box.clock.advance(59)
        before = box.member.away
        box.clock.advance(1)

        assert "rehearses" in before
        assert box.member.away == ""

    def test_it_can_be_back_before(self, box: Box) -> None:
        """As soon as somebody wants it."""
        box.member.stay_away(Seconds(60))
        box.member.stay_away(Seconds(0))
        assert box.member.away == ""


def test_a_disk_that_takes_nothing_is_logged_and_the_box_goes_on(
    box: Box, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It knows what was said until it ends."""

    def full(_file: object, _content: object) -> None:
        raise StateError("hub.json cannot be written (No space left on device)")

    monkeypatch.setattr(StateFile, "save", full)
    box.member.heed("not paid", None)

    assert box.member.kept.blocked == "not paid"
    assert "No space left" in caplog.text


def test_revision_of_another_hub_or_key_says_nothing(box: Box) -> None:
    """The first program of the hub that the box has by now would be taken for an old one."""
    head = ProgramHead(box=box.member.box, revision=7, digest=TWO, size=1, name="bar", version=1)
    box.member.forget()
    box.member.have_program(head)
    assert (box.member.kept.revision, box.member.kept.digest) == (0, TWO)
