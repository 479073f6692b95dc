"""The ids that people give to groups, venues, zones, playlists and programs."""

import re
from hashlib import sha256
from typing import Annotated
from unicodedata import normalize

from msgspec import Meta

LONGEST = 63
LOST_DIGITS = 8
END = r"$(?!\n)"
"""The very end of a text: ``$`` alone holds before a last line break as well."""
SLUG = rf"^[a-z0-9][a-z0-9-]{{0,62}}{END}"
Slug = Annotated[str, Meta(pattern=SLUG)]
"""Small letters, digits and hyphens, such as ``bar-lumiere``."""
USER_NAME = rf"^[a-z0-9][a-z0-9._-]{{0,62}}{END}"
UserName = Annotated[str, Meta(pattern=USER_NAME)]
"""What a user logs in by, such as ``anna.k``."""


def slug_of(name: str) -> str:
    """Make a slug of a name; where letters were lost, or it is too long, a few digits tell it from others.

    >>> slug_of("bar-Lunch"), slug_of("bar-Café & late")
    ('bar-lunch', 'bar-cafe-late')
    >>> slug_of("bar-日本")
    'bar-47e571c4'
    """
    latin = normalize("NFKD", name.casefold())
    kept = "".join(letter for letter in latin if letter.isascii() or letter.isspace())
    slug = "-".join(re.findall(r"[a-z0-9]+", kept))
    lost = any(letter.isalnum() and not letter.isascii() for letter in latin)
    if not lost and 0 < len(slug) <= LONGEST:
        return slug
    digits = sha256(name.encode()).hexdigest()[:LOST_DIGITS]
    return "-".join(filter(None, (slug[: LONGEST - LOST_DIGITS - 1].strip("-"), digits)))
