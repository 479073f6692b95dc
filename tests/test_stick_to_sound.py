"""From a stick to the program that is played: Porter, Storage and DownloadManager together."""

from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.device_events import stick_plugged
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.porter import Porter
from easyplayer.storage_events import program_offered
from tests.fakes.hub_media import content, digest_of, program_of
from tests.fakes.stick import BOX, stick_with
from tests.fakes.work import HeldWorker
from tests.test_download import Yard
from tests.test_porter import a_post

ONE, TWO = program_of("one", "a", "b"), program_of("two", "b", "c")


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    """Give a box whose hub is away, with all parts that a stick needs."""
    made = Yard(tmp_path / "state")
    worker = HeldWorker(made.root.fire)
    made.surround(worker.pump)
    made.hub.away = True
    made.open(Porter(a_post(made.store, tmp_path / "state", made.clock, made.wall.now), worker))
    made.begin()
    return made


def test_box_whose_hub_is_away_for_ever_plays_from_a_stick(yard: Yard, tmp_path: Path) -> None:
    """And the next program from the next one."""
    yard.fire(stick_plugged(stick_with(tmp_path / "first", ONE).stick))
    assert yard.taken == [("one", "ab")]
    yard.fire(stick_plugged(stick_with(tmp_path / "second", TWO, 2).stick))
    assert yard.taken[1:] == [("two", "bc")]
    assert [head.revision for (head,) in yard.told("storage_switched")] == [1, 2]


def test_stick_that_lacks_a_medium_leaves_it_to_the_hub(yard: Yard, tmp_path: Path) -> None:
    """The switch waits until it has come, for another program plays."""
    yard.fire(stick_plugged(stick_with(tmp_path / "first", ONE).stick))
    stick = stick_with(tmp_path / "second", TWO, 2)
    stick.medium("c").unlink()
    yard.fire(stick_plugged(stick.stick))
    assert len(yard.taken) == 1

    yard.hub.away = False
    yard.hub.upload("c")
    yard.run_for(600, step_s=5)
    assert yard.taken[1:] == [("two", "bc")]


def test_stick_brings_what_the_hub_has_offered_before(yard: Yard, tmp_path: Path) -> None:
    """Nothing of it is fetched once more when the hub is there again."""
    stick = stick_with(tmp_path / "first", ONE, 3)
    head = stick.put_program(ONE, 3)
    yard.fire(program_offered(head))
    yard.fire(stick_plugged(stick.stick))
    yard.hub.away = False
    yard.run_for(600, step_s=5)
    assert yard.taken == [("one", "ab")]
    assert yard.hub.asked == []


def test_medium_that_the_network_brings_at_that_moment_is_left_to_it(yard: Yard, tmp_path: Path) -> None:
    """Two that write one file would spoil it."""
    digest = digest_of(content("a"))
    with MediaLibrary(tmp_path / "state/media").draft(digest, 40):
        yard.fire(stick_plugged(stick_with(tmp_path / "first", ONE).stick))
        assert yard.last("bundle_taken").args[1] == (
            "program one, version 1; 1 medium, 1 MB; 1 medium on the way over the network"
        )
    assert yard.store.media.size_of(digest) is None


def test_stick_is_newer_than_what_the_hub_has_offered_before(yard: Yard, tmp_path: Path) -> None:
    """The older one, which could not be fetched then, does not come in its place when the hub is back."""
    yard.fire(program_offered(structs.replace(yard.hub.publish(ONE, 2), box=BOX)))
    yard.fire(stick_plugged(stick_with(tmp_path / "stick", TWO, 3).stick))
    yard.hub.away = False
    yard.run_for(600, step_s=5)
    assert yard.taken == [("two", "bc")]
