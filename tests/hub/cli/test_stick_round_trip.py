"""A stick goes from the hub to a box without network, and back: where both halves meet."""

from pathlib import Path
from typing import Any

from easyplayer.hub.hub import Hub
from tests.fakes.stick import FolderStick, Owner
from tests.hub.boxes import ABox
from tests.hub.cli.operator import Operator
from tests.hub.cli.test_sticks import DIGESTS, SONGS, _box, play
from tests.test_porter import Dock
from tests.test_stick_report import play as play_songs

__all__ = ["_box"]


def at_venue(hub: Hub, box: ABox, state: Path) -> Dock:
    """Give the box at the venue."""
    return Dock(state, owner=Owner(box=box.id, seed=box.seed, hub_keys=hub.keys.public))


def bundle(boss: Operator, top: Path) -> FolderStick:
    """Have the operator make a stick that collects, or bring it up to date."""
    stick = FolderStick(top)
    assert boss.types(f"program bundle --to {top} --venue bar --collect") == 0
    return stick


def stored(boss: Operator, stick: FolderStick) -> list[int]:
    """Have the operator take in what lies on the stick; give how many entries were new, report by report."""
    return [one["taken"]["stored"] for one in boss.asks(f"log import {stick.top}")]


def test_box_without_network_plays_what_is_published_and_the_hub_hears_what_was_played(
    hub: Hub, box: ABox, boss: Operator, admin: Any, tmp_path: Path
) -> None:
    """Twice, so that the box learns what the hub has, and sends no entry in vain."""
    dock = at_venue(hub, box, tmp_path / "state")
    play_songs(dock.as_run, 3)
    stick = bundle(boss, tmp_path / "stick")
    dock.plug(stick)
    assert dock.answers[0].startswith("taken: program Bar, version 1; 6 media")
    assert {*dock.store.media.digests()} == {*DIGESTS.values()}
    assert stored(boss, stick) == [3]

    play(admin, [*SONGS][:2])
    play_songs(dock.as_run, 5)
    stick = bundle(boss, tmp_path / "stick")
    dock.plug(stick)
    assert dock.answers[1].startswith("taken: program Bar, version 2; all its media were here")
    (receipt,) = dock.last("log_received").args
    assert receipt.acknowledged == 3
    assert stored(boss, stick) == [0, 2]
    dock.as_run.close()
