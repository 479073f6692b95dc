"""Which of several files counts: that on a stick before all, then what is new, then what was in force.

What cannot be used never takes the place of what can: the last good one stays in force, and errors are told.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from easyplayer.appliance.given import Given, digest
from easyplayer.appliance.setup_report import BOOT, STICK, SetupReport
from easyplayer.errors import SettingsError

Files = Mapping[str, bytes]
"""Name and content of what lies together."""

NO_STICKS = "a stick's easyplayer.toml was left alone: [devices] sticks is false"


class Good(Struct, frozen=True, kw_only=True):
    """What was in force last.

    :ivar source: where it came from.
    """

    source: str
    files: dict[str, bytes]


class Memory(Struct, frozen=True, kw_only=True):
    """What a box remembers of what it was given; it is kept on its data partition.

    :ivar good: what was in force last; ``None`` where nothing ever was.
    :ivar boot: names what lay on the boot partition when that was looked at last.
    :ivar report: what became of that.
    """

    good: Good | None = None
    boot: str = ""
    report: SetupReport = SetupReport()


class Succession(Struct, frozen=True, kw_only=True):
    """What is to be in force.

    :ivar given: what it says; ``None`` where that is nothing, or cannot be understood any more.
    :ivar memory: what the box is to remember from now on.
    :ivar report: what is to be told now, which for a bad stick is not remembered.
    """

    given: Given | None
    memory: Memory
    report: SetupReport


def succeed(memory: Memory, boot: Files, stick: Files, understand: Callable[[Files], Given]) -> Succession:
    """Tell what is to be in force.

    :param boot: what lies on the boot partition; empty where nothing does, or it cannot be read.
    :param stick: what lies on a stick; empty where there is none.
    :param understand: understands files, or raises :class:`easyplayer.errors.SettingsError`.
    """
    now = _in_force(memory, understand)
    seen = digest(boot)
    if seen and seen != memory.boot:
        if memory.good is None and _says_nothing(boot):
            now = Succession(given=None, memory=memory, report=SetupReport())
        else:
            now = _after(now, BOOT, boot, understand)
        now = Succession(
            given=now.given,
            memory=Memory(good=now.memory.good, boot=seen, report=now.report),
            report=now.report,
        )
    mark = digest(stick)
    if mark and (now.memory.good is None or mark != digest(now.memory.good.files)):
        return _from_stick(now, stick, understand)
    return now


def _says_nothing(files: Files) -> bool:
    """Tell whether there are only remarks, as in the example that the image brings: nobody has given that."""
    lines = (line.strip() for data in files.values() for line in data.splitlines())
    return all(not line or line.startswith(b"#") for line in lines)


def _in_force(memory: Memory, understand: Callable[[Files], Given]) -> Succession:
    """Go on with what was in force, where it can still be understood: a newer firmware may know better."""
    if memory.good is None:
        return Succession(given=None, memory=memory, report=memory.report)
    try:
        return Succession(given=understand(memory.good.files), memory=memory, report=memory.report)
    except SettingsError as error:
        report = SetupReport(source=memory.good.source, problems=tuple(error.problems))
        return Succession(given=None, memory=memory, report=report)


def _after(now: Succession, source: str, files: Files, understand: Callable[[Files], Given]) -> Succession:
    """Put new files in force, if they can be understood."""
    try:
        given = understand(files)
    except SettingsError as error:
        report = SetupReport(source=now.report.source, problems=tuple(error.problems))
        return Succession(given=now.given, memory=now.memory, report=report)
    report = SetupReport(source=source, notes=given.notes)
    good = Good(source=source, files=dict(files))
    return Succession(
        given=given, memory=Memory(good=good, boot=now.memory.boot, report=report), report=report
    )


def _from_stick(now: Succession, stick: Files, understand: Callable[[Files], Given]) -> Succession:
    if now.given is not None and not now.given.settings.devices.sticks:
        report = SetupReport(
            source=now.report.source, problems=now.report.problems, notes=(*now.report.notes, NO_STICKS)
        )
        return Succession(given=now.given, memory=now.memory, report=report)
    return _after(now, STICK, stick, understand)
