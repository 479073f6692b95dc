"""What is drawn above the pictures, as mpv's overlays."""

from typing import Any

from easyplayer.drivers.screen import CANVAS_HEIGHT, CANVAS_WIDTH


class MpvLayers:
    """All layers by their names; those whose names sort later lie above."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def put(self, name: str, ass: str) -> list[dict[str, Any]]:
        """Change a layer; give the commands that tell mpv."""
        before = set(self._texts)
        if ass:
            self._texts[name] = ass
            self._numbers.setdefault(name, len(self._numbers) + 1)
            return self.all if set(self._texts) != before else [self._command(name)]
        if self._texts.pop(name, None) is None:
            return []
        return [overlay(self._numbers[name], "")]

    @property
    def all(self) -> list[dict[str, Any]]:
        """The commands that tell mpv of all layers."""
        return [self._command(name) for name in sorted(self._texts)]

    def _command(self, name: str) -> dict[str, Any]:
        height = sorted(self._texts).index(name)
        return overlay(self._numbers[name], self._texts[name], height)


def overlay(number: int, ass: str, z: int = 0) -> dict[str, Any]:
    """Write mpv's command that draws an overlay, or takes it off.

    :param z: the higher lies above the lower.
    """
    return {
        "name": "osd-overlay",
        "id": number,
        "format": "ass-events" if ass else "none",
        "data": ass,
        "res_x": CANVAS_WIDTH,
        "res_y": CANVAS_HEIGHT,
        "z": z,
    }
