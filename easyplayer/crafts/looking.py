"""Commands to the screen: show what it shows, and write something over it."""

from pathlib import Path

from easyplayer.crafts.attaching import SENDING_MAY_TAKE_S, Attaching
from easyplayer.crafts.craft import Craft
from easyplayer.crafts.ending import Ending, done, failed, not_now, unavailable
from easyplayer.errors import EasyplayerError
from easyplayer.events import BoxEvent
from easyplayer.protocol.arguments import Arguments, ShowMessage
from easyplayer.screen_events import screenshot_taken, show_message, take_screenshot
from easyplayer.units import Seconds

NAME, JPEG = "screen.jpg", "image/jpeg"
"""A picture of a picture: a photograph takes several times as much as PNG."""


class Screenshot(Attaching[Arguments]):
    """``screenshot``: attach a picture of what the screen shows.

    All outputs show the same, and so there is one picture, however many there are.
    """

    @property
    def limit(self) -> Seconds:
        """Sending is all that takes time."""
        return SENDING_MAY_TAKE_S

    def at_once(self) -> Ending | None:
        """There must be a screen, and it must be up."""
        screen = self.view.screen
        if not screen.outputs:
            why = f": {screen.reason}" if screen.reason else ""
            return unavailable(f"it has no screen{why}")
        if not screen.up:
            troubles = ", ".join(f"{one.name}: {one.trouble or screen.reason}" for one in screen.outputs)
            return not_now(f"its screen shows nothing ({troubles})")
        return None

    def begin(self) -> None:
        """Ask for it, once there is a place for it."""
        self.aside(self._ask)

    def hear(self, fact: BoxEvent) -> None:
        """Send what was taken."""
        match fact:
            case screenshot_taken(args=[Path(name=name), trouble]) if name == NAME:
                if trouble:
                    self.finish(failed(trouble))
                else:
                    self.aside(lambda: self.send(NAME, JPEG, self._words))

    def _ask(self) -> None:
        path = self.place(NAME)
        path.unlink(missing_ok=True)
        self.bench.fire(take_screenshot(path))

    def _words(self, path: Path) -> str:
        if not path.is_file():
            message = "the screen's player has written no picture"
            raise EasyplayerError(message)
        screen = self.view.screen
        shows = f"shows {screen.item}" if screen.item else "shows no picture"
        asleep = "" if screen.on else f"; the displays sleep: {screen.reason}"
        return f"the screen {shows}{asleep}"


class Message(Craft[ShowMessage]):
    """``show_message``: write a line over the pictures."""

    def at_once(self) -> Ending | None:
        """There must be a screen; one that is down now shows it as soon as it is up."""
        return None if self.view.screen.outputs else unavailable("it has no screen")

    def begin(self) -> None:
        """Have it written."""
        text, seconds = self.args.text, self.args.seconds
        self.bench.fire(show_message(text, seconds))
        span = f"for {seconds:.0f} s" if seconds else "until another one comes"
        self.finish(done(f"the screen shows it {span}" if text else "the screen shows no message"))
