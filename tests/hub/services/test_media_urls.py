"""Signed URLs: whom they let in, and for how long."""

from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec import structs

from easyplayer.errors import ForbiddenError
from easyplayer.hub.keys import KeyKind, Keys, Secret
from easyplayer.hub.services.media_urls import MediaClaim, signed_url, verify
from easyplayer.units import Instant, Seconds

NOW = Instant(1_800_000_000.0)
HOLDS_S = Seconds(900.0)
DIGEST = "0f" * 32
BOX = "0123456789abcdef"


def secret(name: str, created: float, retired: float | None = None) -> Secret:
    """Make a secret."""
    given = None if retired is None else Instant(retired)
    return Secret(
        id=name, kind=KeyKind.MEDIA, secret=name.encode() * 8, created=Instant(created), retired=given
    )


def claim_of(url: str) -> MediaClaim:
    """Read what a URL says."""
    said = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    return MediaClaim(
        box=said["box"], expires=int(said["expires"]), key=said["key"], signature=said["signature"]
    )


OLD, NEW = secret("old", 1.0), secret("new", 2.0)


def test_a_url_holds_until_it_expires() -> None:
    """To the second."""
    keys = Keys([NEW])
    claim = claim_of(signed_url(keys, DIGEST, BOX, NOW, HOLDS_S))

    verify(keys, DIGEST, claim, Instant(NOW + HOLDS_S - 1))
    with pytest.raises(ForbiddenError, match="expired"):
        verify(keys, DIGEST, claim, Instant(NOW + HOLDS_S))


def test_a_key_that_was_retired_is_still_believed() -> None:
    """So that no fetch breaks off where keys change."""
    claim = claim_of(signed_url(Keys([OLD]), DIGEST, BOX, NOW, HOLDS_S))
    both = Keys([structs.replace(OLD, retired=NOW), NEW])

    verify(both, DIGEST, claim, NOW)
    assert claim_of(signed_url(both, DIGEST, BOX, NOW, HOLDS_S)).key == "new"


def test_a_key_that_is_gone_is_not() -> None:
    """That is how all URLs are taken back at once."""
    claim = claim_of(signed_url(Keys([OLD]), DIGEST, BOX, NOW, HOLDS_S))

    with pytest.raises(ForbiddenError):
        verify(Keys([NEW]), DIGEST, claim, NOW)


@pytest.mark.parametrize(
    "change",
    [{"box": "f" * 16}, {"expires": int(NOW) + 901}, {"key": "old"}, {"signature": ""}, {"signature": "é"}],
)
def test_no_part_of_it_can_be_another(change: dict[str, object]) -> None:
    """Each is in what was signed; and a wrong one is never called expired."""
    keys = Keys([NEW, structs.replace(OLD, retired=NOW)])
    claim = claim_of(signed_url(keys, DIGEST, BOX, NOW, HOLDS_S))

    with pytest.raises(ForbiddenError, match="not signed"):
        verify(keys, DIGEST, structs.replace(claim, **change), Instant(NOW + 10 * HOLDS_S))


def test_it_is_for_one_medium() -> None:
    """Another has another signature."""
    keys = Keys([NEW])
    claim = claim_of(signed_url(keys, DIGEST, BOX, NOW, HOLDS_S))

    with pytest.raises(ForbiddenError):
        verify(keys, "1e" * 32, claim, NOW)
