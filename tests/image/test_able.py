"""A machine on which no image can be built is told what it lacks."""

import os
from pathlib import Path

import pytest

from image import able
from image.able import TOOLS, main, obstacle


def test_tools_that_are_missing_are_told_by_their_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that they can be installed."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("image.able.TOOLS", {**TOOLS, "no-such-tool": "its-package"})

    assert "its-package" in obstacle()
    assert main() == 1
    assert "none can be built here: install" in capsys.readouterr().err


def test_nobody_but_root_can_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a system belong to root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert obstacle() == "it takes root, or sudo"


@pytest.fixture
def root_with_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be somebody who has all that is called, and has fetched nothing yet."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(able, "TOOLS", {})
    monkeypatch.setattr(able, "MOUNTS", ("true",))
    monkeypatch.setattr(able, "CACHE", tmp_path)


@pytest.mark.usefixtures("root_with_tools")
def test_where_nothing_may_be_mounted_none_can_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """A root is set up inside itself, with its own /proc."""
    monkeypatch.setattr(able, "MOUNTS", ("false",))

    assert obstacle().startswith("nothing may be mounted here")


@pytest.mark.usefixtures("root_with_tools")
def test_packages_that_are_out_of_reach_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address that did not answer; who has them already needs none."""
    monkeypatch.setattr(able, "MIRROR", "http://127.0.0.1:9")

    assert "Debian's packages are out of reach: http://127.0.0.1:9/debian/dists/" in obstacle()

    monkeypatch.setattr(able, "kept", lambda *_: True)
    assert obstacle() == ""
