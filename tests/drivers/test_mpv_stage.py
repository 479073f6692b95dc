"""One run of an mpv that answers as a test wants: in any order, late, or not at all."""

import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from easyplayer.drivers.mpv_course import STREAM_ENDED
from easyplayer.drivers.mpv_health import STARTING_MAY_TAKE_S, StageFellError
from easyplayer.drivers.mpv_line import Command, MpvLine, Said, Then
from easyplayer.drivers.mpv_stage import (
    A_LIST,
    DRAWING_MAY_TAKE_S,
    NO_PICTURE,
    NOT_DECODED,
    NOT_OPENED,
    NOT_READ,
    OPENING_MAY_TAKE_S,
    PRELOADING_MAY_TAKE_S,
    UNAVAILABLE,
    MpvStage,
)
from easyplayer.drivers.picture_lead import PictureLead
from easyplayer.drivers.picture_watch import STARVED
from easyplayer.drivers.screen import (
    OutputUp,
    Picture,
    PictureEnded,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    ScreenReport,
)
from easyplayer.units import Monotonic, Seconds

NEVER = Monotonic(float("inf"))


class Line:
    """The contract of an mpv's line, held by a test.

    :ivar asked: every command.
    """

    due = NEVER

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.late = ""
        self._open: dict[str, Then] = {}

    def ask(self, command: Command, then: Then | None = None, *, later: bool = False) -> None:
        self.asked.append(command)
        name = str(command["name"] if isinstance(command, dict) else command[-1])
        if then is not None:
            self._open[name] = then

    def take(self, said: Said) -> Said:
        return said

    def overdue(self, now: Monotonic) -> str:
        return self.late

    def answer(self, name: str, data: Any, error: str = "success") -> None:
        self._open.pop(name)(Said(error=error, data=data))

    def awaits(self, name: str) -> bool:
        return name in self._open


class Play:
    """A stage that is up, its line, and what it has told."""

    def __init__(self) -> None:
        self.line = Line()
        self.reports: list[ScreenReport] = []
        self.stage = MpvStage(cast(MpvLine, self.line), self.reports.append, PictureLead())
        self.entry = 0

    def come_up(self) -> None:
        """Open a window."""
        for name, data in (
            ("vo-configured", True),
            ("osd-dimensions", {"w": 640, "h": 360}),
            ("current-vo", "x11"),
        ):
            self.happen("property-change", name=name, data=data)

    def happen(self, event: str, **more: Any) -> None:
        """Let mpv tell of an event."""
        self.stage.take(Said(event=event, **more))

    def ask_for(self, picture: Picture) -> None:
        """Load a picture, and have mpv told to show it."""
        self.stage.load(picture)
        self.stage.preloaded(picture.ticket, "")
        self.stage.show(picture.ticket, None)
        self.stage.tick(Monotonic(time.monotonic()))
        self.entry += 1
        self.line.answer("loadfile", {"playlist_entry_id": self.entry})

    def open(self) -> None:
        """Open the picture that mpv was told to show last."""
        self.happen("start-file", playlist_entry_id=self.entry)
        self.happen("file-loaded")

    def show(self, picture: Picture) -> None:
        """Show a picture in the ordinary course."""
        self.ask_for(picture)
        self.open()
        self.line.answer("vid", 1)
        self.play_on()

    def play_on(self, *, decoded: bool = True, frames_per_s: float = 25.0) -> None:
        """Let mpv tell that it plays, and whether it could decode anything."""
        self.happen("playback-restart")
        if self.line.awaits("video-dec-params"):
            self.line.answer("video-dec-params", {"w": 640}, "success" if decoded else UNAVAILABLE)
        if self.line.awaits("container-fps"):
            self.line.answer("container-fps", frames_per_s)

    def read(self, after_s: float, **known: Any) -> None:
        """Let the stage ask where the picture is, and be told."""
        self.stage.tick(Monotonic(time.monotonic() + after_s))
        for name, data in ({"eof_reached": False, "paused_for_cache": False} | known).items():
            self.line.answer(name.replace("_", "-"), data)

    def told(self, kind: type[ScreenReport]) -> list[Any]:
        """Give what was told of a kind."""
        return [report for report in self.reports if isinstance(report, kind)]


@pytest.fixture(name="play")
def _play() -> Play:
    play = Play()
    play.come_up()
    return play


CLIP = Picture(ticket=1, location="/a.mp4")
OTHER = Picture(ticket=2, location="/b.mp4")
STREAM = Picture(ticket=3, location="http://radio/tv", endless=True)


def test_output_is_up_once_its_size_and_its_driver_are_known(play: Play) -> None:
    """And told again where its size changes, not where nothing does."""
    play.happen("property-change", name="vo-configured", data=True)
    play.happen("property-change", name="osd-dimensions", data={"w": 1920, "h": 1080})

    assert play.reports == [OutputUp(640, 360, "x11"), OutputUp(1920, 1080, "x11")]


def test_player_that_opens_no_window_is_given_up() -> None:
    """After a long while: a machine may be slow."""
    play = Play()
    play.line.late = "observe_property"
    play.stage.tick(Monotonic(time.monotonic() + STARTING_MAY_TAKE_S - 1))

    with pytest.raises(StageFellError) as fall:
        play.stage.tick(Monotonic(time.monotonic() + STARTING_MAY_TAKE_S + 1))

    assert not fall.value.stuck


def test_picture_is_asked_for_when_it_was_looked_at(play: Play) -> None:
    """To be shown now is to be shown as soon as it is ready."""
    play.stage.load(CLIP)
    play.stage.show(1, None)
    play.stage.tick(Monotonic(time.monotonic() + 1))
    before = len([one for one in play.line.asked if isinstance(one, dict) and one["name"] == "loadfile"])

    play.stage.preloaded(1, "")
    play.stage.tick(Monotonic(time.monotonic()))

    assert before == 0
    assert play.told(PictureReady) == [PictureReady(1)]
    assert [one["url"] for one in play.line.asked if isinstance(one, dict) and one["name"] == "loadfile"] == [
        "/a.mp4"
    ]


def test_file_that_a_disk_does_not_give_is_told(play: Play) -> None:
    """The look at it has not come back."""
    play.stage.load(CLIP)

    play.stage.tick(Monotonic(time.monotonic() + PRELOADING_MAY_TAKE_S + 1))
    play.stage.preloaded(1, "")

    assert play.told(PictureFailed) == [PictureFailed(1, PictureFault.MEDIUM, NOT_READ)]
    assert play.told(PictureReady) == []


def test_picture_whose_successor_came_first_is_never_told_as_shown(play: Play) -> None:
    """Its events come late, and are not taken for those of the other."""
    play.ask_for(CLIP)
    play.open()
    play.ask_for(OTHER)

    play.play_on()
    before = play.told(PictureShown)
    play.happen("end-file", playlist_entry_id=1, reason="stop")
    play.open()
    play.play_on()

    assert before == []
    assert [report.ticket for report in play.told(PictureShown)] == [2]


def test_picture_that_was_over_when_it_was_seen_ends(play: Play) -> None:
    """One of a single frame is at its end at once."""
    play.ask_for(CLIP)
    play.open()
    play.happen("property-change", name="eof-reached", data=True)
    play.play_on()

    assert [type(report) for report in play.reports[-2:]] == [PictureShown, PictureEnded]


def test_end_that_mpv_tells_of_only_when_asked_is_told_once(play: Play) -> None:
    """What was true and is true again is no news to mpv."""
    play.show(CLIP)

    play.read(1, eof_reached=True)
    play.happen("property-change", name="eof-reached", data=True)

    assert play.told(PictureEnded) == [PictureEnded(1)]


@pytest.mark.parametrize("seen_first", [False, True])
def test_what_has_no_picture_in_it_is_told(play: Play, seen_first: bool) -> None:
    """Whether mpv tells that before it shows black, or after it."""
    play.ask_for(CLIP)
    play.open()
    if seen_first:
        play.play_on()
    play.line.answer("vid", False)

    assert play.told(PictureFailed) == [PictureFailed(1, PictureFault.MEDIUM, NO_PICTURE)]
    assert play.line.asked[-1] == ["stop"]


def test_what_cannot_be_decoded_is_never_told_as_shown(play: Play) -> None:
    """It would be black for as long as it lasts."""
    play.ask_for(CLIP)
    play.open()

    play.play_on(decoded=False)

    assert play.told(PictureFailed) == [PictureFailed(1, PictureFault.MEDIUM, NOT_DECODED)]
    assert play.told(PictureShown) == []
    assert play.line.asked[-1] == ["stop"]


def test_clip_that_goes_on_where_it_is_over_has_not_failed(play: Play) -> None:
    """It is not damaged: there is nothing left of it to be decoded."""
    play.ask_for(Picture(ticket=1, location="/a.ts", start_s=Seconds(60.0)))
    play.open()

    play.play_on(decoded=False)
    play.happen("property-change", name="eof-reached", data=True)

    assert play.told(PictureFailed) == []
    assert play.told(PictureEnded) == [PictureEnded(1)]


def test_list_of_addresses_is_refused(play: Play) -> None:
    """The player goes on by itself to what is listed, with none of the options of the picture."""
    play.ask_for(STREAM)
    play.happen("start-file", playlist_entry_id=1)

    play.happen("end-file", playlist_entry_id=1, reason="redirect")
    play.happen("start-file", playlist_entry_id=2)
    play.happen("file-loaded")
    play.happen("playback-restart")

    assert play.told(PictureFailed) == [PictureFailed(3, PictureFault.MEDIUM, A_LIST)]
    assert play.told(PictureShown) == []
    assert play.line.asked[-1] == ["stop"]


def test_file_that_is_not_opened_in_time_is_given_up(play: Play) -> None:
    """It is the medium's fault, and the player lives on."""
    play.ask_for(CLIP)

    play.stage.tick(Monotonic(time.monotonic() + OPENING_MAY_TAKE_S + 1))

    assert play.told(PictureFailed) == [PictureFailed(1, PictureFault.MEDIUM, NOT_OPENED)]


def test_picture_that_is_open_and_not_drawn_is_stuck(play: Play) -> None:
    """It is the display's fault."""
    play.ask_for(CLIP)
    play.open()

    with pytest.raises(StageFellError) as fall:
        play.stage.tick(Monotonic(time.monotonic() + DRAWING_MAY_TAKE_S + 1))

    assert fall.value.stuck
    assert play.stage.ticket == 1


def stand(play: Play, monkeypatch: pytest.MonkeyPatch, **known: Any) -> Callable[[], None]:
    """Show that a picture is at a position, and give what shows that it is still there, long after."""
    play.read(1, time_pos=3.0)
    later = time.monotonic() + 10

    def look_again() -> None:
        monkeypatch.setattr(time, "monotonic", lambda: later)
        play.read(1, **known, time_pos=3.0)

    return look_again


def test_picture_that_stands_still_is_stuck(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn any more."""
    play.show(CLIP)
    look_again = stand(play, monkeypatch)

    with pytest.raises(StageFellError, match="the picture has stood still for 4 s"):
        look_again()


def test_slide_show_stands_still_for_as_long_as_its_frames(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that shows a picture each five seconds is at the same place for five seconds; not for twenty."""
    play.ask_for(CLIP)
    play.open()
    play.play_on(frames_per_s=1 / 5)
    stand(play, monkeypatch)()
    later = time.monotonic() + 20
    monkeypatch.setattr(time, "monotonic", lambda: later)

    with pytest.raises(StageFellError, match="the picture has stood still for 19 s"):
        play.read(1, time_pos=3.0)


def test_picture_that_waits_for_data_has_starved(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is the medium's fault, and is told once."""
    play.show(STREAM)

    stand(play, monkeypatch, paused_for_cache=True)()

    assert play.told(PictureFailed) == [PictureFailed(3, PictureFault.MEDIUM, STARVED)]


def test_stream_that_ends_has_failed(play: Play) -> None:
    """Whatever way mpv tells it, once."""
    play.show(STREAM)

    play.happen("property-change", name="eof-reached", data=True)
    play.happen("end-file", playlist_entry_id=1, reason="eof")

    assert play.told(PictureFailed) == [PictureFailed(3, PictureFault.MEDIUM, STREAM_ENDED)]


def test_pulse_is_felt_where_nothing_moves(play: Play) -> None:
    """Something is drawn, and who draws is asked; a clip that moves is looked at anyway."""
    play.stage.tick(Monotonic(time.monotonic() + 3))
    idle = len([one for one in play.line.asked if one == ["get_property", "display-names"]])
    play.show(CLIP)
    play.read(6, time_pos=1.0)
    moving = len([one for one in play.line.asked if one == ["get_property", "display-names"]])

    assert (idle, moving) == (1, 1)


def test_pulse_is_felt_under_a_slide_show(play: Play) -> None:
    """Its positions would tell too late that nothing is drawn."""
    play.ask_for(CLIP)
    play.open()
    play.play_on(frames_per_s=1 / 5)

    play.stage.tick(Monotonic(time.monotonic() + 3))

    assert ["get_property", "display-names"] in play.line.asked


def test_player_that_does_not_answer_is_stuck(play: Play) -> None:
    """The command is named."""
    play.line.late = "loadfile"

    with pytest.raises(StageFellError, match="loadfile") as fall:
        play.stage.tick(Monotonic(time.monotonic()))

    assert fall.value.stuck


@pytest.mark.parametrize(
    ("complaint", "words"), [("", "it did not say why"), ("no more memory", "no more memory")]
)
def test_last_words_of_a_player_are_told(play: Play, complaint: str, words: str) -> None:
    """What it complained of just before its end."""
    if complaint:
        play.happen("log-message", prefix="vo", level="error", text=f"{complaint}\n")

    with pytest.raises(StageFellError, match=words):
        play.happen("line-cut")
