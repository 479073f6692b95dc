"""What boxes have sent goes once nobody needs it: when it is old, and when its box is gone."""

from pathlib import Path

import pytest

from easyplayer.errors import UnavailableError
from easyplayer.hub.db.schema import commands, discarded
from easyplayer.hub.hub import Hub
from easyplayer.hub.media_store import MediaStore
from easyplayer.hub.services import analysing, boxes, command_desk, discarding
from easyplayer.hub.services.analysing import Analyser
from easyplayer.hub.services.command_desk import attachment_key
from easyplayer.hub.services.discarding import ATTACHED_FOR_S, report_keys
from easyplayer.protocol.commands import CommandResult, Outcome
from easyplayer.units import Instant
from tests.hub.conftest import HeldClock
from tests.hub.contents import BOX, add_box, add_venue

OTHER = "f" * 16


@pytest.fixture(name="bar")
def _bar(hub: Hub) -> Hub:
    """Give a hub with two boxes."""
    add_venue(hub)
    add_box(hub)
    add_box(hub, OTHER)
    return hub


def lay(hub: Hub, folder: Path, key: str) -> None:
    """Put something into the media store."""
    file = folder / "content"
    file.write_bytes(b"content")
    hub.media.put(key, file)


def attached(hub: Hub, folder: Path, name: str, media_type: str, box: str = BOX) -> str:
    """Have a box answer a command, with something beside the result; names the command."""
    now = hub.now()
    with hub.database.write() as connection:
        said = {"by": "anna", "now": now, "expires": Instant(now + 60.0), "chance": hub.chance}
        (row,) = command_desk.give(connection, [box], name, {}, **said)
        command_desk.keep_attachment(connection, box, row.id, "d" * 64, media_type)
        result = CommandResult(command=row.id, outcome=Outcome.DONE)
        command_desk.take_results(connection, box, [result], now)
    lay(hub, folder, attachment_key(row.id))
    return str(row.id)


def is_there(hub: Hub, *keys: str) -> list[bool]:
    """Tell which contents the media store has."""
    return [hub.media.size(key) is not None for key in keys]


def test_what_came_with_a_result_goes_when_it_is_old(bar: Hub, tmp_path: Path, clock: HeldClock) -> None:
    """The result itself stays."""
    old = attached(bar, tmp_path, "listen", "audio/wav")
    clock.pass_s(ATTACHED_FOR_S)
    new = attached(bar, tmp_path, "listen", "audio/wav")
    clock.pass_s(1.0)

    discarding.sweep(bar)

    assert is_there(bar, attachment_key(old), attachment_key(new)) == [False, True]
    with bar.database.read() as connection:
        row = command_desk.one(connection, old)
        assert (row.state, row.attachment, row.attachment_type) == ("done", "", "")
        assert command_desk.one(connection, new).attachment


def test_the_last_picture_of_each_box_stays(bar: Hub, tmp_path: Path, clock: HeldClock) -> None:
    """However old: it is what there is to see of a box that is silent."""
    first = attached(bar, tmp_path, "screenshot", "image/png")
    last = attached(bar, tmp_path, "screenshot", "image/jpeg")
    others = attached(bar, tmp_path, "screenshot", "image/png", box=OTHER)
    no_picture = attached(bar, tmp_path, "screenshot", "text/plain")
    clock.pass_s(ATTACHED_FOR_S + 1.0)

    discarding.sweep(bar)

    keys = [attachment_key(name) for name in (first, last, others, no_picture)]
    assert is_there(bar, *keys) == [False, True, True, False]
    with bar.database.read() as connection:
        picture = command_desk.last_picture(connection, BOX)
        assert picture is not None
        assert picture.id == last


def test_all_that_a_box_has_sent_goes_with_it(bar: Hub, tmp_path: Path) -> None:
    """Recordings and logs are nobody's once it is unpaired; those of other boxes stay."""
    mine = attachment_key(attached(bar, tmp_path, "listen", "audio/wav"))
    others = attachment_key(attached(bar, tmp_path, "listen", "audio/wav", box=OTHER))
    for key in (*report_keys(BOX), *report_keys(OTHER)):
        lay(bar, tmp_path, key)
    with bar.database.write() as connection:
        boxes.unpair(connection, BOX)

    discarding.sweep(bar)

    assert is_there(bar, mine, *report_keys(BOX)) == [False, False, False]
    assert is_there(bar, others, *report_keys(OTHER)) == [True, True, True]
    with bar.database.read() as connection:
        assert connection.execute(discarded.select()).all() == []


def test_a_report_of_a_box_that_was_paired_anew_stays(bar: Hub, tmp_path: Path) -> None:
    """Although the one before it, of the same name, was to go."""
    for key in report_keys(BOX):
        lay(bar, tmp_path, key)
    with bar.database.write() as connection:
        boxes.unpair(connection, BOX)
    with bar.database.write() as connection:
        discarding.keep(connection, report_keys(BOX))
    discarding.sweep(bar)
    assert is_there(bar, *report_keys(BOX)) == [True, True]


def test_a_store_that_is_away_is_asked_again(
    bar: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is forgotten meanwhile."""
    key = attachment_key(attached(bar, tmp_path, "listen", "audio/wav"))
    with bar.database.write() as connection:
        boxes.unpair(connection, BOX)

    def fail(_store: MediaStore, _key: str) -> None:
        raise UnavailableError("the store is away", 1.0)

    with monkeypatch.context() as away:
        away.setattr(MediaStore, "delete", fail)
        discarding.sweep(bar)
    assert "stays for now: the store is away" in caplog.text
    assert is_there(bar, key) == [True]
    discarding.sweep(bar)
    assert is_there(bar, key) == [False]


def test_it_goes_by_itself(bar: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Now and then, while the hub runs."""
    key = attachment_key(attached(bar, tmp_path, "listen", "audio/wav"))
    with bar.database.write() as connection:
        boxes.unpair(connection, BOX)
        assert connection.execute(commands.select().where(commands.c.box == BOX)).first() is None
    monkeypatch.setattr(analysing, "SWEEP_EVERY_S", 0.0)
    Analyser(bar)._sweep_now_and_then()
    assert is_there(bar, key) == [False]
