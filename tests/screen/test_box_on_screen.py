"""The whole box with a screen: real players, a real display and a real sound server, seen from outside."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil
import pytest

from easyplayer.asrun_log import AsRunLog, LogRow
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Entry, Order, Overlay, Pictures, Playlist, Program, Show, Start
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import encode
from easyplayer.status_view import Status
from easyplayer.units import Instant, Milliseconds
from tests.process.box_process import BoxProcess, plays
from tests.process.hub_process import HubProcess
from tests.screen.camera import Camera, look
from tests.screen.reel import Reel
from tests.screen.xvfb import Xvfb
from tests.sound.ear import gaps, sounding
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals

pytestmark = [pytest.mark.screen, pytest.mark.process, pytest.mark.sound]

ON_THE_INSTANT_S = 0.1
BEGINS_IN_S, LASTS_S = 14, 4
UP_WITHIN_S = 30.0
BACK_WITHIN_S = 30.0
HUB_MAY_TAKE_S = 60.0
PAINTED_WITHIN_S = 90.0
DARKEST = 20
"""How bright a picture is at least, of 255; the display itself is black."""
WIDE, HIGH = 1280, 720
LARGE_SCREEN = {"EASYPLAYER_SCREEN__OUTPUTS": "window"}
ZBAR_SAYS = "QR-Code:"
BRIGHT, DARK = 200, 110
MENU = "https://bar-lumiere.example/menu"
CORNER_HIGH, CORNER_WIDE = 0.15, 0.25
"""The part of the picture that the clock stands in."""


@pytest.fixture
def large_display(display: Xvfb, monkeypatch: pytest.MonkeyPatch) -> Iterator[Xvfb]:
    """Start a display on which small print can be read, in place of the small one."""
    display.stop()
    with Xvfb(WIDE, HIGH) as large:
        for name, value in large.env.items():
            monkeypatch.setenv(name, value)
        yield large


def box(state: Path, *arguments: str, **env: str) -> BoxProcess:
    """Give a box with a window for its pictures; nobody sits before it."""
    return BoxProcess(state, *arguments, env=LARGE_SCREEN | env)


def picture(path: Path, seconds: float) -> Item:
    """Give a still or a clip."""
    kind = ItemKind.STILL if path.suffix == ".png" else ItemKind.CLIP
    return Item(id=path.stem, location=str(path), kind=kind, duration_ms=Milliseconds(round(1000 * seconds)))


def written(
    directory: Path, song: Path, pictures: Sequence[Item], *, menu: Item | None = None, **more: object
) -> Path:
    """Write a program: one song again and again, and some pictures in turn; a show has one of its own.

    :param more: what else the program has.
    """
    items = [Item(id="song", location=str(song), title="Song", artist="Band"), *pictures]
    playlists = [
        Playlist(id="music", entries=(Entry(item="song"),)),
        Playlist(
            id="pictures",
            entries=tuple(Entry(item=item.id) for item in pictures),
            order=Order.SEQUENTIAL,
        ),
    ]
    if menu is not None:
        items.append(menu)
        playlists.append(Playlist(id="menu", entries=(Entry(item=menu.id),)))
    program = Program(
        name="Bar",
        zone="Etc/UTC",
        items=tuple(items),
        playlists=tuple(playlists),
        fallback="music",
        **({"screen": Pictures(fallback="pictures")} | more),  # type: ignore[arg-type]
    )
    file = directory / "program.json"
    file.write_bytes(encode(program))
    return file


def shows(status: Status) -> bool:
    """Tell whether music sounds and a picture is seen."""
    return plays(status) and status.screen.up and bool(status.screen.item_id)


def players(one: BoxProcess) -> list[psutil.Process]:
    """Give the players that show the pictures."""
    children = psutil.Process(one.process.pid).children(recursive=True)
    return [child for child in children if child.name() == "mpv"]


def rows_of(state: Path) -> list[LogRow]:
    """Read the rows of pictures in the as-run log."""
    rows = AsRunLog(AsRunStore(state / "as-run.sqlite", boot_id())).tail(99)
    return [row for row in rows if row.shown_s is not None]


def codes_in(display: Xvfb, directory: Path) -> list[str]:
    """Read all QR codes on a display, as a guest's telephone does."""
    shot = directory / "shot.png"
    size = f"{display.width}x{display.height}"
    grab = ["-f", "x11grab", "-draw_mouse", "0", "-video_size", size, "-i", display.number, "-frames:v", "1"]
    subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", *grab, str(shot)], check=True)
    told = subprocess.run(["zbarimg", "-q", str(shot)], capture_output=True, text=True, check=False).stdout
    return [line.removeprefix(ZBAR_SAYS) for line in told.splitlines() if line.startswith(ZBAR_SAYS)]


def until(what: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Tell whether something is so within some seconds."""
    deadline = time.monotonic() + within_s
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.usefixtures("sound_server")
def test_show_is_seen_on_its_second_and_nothing_is_black(
    display: Xvfb, reel: Reel, signals: Signals, tmp_path: Path
) -> None:
    """A camera sees it within a tenth of a second of its start and end; around it, only pictures."""
    state = tmp_path / "state"
    starts = int(time.time()) + BEGINS_IN_S
    show = Show(
        id="menu",
        starts=datetime.fromtimestamp(starts, UTC).replace(tzinfo=None),
        ends=datetime.fromtimestamp(starts + LASTS_S, UTC).replace(tzinfo=None),
        screen="menu",
        start=Start.HARD,
    )
    pictures = [picture(reel.clip("red", 2.0), 2.0), picture(reel.still("green"), 1.5)]
    menu = picture(reel.still("blue"), 30.0)
    file = written(tmp_path, signals.sine(440, 60, "flac"), pictures, menu=menu, shows=(show,))
    with box(state, "--program", str(file)) as one:
        one.until(shows, UP_WITHIN_S)
        time.sleep(1.0)
        assert time.time() < starts - 1, "the machine is too slow today: nothing was shown in time"
        with Camera(display, tmp_path) as camera:
            time.sleep(starts + LASTS_S + 4 - time.time())
            film = camera.film()
        assert one.status().failures == 0
        code, _ = one.end()

    ahead_s = time.time() - time.monotonic()
    seen = [(colour, at + ahead_s - starts) for colour, at in film.colours]
    assert {colour for colour, _ in seen} == {"red", "green", "blue"}, seen
    (at,) = (number for number, (colour, _) in enumerate(seen) if colour == "blue")
    assert seen[at][1] == pytest.approx(0, abs=ON_THE_INSTANT_S), seen
    assert seen[at + 1][1] == pytest.approx(LASTS_S, abs=ON_THE_INSTANT_S), seen
    assert code == 0
    (row,) = (row for row in rows_of(state) if row.item.id == "blue")
    assert row.started == pytest.approx(Instant(starts), abs=ON_THE_INSTANT_S)
    assert row.shown_s == pytest.approx(LASTS_S, abs=2 * ON_THE_INSTANT_S)
    assert row.origin is not None
    assert (row.origin.source, row.ended, row.outputs) == ("menu", Ended.CUT, ("window",))
    assert {row.item.id for row in rows_of(state)} == {"red-2", "green", "blue"}


@pytest.mark.usefixtures("display")
def test_music_goes_on_whatever_happens_to_the_screen(
    display: Xvfb, reel: Reel, signals: Signals, ear: Recorder, tmp_path: Path
) -> None:
    """The player is killed, then the display: no gap is heard, the status tells, and pictures come back."""
    pictures = [picture(reel.still("green"), 3.0), picture(reel.still("blue"), 3.0)]
    file = written(tmp_path, signals.sine(440, 120, "flac"), pictures)
    with box(tmp_path / "state", "--program", str(file)) as one:
        one.until(shows, UP_WITHIN_S)
        (player,) = players(one)
        player.kill()
        again = one.until(lambda status: shows(status) and status.screen.restarts == 1, BACK_WITHIN_S)
        display.kill()
        dark = one.until(lambda status: not status.screen.up, BACK_WITHIN_S)
        time.sleep(3.0)
        still_dark = one.status()
        display.start()
        back = one.until(shows, BACK_WITHIN_S)
        seen = until(lambda: look(display).max(axis=2).mean() > 40)
        code, _ = one.end()

    assert again.failures == back.failures == 0
    assert dark.screen.outputs[0].trouble
    assert plays(still_dark)
    assert not still_dark.screen.item_id
    assert seen
    assert code == 0
    assert gaps(sounding(ear.stop())) == []


@pytest.mark.usefixtures("sound_server")
@pytest.mark.parametrize("colour", ["white", "blue"])
def test_overlay_is_read_over_any_picture(
    colour: str, large_display: Xvfb, reel: Reel, signals: Signals, tmp_path: Path
) -> None:
    """A telephone reads the code, and the clock has light letters with dark edges on light and on dark."""
    words = Overlay(now_playing=True, clock=True, message="Happy hour until seven", qr=MENU)
    screen = Pictures(fallback="pictures", overlay=words)
    song = signals.sine(440, 60, "flac")
    file = written(tmp_path, song, [picture(reel.still(colour), 60.0)], screen=screen)
    with box(tmp_path / "state", "--program", str(file)) as one:
        one.until(shows, UP_WITHIN_S)
        assert until(lambda: codes_in(large_display, tmp_path) == [MENU])
        pixels = look(large_display)

    clock = pixels[: round(CORNER_HIGH * HIGH), round((1 - CORNER_WIDE) * WIDE) :].astype(int)
    light, dark = clock.min(axis=2) > BRIGHT, clock.max(axis=2) < DARK
    assert light.mean() > 0.005
    assert dark.mean() > 0.005
    rows = np.flatnonzero((dark if colour == "white" else light).any(axis=1))
    assert np.ptp(rows) > HIGH / 36


@pytest.mark.usefixtures("sound_server")
def test_guest_of_the_hub_is_shown_how_to_claim_the_box(large_display: Xvfb, tmp_path: Path) -> None:
    """A telephone that looks at the screen is led to the hub's page with the code filled in."""
    with (
        HubProcess(tmp_path / "hub") as hub,
        box(tmp_path / "state", EASYPLAYER_HUB__URL=hub.url) as one,
    ):
        waiting = one.until(lambda status: bool(status.hub.claim_code) and status.screen.up, HUB_MAY_TAKE_S)
        wanted = f"{hub.url}/claim?code={waiting.hub.claim_code}"
        assert until(lambda: codes_in(large_display, tmp_path) == [wanted], 15.0)


@pytest.mark.usefixtures("sound_server")
def test_box_that_nobody_has_told_anything_shows_its_own_pictures(display: Xvfb, tmp_path: Path) -> None:
    """As soon as they are painted, beside the music that it composes."""
    with box(tmp_path / "state") as one:
        seen = one.until(
            lambda status: shows(status) and status.screen.item_id.startswith("view:"), PAINTED_WITHIN_S
        )
        assert until(lambda: look(display).max(axis=2).mean() > DARKEST)
        one.end()

    assert seen.failures == 0
    assert "Traceback" not in one.output
