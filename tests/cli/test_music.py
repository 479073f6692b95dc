"""What there is to play for a box with little in its settings."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from easyplayer.cli.music import may_show, music, sample
from easyplayer.fallback import gather_all
from easyplayer.settings import Settings

TODAY = date(2026, 11, 22)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give those of a box that nobody has told anything."""
    bare = Settings()
    return msgspec.structs.replace(bare, box=msgspec.structs.replace(bare.box, state=str(tmp_path)))


def test_box_that_nobody_has_told_anything_is_never_closed(settings: Settings) -> None:
    """A new box that is switched on at night plays, so that one hears that it is well."""
    chosen = music(settings, TODAY)
    assert chosen.compose is not None
    assert chosen.compose(()).hours == ()


@pytest.mark.parametrize(
    ("variable", "outputs", "seen"),
    [("DISPLAY", ("auto",), True), ("WAYLAND_DISPLAY", ("auto",), True), ("DISPLAY", ("none",), False)],
)
def test_pictures_are_made_where_there_is_a_desktop(
    variable: str, outputs: tuple[str, ...], seen: bool, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only where they are wanted: a machine without eyes spends nothing on them."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, ":7")
    wanted = msgspec.structs.replace(
        settings, screen=msgspec.structs.replace(settings.screen, outputs=outputs)
    )

    assert may_show(wanted) is seen
    assert len(music(wanted, TODAY).gather) == 3 + seen


@pytest.mark.slow
def test_sample_that_is_written_down_keeps_its_hours(settings: Settings) -> None:
    """The example of a program shows how opening hours are told."""
    home = settings.state / "demo"
    gather_all(home)
    assert sample(home, TODAY, seen=False).hours
