"""A machine's life: switched on, ended softly and hard, and told about when it does not start."""

import os
import shutil
import signal
import stat
from pathlib import Path

import pytest

from tests.venue.machine import (
    CommandError,
    Ending,
    GoneError,
    LaunchError,
    Machine,
    NotRunningError,
    SpecError,
    State,
    WaitTimeoutError,
    tcg,
    tiny,
)

pytestmark = pytest.mark.slow


def test_it_is_not_running_before_it_is_launched(machine: Machine) -> None:
    """Before the first launch there is no process, no exit code, no command line, and no log."""
    assert not machine.is_running
    assert machine.state is State.NEW
    assert machine.exit_code is None
    assert (machine.command_line, machine.log) == ("", "")


def test_it_runs_and_ends(running: Machine) -> None:
    """After the launch it runs; the power button has the guest shut down; then it has ended, with code 0."""
    assert (running.is_running, running.exit_code) == (True, None)
    assert running.command_line.startswith("qemu-system-x86_64 -name tiny")

    assert running.shutdown(10) is Ending.POWERED_DOWN
    assert (running.is_running, running.exit_code) == (False, 0)
    assert "tiny: up" in running.console.text


@pytest.mark.parametrize("way", ["QEMU", "guest"])
def test_a_crash_is_no_shutdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """That it is over before it had to be killed says nothing of how."""
    with Machine(tiny.spec(tmp_path, reboots=False)) as machine:
        machine.launch()
        machine.console.wait("tiny: up", 5)

        def crash(command: str) -> bool:
            assert command == "system_powerdown"
            if way == "QEMU":
                os.kill(machine.pid, signal.SIGKILL)
            else:
                machine.console.send("t")
            return True

        monkeypatch.setattr(machine._emulator, "_tell", crash)

        assert machine.shutdown(10) is Ending.CRASHED


def test_a_guest_that_hangs_is_ended_all_the_same(running: Machine) -> None:
    """It does not hear the power button, and QEMU is told to quit."""
    running.console.send("h")
    running.console.wait("hanging", 2)

    assert running.shutdown(0.1) is Ending.QUIT
    assert running.exit_code == 0


def test_a_qemu_that_hangs_is_killed(running: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not answer, nor heed SIGTERM, is killed: nothing is left behind."""
    monkeypatch.setattr("tests.venue.machine.emulator.ENDS_WITHIN_S", 0.3)
    pid = running.pid
    os.kill(pid, signal.SIGSTOP)

    assert running.shutdown(0.01) is Ending.KILLED
    assert running.exit_code == -signal.SIGKILL
    assert not Path(f"/proc/{pid}").exists()


def test_the_disk_is_as_it_was_left(running: Machine) -> None:
    """After the power was cut it is launched again, and finds what it had written; the image is as it was."""
    running.console.send("w")
    running.console.wait("written 0001", 2)
    running.cut_power()
    assert (running.state, running.exit_code) == (State.ENDED, -signal.SIGKILL)

    running.launch()
    running.console.wait("tiny: up", 5)
    running.console.send("r")

    running.console.wait("counter 0001", 2)
    assert running.spec.disks[0].path.read_bytes()[512:514] == b"\0\0"


def test_the_reset_button(running: Machine) -> None:
    """It starts anew, without QEMU ending."""
    pid, mark = running.pid, running.console.mark()

    running.reset()

    running.wait_event("RESET", {"guest": False}, timeout_s=5)
    running.console.wait("tiny: up", 5, since=mark)
    assert running.pid == pid


def test_a_guest_that_switches_itself_off(running: Machine) -> None:
    """That it has ended is noticed, with its exit code; and it can be launched again."""
    running.console.send("o")

    assert running.wait_end(5) == 0
    assert running.state is State.ENDED
    assert running.wait_event("SHUTDOWN", timeout_s=1)["data"]["reason"] == "guest-shutdown"
    running.launch()
    assert running.is_running


def test_a_triple_fault_resets_or_ends(tmp_path: Path) -> None:
    """Where the spec says that the guest does not reboot, it ends instead."""
    with Machine(tiny.spec(tmp_path, reboots=False)) as machine:
        machine.launch()
        machine.console.wait("tiny: up", 5)
        machine.console.send("t")

        machine.wait_end(5)
        assert machine.wait_event("SHUTDOWN", {"guest": True}, timeout_s=1)


def test_it_is_not_launched_twice(running: Machine) -> None:
    """The guard tells what it is for, and where the machine is."""
    with pytest.raises(NotRunningError) as caught:
        running.launch()

    assert str(caught.value) == "launch() is for a machine that was never launched or has ended; tiny runs"
    assert running.is_running


def test_it_is_not_used_before_the_launch(machine: Machine) -> None:
    """Nothing that needs a machine works without one, and says so."""
    for use in (
        machine.reset,
        machine.cut_power,
        lambda: machine.command("stop"),
        lambda: machine.qmp("stop"),
    ):
        with pytest.raises(NotRunningError, match="is for a machine that runs; tiny was never launched"):
            use()
    with pytest.raises(NotRunningError, match="there is no process yet"):
        assert machine.pid
    with pytest.raises(NotRunningError, match="wait_end"):
        machine.wait_end()
    with pytest.raises(NotRunningError, match="nothing can be typed at the console"):
        machine.console.send("x")
    assert machine.shutdown() is Ending.WAS_OVER


def test_it_is_not_used_after_its_end(running: Machine) -> None:
    """Then the message tells how it has ended; its log and its console can still be read."""
    running.cut_power()

    with pytest.raises(NotRunningError, match="tiny has ended: it was ended by SIGKILL"):
        running.reset()
    running.close()
    with pytest.raises(NotRunningError, match="tiny is closed"):
        running.launch()
    assert "tiny: up" in running.console.text


def test_a_wrong_option_is_told_with_all_that_is_known(tmp_path: Path) -> None:
    """The message has the exit code, the whole command line, and what QEMU said."""
    with Machine(tiny.spec(tmp_path, extra=("-device", "no-such-thing")), folder=tmp_path / "m") as machine:
        with pytest.raises(LaunchError) as caught:
            machine.launch()

        error = caught.value
        assert error.exit_code == 1
        assert str(error).startswith(
            "the machine did not start: it ended with exit code 1\n  command line: qemu-"
        )
        assert "-device no-such-thing" in error.command_line == machine.command_line
        assert "'no-such-thing' is not a valid device model name" in error.output
        assert error.output in machine.log
        assert not machine.is_running


def test_a_missing_qemu_is_told(tmp_path: Path) -> None:
    """The way out is in the message."""
    with Machine(tiny.spec(tmp_path, binary="qemu-system-none")) as machine:
        with pytest.raises(LaunchError, match="there is no qemu-system-none; install it") as caught:
            machine.launch()
        assert caught.value.exit_code is None
        assert caught.value.command_line.startswith("qemu-system-none -name tiny")


def test_a_qemu_that_is_killed_at_its_start_is_told_by_the_signal(tmp_path: Path) -> None:
    """A negative exit code is a signal, and is told by its name."""
    binary = script(tmp_path, "echo dying >&2; kill -SEGV $$")
    with Machine(tiny.spec(tmp_path, binary=binary)) as machine:
        with pytest.raises(LaunchError, match="it was ended by SIGSEGV") as caught:
            machine.launch()
        assert caught.value.exit_code == -signal.SIGSEGV
        assert caught.value.output == "dying\n"


def test_a_qemu_that_does_not_greet_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for without end, and it is ended."""
    monkeypatch.setattr("tests.venue.machine.emulator.GREETS_WITHIN_S", 0.02)
    with Machine(tiny.spec(tmp_path, binary=script(tmp_path, "exec sleep 60"))) as machine:
        with pytest.raises(LaunchError, match="QEMU did not greet within 0 s"):
            machine.launch()
        assert machine.exit_code == -signal.SIGKILL


def test_what_cannot_be_built_is_not_launched(tmp_path: Path) -> None:
    """The spec is looked at first; it can be mended and launched then."""
    with Machine(tiny.spec(tmp_path, cpus=0)) as machine:
        with pytest.raises(SpecError, match="cpus: 0 cannot be"):
            machine.launch()
        assert machine.state is State.NEW


def test_a_qemu_that_dies_is_noticed(running: Machine, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever waits learns how it has ended; that a signal ended it is logged."""
    os.kill(running.pid, signal.SIGABRT)

    with pytest.raises(GoneError) as caught:
        running.console.wait("never", 60)

    assert "waiting for 'never' on the console: it was ended by SIGABRT" in str(caught.value)
    assert caught.value.exit_code == -signal.SIGABRT
    assert not running.is_running
    assert "QEMU of tiny: it was ended by SIGABRT" in caplog.text


def test_an_end_that_does_not_come_is_told(running: Machine) -> None:
    """With the limit, and what happened instead."""
    with pytest.raises(WaitTimeoutError, match=r"the end of tiny did not come within 0\.1 s"):
        running.wait_end(0.01)


def test_logs_are_kept_when_a_test_fails(tmp_path: Path) -> None:
    """A temporary folder is gone after a success, and stays after an error."""
    with Machine(tiny.spec(tmp_path)) as machine:
        fine = machine.folder
    assert not fine.exists()

    with pytest.raises(CommandError), Machine(tiny.spec(tmp_path)) as failing:
        fail(failing)
    assert (failing.folder / "control.log").read_text().count("no-such-command")
    shutil.rmtree(failing.folder)


def test_a_time_limit_is_for_a_fast_machine(tmp_path: Path) -> None:
    """It is multiplied with the accelerator's factor."""
    assert tcg("why").factor > 1
    with Machine(tiny.spec(tmp_path), accelerator=tcg("it works everywhere")) as machine:
        machine.launch()
        with pytest.raises(WaitTimeoutError) as caught:
            machine.wait_event("NEVER", timeout_s=0.01)
    assert caught.value.waited_s == pytest.approx(0.01 * machine.accelerator.factor)


def fail(machine: Machine) -> None:
    """Do something that a machine refuses."""
    machine.launch()
    machine.command("no-such-command")


def script(folder: Path, text: str) -> str:
    """:return: the path of a program that stands in for QEMU."""
    path = folder / "not-qemu"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)
