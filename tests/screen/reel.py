"""Pictures to show: stills and clips of one plain colour, clips with a counter of their frames."""

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, RATE = 640, 360, 25
MAKING_MAY_TAKE_S = 60.0
COLOURS = {"red": "0xff0000", "green": "0x00ff00", "blue": "0x0000ff", "white": "0xffffff"}
TONE_HZ = 440


@dataclass(frozen=True)
class Reel:
    """Makes pictures in a directory, each once."""

    directory: Path

    def still(self, colour: str) -> Path:
        """Make a PNG of one colour."""
        path = self.directory / f"{colour}.png"
        if not path.exists():
            _make("-f", "lavfi", "-i", _plain(colour), "-frames:v", "1", str(path))
        return path

    def glass(self) -> Path:
        """Make a PNG that one can see through, but for a white bar along its upper edge."""
        path = self.directory / "glass.png"
        if not path.exists():
            bar = "format=rgba,geq=r=255:g=255:b=255:a='if(lt(Y,40),255,0)'"
            _make("-f", "lavfi", "-i", _plain("white"), "-vf", bar, "-frames:v", "1", str(path))
        return path

    def clip(self, colour: str, seconds: float = 4.0, *, tone: bool = False) -> Path:
        """Make an MP4 of one colour, with the number of each frame, and perhaps with a tone."""
        path = self.directory / f"{colour}-{seconds:g}{'-tone' if tone else ''}.mp4"
        if path.exists():
            return path
        counter = "drawtext=text='%{frame_num}':fontsize=60:fontcolor=black:x=20:y=20"
        sound = ("-f", "lavfi", "-i", f"sine=frequency={TONE_HZ}") if tone else ()
        _make(
            *("-f", "lavfi", "-i", _plain(colour), *sound, "-t", str(seconds), "-vf", counter),
            *("-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", str(RATE), str(path)),
        )
        return path

    def lively(self, number: int, seconds: float) -> Path:
        """Make a clip of 1920x1080 at 25 frames per second, in which everything moves, at 6 Mbit/s.

        :param number: those of different numbers differ.
        """
        path = self.directory / f"lively-{number}-{seconds:g}.mp4"
        if not path.exists():
            picture = f"testsrc2=s=1920x1080:r={RATE},hue=h={60 * number},noise=alls=12:allf=t"
            pace = ("-pix_fmt", "yuv420p", "-preset", "veryfast", "-g", "50", "-b:v", "6M", "-maxrate", "8M")
            _make("-f", "lavfi", "-i", picture, "-t", str(seconds), *pace, "-bufsize", "12M", str(path))
        return path

    def plain(self, colour: str, seconds: float) -> Path:
        """Make a clip of one colour, 1920x1080 at 25 frames per second."""
        path = self.directory / f"plain-{colour}-{seconds:g}.mp4"
        if not path.exists():
            picture = f"color=c={COLOURS[colour]}:s=1920x1080:r={RATE}"
            pace = ("-pix_fmt", "yuv420p", "-preset", "veryfast", "-g", "50")
            _make("-f", "lavfi", "-i", picture, "-t", str(seconds), *pace, str(path))
        return path

    def stream(self, colour: str, seconds: float = 30.0) -> Path:
        """Make what a stream consists of, one colour."""
        path = self.directory / f"{colour}-{seconds:g}.ts"
        if not path.exists():
            pace = ("-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", "12", "-b:v", "400k")
            _make(
                "-f", "lavfi", "-i", _plain(colour), "-t", str(seconds), *pace, "-muxrate", "800k", str(path)
            )
        return path

    def sound(self) -> Path:
        """Make a file that has only sound in it."""
        path = self.directory / "tone.mp3"
        if not path.exists():
            _make("-f", "lavfi", "-i", f"sine=frequency={TONE_HZ}", "-t", "4", str(path))
        return path

    def empty(self) -> Path:
        """Make an empty file that is called a clip."""
        path = self.directory / "empty.mp4"
        path.touch()
        return path

    def text(self) -> Path:
        """Make a text that is called a clip, as a portal's login page is."""
        path = self.directory / "text.mp4"
        path.write_text("<html>Please log in.</html>\n" * 400)
        return path

    def random_bytes(self) -> Path:
        """Make 64 KiB of nothing in particular, called a clip."""
        path = self.directory / "random.mp4"
        path.write_bytes(random.Random(7).randbytes(65_536))
        return path

    def slides(self, count: int = 3, each_s: float = 5.0) -> Path:
        """Make a clip of so few frames, each of which is seen for so long."""
        path = self.directory / f"slides-{count}-{each_s:g}.mp4"
        if not path.exists():
            pace = ("-r", f"1/{each_s:g}", "-frames:v", str(count), "-pix_fmt", "yuv420p")
            _make("-f", "lavfi", "-i", _plain("green"), *pace, str(path))
        return path

    def damaged_clip(self) -> Path:
        """Make a clip of which everything is lost but what it says of itself."""
        content = bytearray(self.clip("red").read_bytes())
        begins, ends = content.index(b"mdat") + 4, content.index(b"moov") - 4
        content[begins:ends] = bytes(ends - begins)
        path = self.directory / "damaged.mp4"
        path.write_bytes(content)
        return path

    def damaged_still(self) -> Path:
        """Make a PNG of which only the first half has arrived."""
        content = self.still("red").read_bytes()
        path = self.directory / "damaged.png"
        path.write_bytes(content[: len(content) // 2])
        return path

    def listing(self) -> Path:
        """Make a playlist of a clip, as some name their streams."""
        path = self.directory / "stream.m3u"
        path.write_text(f"{self.clip('red')}\n")
        return path

    def truncated(self, seconds: float = 8.0) -> Path:
        """Make a clip of which only the first half has arrived; it begins like a whole one."""
        path = self.directory / "truncated.mkv"
        whole = self.directory / "whole.mkv"
        if not path.exists():
            noise = f"nullsrc=s={WIDTH}x{HEIGHT}:r={RATE},geq=random(1)*255:128:128"
            _make("-f", "lavfi", "-i", noise, "-t", str(seconds), "-preset", "ultrafast", str(whole))
            content = whole.read_bytes()
            path.write_bytes(content[: len(content) // 2])
        return path


def _plain(colour: str) -> str:
    return f"color=c={COLOURS[colour]}:s={WIDTH}x{HEIGHT}:r={RATE}"


def _make(*arguments: str) -> None:
    command = ["nice", "-n", "19", "ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-threads", "1"]
    subprocess.run([*command, *arguments], check=True, timeout=MAKING_MAY_TAKE_S)
