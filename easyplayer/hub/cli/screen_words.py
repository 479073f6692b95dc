"""What is to be seen at a box, in words."""

from collections.abc import Iterator

from easyplayer.hub.cli.telling import instant
from easyplayer.hub.fleet_views import BoxDetail
from easyplayer.protocol.heartbeat import Screen, ScreenOutput, ScreenState


def about_screen(screen: Screen, picture: str) -> Iterator[tuple[str, str]]:
    """Put what is to be seen into words; nothing where there is no screen, and nothing for one.

    :param picture: what is shown; empty where nothing is.
    """
    state = screen.state
    if state is ScreenState.NONE:
        return
    shows = f"shows {picture}" if picture else screen.reason or "shows nothing"
    yield "SCREEN DOWN" if state is ScreenState.DOWN else "screen", shows
    for output in screen.outputs:
        yield "display" if output.up else "DISPLAY", _display(output)
    if screen.restarts or screen.stuck:
        yield "screen was", f"{screen.restarts} times started anew, {screen.stuck} times stuck"


def _display(output: ScreenOutput) -> str:
    size_told = f"{output.width} by {output.height}" if output.width else ""
    driver = f"by {output.driver}" if output.driver else ""
    told = " ".join(filter(None, (size_told, driver)))
    trouble = "" if output.up else output.trouble or "shows nothing"
    return f"{output.name}: {', '.join(filter(None, (trouble, told)))}".rstrip(": ")


def about_screenshot(box: BoxDetail) -> Iterator[tuple[str, str]]:
    """Say which screenshot was the last, and how to have it; nothing where there is none."""
    if box.screenshot is not None:
        taken, command = box.screenshot.taken, box.screenshot.command
        yield "screenshot", f"of {instant(taken)}: easyplayer-hub command show {command} --save FILE"
