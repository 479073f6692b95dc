"""Images and clips made to measure, with ffmpeg; and some that are made to hurt."""

import struct
import subprocess
import zlib
from pathlib import Path

from tests.analysis.media import render, tone

QUICK = ("-preset", "ultrafast")
RATE = 25


def moving(seconds: float = 1.0, size: str = "320x180", rate: float = RATE) -> str:
    """Describe a test picture that moves."""
    return f"testsrc2=s={size}:r={rate}:d={seconds}"


def clip(path: Path, *options: str, source: str = "", sound_s: float = 0.0) -> Path:
    """Make a clip; by itself one of H.264, in a file of the kind that its name says."""
    sound = ("-f", "lavfi", "-i", tone(sound_s)) if sound_s else ()
    coding = options or ("-c:v", "libx264", *QUICK, "-pix_fmt", "yuv420p")
    return render(path, source or moving(), *sound, *coding)


def image(path: Path, *options: str, size: str = "320x180") -> Path:
    """Make an image of the kind that its name says."""
    return render(path, moving(size=size), "-frames:v", "1", *options)


def copied(path: Path, source: Path, *options: str) -> Path:
    """Write a file anew, its picture and its sound as they are."""
    command = ["ffmpeg", "-v", "error", "-i", str(source), "-c", "copy", *options, str(path)]
    subprocess.run(command, check=True)
    return path


def turned(path: Path, source: Path, orientation: int) -> Path:
    """Have a JPEG say how it was held, after EXIF 2.3: 3 upside down, 6 and 8 on its side."""
    entry = struct.pack("<HHIHH", 0x112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + entry + struct.pack("<I", 0)
    content = source.read_bytes()
    path.write_bytes(content[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + content[2:])
    return path


def png_of(width: int, height: int) -> bytes:
    """Make a black PNG of any size: a few hundred kilobytes that are gigabytes once they are decoded."""
    packer = zlib.compressobj(9)
    row = bytes(width // 8 + 1)
    rows = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check
