"""The real drivers are tried on the same private sound server as the sound tests."""

from tests.sound.conftest import broken, ear, signals, sound_server

__all__ = ["broken", "ear", "signals", "sound_server"]
