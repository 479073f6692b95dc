"""The hub of a venue, as the operator of a story has it."""

from pathlib import Path

import pytest

from tests.venue.faculties.hub import HubSaysOtherwiseError, VenueHub
from tests.venue.faculties.tracks import make_tracks

pytestmark = [pytest.mark.process, pytest.mark.slow]


def test_a_hub_is_set_up_and_knows_after_a_power_cut_what_it_knew(tmp_path: Path) -> None:
    """A program of tones is published; no box has played it yet."""
    tracks = make_tracks(tmp_path / "tracks", count=2, seconds=2.0)
    assert len({track.hz for track in tracks}) == 2
    with VenueHub(tmp_path / "hub") as hub:
        hub.publish(tracks)
        hub.kill()
        assert not hub.process.healthy
        hub.start()
        assert hub.process.healthy
        assert hub.as_run() == []
        assert [venue["id"] for venue in hub.process.ask("venue", "list")] == ["bar-lumiere"]
        hub.box = lambda: {"status": None}  # type: ignore[method-assign]
        with pytest.raises(HubSaysOtherwiseError, match="not within 0 s"):
            hub.until_program(tracks, timeout_s=0.0)
