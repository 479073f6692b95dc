"""What the hub answers where it does not do what was asked; after RFC 9457 (problem details)."""

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why not.

    :ivar code: stable; see :mod:`easyplayer.errors`.
    :ivar detail: in words, with the way out.
    :ivar problems: where there are several, all of them.
    """

    code: str
    detail: str
    problems: tuple[str, ...] = ()
