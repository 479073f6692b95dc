"""Credentials are what systemd reads from SMBIOS."""

from base64 import b64decode

from tests.venue.machine import credentials


def test_a_credential_is_one_value() -> None:
    """It names the credential, and has no comma that QEMU would stumble over."""
    value = credentials.credential("some.name", "a, b\n")

    head, _, data = value.partition("some.name=")
    assert head == "type=11,value=io.systemd.credential.binary:"
    assert b64decode(data) == b"a, b\n"


def test_the_shell_is_a_unit_and_a_wish_for_it() -> None:
    """The unit reads ttyS1, or what it is told; a drop-in of its target has it started."""
    extra, wish = credentials.shell()

    assert "systemd.extra-unit.venue-shell.service=" in extra
    assert b"TTYPath=/dev/ttyS1" in b64decode(extra.partition("service=")[2])
    other, _ = credentials.shell("ttyS0")
    assert b"TTYPath=/dev/ttyS0" in b64decode(other.partition("service=")[2])
    name, _, data = wish.partition("sysinit.target~venue-shell=")
    assert name.endswith("systemd.unit-dropin.")
    assert b64decode(data) == b"[Unit]\nWants=venue-shell.service\n"
