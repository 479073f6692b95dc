"""Options come as text, out of a file that people write, by way of circus: all that can be wrong is told."""

import configparser
import os
import re
import signal
import time
import warnings
from pathlib import Path

import pytest
from circus.plugins import _cfg2str, _str2cfg  # how circus brings options to a plugin
from hypothesis import given
from hypothesis import strategies as st

from easyplayer import settings
from easyplayer.circus import patterns
from easyplayer.circus.options import MESSAGE, Options, as_written, mismatch, read, state_directory
from easyplayer.cli import safely
from easyplayer.cli.safely import without_settings
from easyplayer.guard import SafeRules

ROOT = Path(__file__).parents[2]
LONG = "9" * 63 + "x"


def test_nothing_written_is_fine() -> None:
    """Every option has a default that works, and those are the documented ones."""
    options, problems = read({})

    assert problems == ()
    assert options == Options()
    assert (options.loop_rate, options.max_count, options.ip, options.port) == (60, 3, "127.0.0.1", 1664)


def test_numbers_come_as_text() -> None:
    """Each is brought to its type."""
    options, problems = read(
        {
            "loop_rate": " 2.5 ",
            "max_count": "4",
            "port": "7000",
            "watchers_stop_signal": "KILL",
            "watchers_graceful_timeout": "2",
            "state": "/data/box",
            "safe_count": "5",
            "safe_minutes": "0.5",
        }
    )

    assert problems == ()
    assert (options.loop_rate, options.max_count, options.port) == (2.5, 4, 7000)
    assert (options.stop_signal, options.graceful_timeout) == (signal.SIGKILL, 2.0)
    assert options.state == Path("/data/box")
    assert options.safe == SafeRules(count=5, first_s=30.0)


def test_all_that_is_wrong_is_told_at_once_and_the_watchdog_guards_all_the_same() -> None:
    """Each with its name, what is wrong, and the way out; the default is used until then."""
    options, problems = read(
        {
            "loop_rate": "often",
            "max_count": "0",
            "port": "70000",
            "ip": "localhost",
            "msg_regex": "(?P<who>.*)",
            "watchers_regex": "(",
            "watchers_stop_signal": "BANG",
            "max_cuont": "3",
        }
    )

    assert options == Options()
    assert [problem.split(" ")[0].rstrip(":") for problem in sorted(problems)] == [
        "ip",
        "loop_rate",
        "max_count",
        "max_cuont",
        "msg_regex",
        "port",
        "watchers_regex",
        "watchers_stop_signal",
    ]
    assert any("write a number from 0.1 to 3600; until then it is 60" in problem for problem in problems)


def test_what_circus_wants_for_itself_is_no_mistake() -> None:
    """Its own words in the section are let pass."""
    assert read({"priority": "1", "copy_env": "true", "__name__": "plugin:watchdog"})[1] == ()


@given(
    st.dictionaries(st.sampled_from([*Options.__struct_fields__, "safe_count", "x"]), st.text(max_size=30))
)
def test_whatever_is_written_there_are_options(config: dict[str, str]) -> None:
    """Reading never fails."""
    options, _ = read(config)

    assert options.loop_rate >= 0.1
    assert mismatch(options) == "" or "msg_regex" in mismatch(options)


def test_an_empty_option_loses_none_for_its_neighbour() -> None:
    """Circus joins options by three colons, and takes them apart in the wrong place."""
    brought = _str2cfg(_cfg2str({"close_child_stderr": "", "ip": "127.0.0.2", "port": "7000"}))
    assert "ip" not in brought

    options, problems = read(brought)

    assert (options.ip, options.port, problems) == ("127.0.0.2", 7000, ())


class TestBackslashes:
    """What circus loses on the way to a plugin."""

    COMMAND = (
        r"python -c 'main()' --endpoint x --config {} --log-level INFO easyplayer.circus.watchdog.WatchDog"
    )

    def test_lost_ones_come_back(self) -> None:
        """They are found where circusd has put the command line together."""
        command = self.COMMAND.format(r"msg_regex:^(?P<pid>\d+);.*$:::port:7000")

        written = as_written(command, {"msg_regex": "^(?P<pid>d+);.*$", "port": "7000"})

        assert written == {"msg_regex": r"^(?P<pid>\d+);.*$", "port": "7000"}

    def test_doubled_ones_are_left_as_they_have_come(self) -> None:
        """Who knew of the loss has doubled them, and has what was meant."""
        command = self.COMMAND.format(r"watchers_regex:^\\w+$")

        assert as_written(command, {"watchers_regex": r"^\w+$"}) == {"watchers_regex": r"^\w+$"}

    @pytest.mark.parametrize(
        "command", ["", "python", "python --config", "python --config '", r"x --config a\:b"]
    )
    def test_a_command_line_that_is_none_changes_nothing(self, command: str) -> None:
        """Circus may put it together otherwise one day."""
        assert as_written(command, {"port": "7000"}) == {"port": "7000"}

    def test_a_pattern_that_has_lost_them_for_good_is_told(self) -> None:
        """It fits nothing that a box sends, and would have every box killed."""
        assert "write [0-9]" in mismatch(Options(msg_regex="^(?P<pid>d+);.*$"))
        assert mismatch(Options()) == ""


class TestPatterns:
    """A pattern must not take the WatchDog's time, whatever is sent to it."""

    @pytest.mark.parametrize(
        "pattern", ["(a+)+$", "(a|a)*b", "((a*)b?)*", "(?:x{2,})+", "([0-9]+;?)*x", "((a+))+", ".*.*.*.*.*x"]
    )
    def test_one_that_may_explode_is_refused(self, pattern: str) -> None:
        """A repetition around another one, or around a choice, or too many of them."""
        assert "for ever" in patterns.trouble_with(pattern)

    @pytest.mark.parametrize(
        "pattern", [MESSAGE, ".*", "^easyplayer$", r"[(+]+\)+x", "(a+)b+", "^(bar|box)$", "a{3}"]
    )
    def test_an_honest_one_is_taken(self, pattern: str) -> None:
        """Classes and escaped letters are none of it."""
        assert patterns.trouble_with(pattern) == ""

    @given(st.from_regex(r"\A[ab.()|*+?{}2,\[\]\\]{1,12}\Z"))
    def test_one_that_is_taken_is_quick(self, pattern: str) -> None:
        """On the longest datagram that there is."""
        if patterns.trouble_with(pattern):
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
        began = time.perf_counter()
        for text in ("a" * 63 + "!", "ab" * 32, LONG):
            compiled.match(text)
        assert time.perf_counter() - began < 1.0


def test_a_home_of_somebody_who_is_not_there_is_a_directory_like_any_other() -> None:
    """The WatchDog starts all the same."""
    options, problems = read({"state": "~nobody-here/box"})

    assert (options.state, problems) == (Path("~nobody-here/box"), ())


class TestStateDirectory:
    """Where the box keeps what it keeps, as the box itself finds it."""

    @pytest.fixture(name="file", autouse=True)
    def _file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for name in [name for name in os.environ if name.startswith("EASYPLAYER_")]:
            monkeypatch.delenv(name)
        file = tmp_path / "settings.toml"
        file.write_text('[box]\nstate = "/srv/box"\n')
        monkeypatch.setattr(settings, "PLACES", (file,))
        return file

    def test_it_is_that_of_the_settings(self) -> None:
        """Whoever wrote them."""
        assert state_directory() == Path("/srv/box")

    def test_a_file_that_becomes_unreadable_names_it_no_more(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A box that cannot read it looks elsewhere, and the verdict has to be there."""
        file.write_text("[box")
        for named, found in ((None, settings.Settings().state), ("/srv/other", Path("/srv/other"))):
            if named is not None:
                monkeypatch.setenv("EASYPLAYER_BOX__STATE", named)
            assert state_directory() == found == without_settings({}).state

    def test_an_environment_that_is_wrong_elsewhere_leaves_the_file(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both look there."""
        monkeypatch.setenv("EASYPLAYER_SOUND__VOLUME", "loud")

        assert state_directory() == Path("/srv/box") == without_settings({}).state


def test_the_box_speaks_often_enough_for_the_rounds_of_our_own_circus_ini() -> None:
    """And it does so whatever a settings file says."""
    ini = configparser.RawConfigParser(inline_comment_prefixes=None)
    ini.read(ROOT / "circus.ini")
    named = {name.upper(): text for name, text in ini["env:easyplayer"].items()}
    options, problems = read(dict(ini["plugin:watchdog"]))

    assert problems == ()
    every_s = float(named["EASYPLAYER_WATCHDOG__EVERY_S"])
    assert 2 * every_s <= options.loop_rate
    assert (named["EASYPLAYER_WATCHDOG__HOST"], int(named["EASYPLAYER_WATCHDOG__PORT"])) == (
        options.ip,
        options.port,
    )
    assert {f"{settings.PREFIX}WATCHDOG__{key}" for key in safely.NEEDED["watchdog"]} == set(named)
    assert re.match(options.wanted_regex, "easyplayer")
