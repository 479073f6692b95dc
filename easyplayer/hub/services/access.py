"""Who asks, and what they may do.

A user has a role in each of some groups of venues, or in all (:data:`ALL`).  Each role may do what the
ones before it may.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from msgspec import Struct

from easyplayer.errors import ForbiddenError, UnauthenticatedError

ALL = "*"
"""Stands for all groups, those to come too."""


class Role(IntEnum):
    """What a user may do in a group of venues."""

    VIEWER = 1
    """See everything, change nothing."""
    PROGRAMMER = 2
    """Tracks, playlists, programs, publishing."""
    OPERATOR = 3
    """Boxes, venues, commands."""
    ADMIN = 4
    """Users, groups, keys."""


class Caller(Struct, frozen=True, kw_only=True):
    """Who asks.

    :ivar user: name of the user; empty where it is none.
    :ivar box: id of the box; empty where it is none.
    :ivar grants: role by group.
    :ivar address: where the request came from.
    """

    user: str = ""
    box: str = ""
    grants: Mapping[str, Role] = {}
    address: str = ""

    def may(self, role: Role, groups: Iterable[str] = ()) -> bool:
        """Tell whether the caller has a role in one of some groups, or in all; none is: in all."""
        held = [self.grants.get(ALL, 0), *(self.grants.get(group, 0) for group in groups)]
        return max(held) >= role

    def require(self, role: Role, groups: Iterable[str] = ()) -> None:
        """Go on only where :meth:`may` holds.

        :raises UnauthenticatedError: nobody knows who asks.
        :raises ForbiddenError: it is known, and may not.
        """
        named = sorted(groups)
        if not self.user:
            message = "who are you? Send a token: Authorization: Bearer TOKEN"
            raise UnauthenticatedError(message)
        if not self.may(role, named):
            where = f"in one of the groups {', '.join(named)}" if named else "in all groups"
            message = f"{self.user} needs the role {role.name.lower()} {where} for that: ask an admin"
            raise ForbiddenError(message)

    def sees(self, groups: Iterable[str]) -> bool:
        """Tell whether the caller may see what belongs to some groups."""
        return self.may(Role.VIEWER, groups)
