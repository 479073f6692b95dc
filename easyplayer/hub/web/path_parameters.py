"""What can stand in the place of each parameter of a path; all else leads nowhere."""

import re
from collections.abc import Mapping

from easyplayer.hub.services.slugs import SLUG, USER_NAME

BOX = r"^[0-9a-hjkmnp-tv-z]{16}$"
DIGEST = r"^[0-9a-f]{64}$"
NUMBER = r"^[0-9]{1,15}$"
ANY = r"^[^\x00-\x1f\x7f]{1,200}$"

PATTERNS: Mapping[str, str] = {
    "box": BOX,
    "digest": DIGEST,
    "group": SLUG,
    "number": NUMBER,
    "playlist": SLUG,
    "program": SLUG,
    "sha256": DIGEST,
    "stream": SLUG,
    "track": r"^[0-9a-f]{20}$",
    "token": r"^[0-9a-f]{16}$",
    "user": USER_NAME,
    "venue": SLUG,
    "version": NUMBER,
    "zone": SLUG,
}
"""By the parameter's name; :data:`ANY` for the others."""


def pattern_of(name: str) -> str:
    """Give the pattern of a path's parameter."""
    return PATTERNS.get(name, ANY)


def names_in(path: str) -> list[str]:
    """Give the parameters of a path.

    >>> names_in("/api/v1/venues/{venue}/zones/{zone}")
    ['venue', 'zone']
    """
    return re.findall(r"\{(\w+)\}", path)


def fit(parameters: Mapping[str, str]) -> bool:
    """Tell whether all parameters of a path are what they can be."""
    return all(re.fullmatch(pattern_of(name), value) for name, value in parameters.items())
