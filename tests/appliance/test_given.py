"""What a technician gives a box in one file is understood, or told back with all that is wrong."""

from contextlib import suppress

import pytest
from hypothesis import given as supposing
from hypothesis import strategies as st

from easyplayer.appliance.given import Given, chosen, digest, understand
from easyplayer.errors import SettingsError

ZONES = ("Europe/Berlin", "Europe/Paris", "UTC")


def read(text: str, **beside: bytes) -> Given:
    """Understand a file; beside it lie others."""
    files = {f"easyplayer-{name}": data for name, data in beside.items()}
    return understand({"easyplayer.toml": text.encode(), **files}, lambda: ZONES)


def wrong(text: str, **beside: bytes) -> list[str]:
    """Give what is wrong with a file."""
    with pytest.raises(SettingsError) as caught:
        read(text, **beside)
    return caught.value.problems


def test_file_has_the_settings_of_the_box_and_of_the_machine() -> None:
    """The box's are handed on as they are; a text alone may stand for a list."""
    given = read(
        '[hub]\nurl = "https://hub.example"\n'
        '[network]\naddress = "192.168.1.20/24"\ngateway = "192.168.1.1"\ndns = ["192.168.1.1", "9.9.9.9"]\n'
        '[time]\nservers = "ntp.hotel.example"\nzone = "Europe/Paris"\n'
    )
    assert given.box == {"hub": {"url": "https://hub.example"}}
    assert given.settings.hub.url == "https://hub.example"
    assert given.network.address == ("192.168.1.20/24",)
    assert given.network.dns == ("192.168.1.1", "9.9.9.9")
    assert (given.time.servers, given.time.zone) == (("ntp.hotel.example",), "Europe/Paris")
    assert given.notes == ()


def test_disks_that_the_appliance_has_nowhere_to_mount_are_noted() -> None:
    """The file stays a good one: a box elsewhere has them."""
    (note,) = read('[storage]\ndisks = ["/mnt/ssd/media"]\n').notes
    assert "only its own disk is used" in note


def test_empty_file_gives_nothing_and_is_a_good_one() -> None:
    """The box then is as it came."""
    assert read("# nothing\n").box == {}


def test_all_that_is_wrong_is_told_in_the_order_of_the_lines() -> None:
    """Whether it is the language, a name, a value, or what does not go together."""
    problems = wrong(
        'url = "x"\n[Hub]\nx = 1\n[hub]\nURL = "https://hub"\n[netwrok]\n[network]\ngateway = "10.0.0.1"\n'
        'hostname = "my box"\n[time]\nzone = "Europe/Pari"\nfoo = yes\n'
    )
    expected = [
        "line 1: url: stands in no section: put it below [hub]",
        "line 2: [Hub]: there is no such section; did you mean 'hub'?",
        "line 5: [hub] URL: there is no such setting; did you mean 'url'?",
        "line 6: [netwrok]: there is no such section; did you mean 'network'?",
        "line 8: [network] gateway: is for a fixed address",
        "line 9: [network] hostname: 'my box' cannot be used",
        "line 11: [time] zone: there is no time zone 'Europe/Pari'; did you mean 'Europe/Paris'?",
        "line 12: Invalid value",
    ]
    assert len(problems) == len(expected)
    assert all(words in problem for words, problem in zip(expected, problems, strict=True))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('address = "192.168.1.20"', "write it as 192.168.1.20/24"),
        ('address = "192.168.1.300/24"', "is no address"),
        ('address = "192.168.1.0/24"', "names all of the network"),
        ('address = "192.168.1.255/24"', "names all of the network"),
        ('address = "192.168.1.20/24"\ngateway = "192.168.2.1"', "is not in 192.168.1.0/24"),
        ('address = "192.168.1.20/24"\ngateway = "192.168.1.20"', "the box's own address"),
        ('address = "192.168.1.20/24"\ngateway = "router"', "is no address"),
        ('dns = "dns.example"', "is no address"),
        ('dns = "fe80::1%eth0 iburst"', "is no address"),
        ('address = "fe80::2%eth0/64"', "is no address"),
        ('domains = "a b"', "no name of a domain"),
        ('interface = "a b"', "cannot be used"),
        ('hostname = "bar\\n"', "cannot be used"),
        ('wifi_password = "x"', "this box has no WiFi"),
        ('ssid = "x"', "this box has no WiFi"),
    ],
)
def test_network_that_cannot_work_is_told(lines: str, words: str) -> None:
    """Before it is put in force, when somebody would have to come again."""
    (problem,) = wrong(f"[network]\n{lines}\n")
    assert words in problem


@pytest.mark.parametrize(
    "lines",
    [
        'address = "10.0.0.0/31"\ngateway = "10.0.0.1"\ndns = "10.0.0.1"',
        'address = ["192.168.1.20/24", "2001:db8::20/64"]\ngateway = ["192.168.1.1", "fe80::1"]\ndns = "::1"',
        'interface = "00:1A-2b:00:00:01"\ndns = "192.168.1.1"',
    ],
)
def test_rarer_networks_work_too(lines: str) -> None:
    """Two addresses of which none is for all, IPv6 beside IPv4, and an adapter by its address."""
    assert read(f"[network]\n{lines}\n").notes == ()


def test_fixed_address_without_name_servers_is_allowed_and_told() -> None:
    """A hub may be named by its address; mostly somebody has forgotten a line."""
    (note,) = read('[network]\naddress = "10.0.0.2/24"\n').notes
    assert "no name servers" in note


@pytest.mark.parametrize(
    "lines",
    [
        '[network]\nproxy = "htp://anna:s3cret@proxy"',
        '[network]\nproxy = "anna:s3cret@proxy:3128"',
        '[network]\nproxy = "http://anna:s3cret@pro xy"',
        '[hub]\nproxy = "ftp://anna:s3cret@proxy"',
        '[hub]\nproxy = "http://anna:s3cret@proxy:99999"',
        '[hub]\nurl = "https://anna:s3cret@hub:99999"',
        "[network]\nproxy = http://anna:s3cret@proxy",
        '[hub]\nproxy = "http://anna:s3c/r@et@:0"',
    ],
)
def test_no_password_is_told_with_what_is_wrong(lines: str) -> None:
    """What is told stands in logs, at the hub, and on a screen in a bar."""
    problems = wrong(lines)
    assert problems
    assert not any(secret in problem for problem in problems for secret in ("s3cret", "s3c", "@et"))


def test_file_that_a_setting_names_may_lie_beside_it() -> None:
    """The setting then names where the box will find it."""
    given = read('[hub]\nca = "easyplayer-CA.pem"\n', **{"ca.pem": b"certificate"})
    assert given.files == {"easyplayer-ca.pem": b"certificate"}
    assert given.settings.hub.ca == "/etc/easyplayer/given/easyplayer-ca.pem"


def test_file_beside_that_is_missing_or_called_otherwise_is_told() -> None:
    """Nothing else is taken off the disk; what is already on the box may be named."""
    assert "is not there" in wrong('[hub]\nca = "easyplayer-ca.pem"')[0]
    assert "call the file easyplayer-ca" in wrong('[hub]\nca = "../ca.pem"')[0]
    assert read('[hub]\nca = "/etc/ssl/ca.pem"').files == {}


@pytest.mark.parametrize(
    "name", ["easyplayer.toml", "EASYPLAYER.TOML", "EasyPlayer.toml.txt", "easyplayer.TXT"]
)
def test_file_is_known_by_whatever_windows_has_made_of_its_name(name: str) -> None:
    """It hides the end of a name, and puts another behind it."""
    assert chosen([name, "readme.txt"]) == name


def test_best_name_counts_where_there_are_several() -> None:
    """And none is made up where there is none."""
    assert chosen(["easyplayer.toml.txt", "easyplayer.toml"]) == "easyplayer.toml"
    assert chosen(["easyplayer.toml.bak"]) == ""


def test_digest_is_another_one_where_anything_is() -> None:
    """The file, what lies beside it, or its name; how that is written does not matter."""
    files = {"easyplayer.toml": b"a", "easyplayer-ca": b"b"}
    assert digest(files) == digest({"EASYPLAYER.TOML": b"a", "easyplayer-CA": b"b"})
    assert (
        len({digest(files), digest({**files, "easyplayer-ca": b"c"}), digest({"easyplayer.toml": b"a"})}) == 3
    )
    assert digest({"easyplayer-ca": b"b"}) == ""


@supposing(st.text(max_size=200))
def test_no_file_is_too_strange(text: str) -> None:
    """Each is understood, or told back."""
    with suppress(SettingsError):
        read(text.encode("utf-8", "replace").decode())
