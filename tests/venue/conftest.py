"""What each story begins with: a box that was never switched on, and a venue that bears the story's name.

As many stories run at once as this host has room for machines: ``pytest tests/venue -m venue -n auto``.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from image.able import obstacle
from tests.venue.appliance import (
    ARM,
    ARM_FIRMWARE,
    CPUS,
    IMAGE,
    IMAGE_FILE,
    MEMORY_MIB,
    NoImageError,
    appliance,
    arm_board,
    kept_disk,
    make_disk,
)
from tests.venue.faculties.hub import VenueHub
from tests.venue.machine import Accelerator, Spec
from tests.venue.machine.fitting import how_many_fit
from tests.venue.machine.keeping import cache_folder
from tests.venue.machine.probe import choose
from tests.venue.report import INDEX_FILE
from tests.venue.venue import REPORTS, Fittings, Venue

OpenVenue = Callable[..., Venue]
"""Makes the venue of a story, of the machine's hardware and what else is there."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Say how many stories run at once, where only stories run; else leave it to xdist.

    A translated processor needs all of one of this host's, or its music stutters.
    """
    if not _only_stories(config):
        return None
    machine = Spec(name="box", memory_mib=MEMORY_MIB, cpus=CPUS)
    processors = len(os.sched_getaffinity(0))
    is_real = _has_qemu() and _accelerator(IMAGE).name == "kvm"
    return how_many_fit(machine, cpus=processors if is_real else processors // machine.cpus)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the reports are, if there are any."""
    index = REPORTS / INDEX_FILE
    if index.exists() and _only_stories(terminalreporter.config):
        terminalreporter.write_line(f"what was heard: {index}")


@pytest.fixture(scope="session")
def image() -> Path:
    """Give the folder of the image, as it is built for a PC.

    Where there is none, and this machine cannot build one, a story is skipped; where it could, it fails.
    """
    if not _has_qemu():
        pytest.skip(f"there is no {Spec().binary}: install qemu-system-x86")
    if not (IMAGE / IMAGE_FILE).exists():
        if why := obstacle():
            pytest.skip(f"there is no image, and none can be built here: {why}")
        raise NoImageError(IMAGE)
    return IMAGE


@pytest.fixture(scope="session")
def accelerator(image: Path) -> Accelerator:
    """Give what runs the machines: KVM where that boots the image's kernel, or else QEMU's translator."""
    return _accelerator(image)


@pytest.fixture(scope="session")
def box(image: Path) -> Spec:
    """Give the hardware of a box that was never switched on, and whose technician has named the hub.

    Its disk lies where it lay the last time, as long as the image is the same: so its saved states hold.
    """
    disk = kept_disk(cache_folder(), VenueHub.TECHNICIANS_FILE, image)
    return appliance(disk)


@pytest.fixture(scope="session")
def box_with_screen(box: Spec) -> Spec:
    """Give the same with a graphics card and a display.

    A translated processor draws each pixel by itself, and has little left for music then.
    """
    return replace(box, screen=True)


@pytest.fixture
def board(tmp_path: Path) -> Spec:
    """Give the hardware of a board with ARM's processor, never switched on either.

    Its image takes long to build elsewhere than on such a board, so that only who asks for one has it.
    """
    if not (ARM / IMAGE_FILE).exists():
        pytest.skip("there is no image for ARM's processors: build it by make image PROFILE=arm64")
    described = arm_board(make_disk(tmp_path / "board.img", VenueHub.TECHNICIANS_FILE, image=ARM))
    if not shutil.which(described.binary) or not ARM_FIRMWARE.exists():
        pytest.skip("there is no such board for virtual machines: install qemu-system-arm qemu-efi-aarch64")
    return described


@pytest.fixture
def open_venue(request: pytest.FixtureRequest, tmp_path: Path, accelerator: Accelerator) -> OpenVenue:
    """Give what makes the venue of this story; its report bears the test's name."""
    words, _, variant = request.node.name.removeprefix("test_").rstrip("]").partition("[")
    name = "-".join(filter(None, (*words.split("_"), variant)))
    sentence = words.replace("_", " ").capitalize() + (f" ({variant})" if variant else "")

    def opened(spec: Spec, fittings: Fittings | None = None, runs_by: Accelerator = accelerator) -> Venue:
        return Venue(name, sentence, spec, tmp_path / "venue", fittings, accelerator=runs_by)

    return opened


def _only_stories(config: pytest.Config) -> bool:
    return str(config.option.markexpr).startswith("venue")


def _has_qemu() -> bool:
    return shutil.which(Spec().binary) is not None


def _accelerator(image: Path) -> Accelerator:
    kernel = image / "vmlinuz"
    return choose(kernel if kernel.exists() else None)
