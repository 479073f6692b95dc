"""Files as they come from broken disks, cut downloads and careless hands."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.sound.signals import ENCODE_TIMEOUT_S, Signals

SECONDS = 10.0
"""How long the music was before it was broken."""
HEADER_BYTES = 60
JUNK_BYTES = 20_000


@dataclass(frozen=True)
class Broken:
    """Makes broken files next to the good ones, each once.

    All come from ten seconds of music; what is truncated holds about the first half of it.
    """

    signals: Signals

    def zero_byte(self) -> Path:
        """Make an empty file that is called an MP3."""
        return self._file("zero-byte.mp3", lambda path: path.write_bytes(b""))

    def text(self) -> Path:
        """Make a text that is called an MP3, as a portal's login page is."""
        return self._file("text.mp3", lambda path: path.write_text("<html>Please log in.</html>\n" * 400))

    def random_bytes(self) -> Path:
        """Make 64 KiB of nothing in particular, called an MP3."""
        junk = np.random.default_rng(7).bytes(65_536)
        return self._file("random.mp3", lambda path: path.write_bytes(junk))

    def header_only(self) -> Path:
        """Make a FLAC of which only the first 60 bytes have arrived."""
        return self._file("header.flac", lambda path: path.write_bytes(self._good("flac")[:HEADER_BYTES]))

    def truncated(self, extension: str) -> Path:
        """Make a file of which the second half is missing (mp3, flac, ogg)."""

        def cut(path: Path) -> None:
            whole = self._good(extension)
            path.write_bytes(whole[: len(whole) // 2])

        return self._file(f"truncated.{extension}", cut)

    def m4a_without_moov(self) -> Path:
        """Make an M4A whose index stood at its end, which is missing: nothing can be played."""

        def cut(path: Path) -> None:
            source = self.signals.sine(440, SECONDS, "m4a")
            command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-i", str(source), "-c", "copy"]
            subprocess.run([*command, str(path)], check=True, timeout=ENCODE_TIMEOUT_S)
            whole = path.read_bytes()
            path.write_bytes(whole[: whole.rindex(b"moov") - 4])

        return self._file("without-moov.m4a", cut)

    def junk_in_the_middle(self, extension: str) -> Path:
        """Make a file with 20,000 bytes of its middle overwritten (mp3, flac, ogg, m4a)."""

        def overwrite(path: Path) -> None:
            whole = bytearray(self._good(extension))
            middle = len(whole) // 2
            whole[middle : middle + JUNK_BYTES] = np.random.default_rng(8).bytes(JUNK_BYTES)
            path.write_bytes(whole)

        return self._file(f"junk-in-the-middle.{extension}", overwrite)

    def wrong_extension(self, extension: str = "flac", called: str = "mp3") -> Path:
        """Make a good file of one format that is called another."""
        source = self.signals.sine(440, SECONDS, extension)
        return self._file(f"{extension}-called.{called}", lambda path: shutil.copyfile(source, path))

    def _good(self, extension: str) -> bytes:
        return self.signals.noise(9, SECONDS, extension).read_bytes()

    def _file(self, name: str, write: Callable[[Path], object]) -> Path:
        path = self.signals.directory / name
        if not path.exists():
            write(path)
        return path
