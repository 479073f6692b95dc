"""A machine on which no image can be built is told what it lacks."""

import os

import pytest

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
