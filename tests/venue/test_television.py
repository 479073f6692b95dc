"""A real kernel's CEC, and what behaves as a television does at the other end: it obeys the box's hands."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.venue.appliance import BUILT
from tests.venue.tv_initrd import NotHereError, make_initrd

pytestmark = pytest.mark.venue

MAY_TAKE_S = 300.0
APPEND = "console=ttyS0 quiet panic=-1 cryptomgr.notests"
QEMU = ("qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max", "-m", "384", "-nic", "none")
ASKED = re.compile(r"ASKED (.+?): (ok|error .+?) ?(pwr-state: [\w-]+)?(?: \(\w+\))?\r?$", re.MULTILINE)


@pytest.fixture(scope="module", name="answers")
def _answers(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, str]]:
    """Give what was asked for, what was answered, and what the television was after it, in order."""
    try:
        initrd = make_initrd(tmp_path_factory.mktemp("television") / "initrd")
    except NotHereError as error:
        pytest.skip(str(error))
    said = boot(initrd)
    assert "TOLD ALL" in said, said
    return ASKED.findall(said)


def boot(initrd: Path) -> str:
    """Start the machine, and give what it says until its end."""
    kernel = ("-kernel", str(BUILT / "vmlinuz"), "-initrd", str(initrd), "-append", APPEND)
    done = subprocess.run(
        [*QEMU, *kernel, "-nographic", "-no-reboot"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=MAY_TAKE_S,
        check=True,
    )
    return done.stdout.decode(errors="replace")


def test_television_obeys(answers: list[tuple[str, str, str]]) -> None:
    """It sleeps when it is told to, and wakes again."""
    assert [(asked, answer) for asked, answer, _ in answers[:2]] == [("cec1 off", "ok"), ("cec1 on", "ok")]
    assert re.fullmatch("pwr-state: (to-)?standby", answers[0][2])
    assert re.fullmatch("pwr-state: (to-)?on", answers[1][2])


def test_what_is_not_there_is_told_in_words(answers: list[tuple[str, str, str]]) -> None:
    """No such plug, a television without power, and a cable with nothing at its end."""
    assert [(asked, answer) for asked, answer, _ in answers[2:]] == [
        ("cec7 on", "error there is no device cec7"),
        ("cec1 off", "error the television at cec1 does not answer"),
        ("cec1 on", "error the television at cec1 does not answer"),
    ]
