"""Copies of pictures, through the end of the hub that makes them: as a service, or by a pulled plug."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.analysis.pictures import clip, moving
from tests.hub.hub_process import HubProcess

pytestmark = [pytest.mark.slow, pytest.mark.process]
TRANSCODES = {"EASYPLAYER_HUB_TRANSCODE": "when-needed"}
MOST_S = 60.0
SOON_S = 10.0
TRACKS = "/api/v1/tracks"


def until(found: Callable[[], Any], most_s: float = MOST_S) -> Any:
    """Look again and again, until there is something."""
    deadline = time.monotonic() + most_s
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.1)
    pytest.fail("it does not come")


def upload(hub: HubProcess, film: Path) -> str:
    """Upload a film that boxes cannot show; gives its track, of which a copy is being made."""
    token = (hub.state / "admin.token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    made = httpx2.post(f"{hub.url}{TRACKS}?file_name=film.mp4", content=film.read_bytes(), headers=headers)
    track = str(made.json()["id"])
    until(lambda: hub.get(f"{TRACKS}/{track}").json().get("progress"))
    return track


def copying(state: Path) -> list[int]:
    """Give the processes that write copies of a hub."""
    found = subprocess.run(
        ["pgrep", "-f", f"{state}/incoming/copy-"], capture_output=True, text=True, check=False
    )
    return [int(line) for line in found.stdout.split()]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_copy_is_made_by_the_next_start(tmp_path: Path, end: signal.Signals) -> None:
    """What was stopped is taken up at once, and so is what was killed.  No ffmpeg is left, and no file."""
    film = clip(tmp_path / "film.mp4", source=moving(120, "320x180", 120))
    state = tmp_path / "hub"
    with HubProcess(state, "--port", "0", env=TRANSCODES) as hub:
        track = upload(hub, film)
        assert hub.get(f"{TRACKS}/{track}").json()["state"] == "converting"
        assert copying(state)
        hub.end(end)
    until(lambda: not copying(state), SOON_S)

    with HubProcess(state, "--port", "0", env=TRANSCODES) as again:
        until(lambda: again.get(f"{TRACKS}/{track}").json().get("progress"), SOON_S)
        until(lambda: again.get(f"{TRACKS}/{track}").json()["state"] == "ready", 2 * MOST_S)
        told = again.get(f"{TRACKS}/{track}").json()
        assert (told["reason"], told["progress"]) == ("", None)
        assert again.get(f"{TRACKS}/{track}/copy").content[4:8] == b"ftyp"
        assert not list((state / "incoming").glob("copy-*"))
