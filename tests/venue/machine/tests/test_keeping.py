"""A prepared state is made once, and kept for all who want the same."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.venue.machine import LaunchError, Machine, Saved, tiny
from tests.venue.machine.keeping import cache_folder, kept, qemu_version

pytestmark = pytest.mark.slow


class Preparing:
    """Brings a tiny machine up, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, machine: Machine) -> None:
        machine.console.wait("tiny: up", 5)
        self.times += 1


def fail(machine: Machine) -> None:
    """Prepare nothing, and fail."""
    raise ZeroDivisionError(machine.spec.name)


def test_it_is_made_once(tmp_path: Path) -> None:
    """The second one who wants it gets the first one's, and it works."""
    prepare, spec, cache = Preparing(), tiny.spec(tmp_path), tmp_path / "cache"

    kept("up", spec, prepare, cache=cache)
    saved = kept("up", spec, prepare, cache=cache)

    assert prepare.times == 1
    with Machine(spec) as machine:
        machine.restore(saved)
        machine.console.send("r")
        machine.console.wait("counter 0000", 2)


def test_where_sound_goes_makes_no_difference(tmp_path: Path) -> None:
    """Only what the guest sees does: another image is another state, and takes the place of the old one."""
    prepare, spec, cache = Preparing(), tiny.spec(tmp_path, sound=tmp_path / "a.wav"), tmp_path / "cache"
    first = kept("up", spec, prepare, cache=cache)

    same = kept("up", replace(spec, sound=tmp_path / "b.wav", rtc="2031-01-01"), prepare, cache=cache)
    tiny.disk(spec.disks[0].path)
    new = kept("up", spec, prepare, cache=cache)

    assert (same, prepare.times) == (first, 2)
    assert new != first
    assert not first.is_whole


def test_hardware_and_name_make_a_difference(tmp_path: Path) -> None:
    """They are kept beside each other."""
    prepare, spec, cache = Preparing(), tiny.spec(tmp_path), tmp_path / "cache"

    states = {
        kept("up", spec, prepare, cache=cache).folder,
        kept("up", replace(spec, memory_mib=32), prepare, cache=cache).folder,
        kept("high", spec, prepare, cache=cache).folder,
    }

    assert len(states) == 3
    assert all(Saved(folder).is_whole for folder in states)


def test_who_comes_meanwhile_waits(tmp_path: Path) -> None:
    """Two who want it at once get the same one, made once."""
    prepare, spec, cache = Preparing(), tiny.spec(tmp_path), tmp_path / "cache"
    got: list[Saved] = []
    threads = [
        threading.Thread(target=lambda: got.append(kept("up", spec, prepare, cache=cache))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert prepare.times == 1
    assert got[0] == got[1]


def test_one_that_fails_is_not_kept(tmp_path: Path) -> None:
    """What was half made is made anew the next time; its logs can be read until then."""
    prepare, spec, cache = Preparing(), tiny.spec(tmp_path), tmp_path / "cache"

    with pytest.raises(ZeroDivisionError):
        kept("up", spec, fail, cache=cache)
    assert list(cache.glob("up-*/boot/qemu.log"))
    kept("up", spec, prepare, cache=cache)

    assert prepare.times == 1


def test_the_folder_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the environment, or below the current folder."""
    monkeypatch.setenv("EASYPLAYER_VENUE_CACHE", "/x/y")
    assert cache_folder() == Path("/x/y")
    monkeypatch.delenv("EASYPLAYER_VENUE_CACHE")
    assert cache_folder() == Path("build/venue").absolute()


def test_no_qemu_is_told() -> None:
    """What is not there has no version."""
    assert "QEMU" in qemu_version("qemu-system-x86_64")
    with pytest.raises(LaunchError, match="qemu-system-none"):
        qemu_version("qemu-system-none")
