"""Media made to measure, with ffmpeg."""

import subprocess
from pathlib import Path


def render(path: Path, source: str, *options: str) -> Path:
    """Make a file from a description in ffmpeg's own language of sources and filters."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-nostdin",
        "-y",
        "-f",
        "lavfi",
        "-i",
        source,
        *options,
        f"file:{path}",
    ]
    subprocess.run(command, check=True)
    return path


def tone(seconds: float, *, rate: int = 44_100, layout: str = "stereo") -> str:
    """Describe a tone at about -18 dBFS (-21 in stereo)."""
    return f"sine=440:r={rate}:d={seconds},aformat=channel_layouts={layout}"


def noise_between(lead_s: float, sound_s: float, tail_s: float) -> str:
    """Describe stereo noise with digital silence before and after it."""
    noise = f"anoisesrc=a=0.3:r=44100:d={sound_s}:seed=1,aformat=channel_layouts=stereo"
    return f"{noise},adelay={round(lead_s * 1000)}:all=1,apad=pad_dur={tail_s}"


def sine(frequency: int, peak_dbfs: float, *, seconds: float, phase: str = "0") -> str:
    """Describe a stereo sine at 48 kHz with an exact peak."""
    one = f"{10 ** (peak_dbfs / 20):.9f}*sin(2*PI*{frequency}*t+{phase})"
    return f"aevalsrc={one}|{one}:s=48000:d={seconds}"


def fake_tool(folder: Path, name: str, script: str) -> Path:
    """Put a shell script in the place of one of ffmpeg's tools."""
    folder.mkdir(exist_ok=True)
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    return tool
