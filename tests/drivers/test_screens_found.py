"""Which outputs there are for pictures, by what is wished and what is there."""

from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.drivers.device_watch import Display
from easyplayer.drivers.screen import Output, OutputDriver
from easyplayer.drivers.screens_found import Scene, Wish, choose, look
from tests.drivers.sysfs import lay

FIRST = Display(id="card0-HDMI-A-1", title="DELL", modes=("1920x1080", "1280x720"))
BESIDE = Display(id="card0-HDMI-A-2", modes=("1920x1080",))
OTHER_CARD = Display(id="card1-DP-1")


def plugged(*displays: Display, desktop: bool = False, person: bool = False, gpu: bool = False) -> Scene:
    """Give a machine with these displays."""
    there = {one.id: one for one in displays}
    return Scene(displays=there, desktop=desktop, person=person, accelerated=gpu)


def drm(name: str, mode: str = "") -> Output:
    """Give an output straight to a graphics card."""
    return Output(name=name, driver=OutputDriver.DRM, mode=mode)


def window(driver: OutputDriver = OutputDriver.WINDOW, mode: str = "", *, full: bool = False) -> Output:
    """Give a window."""
    return Output(name="window", driver=driver, mode=mode, fullscreen=full)


def test_box_shows_on_what_is_connected_one_for_each_graphics_card() -> None:
    """A card can be had by one player only; what stays dark is told."""
    found = choose(Wish(), plugged(OTHER_CARD, BESIDE, FIRST))

    assert found.outputs == (drm(FIRST.id), drm(OTHER_CARD.id))
    assert found.displays == {FIRST.id: FIRST, OTHER_CARD.id: OTHER_CARD}
    assert found.notes == ("card0-HDMI-A-2 stays dark: its graphics card shows on card0-HDMI-A-1",)


def test_display_that_is_plugged_in_takes_the_picture_from_none() -> None:
    """Though its connector is the first: the one beside it shows pictures already."""
    found = choose(Wish(), structs.replace(plugged(FIRST, BESIDE, OTHER_CARD), shown=(BESIDE.id,)))

    assert found.outputs == (drm(BESIDE.id), drm(OTHER_CARD.id))
    assert found.notes == ("card0-HDMI-A-1 stays dark: its graphics card shows on card0-HDMI-A-2",)


def test_connector_that_is_named_first_goes_before_what_is_shown() -> None:
    """Somebody wants it so."""
    wish = Wish(outputs=("HDMI-A-1", "HDMI-A-2"))

    found = choose(wish, structs.replace(plugged(FIRST, BESIDE), shown=(BESIDE.id,)))

    assert found.outputs == (drm(FIRST.id),)


def test_box_without_a_display_shows_nowhere_and_says_so() -> None:
    """The music does not need one."""
    found = choose(Wish(), plugged())

    assert (found.outputs, found.notes) == ((), ("no display is connected",))


@pytest.mark.parametrize("wished", [("none",), (), ("HDMI-A-1", "none")])
def test_who_wants_no_screen_gets_none(wished: tuple[str, ...]) -> None:
    """Whatever is connected."""
    found = choose(Wish(outputs=wished), plugged(FIRST))

    assert (found.outputs, found.notes) == ((), ("no output is wished",))


@pytest.mark.parametrize("name", ["HDMI-A-2", "card0-HDMI-A-2"])
def test_connector_that_is_named_comes_before_the_first(name: str) -> None:
    """With its graphics card or without."""
    assert choose(Wish(outputs=(name,)), plugged(FIRST, BESIDE)).outputs == (drm(BESIDE.id),)


def test_connector_that_is_empty_is_told_with_those_that_are_not() -> None:
    """And the others that are named are used."""
    found = choose(Wish(outputs=("HDMI-A-3", "DP-1")), plugged(FIRST, OTHER_CARD))

    assert found.outputs == (drm(OTHER_CARD.id),)
    assert found.notes == ("there is no display at HDMI-A-3; connected: card0-HDMI-A-1, card1-DP-1",)


def test_connector_that_is_named_twice_is_one_output() -> None:
    """And no complaint of itself."""
    found = choose(Wish(outputs=("HDMI-A-1", FIRST.id)), plugged(FIRST))

    assert (found.outputs, found.notes) == ((drm(FIRST.id),), ())


@pytest.mark.parametrize("mode", ["1280x720", "1280x720@50"])
def test_mode_that_the_display_has_is_taken(mode: str) -> None:
    """How often a second it is drawn, the kernel does not list."""
    assert choose(Wish(mode=mode), plugged(FIRST)).outputs == (drm(FIRST.id, mode),)


def test_mode_that_the_display_does_not_have_is_left_out_and_told() -> None:
    """A wrong resolution is a dark screen; the display's own never is."""
    found = choose(Wish(mode="3840x2160"), plugged(FIRST))

    assert found.outputs == (drm(FIRST.id),)
    assert found.notes == (
        "the display at card0-HDMI-A-1 has no mode 3840x2160, and shows its own; it has 1920x1080, 1280x720",
    )


def test_mode_of_a_display_that_names_none_is_tried() -> None:
    """Who knows."""
    assert choose(Wish(mode="1024x768"), plugged(OTHER_CARD)).outputs == (drm(OTHER_CARD.id, "1024x768"),)


def test_person_at_a_desk_sees_a_window() -> None:
    """Not over all else; drawn by the graphics card, where there is one."""
    desk = plugged(FIRST, desktop=True, person=True, gpu=True)

    assert choose(Wish(), desk).outputs == (window(OutputDriver.GPU),)


def test_desktop_without_a_person_is_left_alone_and_told() -> None:
    """Its displays are not to be had, and a window would surprise whoever sits there."""
    found = choose(Wish(), plugged(FIRST, desktop=True))

    assert found.outputs == ()
    assert found.notes == (
        'a desktop has the displays: for a window on it, set [screen] outputs = ["window"]',
    )


def test_window_that_is_wished_covers_everything() -> None:
    """Where a desktop starts the box; with a size it does not."""
    desk = plugged(desktop=True)

    assert choose(Wish(outputs=("window",)), desk).outputs == (window(full=True),)
    assert choose(Wish(outputs=("window",), mode="800x600"), desk).outputs == (window(mode="800x600"),)


def test_window_without_a_desktop_is_told() -> None:
    """With the way out."""
    found = choose(Wish(outputs=("window",)), plugged(FIRST))

    assert found.outputs == ()
    assert found.notes == ("there is no desktop for a window: neither DISPLAY nor WAYLAND_DISPLAY is set",)


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        ("drm", drm(FIRST.id)),
        ("gpu", window(OutputDriver.GPU)),
        ("window", window(OutputDriver.WINDOW)),
    ],
)
def test_driver_that_is_named_decides(driver: str, expected: Output) -> None:
    """Also against what would be taken by itself."""
    desk = plugged(FIRST, desktop=True, gpu=True)

    assert choose(Wish(driver=driver), desk).outputs == (expected,)


def test_machine_is_looked_at(tmp_path: Path) -> None:
    """Its connectors in sysfs, its desktop in the environment, its graphics card below /dev."""
    connector = {"status": "connected", "modes": "1920x1080"}
    lay(tmp_path / "class/drm/card0-HDMI-A-1", connector)
    (tmp_path / "dri").mkdir()
    (tmp_path / "dri/renderD128").touch()

    bare = look(Wish(), (), tmp_path, {}, tmp_path / "dri")
    desk = look(Wish(outputs=("window",)), (), tmp_path, {"DISPLAY": ":0"}, tmp_path / "dri")

    assert bare.outputs == (drm("card0-HDMI-A-1"),)
    assert bare.displays["card0-HDMI-A-1"].modes == ("1920x1080",)
    assert desk.outputs == (window(OutputDriver.GPU, full=True),)
