"""The tiny machine's program is assembled as written."""

import pytest

from tests.venue.machine import tiny


def test_it_is_a_boot_sector() -> None:
    """It has a sector's length and a BIOS' signature, and begins with cli; xor ax, ax."""
    sector = tiny.boot_sector()

    assert len(sector) == 512
    assert sector[-2:] == b"\x55\xaa"
    assert sector.startswith(bytes.fromhex("fa 31 c0"))


def test_ways_and_addresses_are_right() -> None:
    """A label is an address, a near way counts from behind itself, a short way as well."""
    source = "a: 90 @b =a ; comment\n  >a\nb: 'hi'"

    assert tiny.boot_sector(source)[:8] == b"\x90\x03\x00\x00\x7c\xfahi"


def test_too_long_and_too_far_is_told() -> None:
    """What does not fit is no boot sector; a short jump reaches 127 bytes."""
    with pytest.raises(ValueError, match="the program has 600 bytes; 510 fit"):
        tiny.boot_sector("90 " * 600)
    with pytest.raises(ValueError, match="far is 200 bytes away, too far for a short jump"):
        tiny.boot_sector(">far " + "90 " * 200 + "\nfar: 90")
