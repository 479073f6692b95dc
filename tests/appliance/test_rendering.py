"""What a technician gave is put into the files that the machine's services read."""

import pytest

from easyplayer.appliance.rendering import Rendered, render
from easyplayer.settings import load
from tests.appliance.test_given import read


def files(text: str, **beside: bytes) -> dict[str, Rendered]:
    """Render a technician's file."""
    return {one.path: one for one in render(read(text, **beside))}


def test_settings_file_is_one_that_the_box_reads(tmp_path) -> None:
    """Only what was given is in it, so that a newer firmware may have better defaults."""
    made = files('[hub]\nurl = "https://hub.example"\n[music]\nplaces = ["/a \\"b\\"", "http://x"]\n')
    path = tmp_path / "settings.toml"
    path.write_bytes(made["etc/easyplayer/settings.toml"].data)
    settings = load(path, environment={})
    assert settings.hub.url == "https://hub.example"
    assert settings.music.places == ('/a "b"', "http://x")
    assert b"volume" not in path.read_bytes()


def test_where_nothing_is_said_of_the_network_the_machines_own_rule_holds() -> None:
    """It asks for an address on every cable, and that needs no file of ours."""
    assert "run/systemd/network/10-venue.network" not in files("[network]\nhostname = 'bar'\n")


def test_network_is_written_as_networkd_wants_it() -> None:
    """For one adapter by name or address, or for all; name servers that were given are the only ones."""
    text = '[network]\ninterface = "00-1A-2B-00-00-01"\ndns = "10.0.0.1"\ndomains = "bar.example"\n'
    unit = files(text)["run/systemd/network/10-venue.network"].data.decode()
    assert "PermanentMACAddress=00:1a:2b:00:00:01\n" in unit
    assert "DHCP=yes\n" in unit
    assert "DNS=10.0.0.1\nDomains=bar.example\n" in unit
    assert "[DHCPv4]\n" in unit
    assert unit.count("UseDNS=no\n") == 3
    named = files('[network]\ninterface = "enp1s0"\n')["run/systemd/network/10-venue.network"].data.decode()
    assert "[Match]\nName=enp1s0\n" in named
    assert "UseDNS" not in named


@pytest.mark.parametrize("text", ["10.0.0.2/255.255.255.0", "10.0.0.2/0.0.0.255", "10.0.0.2/024"])
def test_network_s_part_is_written_as_a_length(text: str) -> None:
    """However a technician writes it: networkd knows no masks, and takes 024 for 20."""
    unit = files(f'[network]\naddress = "{text}"\n')["run/systemd/network/10-venue.network"].data.decode()
    assert "Address=10.0.0.2/24\n" in unit


def test_what_holds_secrets_is_not_for_all() -> None:
    """The proxy's password, and a private key."""
    made = files(
        '[network]\nproxy = "http://anna:s3cret@proxy:3128"\n[support]\nkey = "easyplayer-key"\n', key=b"k"
    )
    secret = [one for one in made.values() if b"s3cret" in one.data or one.data == b"k"]
    assert len(secret) == 2
    assert all(one.mode == 0o640 for one in secret)


def test_time_and_name_go_where_the_machine_looks_for_them() -> None:
    """Servers for chrony, a link for the zone, and a name that resolves."""
    made = files(
        '[time]\nservers = ["ntp.a", "10.0.0.9"]\nzone = "Europe/Paris"\n[network]\nhostname = "bar"\n'
    )
    assert made["etc/localtime"].link == "/usr/share/zoneinfo/Europe/Paris"
    assert b"server ntp.a iburst\nserver 10.0.0.9 iburst\n" in made["etc/chrony/sources.d/venue.sources"].data
    assert made["etc/hostname"].data == b"bar\n"
    assert b"127.0.1.1 bar\n" in made["etc/hosts"].data
