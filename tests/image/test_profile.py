"""Profiles: what an image is made of."""

import shutil
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from easyplayer.appliance.given import understand
from image import profile
from image.bootstrap import sources
from image.build import EXAMPLE
from image.profile import ProfileError, load, names
from tests.systemd.system import SOURCE


@pytest.mark.parametrize("name", names())
def test_each_profile_can_be_read_and_fits_its_own_slot(name: str) -> None:
    """What may be shipped must fit where an update will be put."""
    loaded = load(name)

    assert loaded.name == name
    assert loaded.budget_mib - loaded.boot_mib <= loaded.slot_mib


@pytest.mark.parametrize("name", names())
def test_a_slot_is_as_large_as_the_box_makes_it(name: str) -> None:
    """The profile only says what the box does at its first start."""
    for part in ("20-root-a.conf", "30-root-b.conf"):
        assert f"SizeMaxBytes={load(name).slot_mib}M\n" in (SOURCE / "repart.d" / part).read_text()


@pytest.mark.parametrize("name", names())
def test_nothing_is_named_twice(name: str) -> None:
    """A list that has a word twice has been edited without being read."""
    loaded = load(name)

    for words in (
        loaded.packages,
        loaded.removed,
        loaded.modules_removed,
        loaded.masked,
        loaded.initrd_modules,
    ):
        assert len(words) == len(set(words))


def test_a_profile_adds_to_what_all_have() -> None:
    """The kernel is the board's; the player is everybody's."""
    packages = load("x86-64").packages

    assert "linux-image-amd64" in packages
    assert "libmpv2" in packages


def test_a_profile_takes_away_what_all_have(tmp_path: Path) -> None:
    """A board with another graphics card wants its driver, and all else stays as it is."""
    for name in ("every", "x86-64"):
        shutil.copy(profile.PROFILES / f"{name}.toml", tmp_path)
    board = tmp_path / "x86-64.toml"
    board.write_text('modules_removed = ["-drivers/gpu/drm/amd"]\n' + board.read_text())

    removed, before = load("x86-64", tmp_path).modules_removed, load("x86-64").modules_removed
    assert set(before) - set(removed) == {"drivers/gpu/drm/amd"}
    assert set(removed) < set(before)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('components = ["main", "non-free-firmware"]', "components: main is there already"),
        ('modules_removed = ["-drivers/gpu"]', "modules_removed: drivers/gpu is not there to be taken away"),
    ],
)
def test_a_word_that_changes_nothing_is_a_slip(tmp_path: Path, line: str, told: str) -> None:
    """Whoever wrote it wanted something."""
    for name in ("every", "x86-64"):
        shutil.copy(profile.PROFILES / f"{name}.toml", tmp_path)
    board = tmp_path / "x86-64.toml"
    board.write_text(f"{line}\n" + board.read_text())

    with pytest.raises(ProfileError, match=told):
        load("x86-64", tmp_path)


def test_a_profile_that_is_not_there_is_told_with_those_that_are() -> None:
    """A slip of the pen is mended at once."""
    with pytest.raises(ProfileError, match=r"no profile x86; there are: arm64, x86-64"):
        load("x86")


def test_what_all_share_is_no_profile() -> None:
    """It has no kernel."""
    with pytest.raises(ProfileError, match="no profile every"):
        load("every")


def test_all_faults_of_a_profile_are_told_at_once(tmp_path: Path) -> None:
    """Whoever writes one for a new board does not want to hear of them one by one."""
    (tmp_path / "every.toml").write_text('suite = "trixie"\nlevel = "high"\n')
    (tmp_path / "toaster.toml").write_text("crumbs = true\n")

    with pytest.raises(ProfileError) as told:
        load("toaster", tmp_path)

    assert "kernel is missing" in str(told.value)
    assert "crumbs is unknown" in str(told.value)
    assert "level is str, not int" in str(told.value)


def test_a_profile_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    """As the reader of TOML has it."""
    (tmp_path / "every.toml").write_text("")
    (tmp_path / "toaster.toml").write_text("bread =\n")

    with pytest.raises(ProfileError, match=r"toaster\.toml.*line 1"):
        load("toaster", tmp_path)


def test_packages_come_from_debian_itself() -> None:
    """The builder's own mirrors, and what else it has, do not matter."""
    lines = sources(load("x86-64")).splitlines()

    assert len(lines) == 3
    assert all(" http://deb.debian.org/debian" in line and "signed-by=" in line for line in lines)
    assert any("debian-security trixie-security" in line for line in lines)


def test_the_profiles_lie_where_they_are_looked_for() -> None:
    """Each file there is one of them."""
    assert {path.stem for path in profile.PROFILES.iterdir()} == {*names(), profile.EVERY}


def test_each_line_of_the_technicians_example_counts_once_its_mark_is_taken_away() -> None:
    """Nobody should learn from a wrong example."""
    lines = EXAMPLE.read_text().splitlines()
    meant = "\n".join(line[1:] for line in lines if line.startswith("#") and not line.startswith("# "))

    given = understand({"easyplayer.toml": meant.encode()}, available_timezones)

    assert given.settings.hub.url == "https://hub.example"
    assert given.settings.sound.volume_highest == 80
    assert given.network.hostname == "bar-centrale"
    assert given.notes == ()


def test_the_example_says_nothing_as_it_is() -> None:
    """A box plays without anybody's having looked at it."""
    assert all(not line or line.startswith("#") for line in EXAMPLE.read_text().splitlines())
