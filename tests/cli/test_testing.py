"""``easyplayer test``: whether box and hub fit together, told by a real talk with a real server."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time

import pytest

from easyplayer.cli import testing
from easyplayer.cli.testing import DOES_NOT_FIT, Finding, Verdict
from easyplayer.errors import ForbiddenError
from easyplayer.main import main
from easyplayer.protocol.commands import Name
from easyplayer.protocol.pairing import Hello
from easyplayer.protocol.versions import Versions
from easyplayer.units import Instant
from tests.fakes.certificates import Authority
from tests.fakes.hub_link import FakeHub
from tests.fakes.hub_server import HubServer
from tests.strangers import EVIL, TAMED, steering

KEY = "0" * 64


@pytest.fixture(name="server")
def _server() -> Iterator[HubServer]:
    """Serve a hub."""
    with HubServer(FakeHub(time)) as server:
        yield server


@pytest.fixture(name="state")
def _state(tmp_path: Path) -> Path:
    """Give the state directory of a box, and settings that say nothing."""
    (tmp_path / "settings.toml").touch()
    return tmp_path / "state"


def told(
    hub: str, state: Path, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Finding]]:
    """Run the command; give its exit code, and what it has found by what that is about."""
    settings = str(state.parent / "settings.toml")
    code = main(["test", "--hub", hub, "--state", str(state), "--settings", settings, "--json", *more])
    found = [Finding(**one) for one in json.loads(capsys.readouterr().out)]
    return code, {finding.about: finding for finding in found}


def test_a_box_that_is_claimed_fits(
    server: HubServer, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One thing after the other; all but the encryption is as it should be."""
    server.hub.claimed = True
    code, found = told(server.url, state, capsys)

    assert code == 0
    assert list(found) == [
        "name", "network", "encryption", "versions", "clock", "key", "pairing", "session", "commands",
    ]  # fmt: skip
    assert [finding.about for finding in found.values() if finding.verdict == Verdict.DOUBTFUL] == [
        "encryption"
    ]
    assert all(str(one) in found["commands"].what for one in Name if one is not Name.UNKNOWN)


def test_one_that_nobody_has_claimed_shows_its_code(
    server: HubServer, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next time it is the same box."""
    code, found = told(server.url, state, capsys)
    _, again = told(server.url, state, capsys)

    assert (code, found["pairing"].verdict) == (DOES_NOT_FIT, Verdict.DOES_NOT)
    assert "type " in found["pairing"].what
    assert found["pairing"] == again["pairing"]
    assert "session" not in found


def test_what_the_box_keeps_is_left_as_it_is(
    server: HubServer, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be running; only a key is made where there is none."""
    server.hub.claimed = True
    told(server.url, state, capsys)
    assert [path.name for path in state.iterdir()] == ["box.key"]


def test_people_read_lines_and_a_verdict(
    server: HubServer, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict stands last."""
    server.hub.claimed = True
    arguments = ["--hub", server.url, "--state", str(state)]
    main(["test", *arguments, "--settings", str(state.parent / "settings.toml")])
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("name       fits          localhost is 127.0.0.1")
    assert lines[-1] == "box and hub fit together"


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_what_a_hub_says_does_nothing_to_the_terminal(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    """Anybody may answer in its place."""
    findings = [Finding("hub", Verdict.DOES_NOT, EVIL)]
    monkeypatch.setattr(testing, "examine", lambda _wanted: findings)
    settings = str(state.parent / "settings.toml")
    assert main(["test", "--state", str(state), "--settings", settings, *more]) == 1
    told = capsys.readouterr().out
    assert steering(told) == ""
    assert TAMED in told or [Finding(**one) for one in json.loads(told)] == findings


def test_a_box_without_a_hub_is_told_what_to_set(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nobody to talk to."""
    settings = str(state.parent / "settings.toml")
    assert main(["test", "--state", str(state), "--settings", settings]) == DOES_NOT_FIT
    assert "set [hub] url" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("hub", "about"), [("http://hub.invalid", "name"), ("http://127.0.0.1:1", "network")]
)
def test_a_hub_that_is_not_there_is_told_by_what_is_missing(
    hub: str, about: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name, or a way to it."""
    code, found = told(hub, state, capsys)
    assert code == DOES_NOT_FIT
    assert found[about].verdict == Verdict.DOES_NOT
    assert found["hub"].verdict == Verdict.DOES_NOT


def test_a_certificate_that_cannot_be_trusted_is_told(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that can be."""
    authority, now = Authority(tmp_path), datetime.now(UTC)
    context = authority.context(now - timedelta(days=1), now + timedelta(days=1))
    hub = FakeHub(time)
    hub.claimed = True
    with HubServer(hub, context) as server:
        code, found = told(server.url, state, capsys)
        monkeypatch.setenv("EASYPLAYER_HUB__CA", str(authority.file))
        good, better = told(server.url, state, capsys)

    assert (code, found["encryption"].verdict) == (DOES_NOT_FIT, Verdict.DOES_NOT)
    assert (good, better["encryption"].verdict) == (0, Verdict.FITS)


def test_a_file_of_certificates_that_is_none_is_told(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody is asked."""
    monkeypatch.setenv("EASYPLAYER_HUB__CA", "/nowhere.pem")
    _, found = told("https://127.0.0.1:1", state, capsys)
    assert "/nowhere.pem" in found["encryption"].what


def test_another_hub_than_the_one_that_is_known_is_told(
    server: HubServer, state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the box is not paired with it."""
    monkeypatch.setenv("EASYPLAYER_HUB__KEY", KEY)
    server.hub.claimed = True
    code, found = told(server.url, state, capsys)

    assert code == DOES_NOT_FIT
    assert found["key"].verdict == found["pairing"].verdict == Verdict.DOES_NOT


def test_a_hub_that_lets_nobody_in_is_told(
    server: HubServer, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its own words."""
    server.hub.claimed = True
    server.hub.faults["session"] = ForbiddenError("this box was stolen")
    code, found = told(server.url, state, capsys)

    assert code == DOES_NOT_FIT
    assert "this box was stolen" in found["session"].what


@pytest.mark.parametrize(
    ("theirs", "verdict", "words"),
    [
        (Versions(), Verdict.FITS, "both speak version 1"),
        (Versions(current=9, lowest=8), Verdict.DOES_NOT, "update this box"),
    ],
)
def test_versions_are_compared_both_ways(theirs: Versions, verdict: Verdict, words: str) -> None:
    """And who is too old is named."""
    found = testing.versions(Hello(version="7", protocol=theirs, keys=(KEY,), time=Instant(0.0)))
    assert found.verdict is verdict
    assert words in found.what


@pytest.mark.parametrize(
    ("off_s", "verdict", "words"),
    [
        (0.5, Verdict.FITS, "the same"),
        (90.0, Verdict.DOUBTFUL, "90 s ahead of"),
        (-90.0, Verdict.DOUBTFUL, "90 s behind"),
    ],
)
def test_clocks_are_compared(off_s: float, verdict: Verdict, words: str) -> None:
    """A wrong one is no reason to despair."""
    found = testing.clocks(1000.0, 1000.0 + off_s)
    assert found.verdict is verdict
    assert words in found.what
