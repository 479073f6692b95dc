"""A picture of an X display, for players that cannot take one of themselves."""

import os
import subprocess
from pathlib import Path

MAY_TAKE_S = 10.0
NOT_HERE = "the player cannot take a screenshot of this output"
QUALITY = "5"


def grab_display(path: Path) -> str:
    """Write what an X display shows to a file, by ffmpeg; takes a moment.

    :param path: PNG or JPEG, by its name.
    :return: the trouble in words; empty where there is none.
    """
    display = os.environ.get("DISPLAY", "")
    if not display:
        return NOT_HERE
    command = ["nice", "ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-f", "x11grab", "-draw_mouse", "0"]
    try:
        done = subprocess.run(
            [*command, "-i", display, "-frames:v", "1", "-q:v", QUALITY, "-update", "1", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=MAY_TAKE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"ffmpeg could not take a screenshot ({error})"
    words = done.stderr.decode(errors="replace").strip().splitlines()
    return (
        "" if done.returncode == 0 else f"ffmpeg could not take a screenshot ({words[-1] if words else '?'})"
    )
