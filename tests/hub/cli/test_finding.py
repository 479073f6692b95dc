"""Which hub the commands ask: the command line first, then the environment, then what is written down."""

import argparse
from pathlib import Path

import pytest

from easyplayer.errors import SettingsError
from easyplayer.hub.cli import finding
from easyplayer.hub.cli.finding import Where, add_options, config_file, find, local, remember, remembered
from easyplayer.hub.state_directory import ADMIN_TOKEN, PLACE

HERE = Where(url="https://hub.example", token="secret", known_from="login")


def typed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


@pytest.fixture(name="environment")
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give an environment without any hub in it; this machine has none either."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def hub_in(directory: Path, url: str = "http://127.0.0.1:8080", token: str = "local") -> Path:
    """Write down what a hub does when it starts."""
    directory.mkdir(parents=True)
    (directory / PLACE).write_text(f'{{"url": "{url}"}}')
    (directory / ADMIN_TOKEN).write_text(f"{token}\n")
    return directory


def test_the_command_line_wins(environment: dict[str, str]) -> None:
    """Over whatever else there is; a slash at the end is none of the URL."""
    environment |= {finding.URL: "http://env", finding.TOKEN: "env"}
    remember(HERE, config_file(environment))
    found = find(typed("--url", "http://line/", "--token", "t"), environment)
    assert found == Where(url="http://line", token="t", known_from="--url")


def test_the_environment_is_next(environment: dict[str, str]) -> None:
    """As a script in a container has it."""
    environment |= {finding.URL: "http://env", finding.TOKEN: "env"}
    remember(HERE, config_file(environment))
    assert find(typed(), environment) == Where(url="http://env", token="env", known_from=finding.URL)


def test_what_login_wrote_is_next(environment: dict[str, str], tmp_path: Path) -> None:
    """It goes before a hub of this machine."""
    hub_in(tmp_path / "home/.local/state/easyplayer-hub")
    file = config_file(environment)
    remember(HERE, file)
    assert find(typed(), environment) == Where(url=HERE.url, token=HERE.token, known_from=str(file))


def test_the_hub_of_this_machine_needs_no_name(environment: dict[str, str], tmp_path: Path) -> None:
    """Its token lies beside it."""
    home = hub_in(tmp_path / "home/.local/state/easyplayer-hub")
    found = find(typed(), environment)
    assert found == Where(url="http://127.0.0.1:8080", token="local", known_from=str(home))


def test_a_state_directory_can_be_named(environment: dict[str, str], tmp_path: Path) -> None:
    """Whatever login wrote, and whatever the environment says; its own token is sent, and no other."""
    remember(HERE, config_file(environment))
    environment |= {finding.URL: "http://env", finding.TOKEN: "env"}
    home = hub_in(tmp_path / "other", "http://127.0.0.1:4711/")
    found = find(typed("--state", str(home)), environment)
    assert (found.url, found.token) == ("http://127.0.0.1:4711", "local")


def test_a_url_alone_is_completed_by_the_token_that_is_known_for_it(environment: dict[str, str]) -> None:
    """And by no other hub's."""
    remember(HERE, config_file(environment))
    assert find(typed("--url", f"{HERE.url}/"), environment).token == "secret"
    assert find(typed("--url", "https://elsewhere.example"), environment).token == ""


def test_the_token_of_the_environment_is_for_the_hub_of_the_environment(environment: dict[str, str]) -> None:
    """Another hub that the command line names does not get to know it; alone it is for whichever is named."""
    environment |= {finding.URL: "http://env", finding.TOKEN: "env"}
    assert find(typed("--url", "http://env/"), environment).token == "env"
    assert find(typed("--url", "http://elsewhere.example"), environment).token == ""
    del environment[finding.URL]
    assert find(typed("--url", "http://elsewhere.example"), environment).token == "env"


def test_no_hub_is_told_with_the_ways_out(environment: dict[str, str]) -> None:
    """All three of them."""
    with pytest.raises(SettingsError, match=r"no hub is known: .*--url.*login.*serve"):
        find(typed(), environment)


def test_a_state_directory_without_a_hub_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """It is not passed over for another hub."""
    remember(HERE, config_file(environment))
    with pytest.raises(SettingsError, match="no hub has been started there"):
        find(typed("--state", str(tmp_path)), environment)


def test_only_the_owner_can_read_what_login_wrote(environment: dict[str, str]) -> None:
    """Also where a file that everyone could read was there before."""
    file = config_file(environment)
    file.parent.mkdir(parents=True)
    file.write_text("")
    file.chmod(0o644)
    remember(HERE, file)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["url = ", 'url = "http://x"', "\0"])
def test_a_file_that_cannot_be_read_is_told(environment: dict[str, str], text: str) -> None:
    """It names the file and the way out."""
    file = config_file(environment)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"hub-cli\.toml: cannot be read .* log in anew"):
        remembered(file)


@pytest.mark.parametrize("token", ['quo"te', "back\\slash", "é"])
def test_what_was_written_is_read_as_it_was(environment: dict[str, str], token: str) -> None:
    """Whatever is in it."""
    file = config_file(environment)
    remember(Where(url="http://x", token=token, known_from=""), file)
    assert remembered(file) == Where(url="http://x", token=token, known_from=str(file))


def test_a_hub_that_wrote_rubbish_is_told(tmp_path: Path) -> None:
    """Its file is named."""
    (tmp_path / PLACE).write_text("[]")
    with pytest.raises(SettingsError, match=r"hub\.json: cannot be read"):
        local(tmp_path)
