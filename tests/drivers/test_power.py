"""The machine is told by systemd, where there is one; and who starts the box anew is found out."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from easyplayer.drivers.power import Deed, SystemdPower, guardian, run
from easyplayer.errors import EasyplayerError


class Systemctl:
    """Notes what it is told, and answers."""

    def __init__(self, code: int = 0, words: str = "") -> None:
        self.told: list[Sequence[str]] = []
        self._answer = code, words

    def __call__(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        self.told.append(command)
        code, words = self._answer
        return subprocess.CompletedProcess(command, code, "", words)


def test_systemd_is_told_without_asking_a_person(tmp_path: Path) -> None:
    """There is none at the box."""
    systemctl = Systemctl()
    SystemdPower(systemctl, tmp_path).do(Deed.POWER_OFF)

    assert systemctl.told == [("systemctl", "--no-ask-password", "poweroff")]


def test_its_refusal_is_told_in_its_words(tmp_path: Path) -> None:
    """With the way out."""
    systemctl = Systemctl(1, "Interactive authentication required.\n")

    with pytest.raises(EasyplayerError, match=r"Interactive authentication required.*allow it"):
        SystemdPower(systemctl, tmp_path).do(Deed.REBOOT)


def test_one_that_hangs_is_an_error(tmp_path: Path) -> None:
    """And no exception that nobody knows."""

    def hang(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired(list(command), 30)

    with pytest.raises(EasyplayerError, match="does not answer"):
        SystemdPower(hang, tmp_path).do(Deed.REBOOT)


def test_a_machine_without_systemd_cannot_be_told(tmp_path: Path) -> None:
    """A container, or another kind of Linux."""
    assert "systemd" in SystemdPower(Systemctl(), tmp_path / "missing").why_not()


def test_a_machine_without_its_command_cannot_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for where commands are."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert SystemdPower(Systemctl(), tmp_path).why_not() == "systemctl is missing"

    (tmp_path / "systemctl").touch(mode=0o755)
    assert SystemdPower(Systemctl(), tmp_path).why_not() == ""


def test_commands_are_run_to_their_end() -> None:
    """With what they say, and how they end."""
    answer = run(("sh", "-c", "echo no >&2; exit 3"))

    assert (answer.returncode, answer.stderr) == (3, "no\n")


@pytest.mark.parametrize(
    ("comm", "cmdline", "name"),
    [
        ("circusd", "/venv/bin/python\0/venv/bin/circusd\0circus.ini\0", "circusd"),
        ("python3", "python3\0/opt/bin/circusd\0", "circusd"),
        ("systemd", "/sbin/init\0", "systemd"),
        ("bash", "-bash\0", ""),
        ("make", "make\0run\0", ""),
    ],
)
def test_the_parent_is_who_starts_the_box_anew(tmp_path: Path, comm: str, cmdline: str, name: str) -> None:
    """Circus by its script, systemd by its name; a shell does not."""
    process = tmp_path / "42"
    process.mkdir()
    (process / "comm").write_text(f"{comm}\n")
    (process / "cmdline").write_bytes(cmdline.encode())

    assert guardian(tmp_path, lambda: 42) == name


def test_a_container_starts_its_first_process_anew(tmp_path: Path) -> None:
    """Or whoever runs it has chosen otherwise."""
    assert guardian(tmp_path, lambda: 0) == "the container"


def test_a_parent_that_is_gone_starts_nothing(tmp_path: Path) -> None:
    """It is no error."""
    assert guardian(tmp_path, lambda: 42) == ""


def test_the_tests_have_a_parent_that_can_be_read() -> None:
    """The real files have the form that is read."""
    assert guardian() in {"", "circusd", "systemd", "the container"}
