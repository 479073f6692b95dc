"""KVM is used where it was seen to boot the kernel, and nowhere else."""

from pathlib import Path

import pytest

from tests.venue.machine import probe
from tests.venue.machine.accelerator import SETTING

pytestmark = pytest.mark.slow


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a kernel that boots nowhere."""
    monkeypatch.delenv(SETTING, raising=False)
    path = tmp_path / "vmlinuz"
    path.write_bytes(b"no kernel" * 1000)
    return path


def test_the_environment_decides(kernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without trying anything; a wish that is not known is told."""
    monkeypatch.setenv(SETTING, "kvm")
    assert probe.choose(kernel, cache=tmp_path).name == "kvm"
    monkeypatch.setenv(SETTING, "tcg")
    assert probe.choose(kernel, cache=tmp_path).name == "tcg"
    monkeypatch.setenv(SETTING, "xen")
    with pytest.raises(ValueError, match="EASYPLAYER_VENUE_ACCEL=xen is not known: give tcg or kvm"):
        probe.choose(kernel, cache=tmp_path)


def test_without_a_device_there_is_no_kvm(kernel: Path, tmp_path: Path) -> None:
    """The reason is told."""
    chosen = probe.choose(kernel, cache=tmp_path, device=tmp_path / "kvm")

    assert (chosen.name, chosen.why) == ("tcg", f"{tmp_path / 'kvm'} is not there, or not for this user")


def test_without_a_kernel_nothing_is_tried(kernel: Path, tmp_path: Path) -> None:
    """Then TCG it is: it works everywhere."""
    assert probe.choose(None, cache=tmp_path, device=kernel).name == "tcg"


def test_a_kernel_that_kvm_does_not_boot(
    kernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was really tried; the verdict has the reason, and is kept."""
    first = probe.choose(kernel, cache=tmp_path, device=kernel)
    assert first.name == "tcg"
    assert "KVM does not boot vmlinuz: the machine did not start" in first.why

    monkeypatch.setattr(probe, "_try", lambda *_: pytest.fail("it is tried again"))
    assert probe.choose(kernel, cache=tmp_path, device=kernel) == first


def test_a_kernel_that_kvm_boots(kernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then KVM it is; another kernel is another verdict."""
    tried: list[Path] = []

    def try_it(kernel: Path, *_: object) -> str:
        tried.append(kernel)
        return ""

    monkeypatch.setattr(probe, "_try", try_it)

    assert probe.choose(kernel, cache=tmp_path, device=kernel).factor == 1
    kernel.write_bytes(b"another one")
    assert probe.choose(kernel, cache=tmp_path, device=kernel).name == "kvm"
    assert len(tried) == 2
