"""A venue for processes: a sound server, an ear, and music."""

from tests.sound.conftest import broken, ear, signals, sound_server

__all__ = ["broken", "ear", "signals", "sound_server"]
