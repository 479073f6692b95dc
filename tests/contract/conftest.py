"""The real drivers are tried on the same private sound server and display as the tests that hear and see."""

from tests.screen.conftest import display, reel
from tests.sound.conftest import broken, ear, signals, sound_server

__all__ = ["broken", "display", "ear", "reel", "signals", "sound_server"]
