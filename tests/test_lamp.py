"""The lamp tells which outputs there are, and has displays wake and sleep."""

import logging
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from easyplayer.device_events import display_changed
from easyplayer.drivers.device_watch import Display
from easyplayer.drivers.screen import Output, OutputDriver
from easyplayer.drivers.screens_found import Found
from easyplayer.events import allowance_changed, clock_judged, clock_stepped, end_emergency, play_emergency
from easyplayer.lamp import CLOSED_SHINES_S, LETS_GO_S, LOOK_EVERY_S, MUSIC_MAY_TAKE_S, Hours, Lamp
from easyplayer.player_events import item_started
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item
from easyplayer.playout.standing import parse_opening
from easyplayer.units import Seconds
from tests.fakes.panel import FakePanels
from tests.fakes.work import HeldWorker
from tests.house import NOON, Stage, song

HDMI = Display(id="card0-HDMI-A-1", title="DELL U2412M", modes=("1920x1200",))
OTHER = Display(id=HDMI.id, title="BRAVIA", modes=("1920x1080",))
SECOND = Display(id="card1-HDMI-A-1")
NOBODY = Found(notes=("no display is connected",))
MINUTE_S = 60.0
STEP_S = 0.5
ALARM = Item(id="alarm", location="/alarm.flac")


def showing(*displays: Display) -> Found:
    """Give what is found where these are plugged in."""
    if not displays:
        return NOBODY
    outputs = tuple(Output(name=one.id, driver=OutputDriver.DRM) for one in displays)
    return Found(outputs=outputs, displays={one.id: one for one in displays})


class Wall(Stage):
    """A lamp, and the displays on the wall of a venue.

    :param begins: whether music begins at once.
    :ivar there: what is found when it looks.
    :ivar panels: the displays.
    :ivar used: which outputs were used, each time that it looked.
    """

    def __init__(
        self, *displays: Display, hours: str = "", began: datetime = NOON, begins: bool = True
    ) -> None:
        super().__init__()
        self.there = showing(*displays)
        self.panels = FakePanels()
        self.worker = HeldWorker(self.root.fire)
        self.surround(self.worker.pump)
        self._began, self._start = began, self.clock()
        self.used: list[tuple[str, ...]] = []
        self.lamp = Lamp(
            self.find,
            self.panels.find,
            Hours(parse_opening(hours), self.local_time),
            self.ticker,
            self.worker,
        )
        self.open(self.lamp)
        if begins:
            self.fire(item_started(song("first"), Seconds(0.0)))

    def find(self, used: tuple[str, ...]) -> Found:
        """Look what is there."""
        self.used.append(used)
        return self.there

    def local_time(self) -> datetime:
        """Tell the venue's time."""
        return self._began + timedelta(seconds=self.clock() - self._start)

    def allow(self, allowed: bool = True, reason: str = "open") -> None:
        """Have the box play, or not."""
        self.fire(allowance_changed(allowed=allowed, reason=reason))

    def plug(self, *displays: Display) -> None:
        """Have other displays there, as the kernel tells it."""
        before, self.there = self.there, showing(*displays)
        for one in before.displays.values():
            if one not in displays:
                self.fire(display_changed(one, present=False))
        for one in displays:
            if one not in before.displays.values():
                self.fire(display_changed(one, present=True))
        self.run_for(1.0)

    @property
    def outputs(self) -> list[list[str]]:
        """The names of all outputs, each time that they were told."""
        return [[one.name for one in outputs] for outputs, _ in self.told("outputs_found")]

    @property
    def awake(self) -> bool:
        """Whether the first display is."""
        return self.panels.at[HDMI.id].awake


def test_what_is_there_at_the_start_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """And what cannot be had as it is wished; not each time that it is looked."""
    with caplog.at_level(logging.INFO):
        wall = Wall(HDMI)
        wall.there = structs.replace(wall.there, notes=("it has no mode 3840x2160",))
        wall.run_for(3 * LOOK_EVERY_S, STEP_S)

    assert wall.outputs == [[HDMI.id]]
    assert caplog.messages == ["screen: it has no mode 3840x2160"]


def test_music_comes_first() -> None:
    """Where it takes long, or none comes, displays are found all the same, and only once."""
    wall = Wall(HDMI, begins=False)
    wall.fire(display_changed(HDMI, present=True))
    wall.run_for(MUSIC_MAY_TAKE_S - 1, STEP_S)
    early = wall.outputs
    wall.run_for(2, STEP_S)
    wall.fire(item_started(song("first"), Seconds(0.0)))

    assert (early, wall.outputs) == ([], [[HDMI.id]])


def test_no_display_at_all_is_told_with_the_reason() -> None:
    """Nobody waits for one."""
    wall = Wall()
    wall.run_for(3 * LOOK_EVERY_S, STEP_S)

    assert wall.told("outputs_found") == [[(), "no display is connected"]]


def test_display_that_is_pulled_is_gone_at_once_and_comes_again() -> None:
    """Its player must not draw into the void."""
    wall = Wall(HDMI)

    wall.plug()
    wall.plug(HDMI)

    assert wall.outputs == [[HDMI.id], [], [HDMI.id]]
    assert wall.told("outputs_found")[1][1] == "display card0-HDMI-A-1 is gone"


def test_another_display_in_the_same_place_is_another_output() -> None:
    """It has other modes, so the player begins anew."""
    wall = Wall(HDMI)

    wall.plug(OTHER)

    assert wall.outputs == [[HDMI.id], [], [HDMI.id]]


def test_who_looks_is_told_what_shows_pictures_already() -> None:
    """So that no other display takes them from there."""
    wall = Wall(HDMI)
    wall.plug(HDMI, SECOND)
    wall.run_for(LOOK_EVERY_S + 1, STEP_S)

    assert wall.used == [(), (HDMI.id,), (HDMI.id, SECOND.id)]


def test_swap_that_nobody_has_told_is_found_by_looking() -> None:
    """The player of the old one is ended all the same."""
    wall = Wall(HDMI, SECOND)

    wall.there = showing(OTHER, SECOND)
    wall.run_for(LOOK_EVERY_S + 1, STEP_S)

    assert wall.outputs == [[HDMI.id, SECOND.id], [SECOND.id], [HDMI.id, SECOND.id]]


def test_what_nobody_has_told_is_found_by_looking() -> None:
    """Where the kernel's news are lost, or nobody listens to them."""
    wall = Wall()

    wall.there = showing(HDMI, SECOND)
    wall.run_for(LOOK_EVERY_S + 1, STEP_S)

    assert wall.outputs == [[], [HDMI.id, SECOND.id]]


def test_looking_that_hangs_holds_nothing_up() -> None:
    """It has a thread of its own."""
    wall = Wall()
    wall.worker.busy = True

    wall.allow()
    wall.run_for(2 * LOOK_EVERY_S, STEP_S)

    assert wall.lamp.on is True


def test_displays_wake_when_the_box_may_play() -> None:
    """At once, and the players are told so."""
    wall = Wall(HDMI)

    wall.allow()

    assert wall.told("turn_screen") == [[True, "open"]]
    assert wall.panels.at[HDMI.id].told == ["wake"]


def test_displays_sleep_a_minute_after_the_venue_has_closed(caplog: pytest.LogCaptureFixture) -> None:
    """First the players are told, which let go of the graphics cards; then the displays sleep."""
    wall = Wall(HDMI)
    wall.allow()
    with caplog.at_level(logging.INFO):
        wall.allow(False, "closed until 08:00")
        wall.run_for(CLOSED_SHINES_S - 1, STEP_S)
        before = wall.lamp.on
        wall.run_for(1.5, STEP_S)

    assert before is True
    assert wall.told("turn_screen")[-1] == [False, "closed until 08:00"]
    assert caplog.messages == ["screen off: closed until 08:00"]
    assert wall.awake
    wall.run_for(LETS_GO_S, STEP_S)
    assert not wall.awake


def test_venue_that_opens_within_the_minute_is_never_dark() -> None:
    """And its minute begins anew when it closes again."""
    wall = Wall(HDMI)
    wall.allow()
    wall.allow(False, "blocked by the hub: unpaid")
    wall.run_for(50, STEP_S)
    wall.allow()
    wall.allow(False, "closed")
    wall.run_for(50, STEP_S)

    assert wall.panels.at[HDMI.id].told == ["wake"]
    assert wall.lamp.on is True


def test_venue_that_opens_wakes_displays_that_were_about_to_sleep() -> None:
    """They do not sleep after that."""
    wall = Wall(HDMI)
    wall.allow()
    wall.allow(False, "closed")
    wall.run_for(CLOSED_SHINES_S + 0.5, STEP_S)

    wall.allow()
    wall.run_for(MINUTE_S, STEP_S)

    assert wall.panels.at[HDMI.id].told == ["wake", "wake"]
    assert wall.awake


def test_another_reason_is_told_and_turns_nothing() -> None:
    """The status says why it is dark."""
    wall = Wall(HDMI)
    wall.allow(False, "closed until 08:00")
    wall.run_for(2 * MINUTE_S, STEP_S)
    wall.allow(False, "the licence ended on 2027-02-28")

    assert wall.told("turn_screen") == [
        [False, "closed until 08:00"],
        [False, "the licence ended on 2027-02-28"],
    ]
    assert wall.panels.at[HDMI.id].told == ["rest"]


def test_displays_go_by_hours_of_their_own() -> None:
    """Off at the end of them, though the venue is open, and on at their beginning."""
    wall = Wall(HDMI, hours="11:00-12:02")
    wall.allow()
    wall.run_for(2.5 * MINUTE_S, STEP_S)
    off = wall.told("turn_screen")[-1]
    wall.run_for(0.6 * MINUTE_S, STEP_S)

    assert off == [False, "off by its hours until 11:00"]
    assert not wall.awake


def test_hours_that_begin_wake_the_displays() -> None:
    """By themselves."""
    wall = Wall(HDMI, hours="12:01-23:00")
    wall.allow()
    early = wall.lamp.on
    wall.run_for(1.6 * MINUTE_S, STEP_S)

    assert (early, wall.lamp.on) == (False, True)


def test_clock_that_is_wrong_keeps_nothing_dark() -> None:
    """And one that is set right is heeded at once."""
    wall = Wall(HDMI, hours="20:00-23:00")
    wall.fire(clock_judged(ClockTrust.UNKNOWN))
    wall.allow()
    unknown = wall.lamp.on
    wall.fire(clock_judged(ClockTrust.TRUSTED))
    known = wall.lamp.on
    wall._began += timedelta(hours=9)
    wall.fire(clock_stepped(Seconds(9 * 3600.0)))

    assert (unknown, known, wall.lamp.on) == (True, False, True)


def test_emergency_wakes_the_displays_at_any_hour() -> None:
    """Until it is over."""
    wall = Wall(HDMI, hours="20:00-23:00")
    wall.allow()
    wall.run_for(5, STEP_S)

    wall.fire(play_emergency(ALARM))
    in_need = wall.lamp.on
    wall.fire(end_emergency())

    assert (in_need, wall.lamp.on) == (True, False)


@pytest.mark.parametrize(("allowed", "told"), [(True, ["wake"]), (False, ["rest"])])
def test_display_that_comes_later_is_turned_as_the_others(allowed: bool, told: list[str]) -> None:
    """One that is plugged in at night sleeps."""
    wall = Wall()
    wall.allow(allowed, "so it is")
    wall.run_for(2 * MINUTE_S, STEP_S)

    wall.plug(HDMI)
    wall.run_for(5, STEP_S)

    assert wall.panels.at[HDMI.id].told == told


def test_display_that_does_not_answer_is_told_once_and_the_others_obey(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One without power is no reason to keep the other one on; once it has answered, trouble is told anew."""
    wall = Wall(HDMI, SECOND)
    first, second = wall.panels.find(wall.there.outputs)
    first.trouble = "it does not answer"
    for _ in range(2):
        wall.allow()
        wall.allow(False, "closed")
        wall.run_for(1.2 * MINUTE_S, STEP_S)
    first.trouble = ""
    wall.allow()
    first.trouble = "it does not answer"
    wall.allow(False, "closed")
    wall.run_for(1.2 * MINUTE_S, STEP_S)

    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warned == [
        "card0-HDMI-A-1 cannot wake: it does not answer",
        "card0-HDMI-A-1 cannot rest: it does not answer",
    ]
    assert second.told == ["wake", "rest"] * 3


def test_display_that_did_not_obey_is_told_again_each_half_minute(caplog: pytest.LogCaptureFixture) -> None:
    """A television whose plug was pulled overnight wakes when it is in again; the log has one line of it."""
    wall = Wall(HDMI)
    panel = wall.panels.find(wall.there.outputs)[0]
    panel.awake, panel.trouble = False, "it does not answer"
    wall.allow()
    wall.run_for(5 * LOOK_EVERY_S, STEP_S)
    panel.trouble = ""
    wall.run_for(LOOK_EVERY_S, STEP_S)
    awake, told = wall.awake, len(panel.told)
    wall.run_for(5 * LOOK_EVERY_S, STEP_S)

    assert awake
    assert (told, len(panel.told)) == (7, 7)
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "card0-HDMI-A-1 cannot wake: it does not answer"
    ]


def test_displays_that_do_not_obey_are_told_again_in_turn() -> None:
    """One after the other: each may take its time to say no."""
    wall = Wall(HDMI, SECOND)
    first, second = wall.panels.find(wall.there.outputs)
    first.trouble = second.trouble = "it does not answer"
    wall.allow()
    wall.run_for(4 * LOOK_EVERY_S, STEP_S)

    assert (len(first.told), len(second.told)) == (3, 3)


def test_display_that_may_not_sleep_yet_is_not_told_to() -> None:
    """Its player has not let go of the graphics card, and the kernel would refuse."""
    wall = Wall(HDMI)
    panel = wall.panels.find(wall.there.outputs)[0]
    panel.trouble = "it does not answer"
    wall.allow()
    wall.run_for(LOOK_EVERY_S - 1, STEP_S)
    wall.allow(False, "closed")
    wall.run_for(CLOSED_SHINES_S + 1.5, STEP_S)
    before, off = set(panel.told), wall.lamp.on is False
    wall.run_for(LETS_GO_S, STEP_S)

    assert off
    assert before == {"wake"}
    assert panel.told[-1] == "rest"
