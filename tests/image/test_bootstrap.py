"""Debian's packages: fetched once, and kept until there are others."""

from pathlib import Path

import pytest

from image import bootstrap
from image.bootstrap import kept, packages_root
from image.profile import load
from image.shell import BuildError

X86 = load("x86-64")


class Bootstrap:
    """Programs that a root directory is fetched and unpacked with; the network may be away.

    :ivar fetched: how often packages were fetched.
    :ivar is_away: whether the network is.
    """

    def __init__(self) -> None:
        self.fetched = 0
        self.is_away = False

    def run(self, *words: object, **_: object) -> str:
        """Do what a program would."""
        if words[0] == "mmdebstrap":
            if self.is_away:
                message = "mmdebstrap failed"
                raise BuildError(message)
            self.fetched += 1
            (unfinished,) = (word for word in words if isinstance(word, Path) and word.suffix == ".tar")
            unfinished.write_text(str(self.fetched))
        return ""


@pytest.fixture(name="debian")
def _debian(monkeypatch: pytest.MonkeyPatch) -> Bootstrap:
    debian = Bootstrap()
    monkeypatch.setattr(bootstrap, "run", debian.run)
    monkeypatch.setattr(bootstrap, "KEYRING", __file__)
    return debian


def test_packages_are_kept_for_the_next_build(debian: Bootstrap, tmp_path: Path) -> None:
    """They are half of its time."""
    for _ in range(2):
        packages_root(X86, tmp_path / "cache", tmp_path / "root")

    assert debian.fetched == 1


def test_packages_are_there_until_newer_ones_are(debian: Bootstrap, tmp_path: Path) -> None:
    """A network that is away while they are fetched anew costs nothing; once it is back the old ones go."""
    cache = tmp_path / "cache"
    packages_root(X86, cache, tmp_path / "root")
    (archive,) = cache.iterdir()
    older = cache / "root-x86-64-000000000000.tar"
    older.touch()
    debian.is_away = True
    with pytest.raises(BuildError):
        packages_root(X86, cache, tmp_path / "root", fresh=True)

    assert kept(X86, cache)
    assert older.exists()
    debian.is_away = False
    packages_root(X86, cache, tmp_path / "root", fresh=True)
    assert list(cache.iterdir()) == [archive]
    assert archive.read_text() == "2"
