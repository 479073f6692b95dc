"""Whether a graphics card can be had, and who has it; no machine for tests has one."""

import fcntl
from pathlib import Path

import pytest

from easyplayer.drivers.graphics_card import holders, why_not


@pytest.fixture(name="cards")
def _cards(tmp_path: Path) -> Path:
    (tmp_path / "card0").touch()
    return tmp_path


def opened() -> int:
    """Tell how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def answer(monkeypatch: pytest.MonkeyPatch, error: OSError | None) -> None:
    """Have the kernel answer, whoever asks for a card."""

    def ioctl(_descriptor: int, request: int) -> int:
        assert request == 0x641E
        if error is not None:
            raise error
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)


def test_card_that_nobody_has_can_be_had(cards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is let go of again."""
    answer(monkeypatch, None)
    before = opened()

    assert why_not("card0", cards) == ""
    assert opened() == before


def test_card_that_somebody_has_is_told_with_his_name(cards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as it can be seen."""
    answer(monkeypatch, PermissionError(13, "Permission denied"))
    process = cards / "proc/4711"
    (process / "fd").mkdir(parents=True)
    (process / "fd/9").symlink_to(cards / "card0")
    (process / "comm").write_text("Xorg\n")

    assert why_not("card0", cards, cards / "proc") == f"Xorg (4711) has {cards}/card0"
    assert why_not("card0", cards, cards / "nothing") == f"somebody else has {cards}/card0"


def test_card_that_is_not_there_is_told(cards: Path) -> None:
    """In the system's words."""
    assert why_not("card7", cards) == f"{cards}/card7 cannot be used (No such file or directory)"


def test_what_is_no_card_is_told(cards: Path) -> None:
    """By the real kernel."""
    assert why_not("card0", cards) == f"{cards}/card0 is no graphics card"


def test_holders_are_found_among_the_processes_that_run(tmp_path: Path) -> None:
    """The one that asks is none."""
    file = tmp_path / "file"
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        assert holders(file) == ()
