"""The WatchDog's options: text from ``circus.ini``, read all at once, each with a default that works.

An option that cannot be used is told, and its default is used: a watchdog that does not start guards nobody.
"""

import ipaddress
import os
import re
import shlex
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from easyplayer import settings
from easyplayer.circus.patterns import SAMPLE, trouble_with
from easyplayer.errors import SettingsError
from easyplayer.guard import SafeRules
from easyplayer.units import Seconds

Value = TypeVar("Value")

MESSAGE = "^(?P<pid>[0-9]+);(?P<timestamp>[0-9.]+)$"
ALL, NONE = ".*", "^$"
OF_CIRCUS = {
    "__name__",
    "active",
    "name",
    "use",
    "priority",
    "copy_env",
    "copy_path",
    "singleton",
    "stdout_stream",
}
OF_CIRCUS |= {"stderr_stream", "close_child_stdout", "close_child_stderr", "cmd", "working_dir", "max_retry"}
"""What circus itself wants of a plugin's section."""
DAY_S = 86_400.0


class Options(Struct, frozen=True, kw_only=True):
    """What the WatchDog goes by.

    :ivar watchers_regex: which watchers' processes are guarded.
    :ivar wanted_regex: which of them are to run even where circusd could never start one.
    :ivar msg_regex: what a datagram looks like; its group ``pid`` is the process that is well.
    :ivar ip: where to listen, with ``port``; datagrams from other machines do not count.
    :ivar loop_rate: seconds from one round to the next.
    :ivar max_count: so many rounds in a row a process may be silent.
    :ivar start_count: so many may pass until its first word.
    :ivar stop_signal: what it is killed with; ``None`` leaves that to its watcher.
    :ivar graceful_timeout: seconds until SIGKILL follows; ``None`` leaves that to its watcher.
    :ivar state: the box's state directory; ``None`` where nobody has said.
    :ivar safe: when safe mode comes, and for how long.
    """

    watchers_regex: str = ALL
    wanted_regex: str = NONE
    msg_regex: str = MESSAGE
    ip: str = "127.0.0.1"
    port: int = 1664
    loop_rate: float = 60.0
    max_count: int = 3
    start_count: int = 6
    stop_signal: int | None = None
    graceful_timeout: float | None = None
    state: Path | None = None
    safe: SafeRules = SafeRules()


class Reading:
    """Reads one option after the other, and keeps what is wrong with them.

    :ivar problems: each names the option, what is wrong with it, and the way out.
    """

    def __init__(self, config: Mapping[str, object]) -> None:
        self._config = {name: str(value).strip() for name, value in with_the_swallowed(config).items()}
        self._asked: set[str] = set()
        self.problems: list[str] = []

    def read(self, name: str, default: Value, make: Callable[[str], Value], wanted: str) -> Value:
        """Give an option, or its default where it is missing, empty or cannot be used."""
        self._asked.add(name)
        text = self._config.get(name, "")
        if not text:
            return default
        try:
            return make(text)
        except (ValueError, ArithmeticError) as error:
            self.problems.append(f"{name} = {text}: {error}; write {wanted}; until then it is {default}")
            return default

    def number(self, name: str, default: float, lowest: float, highest: float) -> float:
        """Give a number."""
        wanted = f"a number from {lowest:g} to {highest:g}"
        return self.read(name, default, lambda text: _within(float(text), lowest, highest), wanted)

    def count(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Give a whole number."""
        wanted = f"a whole number from {lowest} to {highest}"
        return self.read(name, default, lambda text: _within(int(text), lowest, highest), wanted)

    def pattern(self, name: str, default: str, groups: tuple[str, ...] = ()) -> str:
        """Give a regular expression."""
        return self.read(name, default, lambda text: _pattern(text, groups), "another one")

    def look_at_the_rest(self) -> None:
        """Tell what is there and nobody has asked for."""
        for name in sorted(self._config.keys() - self._asked - OF_CIRCUS):
            known = ", ".join(sorted(self._asked))
            self.problems.append(f"{name}: there is no such option; there are {known}")


def read(config: Mapping[str, object]) -> tuple[Options, tuple[str, ...]]:
    """Read the options; give them, and what is wrong with what was written."""
    reading = Reading(config)
    usual, safe = Options(), SafeRules()
    options = Options(
        watchers_regex=reading.pattern("watchers_regex", usual.watchers_regex),
        wanted_regex=reading.pattern("wanted_regex", usual.wanted_regex),
        msg_regex=reading.pattern("msg_regex", usual.msg_regex, ("pid",)),
        ip=reading.read("ip", usual.ip, lambda text: str(ipaddress.IPv4Address(text)), "127.0.0.1"),
        port=reading.count("port", usual.port, 1, 65535),
        loop_rate=reading.number("loop_rate", usual.loop_rate, 0.1, 3600),
        max_count=reading.count("max_count", usual.max_count, 1, 1000),
        start_count=reading.count("start_count", usual.start_count, 1, 1000),
        stop_signal=reading.read("watchers_stop_signal", None, signal_number, "a name such as TERM, or 9"),
        graceful_timeout=reading.read(
            "watchers_graceful_timeout",
            None,
            lambda text: _within(float(text), 0, 600),
            "a number from 0 to 600",
        ),
        state=reading.read("state", None, _directory, "a directory"),
        safe=SafeRules(
            count=reading.count("safe_count", safe.count, 2, 1000),
            window_s=Seconds(60 * reading.number("safe_window_minutes", safe.window_s / 60, 0.01, 1440)),
            first_s=Seconds(60 * reading.number("safe_minutes", safe.first_s / 60, 0.01, 1440)),
            longest_s=Seconds(60 * reading.number("safe_longest_minutes", safe.longest_s / 60, 0.01, 1440)),
        ),
    )
    reading.look_at_the_rest()
    return options, tuple(reading.problems)


def as_written(command: str, config: Mapping[str, object]) -> dict[str, object]:
    r"""Give options their backslashes back, which circus loses on their way to a plugin.

    :param command: the command line of the plugin, as circusd has put it together.

    >>> as_written("python --config 'x'", {"watchers_regex": "^d+$"})
    {'watchers_regex': '^d+$'}
    >>> as_written("python --config port:1:::watchers_regex:^\\d+$ plugin", {"watchers_regex": "^d+$"})
    {'watchers_regex': '^\\d+$'}
    """
    written = dict(config)
    _, mark, rest = command.partition(" --config ")
    for part in rest.split(":::") if mark else ():
        name, _, text = part.partition(":")
        text = text.partition(" ")[0]
        given = str(config.get(name.strip(), ""))
        if "\\" in text and "\\" not in given and _unquoted(text) == given:
            written[name.strip()] = text
    return written


def with_the_swallowed(config: Mapping[str, object]) -> dict[str, object]:
    """Give back the option whose name circus has lost, because the one before it is empty.

    >>> with_the_swallowed({"": "ip:127.0.0.1", "port": "1664"})
    {'ip': '127.0.0.1', 'port': '1664'}
    """
    name, mark, text = str(config.get("", "")).partition(":")
    rest = {name: value for name, value in config.items() if name}
    return {name: text, **rest} if mark else rest


def mismatch(options: Options) -> str:
    """Tell whether the pattern for datagrams does not fit what the box sends; empty where it does."""
    if re.compile(options.msg_regex, re.ASCII).match(SAMPLE):
        return ""
    return (
        f"msg_regex = {options.msg_regex}: it does not fit {SAMPLE}, which is what the box sends; "
        f"write [0-9] for a digit, without a backslash or a space; until then it is {MESSAGE}"
    )


def state_directory() -> Path:
    """Find the box's state directory, by its settings as they are at this instant.

    Where they cannot be used it is what the file and the environment say of it alone, and where the file
    cannot, what the environment says: so does the box, or the two would not mean the same one.
    """
    name = f"{settings.PREFIX}BOX__STATE"
    named = {name: os.environ[name]} if name in os.environ else {}
    for environment in (os.environ, named):
        with suppress(SettingsError):
            return _directory(settings.load(environment=environment).box.state)
    return _directory(named.get(name, settings.Settings().box.state))


def signal_number(text: str) -> int:
    """Give the number of a signal.

    >>> signal_number("9"), signal_number("TERM"), signal_number("sigint")
    (9, 15, 2)
    """
    if text.isdecimal():
        return int(signal.Signals(int(text)))
    name = text.upper()
    try:
        return int(signal.Signals[name if name.startswith("SIG") else f"SIG{name}"])
    except KeyError as error:
        message = "there is no such signal"
        raise ValueError(message) from error


def _directory(text: str) -> Path:
    """Give a directory; one at the home of a user who is not there is taken as it is written."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - that of pathlib raises what nobody expects


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text))
    except ValueError:
        return ""


Number = TypeVar("Number", int, float)


def _within(value: Number, lowest: float, highest: float) -> Number:
    if not lowest <= value <= highest:
        message = "it is too small or too large"
        raise ValueError(message)
    return value


def _pattern(text: str, groups: tuple[str, ...]) -> str:
    trouble = trouble_with(text, groups)
    if trouble:
        raise ValueError(trouble)
    return text
