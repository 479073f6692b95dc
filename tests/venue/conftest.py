"""What each story begins with: a box that was never switched on, and a venue that bears the story's name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.venue.appliance import IMAGE, IMAGE_FILE, appliance, make_disk
from tests.venue.faculties.hub import VenueHub
from tests.venue.machine import Spec
from tests.venue.machine.keeping import cache_folder, only_one
from tests.venue.venue import Fittings, Venue

OpenVenue = Callable[..., Venue]
"""Makes the venue of a story, of the machine's hardware and what else is there."""

DISK = "box.img"


@pytest.fixture(scope="session")
def box() -> Spec:
    """Give the hardware of a box that was never switched on, and whose technician has named the hub.

    Its disk lies where it lay the last time, as long as the image is the same: so its saved states hold.
    """
    disk = cache_folder() / DISK
    disk.parent.mkdir(parents=True, exist_ok=True)
    with only_one(disk.with_suffix(".lock")):
        if not _is_newer(disk, IMAGE / IMAGE_FILE):
            new = disk.with_suffix(".new")
            make_disk(new, VenueHub.TECHNICIANS_FILE)
            new.replace(disk)
    return appliance(disk)


@pytest.fixture
def open_venue(request: pytest.FixtureRequest, tmp_path: Path) -> OpenVenue:
    """Give what makes the venue of this story; its report bears the test's name."""
    words = request.node.name.removeprefix("test_").replace("[", "_").replace("]", "").split("_")

    def opened(spec: Spec, fittings: Fittings | None = None) -> Venue:
        return Venue("-".join(words), " ".join(words).capitalize(), spec, tmp_path / "venue", fittings)

    return opened


def _is_newer(disk: Path, image: Path) -> bool:
    return disk.exists() and image.exists() and disk.stat().st_mtime > image.stat().st_mtime
